import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import type { ImportRequest } from '#shared/mail/mail-source.ts';
import type { ImportProgress } from './resume/progress.ts';
import { Tally } from './resume/tally.ts';
import { rememberImports } from './unfinished-import.ts';

let profileDir: string;

beforeEach(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'postrider-unfinished-'));
});
afterEach(() => rm(profileDir, { recursive: true, force: true }));

const request: ImportRequest = { path: '/mail/Inbox.mbox', folder: FolderPath.parse('Inbox') };
const mbox = { offset: 700, number: 3, isCrlf: false, hasLengths: null, isThunderbirds: true, isGmails: null };
const tally = new Tally();
tally.file(FolderPath.parse('Inbox'), ['Work'], true);
tally.fail({ source: 'a.zip', error: { code: 'EMALFORMED', message: 'It is none.' } });
const progress: ImportProgress = {
  position: { files: 2, chain: 'abc', within: { file: '/mail/Inbox.mbox\n9', mark: { mbox }, blocks: 'def' } },
  tally: tally.toData(),
  underWay: [MessageKey.parse(`${'a'.repeat(32)}-${'b'.repeat(16)}`)],
  sample: { keys: [], every: 2 },
  mailFolder: '/mail',
};
const file = (): string => join(profileDir, 'unfinished-import.json');

test('the same import is gone on with, begun when it was; another one is not', async () => {
  const remembered = rememberImports(profileDir);
  const first = await remembered.begin(request, 1_700_000_000_000);
  expect(first.from).toBeNull();
  await first.keep(progress);
  const again = await rememberImports(profileDir).begin({ ...request }, 1_800_000_000_000);
  expect(again.from).toEqual(progress);
  // How far it got is nothing for the screens.
  expect(await remembered.read()).toEqual({ request, startedAt: '2023-11-14T22:13:20.000Z' });
  const other = { ...request, folder: FolderPath.parse('Elsewhere') };
  expect((await remembered.begin(other, 0)).from).toBeNull();
  expect((await remembered.begin(request, 0)).from).toBeNull();
});

test.each<[string, (text: string) => string]>([
  ['of a version that keeps no progress', (text) => JSON.stringify({ ...JSON.parse(text), progress: undefined })],
  ['of a version that keeps it otherwise', (text) => text.replace('"position":', '"positions":')],
  ['with a count that is none', (text) => text.replace('"number":3', '"number":-3')],
])('%s, it is begun anew and still known', async (_what, change) => {
  const remembered = rememberImports(profileDir);
  await (await remembered.begin(request, 0)).keep(progress);
  await writeFile(file(), change(await readFile(file(), 'utf8')));
  expect((await remembered.read())?.request).toEqual(request);
  expect((await remembered.begin(request, 0)).from).toBeNull();
});

test('cut off in the middle, it is forgotten', async () => {
  const remembered = rememberImports(profileDir);
  await (await remembered.begin(request, 0)).keep(progress);
  await writeFile(file(), (await readFile(file(), 'utf8')).slice(0, -9));
  expect(await remembered.read()).toBeNull();
  expect((await remembered.begin(request, 0)).from).toBeNull();
});

test('a disk that does not take the note is told in words, before anything is imported', async () => {
  await mkdir(`${file()}.tmp`);
  await expect(rememberImports(profileDir).begin(request, 0)).rejects.toMatchObject({
    code: 'EIO',
    message: expect.stringMatching(/^Postrider could not note how far the import is/),
  });
});
