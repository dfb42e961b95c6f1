import { chmod, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { toDiskError } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import { replaceDurably } from '../core/durable.ts';

/** Makes a folder only its owner may enter, and tightens one that exists. Throws what the system throws. */
export async function makePrivateFolder(path: string): Promise<void> {
  await makeFolder(path);
  // `mode` counts only for folders made just now. Windows keeps access by inheritance and ignores this.
  await tighten(path, 0o700);
}

/**
 * Takes everybody else's access away. Nothing comes of it on a file system that keeps none (FAT, some network disks), which
 * `isOpenToOthers` tells; somebody else's file stays refused, as EPERM.
 */
async function tighten(path: string, mode: number): Promise<void> {
  try {
    await chmod(path, mode);
  } catch (error) {
    if (hasCode(error, 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP')) return;
    const isOurs = process.getuid?.() === (await stat(path)).uid;
    if (!hasCode(error, 'EPERM') || !isOurs) throw error;
  }
}

/** Whether more than its owner may read this file, as far as the system tells; false where it is not there. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  // Windows keeps access by inheritance and tells nothing by these bits.
  if (process.platform === 'win32') return false;
  const mode = (await stat(path).catch(() => undefined))?.mode ?? 0;
  return (mode & 0o077) !== 0;
}

/** With those above it, open to its owner only. Throws what the system throws. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    // Node says so as well of a disk that is read-only or fails; asked without `recursive`, it says what the system said.
    await mkdir(path, { mode: 0o700 }).catch((plainly: unknown) => {
      // A link to nothing is there, and no folder.
      throw hasCode(plainly, 'EEXIST') ? error : plainly;
    });
  }
}

/** `makePrivateFolder` for the folder of the profile; throws `MailError`, in words. */
export async function makeProfileFolder(path: string): Promise<void> {
  try {
    await makePrivateFolder(path);
  } catch (error) {
    throw toDiskError(error, 'open the folder of the profile');
  }
}

/**
 * Replaces a file readable by its owner only: written beside, synced, renamed, folder synced, so that a crash leaves
 * the old bytes or the new ones whole.
 */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  // A left-over of a crash may have other access bits, and `mode` would not change those.
  await rm(beside, { force: true });
  await replaceDurably(path, beside, content);
}

/** The text of such a file, made private if it was not; undefined when there is none. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    await tighten(path, 0o600);
    return text;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (!hasCode(error, 'EACCES', 'EPERM')) throw toDiskError(error, 'open a file of the profile');
    throw new MailError('EPERMISSION', 'A file of the profile cannot be opened. Check who owns the folder.', {
      cause: error,
    });
  }
}

/** Moves a damaged file out of the way, kept for whoever can make something of it. */
export async function setAside(path: string): Promise<void> {
  try {
    await rename(path, `${path}.damaged-${Date.now()}`);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** Whether an error of Node's carries this code (`ENOENT` …). */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}
