import { constants } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { systemCodeOf } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import { syncFolder } from '../durable.ts';

/** Where an export is written until it is whole. Until `commit`, nothing stands under the name the user chose. */
export interface Staging {
  readonly path: string;
  /** Puts it under its name, which must still be free. */
  commit(): Promise<void>;
  /** Removes what was written. */
  discard(): Promise<void>;
}

/** Refuses a target that is taken, or that lies within the Mail folder. An empty folder may be exported into. */
export async function checkTarget(out: string, kind: 'file' | 'folder', mailFolder: string): Promise<void> {
  if (!isAbsolute(out)) throw new MailError('EINVALID', 'The place to export to must be a full path.');
  const within = relative(resolve(mailFolder), resolve(out));
  if (within === '' || (!within.startsWith('..') && !isAbsolute(within)))
    throw new MailError('EINVALID', 'An export cannot be written into the Mail folder itself. Choose another place.');
  const what = await whatIsAt(out);
  if (what === 'nothing' || (what === 'empty-folder' && kind === 'folder')) return;
  throw isTaken(out);
}

function isTaken(out: string): MailError {
  return new MailError('EINVALID', `There is something at ${out} already. Nothing was written; choose another name.`);
}

async function whatIsAt(path: string): Promise<'nothing' | 'empty-folder' | 'something'> {
  try {
    const found = await lstat(path);
    if (!found.isDirectory()) return 'something';
    return (await readdir(path)).length === 0 ? 'empty-folder' : 'something';
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return 'nothing';
    throw error;
  }
}

/** Makes `NAME.unfinished` beside the target, so that what a crash leaves behind says what it is. */
export async function stage(out: string, kind: 'file' | 'folder'): Promise<Staging> {
  await mkdir(dirname(out), { recursive: true });
  const path = await makeUnfinished(out, kind);
  return {
    path,
    async commit() {
      await (kind === 'file' ? putFile(path, out) : putFolder(path, out));
      await syncFolder(dirname(out));
    },
    discard: () => rm(path, { recursive: true, force: true }),
  };
}

async function makeUnfinished(out: string, kind: 'file' | 'folder'): Promise<string> {
  for (let n = 1; ; n++) {
    const path = join(dirname(out), `${basename(out)}.unfinished${n === 1 ? '' : `-${n}`}`);
    try {
      if (kind === 'folder') await mkdir(path, { mode: 0o700 });
      else await (await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600)).close();
      return path;
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST' || n > 1000) throw error;
    }
  }
}

/** `link` fails where the name was taken meanwhile; a rename would replace it. */
async function putFile(path: string, out: string): Promise<void> {
  try {
    await link(path, out);
    await rm(path);
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') throw isTaken(out);
    // A file system without hard links (FAT): look once more, then rename.
    if ((await whatIsAt(out)) !== 'nothing') throw isTaken(out);
    await rename(path, out);
  }
}

async function putFolder(path: string, out: string): Promise<void> {
  // Fails when something was put there meanwhile.
  await rmdir(out).catch((error: unknown) => {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  });
  await rename(path, out);
}
