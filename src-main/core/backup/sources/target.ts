import { FolderPath } from '#shared/ids.ts';
import { type FixedFolder, fixedFolders, folder as ours } from '#shared/mail/folder.ts';
import { folderDirectory } from '../../store/maildir-names.ts';
import type { Place } from '../found-mail.ts';

/** What other programs and providers call the folders every profile has, in small letters. */
const roleNames: ReadonlyMap<string, FixedFolder> = new Map(
  (
    [
      ['Inbox', 'inbox'],
      ['Sent', 'sent|sent items|sent mail|sent messages|sent-mail|outgoing mail|gesendet|gesendete objekte'],
      ['Drafts', 'drafts|draft|entwürfe'],
      ['Trash', 'trash|deleted items|deleted messages|deleted|bin|wastebasket|papierkorb|gelöschte objekte'],
      ['Junk', 'junk|spam|junk e-mail|junk email|bulk mail|junk-e-mail'],
      ['Archive', 'archive|archives|archiv|all mail'],
    ] satisfies [FixedFolder, string][]
  ).flatMap(([role, names]) => names.split('|').map((name): [string, FixedFolder] => [name, role])),
);

/** The folder of ours that a folder of that name is, when it stands at the top. */
export function roleOf(name: string): FixedFolder | undefined {
  return roleNames.get(name.normalize('NFC').toLowerCase());
}

const longestPath = 480;

/**
 * Where a source's folder goes: Inbox to Inbox, Sent to Sent, any other to one of its name; or everything below one
 * folder, as it is. Names that cannot stand here are changed as little as it takes. Never the Outbox: what lies there
 * is to be sent.
 */
export function targetFolder(
  place: Place,
  { below, role }: { below?: FolderPath; role?: FixedFolder } = {},
): FolderPath {
  const cleaned = withoutGmail(place)
    .map(cleanSegment)
    .filter((segment) => segment !== '');
  if (below !== undefined) return fitting([...below.split('/'), ...cleaned]);
  if (role !== undefined) return FolderPath.parse(role);
  const [first, ...rest] = cleaned;
  if (first === undefined) return ours.inbox;
  const fixed = roleOf(first);
  // Archive/2024 goes below ours; below the others, an own folder is easier found.
  const top = fixed ?? (clashes(first) ? `${first} (imported)` : first);
  return fitting([top, ...rest]);
}

/** `[Gmail]/Sent Mail` is Sent. */
function withoutGmail(place: Place): Place {
  return /^\[(?:gmail|google mail)\]$/i.test(place[0] ?? '') ? place.slice(1) : place;
}

function clashes(name: string): boolean {
  const folded = name.toLowerCase();
  return folded === 'quarantine' || fixedFolders.some((fixed) => fixed.toLowerCase() === folded);
}

/** A slash would nest it; control and direction characters would make it look like another. */
function cleanSegment(segment: string): string {
  return segment
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replaceAll('/', '∕')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A name that is too long for a file system is cut; a hash of the whole keeps two of them apart. */
function fitting(segments: readonly string[]): FolderPath {
  const whole = segments.join('/');
  if (fits(whole)) return FolderPath.parse(whole);
  const mark = hashOf(whole);
  let parts = segments.slice(0, 8);
  for (;;) {
    const longest = Math.max(...parts.map((part) => part.length));
    parts = parts.map((part) =>
      part.length === longest && longest > 4 ? part.slice(0, -2).trim().toWellFormed() : part,
    );
    const path = `${parts.join('/')} ${mark}`;
    if (fits(path)) return FolderPath.parse(path);
    if (longest <= 4) return FolderPath.parse(`Imported ${mark}`);
  }
}

function fits(path: string): boolean {
  if (path.length > longestPath || !FolderPath.safeParse(path).success) return false;
  try {
    folderDirectory(FolderPath.parse(path), []);
    return true;
  } catch {
    return false;
  }
}

/** FNV-1a: short, and the same on every run, so that an import that is repeated finds its folder again. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const octet of Buffer.from(text)) hash = Math.imul(hash ^ octet, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
