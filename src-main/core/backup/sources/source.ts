import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FolderPath } from '#shared/ids.ts';
import type { FixedFolder } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import { type Book, bookAt, booksOfProfile } from '../contacts/books.ts';
import type { Place } from '../found-mail.ts';
import { isMozillaProfile, type MozillaAccount, type MozillaProfile, readMozillaProfile } from './mozilla-profile.ts';
import { nameOfSource } from './place-of.ts';
import { profilesIn } from './profiles-ini.ts';
import { roleOf, targetFolder } from './target.ts';
import { type Walked, walkFolders, walkMail } from './walk.ts';

/** Where mail is to come from, opened: what kind it is, and its files one after the other. */
export interface Source {
  readonly path: string;
  readonly profile: MozillaProfile | null;
  files(signal: AbortSignal): AsyncGenerator<Walked>;
  /** Address books that lie with the mail, or that it is. */
  readonly books: readonly Book[];
  /** Where a folder of it goes when folders are kept: at the top, or below one. */
  target(folder: { account?: string; place: Place }, below?: FolderPath): FolderPath;
}

/** Looks what is at a path. A directory of Thunderbird's that holds one profile stands for that profile. */
export async function openSource(path: string): Promise<Source> {
  const profilePath = await profileAt(path);
  if (profilePath !== null) {
    const profile = await readMozillaProfile(profilePath);
    return profileSource(profile, await booksOfProfile(profilePath, profile.prefs));
  }
  const book = await bookAt(path);
  return {
    path,
    profile: null,
    books: book === null ? [] : [book],
    files: (signal) => (book === null ? walkMail(path, { signal }) : nothing()),
    target: ({ place }, below) => targetFolder(place.length === 0 ? [nameOfSource(path)] : place, { below }),
  };
}

async function profileAt(path: string): Promise<string | null> {
  if (await isMozillaProfile(path)) return path;
  const text = await readFile(join(path, 'profiles.ini'), 'utf8').catch(() => null);
  if (text === null) return null;
  const profiles = [];
  for (const profile of profilesIn(text, path)) if (await isMozillaProfile(profile.path)) profiles.push(profile);
  const [first, second] = profiles;
  if (first === undefined) return null;
  if (second === undefined) return first.path;
  const names = profiles.map((profile) => profile.path).join(', ');
  throw new MailError('EINVALID', `There are ${profiles.length} Thunderbird profiles: ${names}. Choose one of them.`);
}

async function* nothing(): AsyncGenerator<Walked> {}

function profileSource(profile: MozillaProfile, books: readonly Book[]): Source {
  const byLabel = new Map<string, MozillaAccount>();
  for (const account of profile.accounts) byLabel.set(uniqueLabel(account, byLabel), account);
  return {
    path: profile.path,
    profile,
    books,
    async *files(signal) {
      for (const [label, account] of inOrder(byLabel)) {
        const belongs = { account: label, isThunderbirds: true, nameTag: profile.nameTag };
        const walked = walkFolders(account.path, { signal, isImap: account.isImap, belongs });
        yield* lastAllMail(walked);
      }
    },
    target(folder, below) {
      const account = folder.account === undefined ? undefined : byLabel.get(folder.account);
      const isHome = byLabel.size === 1 || account === undefined || isLocalFolders(account);
      if (below !== undefined)
        return targetFolder([...(isHome ? [] : [folder.account ?? '']), ...folder.place], { below });
      const role = roleIn(account, folder.place);
      // Mail of several accounts goes into one Inbox and one Sent; their own folders stay apart.
      if (role !== undefined || isHome || hasRole(folder.place)) return targetFolder(folder.place, { role });
      return targetFolder([folder.account ?? '', ...folder.place]);
    },
  };
}

function roleIn(account: MozillaAccount | undefined, place: Place): FixedFolder | undefined {
  return account?.roles.get(place.join('/'));
}

function hasRole(place: Place): boolean {
  const [first = '', second = ''] = place;
  return roleOf(/^\[.*mail\]$/i.test(first) ? second : first) !== undefined;
}

function isLocalFolders(account: MozillaAccount): boolean {
  return /^(?:local folders|lokale ordner)$/i.test(basename(account.path));
}

function uniqueLabel({ label }: MozillaAccount, taken: ReadonlyMap<string, unknown>): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? label : `${label} (${n})`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** Accounts with copies of their own first; feeds last. */
function inOrder(accounts: ReadonlyMap<string, MozillaAccount>): [string, MozillaAccount][] {
  return [...accounts].sort(([, a], [, b]) => Number(a.isFeeds) - Number(b.isFeeds));
}

/** Gmail's “All Mail” repeats what other folders hold: a message belongs where else it stands. */
async function* lastAllMail(walked: AsyncIterable<Walked>): AsyncGenerator<Walked> {
  const last: Walked[] = [];
  for await (const entry of walked) {
    const isAllMail =
      entry.kind === 'file' &&
      /^\[(?:gmail|google mail)\]$/i.test(entry.file.place[0] ?? '') &&
      /all mail|alle nachrichten/i.test(entry.file.place[1] ?? '');
    if (isAllMail) last.push(entry);
    else yield entry;
  }
  yield* last;
}

/** Folders of an IMAP account of which Thunderbird keeps no copy here: only their summary is there. */
export async function foldersWithoutCopy(account: MozillaAccount): Promise<number> {
  if (!account.isImap) return 0;
  const walk = async (path: string): Promise<number> => {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    const names = new Set(entries.map(({ name }) => name));
    let found = 0;
    for (const entry of entries) {
      if (entry.isDirectory() && entry.name.endsWith('.sbd')) found += await walk(join(path, entry.name));
      const folder = /^(.+)\.msf$/.exec(entry.name)?.[1];
      if (folder === undefined || /^\[(?:gmail|google mail)\]$/i.test(folder)) continue;
      if (!names.has(folder) || (await isEmpty(join(path, folder)))) found++;
    }
    return found;
  };
  return walk(account.path);
}

async function isEmpty(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found === null || (found.isFile() && found.size === 0);
}
