import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';

let app: CoreOnAProfile;
let folder: string;

beforeAll(async () => {
  app = await openCore();
  folder = await mkdtemp(join(tmpdir(), 'postrider-submit-'));
});

afterAll(async () => {
  await app.dispose();
  await rm(folder, { recursive: true, force: true });
});

const submit = (path: string): ReturnType<typeof app.api.call<'outbox.submitFile'>> =>
  app.api.call('outbox.submitFile', { path, wait: false, options: {} });

function message(bodyOctets: number): Buffer {
  const head =
    'From: a@a.example\r\nTo: b@b.example\r\nMessage-ID: <1@a.example>\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\n';
  const line = `${'octet '.repeat(12)}\r\n`;
  return Buffer.from(head + line.repeat(Math.ceil(bodyOctets / line.length)));
}

it.each([
  ['small', 100],
  ['larger than is read at once', 300_000],
])('queues a %s message as it lies in its file', async (_size, octets) => {
  const bytes = message(octets);
  const path = join(folder, `${octets}.eml`);
  await writeFile(path, bytes);
  const { messageKey } = await submit(path);
  const outbox = join(app.profileDir, 'Mail', '.Outbox', 'cur');
  const name = (await readdir(outbox)).find((each) => each.startsWith(messageKey)) ?? '';
  expect((await readFile(join(outbox, name))).equals(bytes)).toBe(true);
});

it('says what is no file of a message, and queues nothing', async () => {
  const before = (await app.api.call('outbox.list', {})).length;
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await mkdir(join(folder, 'a folder'));
  const huge = await open(join(folder, 'huge.eml'), 'w');
  await huge.truncate(513 * 1024 * 1024);
  await huge.close();
  await expect(submit(pipe)).rejects.toThrow('is not a file');
  await expect(submit(join(folder, 'a folder'))).rejects.toThrow('is not a file');
  await expect(submit(join(folder, 'huge.eml'))).rejects.toThrow('larger than 512 MB');
  await expect(submit(join(folder, 'gone.eml'))).rejects.toThrow('cannot be read');
  expect((await app.api.call('outbox.list', {})).length).toBe(before);
});
