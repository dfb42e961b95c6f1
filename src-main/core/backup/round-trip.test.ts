import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderPath } from '#shared/ids.ts';
import { Flag } from '#shared/mail/message.ts';
import type { ExportFormat } from '#shared/rpc/contract.ts';
import { systemClock } from '../../host-node/system-clock.ts';
import { createJobRunner, type JobRunner } from '../jobs/job-runner.ts';
import type { Store } from '../store/store-api.ts';
import { type Home, keyOf, mail, makeHome } from '../store/testing/store-fixture.ts';
import { createBackup } from './backup.ts';
import { findInMbox } from './find-in-mbox.ts';
import type { FoundMessage } from './found-mail.ts';
import { isExactInMbox, toMboxrd } from './mbox-format.ts';
import { marksBlock } from './mbox-marks.ts';
import { mozillaMbox } from './testing/thunderbird-profile.ts';

// What goes out by one form comes in again with everything that form can carry.

const log = { info() {}, warn() {}, error() {} };
const work = FolderPath.parse('Räume/Küche');

let jobs: JobRunner;
let homes: { home: Home; store: Store }[];
let unmount: (() => void)[];

beforeEach(() => {
  jobs = createJobRunner(systemClock, log);
  homes = [];
  unmount = [];
});
afterEach(async () => {
  await jobs.close();
  for (const { store } of homes) await store.close();
  for (const undo of unmount) undo();
  for (const { home } of homes) home.remove();
});

async function open(parent?: string): Promise<{
  home: Home;
  store: Store;
  run: (what: 'export' | 'import', params: Record<string, unknown>) => Promise<unknown>;
}> {
  const home = makeHome(parent);
  const store = await home.open();
  homes.push({ home, store });
  const { handlers } = createBackup({ store, jobs, log, clock: systemClock, profileDir: home.profileDir });
  return {
    home,
    store,
    async run(what, params) {
      const start =
        what === 'export'
          ? handlers['export.start']({
              format: exportFormat(params.format),
              out: String(params.out),
              folders: undefined,
            })
          : handlers['import.start']({
              path: String(params.path),
              ...(params.folder === undefined ? {} : { folder: work }),
            });
      const { state } = await jobs.finished((await start).jobId);
      return state.kind === 'succeeded' ? state.summary : state;
    },
  };
}

function exportFormat(value: unknown): ExportFormat {
  if (value === 'mbox' || value === 'eml' || value === 'maildir' || value === 'zip') return value;
  throw new Error('no format');
}

interface Kept {
  text: string;
  flags: string[];
  tags: string[];
}

async function kept(store: Store, folder: FolderPath): Promise<Kept[]> {
  const found: Kept[] = [];
  for (const key of await store.listKeys(folder)) {
    const summary = await store.summary(key);
    const text = Buffer.from(await store.read(key)).toString('latin1');
    found.push({ text, flags: summary?.flags.toSorted() ?? [], tags: summary?.tags.toSorted() ?? [] });
  }
  return found.sort((a, b) => (a.text < b.text ? -1 : 1));
}

const marked: readonly { bytes: Uint8Array<ArrayBuffer>; flags: Flag[]; tags: string[] }[] = [
  { bytes: mail('plain'), flags: [], tags: [] },
  { bytes: mail('read'), flags: ['seen'], tags: [] },
  { bytes: mail('all'), flags: ['seen', 'answered', 'flagged', 'forwarded', 'draft'], tags: ['work'] },
  { bytes: mail('tagged'), flags: [], tags: ['House and garden', 'Größe, (alt)', '仕事', '$label1', 'a=b'] },
  { bytes: mail('says it is read', 'x', { Status: 'RO' }), flags: [], tags: [] },
  { bytes: mail('says it is deleted', 'x', { 'X-Mozilla-Status': '0009' }), flags: [], tags: [] },
  { bytes: mail('says it is labelled', 'x', { 'X-Gmail-Labels': 'Trash' }), flags: ['seen'], tags: [] },
  { bytes: mail('says it is tagged', 'x', { 'X-Keywords': 'hers' }), flags: [], tags: ['mine'] },
  {
    bytes: new Uint8Array(Buffer.from('Status: RO\r\nX-Status: A\r\nX-Keywords: no\r\nA: b\r\n\r\nx\r\n')),
    flags: [],
    tags: [],
  },
  { bytes: new Uint8Array(Buffer.from('\r\nno header\r\n')), flags: ['flagged'], tags: ['t'] },
  { bytes: new Uint8Array(Buffer.from(' begins with a space\r\n\r\nx\r\n')), flags: ['seen'], tags: [] },
];

describe.each(['mbox', 'maildir'] as const)('%s', (format) => {
  test('carries folder, flags and tags, and believes no message about itself', async () => {
    const one = await open();
    const messages = marked.map(({ bytes, flags, tags }, n) => ({
      folder: work,
      messageKey: keyOf(`${n}`, bytes),
      bytes: new Uint8Array(bytes),
      flags,
      tags,
    }));
    await one.store.file(messages);
    const before = await kept(one.store, work);
    expect(await one.run('export', { format, out: join(one.home.path, 'out') })).toMatchObject({ inexact: [] });
    const other = await open();
    const report = await other.run('import', { path: join(one.home.path, 'out') });
    expect(report).toMatchObject({ imported: marked.length, failed: [], deleted: 0 });
    expect(await kept(other.store, work)).toEqual(before);
  });
});

test('any CRLF message with any flags and tags makes the mbox trip, each beside any other', async () => {
  const line = fc.oneof(
    fc.string({ maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, ' ')),
    fc.constantFrom(
      '',
      'From x',
      '>From x',
      'Status: RO',
      'X-Status: A',
      'X-Keywords: a',
      'X-Mozilla-Status: 0009',
      'X-Gmail-Labels: Trash',
    ),
  );
  const message = fc.record({
    bytes: fc.array(line, { minLength: 1, maxLength: 8 }).map((lines) => Buffer.from(`${lines.join('\r\n')}\r\n`)),
    flags: fc.uniqueArray(fc.constantFrom(...Flag.options.filter((flag) => flag !== 'deleted'))),
    tags: fc.uniqueArray(
      fc
        .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
        .filter((tag) => /^[\p{L}\p{N}][\p{L}\p{N}\p{P} ]*[\p{L}\p{N}]$/u.test(tag)),
      { maxLength: 4 },
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 4 }), async (messages) => {
      const mbox = Buffer.concat(
        messages.map((one) => toMboxrd(one.bytes, 'From a@b.c Fri Jan  2 03:04:05 2026', marksBlock(one))),
      );
      async function* chunks(): AsyncGenerator<Uint8Array> {
        yield mbox;
      }
      const found: FoundMessage[] = [];
      for await (const entry of findInMbox(chunks(), { name: 'x', place: [] }))
        if (entry.kind === 'message') found.push(entry);
      for (const { bytes } of messages) expect(isExactInMbox(bytes)).toBe(true);
      expect(
        found.map(({ bytes, flags, tags }) => ({
          text: Buffer.from(bytes).toString(),
          flags: flags.toSorted(),
          tags: tags.toSorted(),
        })),
      ).toEqual(
        messages.map(({ bytes, flags, tags }) => ({
          text: bytes.toString(),
          flags: flags.toSorted(),
          tags: tags.toSorted(),
        })),
      );
    }),
    { numRuns: 300 },
  );
});

test('Dovecot’s keywords go beside an exported Maildir, and python reads the flags of an exported mbox', async () => {
  const one = await open();
  await one.store.file(
    marked.slice(1, 4).map(({ bytes, flags, tags }, n) => ({
      folder: work,
      messageKey: keyOf(`${n}`, bytes),
      bytes: new Uint8Array(bytes),
      flags,
      tags,
    })),
  );
  await one.run('export', { format: 'maildir', out: join(one.home.path, 'md') });
  const names = await readFile(join(one.home.path, 'md/Räume/Küche/dovecot-keywords'), 'utf8');
  expect(names.split('\n')[0]).toMatch(/^0 \S+$/);
  await one.run('export', { format: 'mbox', out: join(one.home.path, 'mb') });
  const script = 'import mailbox,sys\nprint(sorted("".join(sorted(m.get_flags())) for m in mailbox.mbox(sys.argv[1])))';
  const python = spawnSync('python3', ['-c', script, join(one.home.path, 'mb/Räume/Küche.mbox')], { encoding: 'utf8' });
  expect(python.stdout.trim()).toBe("['AFOPRT', 'O', 'OR']");
});

test('a disk that fills up: what came in is safe, and the next try brings the rest and doubles nothing', async ({
  skip,
}) => {
  const outside = await open();
  const small = join(outside.home.path, 'small');
  await mkdir(small);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'none', small]);
  skip(mounted.status !== 0, 'a small disk can only be mounted by root');
  unmount.push(() => execFileSync('umount', [small]));
  const body = 'seventy octets of text that go on and on until the line is full of them\r\n'.repeat(400);
  const path = join(outside.home.path, 'Work.mbox');
  await writeFile(path, mozillaMbox(Array.from({ length: 600 }, (_, n) => ({ subject: `${n}`, body }))));
  const full = await open(small);
  expect(await full.run('import', { path, folder: work })).toMatchObject({
    kind: 'failed',
    error: { code: 'EDISKFULL', message: expect.stringMatching(/imported and are safe\. Free some space/) },
  });
  execFileSync('mount', ['-o', 'remount,size=200m', small]);
  const already = (await full.store.listKeys(work)).length;
  expect(already).toBeGreaterThan(0);
  expect(already).toBeLessThan(600);
  expect(await full.run('import', { path, folder: work })).toMatchObject({
    // Of both runs together.
    imported: 600,
    duplicates: 0,
  });
  expect((await full.store.listKeys(work)).length).toBe(600);
});

test.skipIf(process.platform !== 'linux')('a file that cannot be read is named, and the others go out', async () => {
  const { home, store, run } = await open();
  await store.file([{ folder: work, messageKey: keyOf('one', mail('one')), bytes: mail('one'), flags: [] }]);
  const lost = keyOf('two', mail('two'));
  await store.file([{ folder: work, messageKey: lost, bytes: mail('two'), flags: [] }]);
  const { path } = await store.locate(lost);
  await rm(path);
  // A file whose first octet the system gives nobody, as on a bad sector.
  await symlink('/proc/self/mem', path);
  const report = await run('export', { format: 'zip', out: join(home.path, 'out.zip') });
  expect(report).toMatchObject({ exported: 1, unreadable: [lost] });
});
