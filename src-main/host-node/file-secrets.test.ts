import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFileSecrets } from './file-secrets.ts';
import { keyFileSealer } from './key-file-sealer.ts';
import { openSecretsFile } from './secrets-file.ts';

let folder: string;
const secretsFile = () => join(folder, 'secrets.json');
const keyFile = () => join(folder, 'secrets.key');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const oauth = { refreshToken: 'r', clientId: 'c', tokenUrl: 'https://example.com/token', scopes: 's' };

test('keeps what it is given over a restart', async () => {
  const secrets = await openFileSecrets(folder);
  await secrets.set('account:1', 'pässwörd 🐎');
  await secrets.set('server:1', oauth);
  const again = await openFileSecrets(folder);
  expect(await again.get('account:1')).toBe('pässwörd 🐎');
  expect(await again.get('server:1')).toEqual(oauth);
  expect(await again.has('server:1')).toBe(true);
  expect(await again.get('server:2')).toBeUndefined();
  expect(await again.has('__proto__')).toBe(false);
  expect(await again.get('__proto__')).toBeUndefined();
});

test('shows no secret in its file, and its files to no other user', async () => {
  const secrets = await openFileSecrets(folder);
  await secrets.set('account:1', 'hunter2');
  expect(await readFile(secretsFile(), 'utf8')).not.toContain('hunter2');
  for (const file of [secretsFile(), keyFile()]) expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(secrets.keptIn).toContain('read your passwords');
});

test('tightens files that others could read', async () => {
  await (await openFileSecrets(folder)).set('a', 'b');
  await writeFile(secretsFile(), await readFile(secretsFile()), { mode: 0o644 });
  const { chmod } = await import('node:fs/promises');
  await chmod(secretsFile(), 0o644);
  await openFileSecrets(folder);
  expect((await stat(secretsFile())).mode & 0o777).toBe(0o600);
});

test('removes, and takes many changes at once', async () => {
  const secrets = await openFileSecrets(folder);
  await Promise.all(Array.from({ length: 20 }, (_, index) => secrets.set(`server:${index}`, `secret ${index}`)));
  await secrets.remove('server:3');
  await secrets.remove('server:never');
  const again = await openFileSecrets(folder);
  expect(await again.has('server:3')).toBe(false);
  expect(await again.get('server:19')).toBe('secret 19');
  expect((await readdir(folder)).sort()).toEqual(['secrets.json', 'secrets.key']);
});

test.each([
  ['a lost key', () => rm(keyFile())],
  ['another key', () => writeFile(keyFile(), Buffer.alloc(32).toString('base64'))],
  ['a key cut short', () => writeFile(keyFile(), 'abc')],
  ['a file that is no JSON', () => writeFile(secretsFile(), '{"version":1,"entr')],
  ['a file of another shape', () => writeFile(secretsFile(), '[]')],
])('asks for the password again after %s, and works on from there', async (_what, harm) => {
  await (await openFileSecrets(folder)).set('account:1', 'old');
  await harm();
  const secrets = await openFileSecrets(folder);
  await expect(secrets.get('account:1')).rejects.toMatchObject({ code: 'ENEEDS_PASSWORD' });
  await secrets.set('account:1', 'new');
  expect(await (await openFileSecrets(folder)).get('account:1')).toBe('new');
});

test('notices an entry put under another name', async () => {
  const secrets = await openFileSecrets(folder);
  await secrets.set('account:1', 'mine');
  const text = await readFile(secretsFile(), 'utf8');
  await writeFile(secretsFile(), text.replace('account:1', 'account:2'));
  await expect((await openFileSecrets(folder)).get('account:2')).rejects.toMatchObject({ code: 'ENEEDS_PASSWORD' });
});

test('knows of what the keychain of this computer holds, and asks for it', async () => {
  await (await openFileSecrets(folder)).set('account:1', 'mine');
  await writeFile(secretsFile(), (await readFile(secretsFile(), 'utf8')).replace('key-file', 'keychain'));
  const secrets = await openFileSecrets(folder);
  expect(await secrets.has('account:1')).toBe(true);
  await expect(secrets.get('account:1')).rejects.toMatchObject({ code: 'ENEEDS_PASSWORD' });
});

test('says so where the disk keeps no access rights', async () => {
  expect((await openFileSecrets(folder)).isOpenToOthers).toBe(false);
  const sealer = await keyFileSealer(folder, async () => true);
  const secrets = await openSecretsFile(folder, sealer, [sealer]);
  expect(secrets.isOpenToOthers).toBe(true);
  expect(secrets.keptIn).toMatch(/everybody who uses this computer.* Keep the profile on another disk$/);
});
