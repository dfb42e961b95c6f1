import { homedir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/** The machine as far as finding the profile goes; tests hand in another. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly homeDir: string;
}

export const here: Surroundings = { platform: process.platform, env: process.env, homeDir: homeOf(homedir()) };

/** `HOME` may be empty or relative (a bare cron, a container): the profile would lie wherever the command is run. */
export function homeOf(told: string, account: () => string = () => userInfo().homedir): string {
  return isAbsolute(told) ? told : account();
}

/**
 * Where relative paths are meant from. A folder that was removed while somebody stood in it (a cron job's, a build's) keeps
 * its name, under which nothing is found; that is no reason not to take a message. Called before anything else that asks: a
 * thread does not even begin in a folder that is gone, so we stand elsewhere then.
 */
export function workingFolder(): string {
  if (removedFolder !== undefined) return removedFolder;
  try {
    return process.cwd();
  } catch {
    removedFolder = resolve('/', process.env.PWD ?? 'nowhere');
    process.chdir('/');
    return removedFolder;
  }
}

let removedFolder: string | undefined;

/** Where the profile lies unless another is named: the system's place for a program's data. */
export function defaultProfileDir({ platform, env, homeDir }: Surroundings): string {
  if (platform === 'darwin') return join(homeDir, 'Library', 'Application Support', 'Postrider');
  if (platform === 'win32') return join(env.APPDATA ?? join(homeDir, 'AppData', 'Roaming'), 'Postrider');
  // XDG Base Directory Specification: a relative path there is invalid and ignored.
  const dataHome = env.XDG_DATA_HOME;
  const base = dataHome !== undefined && isAbsolute(dataHome) ? dataHome : join(homeDir, '.local', 'share');
  return join(base, 'postrider');
}

/**
 * The folder of the profile that a command line means (`--profile DIR`; or `unlessNamed`), as `findProfile` will find it, but
 * without loading anything; a mistake in the command line is left to who reads it.
 */
export function profileDirGiven(argv: readonly string[], unlessNamed?: string): string {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  let given = unlessNamed;
  for (const [at, word] of words.entries()) {
    if (word === '--profile') given = words[at + 1] ?? given;
    else if (word.startsWith('--profile=')) given = word.slice('--profile='.length);
  }
  return given === undefined || given === '' ? defaultProfileDir(here) : resolve(workingFolder(), given);
}

/** The words of a command line that are neither options nor the profile's: the verb, and what it is about. */
export function wordsGiven(argv: readonly string[]): string[] {
  return argv.filter((word, at) => !word.startsWith('-') && argv[at - 1] !== '--profile');
}
