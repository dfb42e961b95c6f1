import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compiledCodeFolder } from './compiled-code.ts';

const run = promisify(execFile);
let base = '';
let profileDir = '';
let folder = '';

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'postrider-compiled-'));
  profileDir = join(base, 'profile');
  folder = join(profileDir, compiledCodeFolder);
  mkdirSync(profileDir, { mode: 0o700 });
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Starts a program as the command starts: answers where Node keeps what it compiles. */
async function start(): Promise<string> {
  const module = new URL('./compiled-code.ts', import.meta.url).href;
  const program = `
    const { keepCompiledCode } = await import(${JSON.stringify(module)});
    keepCompiledCode(${JSON.stringify(profileDir)});
    await import('data:text/javascript,export function f() { return 1; }');
    const { getCompileCacheDir } = await import('node:module');
    console.log(getCompileCacheDir() ?? 'nowhere');`;
  const { NODE_COMPILE_CACHE: _none, ...env } = process.env;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { env });
  return stdout.trim();
}

test('what is compiled is kept in a folder of the profile that is its owner’s alone', async () => {
  expect((await start()).startsWith(folder)).toBe(true);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test('no profile is made for it, and a file in its way is left alone', async () => {
  rmSync(profileDir, { recursive: true });
  expect(await start()).toBe('nowhere');
  expect(existsSync(profileDir)).toBe(false);
  mkdirSync(profileDir, { mode: 0o700 });
  writeFileSync(folder, 'mine');
  expect(await start()).toBe('nowhere');
  expect(statSync(folder).size).toBe(4);
});

test.skipIf(process.platform === 'win32')('what others could have put there is never run', async () => {
  mkdirSync(folder, { mode: 0o700 });
  chmodSync(folder, 0o777);
  expect(await start()).toBe('nowhere');
  rmSync(folder, { recursive: true });
  mkdirSync(join(base, 'elsewhere'), { mode: 0o700 });
  symlinkSync(join(base, 'elsewhere'), folder);
  expect(await start()).toBe('nowhere');
  expect(readdirSync(join(base, 'elsewhere'))).toEqual([]);
  rmSync(folder);
  chmodSync(profileDir, 0o770);
  expect(await start()).toBe('nowhere');
});

test('what earlier versions left goes once it has become much', async () => {
  const old = join(folder, 'v1.0.0-x64-old');
  mkdirSync(old, { recursive: true, mode: 0o700 });
  for (let number = 0; number < 450; number += 1) writeFileSync(join(old, String(number)), '');
  expect((await start()).startsWith(folder)).toBe(true);
  expect(existsSync(old)).toBe(false);
});
