import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MailSourceKind, MailSourceView, SourceBook, SourceFolder } from '#shared/mail/mail-source.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Store } from '../../store/store-api.ts';
import { readTrailer } from '../archive/trailer.ts';
import { readBook } from '../contacts/books.ts';
import { contactsOf } from '../contacts/person.ts';
import { listZip } from '../find-in-zip.ts';
import type { Place } from '../found-mail.ts';
import { readMboxMarks } from '../mbox-marks.ts';
import { startOfFile } from '../read-octets.ts';
import { accountsOf } from './mozilla-accounts.ts';
import { placeOfEntry } from './place-of.ts';
import { onDisk } from './raw-path.ts';
import { foldersWithoutCopy, openSource, type Source } from './source.ts';
import type { MailFile } from './walk.ts';

/** A folder of a source, and what it holds as far as nothing was read. */
interface Holding {
  readonly account: string | undefined;
  readonly place: Place;
  octets: number;
  /** Null as soon as an mbox is among it. */
  messages: number | null;
}

/** Names a folder of a source; the same on every look. */
export function folderId({ account, place }: { account?: string; place: Place }): string {
  return JSON.stringify([account ?? '', ...place]);
}

const mostFolders = 20_000;
/** So many files of a Maildir are measured; the others are taken to be alike. */
const measured = 300;

/** What lies at a path: its folders with their sizes, and what else there is to know. Reads no message. */
export async function lookAt(
  path: string,
  store: Pick<Store, 'readForeignCards'>,
  signal: AbortSignal,
): Promise<MailSourceView> {
  const source = await openSource(path);
  const { holdings, kinds, names, failures } = await survey(source, signal);
  const kind = await kindOf(source, kinds, names);
  const { books, notes } = await booksOf(source, store);
  return {
    path: source.path,
    kind,
    folders: holdings.slice(0, mostFolders).map((holding) => asFolder(source, holding)),
    tags: tagsOf(source),
    accounts: source.profile === null ? [] : accountsOf(source.profile.prefs),
    books,
    notes: [...(await notesOf(source)), ...notes, ...failures],
  };
}

/** How many octets there are to read, for telling how far an import is. */
export async function octetsOf(
  source: Source,
  wanted: { file(file: MailFile): boolean },
  signal: AbortSignal,
): Promise<number> {
  let octets = 0;
  for await (const walked of source.files(signal)) {
    if (walked.kind === 'file' && wanted.file(walked.file)) octets += (await held(walked.file)).octets;
  }
  return octets;
}

interface Survey {
  readonly holdings: Holding[];
  readonly kinds: ReadonlySet<MailFile['kind']>;
  /** Names in archives, a few of them. */
  readonly names: readonly string[];
  readonly failures: string[];
}

async function survey(source: Source, signal: AbortSignal): Promise<Survey> {
  const holdings = new Map<string, Holding>();
  const kinds = new Set<MailFile['kind']>();
  const names: string[] = [];
  const failures: string[] = [];
  const add = (account: string | undefined, place: Place, octets: number, messages: number | null): void => {
    const id = folderId({ account, place });
    const holding = holdings.get(id) ?? { account, place, octets: 0, messages: 0 };
    holding.octets += octets;
    holding.messages = holding.messages === null || messages === null ? null : holding.messages + messages;
    holdings.set(id, holding);
  };
  for await (const walked of source.files(signal)) {
    if (walked.kind === 'failed') {
      failures.push(walked.error.message);
      continue;
    }
    const { file } = walked;
    kinds.add(file.kind);
    if (file.kind !== 'zip') {
      const { octets, messages } = await held(file);
      add(file.account, file.place, octets, messages);
      continue;
    }
    for (const { name, kind, octets } of await listed(file.path, file.path === source.path, failures)) {
      if (names.length < 1000) names.push(name);
      add(file.account, [...file.place, ...placeOfEntry(name, kind)], octets, kind === 'mbox' ? null : 1);
    }
  }
  return { holdings: [...holdings.values()], kinds, names, failures: failures.slice(0, 20) };
}

async function listed(
  path: string,
  isGiven: boolean,
  failures: string[],
): Promise<{ name: string; kind: 'message' | 'mbox'; octets: number }[]> {
  try {
    return await listZip(path);
  } catch (error) {
    if (isGiven || !(error instanceof MailError)) throw error;
    failures.push(`${path}: ${error.message}`);
    return [];
  }
}

async function held(file: MailFile): Promise<{ octets: number; messages: number | null }> {
  switch (file.kind) {
    case 'maildir':
      return { octets: await octetsOfMaildir(file.path, file.names), messages: file.names.length };
    case 'zip':
      // Told by its list, where that is wanted; for the progress the packed size stands in for what is unpacked.
      return {
        octets: (await listZip(file.path).catch(() => [])).reduce((sum, { octets }) => sum + octets, 0),
        messages: null,
      };
    case 'mbox':
    case 'tar':
      return { octets: file.octets, messages: file.octets === 0 ? 0 : null };
    case 'message':
    case 'emlx':
      return { octets: file.octets, messages: 1 };
  }
}

async function octetsOfMaildir(path: string, names: readonly string[]): Promise<number> {
  const step = Math.max(1, Math.floor(names.length / measured));
  const sample = names.filter((_, at) => at % step === 0);
  const sizes = await Promise.all(
    sample.map((name) =>
      stat(onDisk(join(path, name))).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const sum = sizes.reduce((total, size) => total + size, 0);
  return sample.length === 0 ? 0 : Math.round((sum * names.length) / sample.length);
}

function asFolder(source: Source, { account, place, octets, messages }: Holding): SourceFolder {
  const folder = source.target({ account, place });
  const top = folder.split('/')[0];
  const isFeeds = source.profile?.accounts.some(({ label, isFeeds }) => isFeeds && label === account) === true;
  const isSuggested = top !== 'Trash' && top !== 'Junk' && !isFeeds;
  const name = place.length === 0 ? folder : place.join('/');
  return { id: folderId({ account, place }), account: account ?? null, name, folder, octets, messages, isSuggested };
}

async function kindOf(
  { path, profile, books }: Source,
  kinds: ReadonlySet<MailFile['kind']>,
  names: readonly string[],
): Promise<MailSourceKind> {
  if (profile !== null) return 'thunderbird';
  if (books.length > 0) return 'contacts';
  if (names.some((name) => name.startsWith('Takeout/'))) return 'takeout';
  if (kinds.has('emlx')) return 'apple-mail';
  if (kinds.has('zip') || kinds.has('tar')) return (await isBackup(path)) ? 'backup' : 'archive';
  if (kinds.has('mbox')) return (await isTakeoutMbox(path)) ? 'takeout' : 'mbox';
  return kinds.has('maildir') ? 'maildir' : 'files';
}

/** One of our own backups is restored, not imported: only so do accounts and the ledger come back. */
async function isBackup(path: string): Promise<boolean> {
  return (await stat(path)).isFile() && (await readTrailer(path).catch(() => null)) !== null;
}

async function isTakeoutMbox(path: string): Promise<boolean> {
  if (!(await stat(path)).isFile()) return false;
  const head = await startOfFile(path, 16 * 1024);
  const first = head.indexOf(10);
  return first >= 0 && readMboxMarks(head.subarray(first + 1)).gmailLabels !== undefined;
}

function tagsOf({ profile }: Source): { name: string; colour: string | null }[] {
  return [...(profile?.tags.values() ?? [])].map(({ name, colour }) => ({ name, colour: colour ?? null }));
}

async function notesOf({ profile }: Source): Promise<string[]> {
  if (profile === null) return [];
  let missing = 0;
  for (const account of profile.accounts) missing += await foldersWithoutCopy(account);
  if (missing === 0) return [];
  const what = missing === 1 ? 'One IMAP folder is' : `${missing} IMAP folders are`;
  return [
    `${what} only on the server: Thunderbird keeps no copy here, so there is nothing to take. In Thunderbird, turn on “Keep messages for this account on this computer”, wait until it has fetched them, and import again.`,
  ];
}

/** Its address books with how many addresses they hold, and what to know of their lists. */
async function booksOf(
  source: Source,
  store: Pick<Store, 'readForeignCards'>,
): Promise<{ books: SourceBook[]; notes: string[] }> {
  const books: SourceBook[] = [];
  const lists: string[] = [];
  const notes: string[] = [];
  for (const book of source.books) {
    const { id, name, isCollected } = book;
    try {
      const contents = await readBook(book, store);
      const addresses = contents.people.reduce((sum, person) => sum + contactsOf(person).contacts.length, 0);
      // Every profile begins with a book for what is collected.
      if (addresses > 0 || contents.people.length > 0) books.push({ id, name, addresses, isSuggested: !isCollected });
      lists.push(...contents.lists);
    } catch (error) {
      if (!(error instanceof MailError) || book.path === source.path) throw error;
      books.push({ id, name, addresses: null, isSuggested: false });
      notes.push(`${name}: ${error.message}`);
    }
  }
  if (lists.length > 0) notes.push(listsStay(lists));
  return { books, notes };
}

function listsStay(lists: readonly string[]): string {
  const names = lists.slice(0, 10).join(', ') + (lists.length > 10 ? ', …' : '');
  return lists.length === 1
    ? `The mailing list ${names} stays there: the address book here has no lists. Its people come in.`
    : `${lists.length} mailing lists (${names}) stay there: the address book here has no lists. Their people come in.`;
}
