import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * What makes files and their names durable, everywhere in the core and its hosts. A file is opened for writing, since
 * Windows syncs no other; a folder is not synced there at all: its journal keeps a rename.
 */

const hasFoldersToSync = process.platform !== 'win32';

/** Makes what is in a file durable. Throws what the system throws. */
export async function syncFile(path: string): Promise<void> {
  await syncAs(path, 'r+');
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  if (hasFoldersToSync) await syncAs(path, 'r');
}

async function syncAs(path: string, how: 'r' | 'r+'): Promise<void> {
  const file = await open(path, how);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes a new private file and makes its octets durable; its name is not yet. Throws what the system throws. */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Puts a private file in its place so that a crash at any moment leaves the old or the new one whole. Written under the name
 * `unfinished` in the same folder, which nobody else uses. Throws what the system throws; nothing unfinished is left then.
 */
export async function replaceDurably(path: string, unfinished: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeDurably(unfinished, content);
    await rename(unfinished, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** As `syncFile`, before this returns: for the opening of a profile. */
export function syncFileNow(path: string): void {
  syncNowAs(path, 'r+');
}

/** Makes the name of a file durable before this returns. */
export function syncFolderOfNow(path: string): void {
  if (hasFoldersToSync) syncNowAs(dirname(path), 'r');
}

function syncNowAs(path: string, how: 'r' | 'r+'): void {
  const fd = openSync(path, how);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
