import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { FixedFolder } from '#shared/mail/folder.ts';
import type { Place } from '../found-mail.ts';
import { listPref, type MozillaPrefs, parsePrefs, tagsOf, textPref } from './mozilla-prefs.ts';
import type { MozillaTag, NameTag } from './mozilla-tags.ts';

/** A folder of mail in a Thunderbird profile: one account's. */
export interface MozillaAccount {
  /** What Thunderbird shows it as. */
  readonly label: string;
  readonly path: string;
  readonly isImap: boolean;
  /** Feeds are no mail of the user's. */
  readonly isFeeds: boolean;
  /** Folders that the account's settings give a role, by their path. */
  readonly roles: ReadonlyMap<string, FixedFolder>;
}

export interface MozillaProfile {
  readonly path: string;
  readonly prefs: MozillaPrefs;
  readonly accounts: readonly MozillaAccount[];
  /** By keyword. */
  readonly tags: ReadonlyMap<string, MozillaTag>;
  readonly nameTag: NameTag;
}

/** Whether a directory is a profile: its settings are there, and mail. */
export async function isMozillaProfile(path: string): Promise<boolean> {
  const names: string[] = await readdir(path).catch(() => []);
  return names.includes('prefs.js') && (names.includes('Mail') || names.includes('ImapMail'));
}

/** Reads what a profile is made of; its mail is looked at by `walkFolders` of each account. */
export async function readMozillaProfile(path: string): Promise<MozillaProfile> {
  const prefs = parsePrefs(await readFile(join(path, 'prefs.js'), 'utf8').catch(() => ''));
  const tags = tagsOf(prefs);
  return {
    path,
    prefs,
    tags,
    accounts: await accountsOf(path, prefs),
    nameTag: (key) => tags.get(key) ?? tags.get(key.toLowerCase()),
  };
}

async function accountsOf(profile: string, prefs: MozillaPrefs): Promise<MozillaAccount[]> {
  const accounts: MozillaAccount[] = [];
  const seen = new Set<string>();
  for (const account of listPref(prefs, 'mail.accountmanager.accounts')) {
    const server = textPref(prefs, `mail.account.${account}.server`);
    const type = textPref(prefs, `mail.server.${server}.type`);
    const path = await directoryOf(profile, prefs, server);
    if (server === '' || type === 'nntp' || path === null || seen.has(path)) continue;
    seen.add(path);
    accounts.push({
      label: labelOf(prefs, server, path),
      path,
      isImap: type === 'imap',
      isFeeds: type === 'rss',
      roles: rolesOf(prefs, account, server),
    });
  }
  return [...accounts, ...(await forgottenAccounts(profile, seen))];
}

/** Accounts that were removed from Thunderbird leave their mail behind. */
async function forgottenAccounts(profile: string, seen: ReadonlySet<string>): Promise<MozillaAccount[]> {
  const found: MozillaAccount[] = [];
  for (const kind of ['Mail', 'ImapMail']) {
    const entries = await readdir(join(profile, kind), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(profile, kind, entry.name);
      if (!entry.isDirectory() || entry.name.startsWith('.') || seen.has(path)) continue;
      const isFeeds = /^Feeds/.test(entry.name);
      found.push({ label: entry.name, path, isImap: kind === 'ImapMail', isFeeds, roles: new Map() });
    }
  }
  return found;
}

/** `[ProfD]Mail/pop.example.org`, or an absolute path; a profile that was copied still has the old absolute one. */
async function directoryOf(profile: string, prefs: MozillaPrefs, server: string): Promise<string | null> {
  const candidates: string[] = [];
  const inProfile = /^\[ProfD\](.+)$/.exec(textPref(prefs, `mail.server.${server}.directory-rel`))?.[1];
  if (inProfile !== undefined) {
    const path = resolve(profile, ...inProfile.split(/[\\/]/));
    // A relative path may lead out of the profile (`../../Mail`): the user may have moved it beside.
    candidates.push(path);
  }
  const absolute = textPref(prefs, `mail.server.${server}.directory`);
  if (isAbsolute(absolute)) candidates.push(resolve(absolute));
  const last = absolute.split(/[\\/]/).slice(-2);
  if (last.length === 2) candidates.push(join(profile, ...last));
  for (const path of candidates) {
    const isThere = (await stat(path).catch(() => null))?.isDirectory() === true;
    if (isThere && !isProfileItself(profile, path)) return path;
  }
  return null;
}

function isProfileItself(profile: string, path: string): boolean {
  const way = relative(path, profile);
  return way === '' || !(way.startsWith(`..${sep}`) || way === '..' || isAbsolute(way));
}

function labelOf(prefs: MozillaPrefs, server: string, path: string): string {
  const name = textPref(prefs, `mail.server.${server}.name`);
  if (name !== '') return name.slice(0, 200);
  const user = textPref(prefs, `mail.server.${server}.userName`);
  const host = textPref(prefs, `mail.server.${server}.hostname`);
  if (host === 'Local Folders' || user === '') return basename(path);
  return user.includes('@') ? user : `${user}@${host}`;
}

const roleOfPref: readonly [pref: string, role: FixedFolder][] = [
  ['fcc_folder', 'Sent'],
  ['draft_folder', 'Drafts'],
  ['archive_folder', 'Archive'],
];

/** Where the user told Thunderbird to keep sent mail, drafts and so on, whatever the folder is called. */
function rolesOf(prefs: MozillaPrefs, account: string, server: string): Map<string, FixedFolder> {
  const roles = new Map<string, FixedFolder>();
  for (const identity of listPref(prefs, `mail.account.${account}.identities`)) {
    for (const [pref, role] of roleOfPref) {
      const place = placeOfUri(textPref(prefs, `mail.identity.${identity}.${pref}`), prefs, server);
      if (place !== null) roles.set(place.join('/'), role);
    }
  }
  const trash = textPref(prefs, `mail.server.${server}.trash_folder_name`);
  if (trash !== '') roles.set(trash, 'Trash');
  return roles;
}

/** `imap://ann%40example.org@imap.example.org/Gesendete%20Objekte`: the folder, when it is this server's. */
function placeOfUri(uri: string, prefs: MozillaPrefs, server: string): Place | null {
  const [, host, path] = /^(?:imap|mailbox):\/\/(?:[^@/]*@)?([^/]+)\/(.+)$/.exec(uri) ?? [];
  const own = textPref(prefs, `mail.server.${server}.hostname`);
  if (host === undefined || path === undefined || decoded(host).toLowerCase() !== own.toLowerCase()) return null;
  return path.split('/').map(decoded);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
