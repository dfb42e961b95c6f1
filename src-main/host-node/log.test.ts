import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileLog } from './log.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-log-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('writes one line an entry, for its owner only', async () => {
  const log = createFileLog(folder, { now: () => 0 });
  log.info('Started.', { port: 1 });
  log.warn('A server said “250 ok\r\n1970 error forged”.');
  const lines = (await readFile(log.path, 'utf8')).trimEnd().split('\n');
  expect(lines).toEqual([
    '1970-01-01T00:00:00.000Z info Started. {"port":1}',
    '1970-01-01T00:00:00.000Z warn A server said “250 ok ⏎ 1970 error forged”.',
  ]);
  expect((await stat(log.path)).mode & 0o777).toBe(0o600);
});

test('leaves secrets out, however deep, and keeps errors whole', async () => {
  const log = createFileLog(folder);
  log.info('Signing in.', { user: 'anna', password: 'hunter2', auth: { secret: 'hunter3', accessToken: 'hunter4' } });
  log.error('It failed.', new Error('outer', { cause: new Error('inner') }));
  const text = await readFile(log.path, 'utf8');
  expect(text).not.toContain('hunter');
  expect(text).toContain('"user":"anna"');
  expect(text).toContain('inner');
  expect(text).toContain('log.test.ts');
});

test('turns over and keeps three old files', async () => {
  const log = createFileLog(folder, { maxOctets: 200 });
  for (let count = 0; count < 50; count += 1) log.info(`Entry ${count} ${'x'.repeat(80)}`);
  expect((await readdir(join(folder, 'logs'))).sort()).toEqual([
    'postrider.log',
    'postrider.log.1',
    'postrider.log.2',
    'postrider.log.3',
  ]);
  expect(await readFile(log.path, 'utf8')).toContain('Entry 49');
});

test('never stops the app', async () => {
  await writeFile(join(folder, 'logs'), 'in the way');
  const log = createFileLog(folder);
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  log.info('Nowhere to go.');
  log.info('Cannot be said.', circular);
  log.error('Odd.', 12n);
});
