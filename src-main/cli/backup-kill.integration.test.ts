import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesOf } from '../core/backup/archive/testing/mailbox.ts';
import { generatedMail } from '../core/incoming/testing/generated-mail.ts';

// The command, killed (-9) while it backs up and while it restores; the entry runs as it stands in the sources.
const main = join(import.meta.dirname, 'main.ts');
const kills = 5;
const count = 800;

let home: string;
const profile = (name: string): string => join(home, name);

function run(name: string, ...args: string[]): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [main, '--profile', profile(name), '--json', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout };
}

/** Runs it and kills it after so long; answers whether it was still running. */
function runAndKill(afterMs: number, name: string, ...args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, '--profile', profile(name), ...args], { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
    child.on('exit', (_code, signal) => {
      clearTimeout(timer);
      resolve(signal === 'SIGKILL');
    });
  });
}

/** How long it takes when it is left alone. */
function durationOf(work: () => void): number {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

let createMs: number;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'postrider-backup-kill-'));
  const given = join(home, 'given');
  await mkdir(given);
  await Promise.all(generatedMail(count).map((bytes, index) => writeFile(join(given, `${index}.eml`), bytes)));
  expect(run('one', 'import', given, '--folder', 'Räume/Küche').status).toBe(0);
  createMs = durationOf(() => expect(run('one', 'backup', 'create', '--out', join(home, 'whole.zip')).status).toBe(0));
}, 120_000);
afterAll(() => rm(home, { recursive: true, force: true }));

test('while backing up: no file under the name unless it is whole, and the next try works', {
  timeout: 280_000,
}, async () => {
  for (let at = 0; at < kills; at++) {
    const name = `killed-${at}.zip`;
    const file = join(home, name);
    const wasKilled = await runAndKill((createMs * (at + 1)) / (kills + 1), 'one', 'backup', 'create', '--out', file);
    if (readdirSync(home).includes(name)) expect(run('one', 'backup', 'verify', file).status).toBe(0);
    else expect(wasKilled).toBe(true);
  }
  const last = run('one', 'backup', 'create', '--out', join(home, 'after.zip'));
  expect(JSON.parse(last.stdout)).toMatchObject({ messages: count, problems: [] });
  expect(readdirSync(profile('one'))).not.toContain('kept-for-backup');
});

test('while restoring, again and again: the next try goes on, and all is there once', {
  timeout: 280_000,
}, async () => {
  const whole = join(home, 'whole.zip');
  const restoreMs = durationOf(() => expect(run('calm', 'backup', 'restore', whole).status).toBe(0));
  for (let at = 0; at < kills; at++)
    await runAndKill((restoreMs * (at + 1)) / (kills + 1), 'two', 'backup', 'restore', whole);
  const last = run('two', 'backup', 'restore', whole);
  const report = JSON.parse(last.stdout);
  expect(report.restored + report.alreadyThere).toBe(count);
  expect(filesOf(join(profile('two'), 'Mail'))).toEqual(filesOf(join(profile('one'), 'Mail')));
  expect(JSON.parse(run('two', 'index', 'check').stdout)).toMatchObject({ problems: [] });
});
