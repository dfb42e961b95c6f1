import { randomUUID } from 'node:crypto';
import { closeSync, fsync, futimesSync, open, unlinkSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fewAtOnce } from '#shared/few-at-once.ts';
import { systemCode } from './store-errors.ts';

/** Ends the names of our own files in `tmp/`, so that what a crash left there is known as ours. */
export const tmpSuffix = '.postrider';

/** A message in `tmp/`, whole and synced. */
export interface TmpFile {
  readonly path: string;
}

/** Writes one message to a directory `tmp`: whole and synced when it resolves, or not there at all. */
export type WriteTmp = (tmp: string, bytes: Uint8Array, mtimeMs: number) => Promise<TmpFile>;

/**
 * So many files are made, written and synced at once: enough to keep a disk busy, and fewer than the pool has threads
 * (`widenThreadPool`), so that the note without which a message may not leave finds one free.
 */
const filesAtOnce = 14;

const openFile = promisify(open);
const syncFile = promisify(fsync);
const writeFile = promisify(write);

/** Copying more than this into the file takes longer than a turn through the pool. */
const largeOctets = 64 * 1024;

/**
 * Making and syncing go through Node's thread pool: making a file can cost the file system as much as syncing it (where
 * many were removed just before, or its journal is being written), and meanwhile this thread has other work. The steps
 * between only touch memory; a turn through the pool would cost more than they do.
 */
export function createTmpWriter(): WriteTmp {
  const making = fewAtOnce(filesAtOnce);
  return (tmp, bytes, mtimeMs) =>
    making(() => writeWhole(join(tmp, `${randomUUID()}${tmpSuffix}`), bytes, mtimeMs / 1000));
}

/** The file's time is when the mail was received. */
async function writeWhole(path: string, bytes: Uint8Array, mtime: number): Promise<TmpFile> {
  const fd = await openFile(path, 'wx', 0o600);
  try {
    try {
      await writeBytes(fd, bytes);
      futimesSync(fd, mtime, mtime);
      await syncFile(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    discardTmp({ path });
    throw error;
  }
  return { path };
}

async function writeBytes(fd: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const left = bytes.length - at;
    at += left < largeOctets ? writeSync(fd, bytes, at, left) : (await writeFile(fd, bytes, at, left)).bytesWritten;
  }
}

export function discardTmp({ path }: TmpFile): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
