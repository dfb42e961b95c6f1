import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { hasCode, makeProfileFolder, writePrivateFile } from './private-file.ts';
import { defaultProfileDir, here, type Surroundings, workingFolder } from './profile-place.ts';

/** Where everything of one user of Postrider lies. */
export interface Profile {
  readonly profileDir: string;
  readonly mailFolder: string;
}

const MailFolderRecord = z.object({ mailFolder: z.string().min(1) });
const mailFolderRecord = 'mail-folder.json';

/**
 * The profile to use. With `--profile DIR` everything lives under DIR, the Mail folder included. Otherwise the
 * system's place for a program's data, and `Mail` in the user's Documents; once used, that place is kept even if
 * Documents moves (another language renames it).
 */
export async function findProfile(argument?: string, around: Surroundings = here): Promise<Profile> {
  if (argument !== undefined) {
    const profileDir = resolve(workingFolder(), argument);
    return { profileDir, mailFolder: join(profileDir, 'Mail') };
  }
  const profileDir = defaultProfileDir(around);
  const kept = await readMailFolderRecord(profileDir);
  return { profileDir, mailFolder: kept ?? join(await documentsFolder(around), 'Mail') };
}

/** Keeps where the Mail folder is, for later starts. */
export async function keepMailFolder({ profileDir, mailFolder }: Profile): Promise<void> {
  const isUnderProfile = mailFolder === join(profileDir, 'Mail');
  if (isUnderProfile || (await readMailFolderRecord(profileDir)) === mailFolder) return;
  await makeProfileFolder(profileDir);
  await writePrivateFile(join(profileDir, mailFolderRecord), JSON.stringify({ mailFolder }));
}

async function readMailFolderRecord(profileDir: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(profileDir, mailFolderRecord), 'utf8');
    return MailFolderRecord.parse(JSON.parse(text)).mailFolder;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR') || error instanceof SyntaxError || error instanceof z.ZodError) {
      return undefined;
    }
    throw error;
  }
}

async function documentsFolder(around: Surroundings): Promise<string> {
  const usual = join(around.homeDir, 'Documents');
  if (around.platform === 'linux') return (await xdgDocuments(around)) ?? usual;
  if (around.platform === 'win32') return (await windowsDocuments(around)) ?? usual;
  return usual;
}

async function xdgDocuments({ env, homeDir }: Surroundings): Promise<string | undefined> {
  const configHome = env.XDG_CONFIG_HOME;
  const base = configHome !== undefined && isAbsolute(configHome) ? configHome : join(homeDir, '.config');
  try {
    return parseUserDirs(await readFile(join(base, 'user-dirs.dirs'), 'utf8'), homeDir);
  } catch {
    return undefined;
  }
}

/** The Documents folder a `user-dirs.dirs` names (the file `xdg-user-dir` reads); undefined when none, or when it is the home folder itself. */
export function parseUserDirs(text: string, homeDir: string): string | undefined {
  const value = /^\s*XDG_DOCUMENTS_DIR="((?:[^"\\]|\\.)*)"/m.exec(text)?.[1];
  if (value === undefined) return undefined;
  const path = value.replace(/\\(.)/g, '$1').replace(/^\$HOME(?=\/|$)/, () => homeDir);
  return isAbsolute(path) && resolve(path) !== resolve(homeDir) ? resolve(path) : undefined;
}

async function windowsDocuments({ env, homeDir }: Surroundings): Promise<string | undefined> {
  const key = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\User Shell Folders';
  try {
    const { stdout } = await promisify(execFile)('reg', ['query', key, '/v', 'Personal'], { timeout: 5000 });
    const path = parseShellFolder(stdout, { ...env, USERPROFILE: env.USERPROFILE ?? homeDir });
    return path !== undefined && existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** The value `reg query` prints for a folder, with `%NAMES%` filled in. */
export function parseShellFolder(output: string, env: NodeJS.ProcessEnv): string | undefined {
  const value = /REG_(?:EXPAND_)?SZ\s+(.+?)\s*$/m.exec(output)?.[1];
  return value?.replace(/%([^%]+)%/g, (whole, name: string) => env[name] ?? whole);
}
