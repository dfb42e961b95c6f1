import type { FixedFolder } from '#shared/mail/folder.ts';
import type { Flag } from '#shared/mail/message.ts';
import { decodeHeaderText } from '../../message/encoded-words.ts';
import type { Place } from '../found-mail.ts';

/** What Google Takeout says of a message: its labels, sorted out. */
export interface GmailLabels {
  /** The one folder it belongs to: of ours by role, or the first label of the user's own. */
  readonly place: Place;
  /** The other labels, where folders are kept. */
  readonly tags: readonly string[];
  /** Every label that says something, where all goes into one folder. */
  readonly allTags: readonly string[];
  readonly flags: readonly Flag[];
}

type Meaning = FixedFolder | 'unread' | 'opened' | 'starred' | 'important' | 'chat' | 'forwarded' | 'nothing';

/**
 * The labels Gmail gives by itself, as Takeout names them in English and, where they are known for certain, in other
 * languages of the account. Any other language's are kept as tags, so that nothing is lost.
 */
const meanings: ReadonlyMap<string, Meaning> = new Map(
  (
    [
      ['Inbox', 'Inbox|Posteingang|Boîte de réception|Messages reçus|Recibidos|Posta in arrivo|Caixa de entrada'],
      ['Sent', 'Sent|Sent Mail|Gesendet|Messages envoyés|Enviados|Posta inviata|Inviati|Enviadas|Verzonden'],
      ['Drafts', 'Drafts|Draft|Entwürfe|Entwurf|Brouillons|Brouillon|Borradores|Borrador|Bozze|Rascunhos|Concepten'],
      ['Junk', 'Spam'],
      ['Trash', 'Trash|Bin|Papierkorb|Corbeille|Papelera|Cestino|Lixeira|Prullenbak'],
      ['Archive', 'Archived|Archiviert|Archivés|Archivé|Archivados|Archivado|Archiviati|Archiviato|Arquivado'],
      ['unread', 'Unread|Ungelesen|Non lus|Non lu|No leídos|No leído|Non letti|Da leggere|Não lidas|Ongelezen'],
      ['opened', 'Opened|Geöffnet|Ouverts|Ouvert|Abiertos|Abierto|Aperti|Aperto|Abertas|Aberto|Geopend'],
      ['starred', 'Starred|Markiert|Suivis|Messages suivis|Destacados|Speciali|Com estrela|Met ster'],
      ['important', 'Important|Wichtig|Importants|Importante|Importantes|Importanti|Belangrijk'],
      ['chat', 'Chat|Chats'],
      ['forwarded', 'IMAP_$Forwarded|IMAP_Forwarded'],
      ['nothing', 'Category Personal|IMAP_$NotJunk|IMAP_NotJunk|IMAP_$Junk|IMAP_Junk|IMAP_JunkRecorded|IMAP_$MDNSent'],
    ] satisfies [Meaning, string][]
  ).flatMap(([meaning, names]) => names.split('|').map((name): [string, Meaning] => [fold(name), meaning])),
);

/** Where one message has several, the first of these decides. */
const folderOrder: readonly FixedFolder[] = ['Trash', 'Junk', 'Inbox', 'Drafts', 'Sent'];

function fold(label: string): string {
  return label.normalize('NFC').toLowerCase();
}

/**
 * Reads the value of X-Gmail-Labels (`latin1`, unfolded): encoded words are undone first, since a whole list stands in
 * one and commas with it; then it is a list separated by commas in which a label with a comma is quoted.
 */
export function parseGmailLabels(value: string): string[] {
  const text = decodeHeaderText(value.replace(/[\r\n]+[ \t]*/g, ' '));
  const labels: string[] = [];
  for (const match of text.matchAll(/\s*(?:"((?:[^"\\]|\\.|"")*)"|([^,]*))\s*(?:,|$)/g)) {
    const label = (match[1] ?? match[2] ?? '').replace(/\\(.)|"(")/g, '$1$2').trim();
    if (label !== '' && !labels.includes(label)) labels.push(label);
  }
  return labels;
}

/** One message is one file in one folder: its other labels become tags. */
export function sortGmailLabels(labels: readonly string[]): GmailLabels {
  const meant = labels.map((label) => ({ label, meaning: meanings.get(fold(label)) ?? null }));
  const has = (meaning: Meaning): boolean => meant.some((entry) => entry.meaning === meaning);
  const own = meant.filter(({ meaning }) => meaning === null).map(({ label }) => shown(label));
  const marks = has('important') ? ['Important'] : [];
  const fixed = folderOrder.find(has);
  const home = own.find((label) => !isCategory(label));
  const flags: Flag[] = [];
  if (!has('unread')) flags.push('seen');
  if (has('starred')) flags.push('flagged');
  if (has('forwarded')) flags.push('forwarded');
  if (has('Drafts')) flags.push('draft');
  const shownOwn = own.map(withoutCategory);
  if (fixed !== undefined)
    return { place: [fixed], tags: [...shownOwn, ...marks], allTags: all(shownOwn, marks), flags };
  if (home !== undefined) {
    const others = shownOwn.filter((label) => label !== home);
    return { place: segments(home), tags: [...others, ...marks], allTags: all(shownOwn, marks), flags };
  }
  const place = has('chat') ? ['Chat'] : ['Archive'];
  return { place, tags: [...shownOwn, ...marks], allTags: all(shownOwn, marks), flags };
}

function all(own: readonly string[], marks: readonly string[]): string[] {
  return [...new Set([...own, ...marks])];
}

function shown(label: string): string {
  return label.slice(0, 200);
}

function isCategory(label: string): boolean {
  return label.startsWith('Category ');
}

/** `Category Promotions` is shown as Gmail shows it. */
function withoutCategory(label: string): string {
  return isCategory(label) ? label.slice('Category '.length) : label;
}

/** Gmail nests labels by `/`. */
function segments(label: string): string[] {
  return label
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
