import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { autostartEntry, autostartPath, openLoginItem } from './login-item.ts';
import { app } from './testing/electron-double.ts';

vi.mock('electron', () => import('./testing/electron-double.ts'));

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'postrider-login-'));
});
afterEach(() => rm(home, { recursive: true }));

test('macOS and Windows keep it; a person who switched it off in the Task Manager is believed', async () => {
  await (await openLoginItem('darwin')).set(true);
  expect([(await openLoginItem('darwin')).isOn, (await openLoginItem('win32')).isOn]).toEqual([true, true]);
  app.isLoginBarred = true;
  expect([(await openLoginItem('darwin')).isOn, (await openLoginItem('win32')).isOn]).toEqual([true, false]);
});

test('on Linux an entry for the session is written, and taken away again', async () => {
  const path = autostartPath({}, home);
  expect(path).toBe(join(home, '.config/autostart/postrider.desktop'));
  expect((await autostartEntry(path, '/opt/Postrider/postrider-app')).isOn).toBe(false);
  const item = await autostartEntry(path, '/opt/Postrider/postrider-app');
  await item.set(true);
  expect((await autostartEntry(path, '')).isOn).toBe(true);
  expect(await readFile(path, 'utf8')).toMatch(
    /^\[Desktop Entry\]\nType=Application\nName=Postrider\n.*\nExec="\/opt\/Postrider\/postrider-app"\n/,
  );
  // Nothing beside it that a session would start as well.
  expect(await readdir(dirname(path))).toEqual(['postrider.desktop']);
  await item.set(false);
  await item.set(false);
  expect((await autostartEntry(path, '')).isOn).toBe(false);
});

test.each(['Hidden=true', 'X-GNOME-Autostart-enabled = false '])(
  'one that the desktop switched off (%s) is off, and on again when it is asked for',
  async (line) => {
    const path = join(home, 'postrider.desktop');
    const item = await autostartEntry(path, '/a');
    await item.set(true);
    await writeFile(path, `${await readFile(path, 'utf8')}${line}\n`);
    expect((await autostartEntry(path, '/a')).isOn).toBe(false);
    await item.set(true);
    expect((await autostartEntry(path, '/a')).isOn).toBe(true);
  },
);

test('only an absolute folder of settings counts', () => {
  expect(autostartPath({ XDG_CONFIG_HOME: '/etc/mine' }, home)).toBe('/etc/mine/autostart/postrider.desktop');
  expect(autostartPath({ XDG_CONFIG_HOME: 'mine' }, home)).toBe(join(home, '.config/autostart/postrider.desktop'));
});

test('a program in a folder of any name is named so that the desktop reads it back', async () => {
  const binary = '/home/a b/100% "$x" `y` back\\slash/Postrider.AppImage';
  const path = join(home, 'postrider.desktop');
  await (await autostartEntry(path, binary)).set(true);
  const value = /^Exec=(.*)$/m.exec(await readFile(path, 'utf8'))?.[1] ?? '';
  // The file's own escapes, then percent signs, then what a shell makes of the quotes.
  const argument = value.replaceAll('\\\\', '\\').replaceAll('%%', '%');
  expect(execFileSync('sh', ['-c', `printf %s ${argument}`], { encoding: 'utf8' })).toBe(binary);
});
