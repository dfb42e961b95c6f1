import { open } from 'node:fs/promises';

/** Makes names in a folder durable. A folder cannot be opened for syncing on Windows, whose journal keeps a rename. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
