import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes what is in a file durable before this returns. For the opening of a profile; throws what the system throws. */
export function syncFile(path: string): void {
  syncAs(path, 'r+');
}

/** Makes the name of a file durable. Windows syncs no directory. */
export function syncDirectoryOf(path: string): void {
  if (process.platform !== 'win32') syncAs(dirname(path), 'r');
}

function syncAs(path: string, how: 'r' | 'r+'): void {
  const fd = openSync(path, how);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
