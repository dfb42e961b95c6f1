import { fsyncSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { replaceDurably, syncFile, syncFileNow, syncFolder, syncFolderOfNow } from './durable.ts';

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, fsyncSync: vi.fn(fs.fsyncSync) };
});

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return { ...fs, open: vi.fn(fs.open) };
});

/** What is synced, by the names the system has for it at that moment. */
const synced: string[] = [];
const nameOf = (fd: number): string => readlinkSync(`/proc/self/fd/${fd}`);
/** In the background, a disk that fails from here on. */
let fails = false;

function watched(file: FileHandle): FileHandle {
  const { sync } = file;
  file.sync = async () => {
    if (fails) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
    synced.push(nameOf(file.fd));
    await sync.call(file);
  };
  return file;
}
let home: string;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'postrider-sync-'));
  synced.length = 0;
  fails = false;
  const promises = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
  vi.mocked(openFile).mockImplementation(async (...args) => watched(await promises.open(...args)));
  const { fsyncSync: really } = await vi.importActual<typeof import('node:fs')>('node:fs');
  vi.mocked(fsyncSync).mockImplementation((fd) => {
    synced.push(nameOf(fd));
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
  expect(synced).toEqual([path, home]);
  expect(open()).toEqual([]);
  await expect(syncFile(join(home, 'gone'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(syncFolder(join(home, 'gone'))).rejects.toMatchObject({ code: 'ENOENT' });
});

describe.skipIf(process.platform !== 'linux')('a private file in the place of another', () => {
  const place = () => ({ path: join(home, 'settings.json'), unfinished: join(home, 'settings.new') });

  it('is on the disk before it takes the name, and the name before it is told', async () => {
    const { path, unfinished } = place();
    writeFileSync(path, 'old');
    await replaceDurably(path, unfinished, 'new');
    // Synced under the name it was written by: it had not been moved yet.
    expect(synced).toEqual([unfinished, home]);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(home)).toEqual(['settings.json']);
  });

  it('leaves the old one, and nothing unfinished, on a disk that fails', async () => {
    const { path, unfinished } = place();
    writeFileSync(path, 'old');
    fails = true;
    await expect(replaceDurably(path, unfinished, 'new')).rejects.toMatchObject({ code: 'EIO' });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(home)).toEqual(['settings.json']);
    expect(open()).toEqual([]);
  });
});
