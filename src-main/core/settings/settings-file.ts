import { constants } from 'node:fs';
import { access, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemCodeOf, toDiskError } from '#shared/disk-error.ts';
import { ScannerSettings } from '#shared/mail/quarantine.ts';
import { JunkSettings } from '#shared/mail/rule.ts';
import { Preferences, Settings } from '#shared/mail/settings.ts';
import { MailError } from '#shared/mail-error.ts';
import { replaceDurably } from '../durable.ts';
import type { Clock } from '../ports.ts';
import { currentVersion, migrate } from './migrations.ts';
import { wordsOf } from './words.ts';

/** What was found at start; `problem` is a sentence for the user when the file could not be used. */
export interface LoadedSettings {
  readonly settings: Settings;
  readonly problem: string | null;
}

const fileName = 'settings.json';

export function defaultSettings(): Settings {
  return {
    version: currentVersion,
    accounts: [],
    identities: [],
    servers: [],
    contacts: [],
    locations: [],
    preferences: Preferences.parse({}),
    rules: [],
    junk: JunkSettings.parse({}),
    autoReplies: [],
    scanner: ScannerSettings.parse({}),
  };
}

/** What becomes of a file that is not JSON or not valid: it makes way for the defaults, or stays and is refused. */
export type BrokenSettings = 'keep-aside' | 'refuse';

/**
 * Reads settings.json. Throws ESETTINGS for a file of a newer version (an older program must not rewrite it) and for a
 * broken one that is to be refused, EPERMISSION, EIO.
 */
export async function loadSettings(
  profileDir: string,
  clock: Clock,
  broken: BrokenSettings = 'keep-aside',
): Promise<LoadedSettings> {
  const text = await readIfThere(join(profileDir, fileName));
  if (text === null) return { settings: defaultSettings(), problem: null };
  const read = readText(text);
  if (read.kind === 'ok') return { settings: read.settings, problem: null };
  if (broken === 'refuse')
    throw new MailError(
      'ESETTINGS',
      `The settings could not be read (${read.why}), so nothing was done. Mend ${join(profileDir, fileName)}, ` +
        'or move it away to begin with empty settings. Your mail is not affected.',
    );
  const aside = await keepAside(profileDir, clock);
  const problem =
    `Your settings could not be read (${read.why}), so Postrider started with empty ones. ` +
    `The old file is kept as ${aside}. Your mail is not affected.`;
  return { settings: defaultSettings(), problem };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT') return null;
    if (code === 'EACCES' || code === 'EPERM' || code === 'EISDIR')
      throw new MailError(
        'ESETTINGS',
        `The settings could not be read: ${code === 'EISDIR' ? 'a folder has their name' : 'the system does not allow it'}. ` +
          `Nothing was done. Check ${path} and who may read it. Your mail is not affected.`,
        { cause: error },
      );
    throw toDiskError(error, `read ${path}`);
  }
}

const Versioned = z.looseObject({ version: z.number().int().positive() });

type Read = { kind: 'ok'; settings: Settings } | { kind: 'broken'; why: string };

function readText(text: string): Read {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'broken', why: 'the file is not JSON' };
  }
  const versioned = Versioned.safeParse(json);
  if (!versioned.success) return { kind: 'broken', why: 'the file does not say its version' };
  const { version } = versioned.data;
  if (version > currentVersion)
    throw new MailError(
      'ESETTINGS',
      `The settings were written by a newer Postrider (version ${version}; this one knows ${currentVersion}). ` +
        'Start the newer one, or use another profile. Nothing was changed.',
    );
  const migrated = migrate(versioned.data, version);
  if (migrated === null) return { kind: 'broken', why: `version ${version} is not known` };
  const parsed = Settings.safeParse({ ...defaultSettings(), ...migrated });
  return parsed.success
    ? { kind: 'ok', settings: parsed.data }
    : { kind: 'broken', why: `it is not valid: ${wordsOf(parsed.error)}` };
}

async function keepAside(profileDir: string, clock: Clock): Promise<string> {
  const stamp = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(':', '-');
  for (let n = 1; ; n++) {
    const aside = join(profileDir, `settings.broken-${stamp}${n === 1 ? '' : `-${n}`}.json`);
    if (await isThere(aside)) continue;
    try {
      await rename(join(profileDir, fileName), aside);
      return aside;
    } catch (error) {
      throw toDiskError(error, `keep the unreadable settings aside as ${aside}`);
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/** Replaces settings.json so that a crash at any moment leaves the old or the new file whole: tmp, fsync, rename, fsync of the folder. */
export async function saveSettings(profileDir: string, settings: Settings): Promise<void> {
  const path = join(profileDir, fileName);
  const temporary = `${path}.tmp`;
  try {
    await rm(temporary, { force: true });
    await replaceDurably(path, temporary, `${JSON.stringify(settings, null, 2)}\n`);
  } catch (error) {
    throw toDiskError(error, 'save the settings');
  }
}
