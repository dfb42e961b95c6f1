import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isOpenToOthers, makeProfileFolder, readPrivateFile } from './private-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-private-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what is not there is undefined; what the disk does not give is the disk’s fault, not its owner’s', async () => {
  expect(await readPrivateFile(join(folder, 'secrets.json'))).toBeUndefined();
  // A folder can be opened and not be read: EISDIR.
  await expect(readPrivateFile(folder)).rejects.toMatchObject({ code: 'EIO', message: expect.stringMatching(/disk/) });
});

test('a folder of the profile that cannot be made is told in words', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeProfileFolder(join(folder, 'file', 'profile'))).rejects.toMatchObject({
    code: 'ENOTFOUND',
    message: 'Postrider could not open the folder of the profile: there is no such file or folder.',
  });
});

test('what others may read is told: so is a file system that keeps no access rights', async () => {
  const file = join(folder, 'secrets.key');
  expect(await isOpenToOthers(file)).toBe(false);
  await writeFile(file, 'x', { mode: 0o600 });
  expect(await isOpenToOthers(file)).toBe(false);
  await chmod(file, 0o604);
  expect(await isOpenToOthers(file)).toBe(process.platform !== 'win32');
});
