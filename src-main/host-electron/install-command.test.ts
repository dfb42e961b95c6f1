import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandWords } from './command-words.ts';
import { installCommand, launcherFor, shellText } from './install-command.ts';

const run = promisify(execFile);
let homeDir: string;

beforeEach(async () => {
  homeDir = await mkdtemp(join(tmpdir(), 'postrider-launcher-'));
});
afterEach(() => rm(homeDir, { recursive: true }));

test.runIf(process.platform !== 'win32')('hands every word on as it is, to a binary of any name', async () => {
  const binary = join(homeDir, "Anna's Programs, 100%/postrider");
  await mkdir(join(binary, '..'), { recursive: true });
  // Stands in for the binary: tells each word on a line of its own.
  await writeFile(binary, '#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n');
  await chmod(binary, 0o755);
  const launcher = launcherFor({ installation: { platform: 'linux', binary }, env: {}, homeDir });
  expect(await installCommand(launcher)).toBe(join(homeDir, '.local/bin/postrider'));
  expect((await stat(launcher.path)).mode & 0o111).toBe(0o111);
  const words = ['send', 'a b.eml', '-t', "it's $HOME `x`", '--', 'mail.example.com:587', ''];
  const { stdout } = await run(launcher.path, words);
  const told = stdout.split('\n').slice(0, -1);
  expect(told[0]).toBe(binary);
  expect(commandWords(told)).toEqual(words);
  // Once more: its own file is replaced.
  await installCommand(launcher);
});

test.runIf(process.platform !== 'win32')('leaves alone what another program put there', async () => {
  const launcher = launcherFor({ installation: { platform: 'linux', binary: '/b' }, env: {}, homeDir });
  await mkdir(join(homeDir, '.local/bin'), { recursive: true });
  await writeFile(launcher.path, '#!/bin/sh\necho another\n');
  await expect(installCommand(launcher)).rejects.toMatchObject({ code: 'EPERMISSION' });
  expect(await readFile(launcher.path, 'utf8')).toContain('another');
  await rm(join(homeDir, '.local'), { recursive: true });
  await writeFile(join(homeDir, '.local'), 'a file in the way');
  await expect(installCommand(launcher)).rejects.toMatchObject({ code: 'EPERMISSION' });
});

test('on Windows it lies where every terminal looks, and names no folder of the user’s own', () => {
  const env = { LOCALAPPDATA: 'C:\\Users\\Ünal\\AppData\\Local' };
  const binary = `${env.LOCALAPPDATA}\\Programs\\Postrider\\postrider.exe`;
  const { path, text } = launcherFor({ installation: { platform: 'win32', binary }, env, homeDir: 'C:\\Users\\Ünal' });
  expect(path).toBe('C:\\Users\\Ünal\\AppData\\Local\\Microsoft\\WindowsApps\\postrider.cmd');
  expect(text).toContain('"%LOCALAPPDATA%\\Programs\\Postrider\\postrider.exe" "--postrider-command" "--" %*\r\n');
  expect(text).toMatch(/exit \/b %ERRORLEVEL%\r\n$/);
  const elsewhere = { platform: 'win32', binary: 'D:\\100%\\postrider.exe' } as const;
  expect(launcherFor({ installation: elsewhere, env, homeDir: 'C:\\' }).text).toContain('"D:\\100%%\\postrider.exe"');
});

test('the Linux package brings the same launcher', async () => {
  const path = join(import.meta.dirname, '../../assets/packaging/postrider');
  const text = await readFile(path, 'utf8');
  expect(text).toBe(shellText({ platform: 'linux', binary: '/opt/Postrider/postrider-app' }));
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o111).toBe(0o111);
});
