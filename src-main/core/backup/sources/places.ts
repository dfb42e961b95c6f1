import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { MailPlace } from '#shared/mail/mail-source.ts';
import { isMozillaProfile } from './mozilla-profile.ts';
import { profilesIn } from './profiles-ini.ts';

/** Where we are, for finding what other programs keep where. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
}

const here = (): Surroundings => ({ platform: process.platform, env: process.env, homeDir: homedir() });

/**
 * Mail of other programs on this computer, the program used last first. `ownMail` is left out: it is here already.
 * Nothing is read but names and a few settings.
 */
export async function findPlaces(ownMail: string, surroundings = here()): Promise<MailPlace[]> {
  const places = [
    ...(await thunderbirdProfiles(surroundings)),
    ...(await appleMail(surroundings)),
    ...(await maildirs(surroundings)),
    ...(await spoolMbox(surroundings)),
  ];
  return places.filter(({ path }) => resolve(path) !== resolve(ownMail)).sort((a, b) => b.usedAt - a.usedAt);
}

async function thunderbirdProfiles(surroundings: Surroundings): Promise<MailPlace[]> {
  const found = new Map<string, MailPlace>();
  for (const root of await thunderbirdRoots(surroundings)) {
    const text = await readFile(join(root, 'profiles.ini'), 'utf8').catch(() => '');
    for (const { name, path } of profilesIn(text, root)) {
      if (found.has(path) || !(await isMozillaProfile(path))) continue;
      found.set(path, { kind: 'thunderbird', path, name, usedAt: await lastUsed(join(path, 'prefs.js')) });
    }
  }
  return [...found.values()];
}

/** Where Thunderbird and those made from it keep `profiles.ini`, in each kind of package. */
async function thunderbirdRoots({ platform, env, homeDir }: Surroundings): Promise<string[]> {
  if (platform === 'win32') {
    const roaming = env.APPDATA ?? join(homeDir, 'AppData', 'Roaming');
    const packages = join(env.LOCALAPPDATA ?? join(homeDir, 'AppData', 'Local'), 'Packages');
    const fromStore = (await readdir(packages).catch(() => [])).filter((name) => /thunderbird/i.test(name));
    return [
      join(roaming, 'Thunderbird'),
      ...fromStore.map((name) => join(packages, name, 'LocalCache', 'Roaming', 'Thunderbird')),
    ];
  }
  if (platform === 'darwin') return [join(homeDir, 'Library', 'Thunderbird')];
  const config = env.XDG_CONFIG_HOME ?? join(homeDir, '.config');
  return [
    join(homeDir, '.thunderbird'),
    join(homeDir, 'snap', 'thunderbird', 'common', '.thunderbird'),
    join(homeDir, '.var', 'app', 'org.mozilla.Thunderbird', '.thunderbird'),
    join(homeDir, '.var', 'app', 'org.mozilla.thunderbird', '.thunderbird'),
    join(homeDir, '.var', 'app', 'eu.betterbird.Betterbird', '.thunderbird'),
    join(homeDir, '.mozilla-thunderbird'),
    join(homeDir, '.icedove'),
    join(config, 'thunderbird'),
  ];
}

async function appleMail({ platform, homeDir }: Surroundings): Promise<MailPlace[]> {
  if (platform !== 'darwin') return [];
  const root = join(homeDir, 'Library', 'Mail');
  const versions = (await readdir(root).catch(() => [])).filter((name) => /^V\d+$/.test(name));
  const newest = versions.sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)))[0];
  if (newest === undefined) return [];
  const path = join(root, newest);
  return [{ kind: 'apple-mail', path, name: path, usedAt: await lastUsed(path) }];
}

async function maildirs({ env, homeDir }: Surroundings): Promise<MailPlace[]> {
  const data = env.XDG_DATA_HOME ?? join(homeDir, '.local', 'share');
  const candidates: readonly [MailPlace['kind'], string][] = [
    ['maildir', join(homeDir, 'Maildir')],
    ['maildir', join(homeDir, '.maildir')],
    ['maildir', join(homeDir, 'Mail')],
    ['evolution', join(data, 'evolution', 'mail', 'local')],
    ['kmail', join(data, 'local-mail')],
  ];
  const found: MailPlace[] = [];
  for (const [kind, path] of candidates) {
    const names: string[] = await readdir(path).catch(() => []);
    if (names.includes('cur') || (kind === 'kmail' && names.length > 0))
      found.push({ kind, path, name: path, usedAt: await lastUsed(path) });
  }
  return found;
}

/** What the system itself delivers to: cron's mail, root's mail. */
async function spoolMbox({ platform, env, homeDir }: Surroundings): Promise<MailPlace[]> {
  if (platform === 'win32') return [];
  const user = env.USER ?? env.LOGNAME;
  const candidates = [join(homeDir, 'mbox'), ...(user === undefined ? [] : [join('/var/mail', user)])];
  const found: MailPlace[] = [];
  for (const path of candidates) {
    const there = await stat(path).catch(() => null);
    if (there?.isFile() === true && there.size > 0)
      found.push({ kind: 'mbox', path, name: path, usedAt: Math.round(there.mtimeMs) });
  }
  return found;
}

async function lastUsed(path: string): Promise<number> {
  return Math.round((await stat(path).catch(() => null))?.mtimeMs ?? 0);
}
