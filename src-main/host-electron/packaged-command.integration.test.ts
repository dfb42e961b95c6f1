import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Command, makeCommand } from '../cli/testing/command.ts';
import { askToRaise } from '../host-node/control-socket.ts';

// The packaged binary, as the command and as the app: the built program in real processes, with a double in Electron's
// place that is ready no sooner than Electron would be.

const packed = { POSTRIDER_PACKED: join(import.meta.dirname, '../..') };
const patience = { timeout: 60_000, interval: 50 };
let command: Command;
beforeAll(async () => {
  command = await makeCommand([], join(import.meta.dirname, 'testing/electron-under-node.ts'));
});
afterAll(() => command.remove());

const message = 'From: anna@a.example\r\nTo: ben@b.example\r\nSubject: Lunch\r\n\r\nAt noon?\r\n';

test('ends with the command’s own words and exit codes', async () => {
  const [version, nothing, unknown] = await Promise.all(
    [['--version'], ['--json'], ['no-such-verb']].map((words) => command.run(words, { env: packed })),
  );
  expect(version).toMatchObject({ code: 0, stderr: '' });
  expect(version?.stdout.toString()).toMatch(/^postrider \d/);
  expect(nothing?.json()).toMatchObject({ error: { code: 'EINVALID' } });
  expect([nothing?.code, unknown?.code]).toEqual([64, 64]);
});

test('sendmail queues what comes on standard input, and starts the binary anew to deliver it', async () => {
  // An AppImage is started anew as a whole: this one only tells its words.
  const appImage = join(dirname(command.profileDir), 'Postrider.AppImage');
  await writeFile(appImage, '#!/bin/sh\nprintf "%s\\n" "$@" > "$0.words.new"; mv "$0.words.new" "$0.words"\n', {
    mode: 0o755,
  });
  const env = { ...packed, APPIMAGE: appImage, APPDIR: dirname(process.execPath) };
  expect(await command.run(['sendmail', '-t', '-oi'], { stdin: message, env })).toMatchObject({ code: 0 });
  await vi.waitFor(async () => {
    const words = (await readFile(`${appImage}.words`, 'utf8')).split('\n').slice(0, -1);
    expect(words.slice(-6)).toEqual(['--postrider-command', '--', '--profile', command.profileDir, 'outbox', 'flush']);
  }, patience);
  const outbox = await command.run(['outbox', 'list', '--json'], { env: packed });
  expect(outbox.lines()).toMatchObject([{ state: 'queued', accepted: [] }]);
});

test('reads messages in children of Electron’s, and keeps passwords in the keychain', async () => {
  const file = join(dirname(command.profileDir), 'lunch.eml');
  await writeFile(file, message);
  const imported = await command.run(['--json', 'import', file, '--folder', 'Inbox'], { env: packed });
  expect(imported.json()).toMatchObject({ imported: 1 });
  const account = { label: 'A', host: 'pop.a.example', port: 995, security: 'tls', user: 'anna', secret: 'hunter2' };
  const added = await command.run(['--json', 'account', 'add'], { stdin: JSON.stringify(account), env: packed });
  expect(added.code).toBe(0);
  const kept = await readFile(join(command.profileDir, 'secrets.json'), 'utf8');
  expect(kept).toContain('"sealedBy":"keychain"');
});

test('the app serves commands while it runs, and ends in peace when it is asked to', async () => {
  const app = command.start([], { env: { ...packed, POSTRIDER_AS_APP: '1' } });
  await vi.waitFor(async () => expect(await askToRaise(command.profileDir)).toBe(true), patience);
  const folders = await command.run(['--json', 'folders'], { env: packed });
  expect(folders).toMatchObject({ code: 0, stderr: '' });
  if (existsSync('/proc/self/task')) expect(threadsOf(app.pid)).toBe(16);
  app.kill('SIGTERM');
  expect(await app.ended).toMatchObject({ code: 0, stderr: '' });
  expect(await askToRaise(command.profileDir)).toBe(false);
});

/** How many threads wait for a process's disk. */
function threadsOf(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.filter((task) => readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').startsWith('libuv-worker'))
    .length;
}
