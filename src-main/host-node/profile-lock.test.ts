import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildFaultLibrary, watchedBy } from '../cli/testing/fault-library.ts';
import { lockProfile } from './profile-lock.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Another process that takes the lock and says so. */
async function lockElsewhere() {
  const module = join(import.meta.dirname, 'profile-lock.ts');
  const code = `
    const { lockProfile } = await import(${JSON.stringify(module)});
    await lockProfile(${JSON.stringify(folder)});
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

test('is one process’s at a time, and free again when that one is killed', async () => {
  const child = await lockElsewhere();
  await expect(lockProfile(folder)).rejects.toMatchObject({ code: 'ELOCKED' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  (await lockProfile(folder)).release();
});

test('is let go of, and makes its folder private', async () => {
  const inside = join(folder, 'new', 'profile');
  const lock = await lockProfile(inside);
  expect((await stat(inside)).mode & 0o777).toBe(0o700);
  await expect(lockProfile(inside)).rejects.toMatchObject({ code: 'ELOCKED' });
  lock.release();
  lock.release();
  (await lockProfile(inside)).release();
});

test('says so when the lock file is something else', async () => {
  await mkdir(join(folder, 'lock.sqlite'));
  await expect(lockProfile(folder)).rejects.toMatchObject({ code: 'EPERMISSION' });
});

test('says so when the folder cannot be one', async () => {
  const file = join(folder, 'a file');
  await writeFile(file, '');
  await expect(lockProfile(file)).rejects.toMatchObject({
    code: 'EPERMISSION',
    message: expect.stringMatching(/file of that name/),
  });
  await expect(lockProfile(join(file, 'profile'))).rejects.toMatchObject({ code: 'EPERMISSION' });
});

test.skipIf(process.platform !== 'linux')('a failing disk is told as that, wherever it fails', async () => {
  const library = await buildFaultLibrary(folder);
  if (library === null) return;
  const profile = join(folder, 'failing');
  const module = join(import.meta.dirname, 'profile-lock.ts');
  const code = `
    const { lockProfile } = await import(${JSON.stringify(module)});
    await lockProfile(${JSON.stringify(profile)}).then(() => console.log('locked'), (error) => console.log(error.code, error.message));`;
  const lockOnFailingDisk = async (at: number, kind: 'EIO' | 'ENOSPC'): Promise<string> => {
    await rm(profile, { recursive: true, force: true });
    const environment = watchedBy(library, {
      under: profile,
      log: join(folder, 'log'),
      fault: { kind, at, lasts: true },
    });
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      env: { ...process.env, ...environment },
      encoding: 'utf8',
      timeout: 60_000,
    });
    return child.stdout;
  };
  const told = [];
  for (const at of [1, 2]) told.push(await lockOnFailingDisk(at, 'EIO'));
  expect(told).toEqual(Array.from(told, () => expect.stringMatching(/^EIO .*the disk reported an error/)));
  expect(await lockOnFailingDisk(2, 'ENOSPC')).toMatch(/^EDISKFULL/);
});

test('a lock file that is no database is told as the disk’s fault, not as a matter of permissions', async () => {
  await writeFile(join(folder, 'lock.sqlite'), 'no database'.repeat(1000));
  await expect(lockProfile(folder)).rejects.toMatchObject({ code: 'EIO' });
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

test.skipIf(!canMount)('says that the disk is full, not that it is forbidden', async () => {
  const profile = join(folder, 'full');
  await mkdir(profile);
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', profile]).status).toBe(0);
  try {
    (await lockProfile(profile)).release();
    await writeFile(join(profile, 'fill'), Buffer.alloc(1_000_000)).catch(() => undefined);
    await expect(lockProfile(profile)).rejects.toMatchObject({ code: 'EDISKFULL' });
  } finally {
    spawnSync('umount', ['-l', profile]);
  }
});

test('a folder that cannot be made is told by what is wrong with its path', async () => {
  await symlink(join(folder, 'unmounted', 'disk'), join(folder, 'link'));
  await expect(lockProfile(join(folder, 'link'))).rejects.toMatchObject({
    message: expect.stringMatching(/leads nowhere/),
  });
  await symlink('itself', join(folder, 'itself'));
  await expect(lockProfile(join(folder, 'itself'))).rejects.toMatchObject({
    message: expect.stringMatching(/leads nowhere/),
  });
  await expect(lockProfile(join(folder, 'x'.repeat(300)))).rejects.toMatchObject({
    message: expect.stringMatching(/too long/),
  });
});
