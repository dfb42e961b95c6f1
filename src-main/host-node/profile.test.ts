import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findProfile, keepMailFolder, parseShellFolder, parseUserDirs } from './profile.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'postrider-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const linux = (env: NodeJS.ProcessEnv = {}) => ({ platform: 'linux' as const, env, homeDir: home });

test('lies wholly under the folder that was named', async () => {
  expect(await findProfile('some/where')).toEqual({
    profileDir: resolve('some/where'),
    mailFolder: resolve('some/where/Mail'),
  });
});

test('lies where each system keeps a program’s data', async () => {
  expect((await findProfile(undefined, linux())).profileDir).toBe(join(home, '.local/share/postrider'));
  expect((await findProfile(undefined, linux({ XDG_DATA_HOME: '/data' }))).profileDir).toBe('/data/postrider');
  expect((await findProfile(undefined, linux({ XDG_DATA_HOME: 'data' }))).profileDir).toBe(
    join(home, '.local/share/postrider'),
  );
  const mac = { platform: 'darwin' as const, env: {}, homeDir: home };
  expect(await findProfile(undefined, mac)).toEqual({
    profileDir: join(home, 'Library/Application Support/Postrider'),
    mailFolder: join(home, 'Documents/Mail'),
  });
});

test('keeps mail in the user’s Documents, whatever they are called', async () => {
  expect((await findProfile(undefined, linux())).mailFolder).toBe(join(home, 'Documents/Mail'));
  await mkdir(join(home, '.config'));
  await writeFile(join(home, '.config/user-dirs.dirs'), '# made\nXDG_DOCUMENTS_DIR="$HOME/Dokumente"\n');
  expect((await findProfile(undefined, linux())).mailFolder).toBe(join(home, 'Dokumente/Mail'));
  expect(parseUserDirs('XDG_DOCUMENTS_DIR="$HOME/Papers"', '/home/$&')).toBe('/home/$&/Papers');
});

test('stays where it once was when Documents move', async () => {
  const first = await findProfile(undefined, linux());
  await keepMailFolder(first);
  await mkdir(join(home, '.config'));
  await writeFile(join(home, '.config/user-dirs.dirs'), 'XDG_DOCUMENTS_DIR="$HOME/Belgeler"\n');
  expect(await findProfile(undefined, linux())).toEqual(first);
  await writeFile(join(first.profileDir, 'mail-folder.json'), 'not JSON');
  expect((await findProfile(undefined, linux())).mailFolder).toBe(join(home, 'Belgeler/Mail'));
});

test.each([
  ['XDG_DOCUMENTS_DIR="$HOME/Mes \\"papiers\\""', '/home/anna/Mes "papiers"'],
  ['XDG_DOCUMENTS_DIR="/srv/docs"', '/srv/docs'],
  ['XDG_DOCUMENTS_DIR="$HOME/"', undefined],
  ['XDG_DOCUMENTS_DIR="relative"', undefined],
  ['# XDG_DOCUMENTS_DIR="$HOME/x"', undefined],
  ['', undefined],
])('reads %s', (text, path) => {
  expect(parseUserDirs(text, '/home/anna')).toBe(path);
});

test('reads what Windows says', () => {
  const output =
    '\r\nHKEY_CURRENT_USER\\Software\\...\\User Shell Folders\r\n    Personal    REG_EXPAND_SZ    %USERPROFILE%\\OneDrive\\Dokumente\r\n\r\n';
  expect(parseShellFolder(output, { USERPROFILE: 'C:\\Users\\Anna' })).toBe('C:\\Users\\Anna\\OneDrive\\Dokumente');
  expect(parseShellFolder('ERROR: not found', {})).toBeUndefined();
});
