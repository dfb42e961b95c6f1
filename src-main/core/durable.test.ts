import { fsyncSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { syncFile, syncFileNow, syncFolder, syncFolderOfNow } from './durable.ts';

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, fsyncSync: vi.fn(fs.fsyncSync) };
});

/** What is synced, by the names the system has for it. */
const synced: string[] = [];
let home: string;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'postrider-sync-'));
  synced.length = 0;
  const { fsyncSync: really } = await vi.importActual<typeof import('node:fs')>('node:fs');
  vi.mocked(fsyncSync).mockImplementation((fd) => {
    synced.push(readlinkSync(`/proc/self/fd/${fd}`));
    really(fd);
  });
});
afterEach(() => rmSync(home, { recursive: true }));

const open = (): string[] => {
  const names = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return names.filter((name) => name.startsWith(home));
};

it.skipIf(process.platform !== 'linux')('a file is synced, and its name in the directory that holds it', () => {
  const path = join(home, 'notes');
  writeFileSync(path, 'kept');
  syncFileNow(path);
  expect(synced).toEqual([path]);
  syncFolderOfNow(path);
  expect(synced).toEqual([path, home]);
  expect(open()).toEqual([]);
});

it.skipIf(process.platform !== 'linux')('a disk that fails is not taken for one that has it', () => {
  const path = join(home, 'notes');
  expect(() => syncFileNow(path)).toThrow(/ENOENT/);
  writeFileSync(path, 'kept');
  vi.mocked(fsyncSync).mockImplementation(() => {
    throw new Error('EIO: i/o error, fsync');
  });
  expect(() => syncFileNow(path)).toThrow(/EIO/);
  expect(() => syncFolderOfNow(path)).toThrow(/EIO/);
  expect(open()).toEqual([]);
});

it.skipIf(process.platform !== 'linux')('the same in the background, and nothing is left open', async () => {
  const path = join(home, 'notes');
  writeFileSync(path, 'kept');
  await syncFile(path);
  await syncFolder(home);
  expect(open()).toEqual([]);
  await expect(syncFile(join(home, 'gone'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(syncFolder(join(home, 'gone'))).rejects.toMatchObject({ code: 'ENOENT' });
});
