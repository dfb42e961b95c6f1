import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withBuildLock } from './build-lock.ts';
import { findElectron } from './electron-binary.ts';
import { memoryDisk } from './memory-disk.ts';
import { run } from './run.ts';
import { readPlaywrightReport, readVitestReport } from './test-results.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-scripts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('counts what Vitest reports, a file that could not be loaded included', async () => {
  const file = join(folder, 'unit.json');
  const report = {
    numPassedTests: 5,
    numFailedTests: 1,
    numFailedTestSuites: 2,
    testResults: [
      { status: 'failed', assertionResults: [{}] },
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{}, {}] },
    ],
  };
  await writeFile(file, JSON.stringify(report));
  expect(readVitestReport(file)).toEqual({ passed: 5, failed: 2 });
  await writeFile(file, '{"numPassed');
  expect(readVitestReport(file)).toBeNull();
  expect(readVitestReport(join(folder, 'missing.json'))).toBeNull();
});

test('counts what Playwright reports, a test that passed only when repeated as failed', async () => {
  const file = join(folder, 'e2e.json');
  await writeFile(file, JSON.stringify({ stats: { expected: 7, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{}] }));
  expect(readPlaywrightReport(file)).toEqual({ passed: 7, failed: 3 });
  expect(readPlaywrightReport(join(folder, 'missing.json'))).toBeNull();
});

test('one process builds at a time; a dead one’s lock is taken over', async () => {
  const lock = join(folder, 'dist/.building');
  let working = 0;
  let most = 0;
  const work = () =>
    withBuildLock(lock, async () => {
      working += 1;
      most = Math.max(most, working);
      await new Promise((settle) => setImmediate(settle));
      working -= 1;
    });
  await Promise.all([work(), work(), work()]);
  expect(most).toBe(1);
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  await writeFile(lock, String(dead));
  await work();
  expect(existsSync(lock)).toBe(false);
  await expect(withBuildLock(lock, () => Promise.reject(new Error('syntax')))).rejects.toThrow('syntax');
  expect(existsSync(lock)).toBe(false);
});

test('runs a program and tells how it ended', async () => {
  expect((await run(process.execPath, ['-e', 'process.exit(3)'])).code).toBe(3);
  expect((await run(join(folder, 'missing'), [])).code).toBe(127);
  expect((await run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 200 })).code).not.toBe(0);
});

test('uses an Electron that is there, and asks for a missing one once a day', async () => {
  const electron = join(folder, 'node_modules/electron');
  expect((await findElectron(folder)).kind).toBe('missing');
  await mkdir(join(electron, 'dist'), { recursive: true });
  const asked = join(folder, 'asked');
  await writeFile(
    join(electron, 'install.js'),
    `require('node:fs').appendFileSync(${JSON.stringify(asked)}, 'x'); process.exit(1)`,
  );
  expect(await findElectron(folder)).toEqual({ kind: 'missing', why: 'Electron’s program could not be fetched' });
  await rm(asked);
  expect((await findElectron(folder)).kind).toBe('missing');
  expect(existsSync(asked)).toBe(false);
  const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
  await utimes(join(folder, 'node_modules/.cache/postrider/electron-not-fetched'), longAgo, longAgo);
  await findElectron(folder);
  expect(existsSync(asked)).toBe(true);
  await writeFile(join(electron, 'dist/electron'), '');
  await writeFile(join(electron, 'path.txt'), 'electron');
  expect(await findElectron(folder)).toEqual({ kind: 'there', path: join(electron, 'dist/electron') });
});

test('takes the memory disk only where there is one with room, and nobody chose another place', () => {
  const enough = { set: '', available: 2048, room: 1, memory: 1 };
  expect(memoryDisk(folder, enough)).toBe(folder);
  expect(memoryDisk(folder, { ...enough, set: '/elsewhere' })).toBeNull();
  expect(memoryDisk(folder, { ...enough, available: 1 })).toBeNull();
  expect(memoryDisk(folder, { ...enough, room: Number.MAX_VALUE, available: Number.MAX_VALUE })).toBeNull();
  expect(memoryDisk(join(folder, 'missing'), enough)).toBeNull();
});
