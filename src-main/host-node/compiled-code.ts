import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/** In the profile; may be removed at any time. */
export const compiledCodeFolder = 'compiled-code';

/** About five versions of the program, some 6 MB. Node leaves what an earlier version wrote lying there. */
const filesAtMost = 400;

/**
 * Lets Node keep what it compiles of the program in the profile, for the next start; a fifth of a start is saved. What lies
 * there is run as code: so only in a folder of our own that nobody else may write to, and never in one everybody shares.
 * Makes no profile. Anything amiss (a full disk, a folder of somebody else's) means starting as without it, silently.
 * Loads little, since what is loaded before it is compiled each time.
 */
export function keepCompiledCode(profileDir: string): void {
  try {
    if (!isOurs(profileDir)) return;
    const folder = join(profileDir, compiledCodeFolder);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOurs(folder)) return;
    if (readdirSync(folder, { recursive: true }).length > filesAtMost) empty(folder);
    enableCompileCache(folder);
  } catch {
    // The program only starts a little later.
  }
}

/** Gives back the room it takes; answers whether there was any. What another process is about to read may go. */
export function dropCompiledCode(profileDir: string): boolean {
  try {
    const folder = join(profileDir, compiledCodeFolder);
    if (!isOurs(folder) || readdirSync(folder).length === 0) return false;
    empty(folder);
    return true;
  } catch {
    return false;
  }
}

/** A real folder of this user's that nobody else may change. Windows keeps access by inheritance: a profile's is its user's. */
function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isDirectory()) return false;
  return process.platform === 'win32' || (found.uid === process.getuid?.() && (found.mode & 0o022) === 0);
}

/** What another process is about to read may go: it compiles then. */
function empty(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}
