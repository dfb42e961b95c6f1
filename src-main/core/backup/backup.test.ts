import { execFileSync, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { FolderPath } from '#shared/ids.ts';
import type { ExportReport, ImportReport, Job } from '#shared/job.ts';
import type { Flag } from '#shared/mail/message.ts';
import type { ExportFormat } from '#shared/rpc/contract.ts';
import { systemClock } from '../../host-node/system-clock.ts';
import type { Store } from '../store/store-api.ts';
import { keyOf, mail, makeHome } from '../store/testing/store-fixture.ts';
import { createBackup } from './backup.ts';
import { type BackupRoom, openBackupRoom, quiet } from './testing/backup-room.ts';

const corpus = join(import.meta.dirname, '../../../../shared/corpus/messages');
const inbox = FolderPath.parse('Inbox');
const other = FolderPath.parse('Archive/2024');
const trash = FolderPath.parse('Trash');

let room: BackupRoom;
beforeEach(async () => {
  room = await openBackupRoom();
});
afterEach(() => room.close());

const at = (...parts: string[]): string => room.at(...parts);

async function exported(format: ExportFormat, out: string, folders?: FolderPath[]): Promise<ExportReport> {
  const state = await exportState(format, out, folders);
  if (state.kind === 'succeeded' && state.summary.kind === 'export') return state.summary;
  throw new Error(JSON.stringify(state));
}

async function exportState(format: ExportFormat, out: string, folders?: FolderPath[]): Promise<Job['state']> {
  const { jobId } = await room.handlers['export.start']({ format, out, folders });
  return (await room.jobs.finished(jobId)).state;
}

const imported = (path: string, folder = inbox): Promise<ImportReport> => room.imported({ path, folder });

async function file(folder: FolderPath, messages: readonly Uint8Array[], flags: Flag[] = []): Promise<void> {
  await room.store.file(
    messages.map((bytes, index) => ({
      folder,
      messageKey: keyOf(`${folder} ${index}`, bytes),
      bytes: new Uint8Array(bytes),
      flags,
    })),
  );
}

/** Every message of a folder, as text, sorted. */
async function contentsOf(folder: FolderPath, from = room.store): Promise<string[]> {
  const keys = await from.listKeys(folder);
  return (await Promise.all(keys.map(async (key) => Buffer.from(await from.read(key)).toString('latin1')))).sort();
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

const difficult: Uint8Array[] = [
  mail('plain'),
  mail('from line', 'From here\r\n>From there\r\n\r\nFrom bob@example.org Fri Jan  2 03:04:05 2026\r\nA: b'),
  new Uint8Array(Buffer.from('')),
  new Uint8Array(Buffer.from('Subject: bare\n\nLF only\n')),
  new Uint8Array(Buffer.from('Subject: no end\r\n\r\nno line end')),
  new Uint8Array(Buffer.from('Subject: 8 bit \xe4\xf6\xfc\r\n\r\n\xff\xfe\x00\x01\r\n', 'latin1')),
  new Uint8Array(Buffer.from('From someone who put a mailbox line in front\r\nSubject: x\r\n\r\n.\r\n..\r\n')),
  mail('../../etc/passwd \u202egnp.exe', 'x'),
  mail('CON', 'same name'),
  mail('long ago', 'x', { Date: 'Mon, 01 Jan 1912 10:00:00 +0000' }),
  mail('some day', 'x', { Date: 'Mon, 01 Jan 9999 10:00:00 +0000' }),
  mail('CON', 'same name again'),
  mail('long'.repeat(100), `${'x'.repeat(100_000)}`),
];

describe.each(['eml', 'maildir', 'zip'] as const)('%s', (format) => {
  test('gives every message back exactly', async () => {
    await file(inbox, difficult, ['seen', 'flagged']);
    const report = await exported(format, at('out'), [inbox]);
    expect(report).toMatchObject({ exported: difficult.length, inexact: [], out: at('out') });
    expect(report.octets).toBe(difficult.reduce((sum, { length }) => sum + length, 0));
    const second = makeHome();
    try {
      const target = await second.open();
      const there = createBackup({
        store: target,
        jobs: room.jobs,
        log: quiet,
        clock: systemClock,
        profileDir: second.profileDir,
      });
      const { jobId } = await there.handlers['import.start']({ path: at('out'), folder: other });
      expect((await room.jobs.finished(jobId)).state).toMatchObject({
        kind: 'succeeded',
        summary: { failed: [], duplicates: 0 },
      });
      expect(await contentsOf(other, target)).toEqual(difficult.map(text).sort());
      await target.close();
    } finally {
      second.remove();
    }
  });

  test('holds the whole mailbox by folder', async () => {
    await file(inbox, difficult.slice(0, 2));
    await file(other, difficult.slice(2, 4));
    expect((await exported(format, at('out'))).exported).toBe(4);
    await room.store.destroy([...(await room.store.listKeys(inbox)), ...(await room.store.listKeys(other))]);
    expect(await imported(at('out'), trash)).toMatchObject({ imported: 4, failed: [] });
    expect(await contentsOf(trash)).toEqual(difficult.slice(0, 4).map(text).sort());
  });
});

describe('mbox', () => {
  test('gives CRLF messages back exactly, and names the others', async () => {
    await file(inbox, difficult);
    const { inexact } = await exported('mbox', at('inbox.mbox'), [inbox]);
    const named = await Promise.all(inexact.map(async (key) => text(await room.store.read(key))));
    expect(named.sort()).toEqual([difficult[3], difficult[4]].map((bytes) => text(bytes ?? new Uint8Array())).sort());
    await room.store.destroy(await room.store.listKeys(inbox));
    expect(await imported(at('inbox.mbox'))).toMatchObject({ imported: difficult.length, failed: [] });
    const after = await contentsOf(inbox);
    for (const bytes of difficult) if (!named.includes(text(bytes))) expect(after).toContain(text(bytes));
  });

  test('of the whole mailbox is a directory of files, one for each folder', async () => {
    await file(inbox, difficult.slice(0, 2));
    await file(other, difficult.slice(2, 3));
    await exported('mbox', at('all'));
    expect((await readdir(at('all'), { recursive: true })).sort()).toEqual([
      'Archive',
      'Archive/2024.mbox',
      'Inbox.mbox',
    ]);
  });

  test.skipIf([spawnSync('mutt', ['-v']), spawnSync('script', ['-V'])].some(({ error }) => error !== undefined))(
    'opens in mutt with the same messages',
    async () => {
      await file(inbox, difficult);
      await exported('mbox', at('inbox.mbox'), [inbox]);
      expect(countInMutt(at('inbox.mbox'))).toBe(difficult.length);
    },
  );
});

/** How many messages mutt shows in a mailbox: on a terminal of its own, it is told to tag all and copy them. */
function countInMutt(path: string): number {
  const out = at('mutt-out');
  const rc = at('muttrc');
  writeFileSync(
    rc,
    `set quit=yes delete=no confirmcreate=no confirmappend=no move=no mark_old=no mbox_type=mbox wait_key=no
set record="" folder="${room.home.path}" spoolfile="${path}"
push '<tag-pattern>~A<enter><tag-prefix><copy-message><kill-line>${out}<enter><exit>'
`,
  );
  const { status } = spawnSync('script', ['-qec', `mutt -n -R -F ${rc} -f ${path}`, '/dev/null'], {
    env: { ...process.env, TERM: 'vt100', HOME: room.home.path },
    stdio: 'ignore',
    timeout: 20_000,
  });
  if (status !== 0) throw new Error(`mutt ended with ${status}`);
  return readFileSync(out, 'latin1').split(/^From \S+ +\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/m).length - 1;
}

test.skipIf(!existsSync(corpus))(
  'the corpus makes every round trip',
  async () => {
    const messages = readdirSync(corpus).map((name) => readFileSync(join(corpus, name)));
    const unique = [...new Map(messages.map((bytes) => [bytes.toString('latin1'), bytes])).values()];
    await file(inbox, unique);
    const before = await contentsOf(inbox);
    for (const format of ['mbox', 'eml', 'maildir', 'zip'] as const) {
      const { inexact, exported: written } = await exported(format, at(format), [inbox]);
      expect(written).toBe(unique.length);
      const mayDiffer = new Set(await Promise.all(inexact.map(async (key) => text(await room.store.read(key)))));
      if (format !== 'mbox') expect(inexact).toEqual([]);
      const keys = await room.store.listKeys(inbox);
      await room.store.move(keys, trash);
      const report = await imported(at(format));
      expect(report.failed).toEqual([]);
      const after = await contentsOf(inbox);
      expect(report.imported + report.duplicates).toBe(unique.length);
      expect(before.filter((message) => !mayDiffer.has(message) && !after.includes(message))).toEqual([]);
      await room.store.destroy(await room.store.listKeys(inbox));
      await room.store.move(keys, inbox);
    }
  },
  60_000,
);

describe('where to', () => {
  test('nothing that is there is written over, and nothing is left behind', async () => {
    await file(inbox, difficult);
    await writeFile(at('taken'), 'mine');
    for (const format of ['mbox', 'eml', 'maildir', 'zip'] as const)
      expect(await exportState(format, at('taken'), [inbox])).toMatchObject({
        kind: 'failed',
        error: { code: 'EINVALID' },
      });
    expect(await readFile(at('taken'), 'utf8')).toBe('mine');
    expect((await readdir(room.home.path)).sort()).toEqual(['Mail', 'profile', 'taken']);
  });

  test('an empty folder may be exported into; one that holds something may not', async () => {
    await file(inbox, difficult.slice(0, 1));
    await mkdir(at('empty'));
    expect((await exported('eml', at('empty'), [inbox])).exported).toBe(1);
    expect(await exportState('eml', at('empty'), [inbox])).toMatchObject({ kind: 'failed' });
    expect(await exportState('mbox', at('empty'), [inbox])).toMatchObject({ kind: 'failed' });
  });

  test('not into the Mail folder, not to a relative path, not of a folder that is not there', async () => {
    expect(await exportState('maildir', join(room.home.mailFolder, '.Copy'))).toMatchObject({
      error: { code: 'EINVALID' },
    });
    expect(await exportState('maildir', room.home.mailFolder)).toMatchObject({ error: { code: 'EINVALID' } });
    expect(await exportState('eml', 'relative')).toMatchObject({ error: { code: 'EINVALID' } });
    expect(await exportState('eml', at('x'), [other])).toMatchObject({ error: { code: 'ENOTFOUND' } });
  });

  test('is private', async () => {
    await file(inbox, difficult.slice(0, 1));
    await exported('zip', at('x.zip'), [inbox]);
    await exported('eml', at('x'), [inbox]);
    expect((await stat(at('x.zip'))).mode & 0o077).toBe(0);
    expect((await stat(at('x'))).mode & 0o077).toBe(0);
  });

  test('file names are safe and say what is in them', async () => {
    await file(inbox, difficult);
    await exported('eml', at('out'), [inbox]);
    const names = await readdir(at('out'));
    expect(names.length).toBe(difficult.length);
    for (const name of names) {
      expect(name).toMatch(/^\d{4}-\d\d-\d\d \d{4} .*\.eml$/);
      expect(name).not.toMatch(/[\p{Cc}\p{Cf}<>:"/\\|?*]/u);
      expect(Buffer.byteLength(name)).toBeLessThan(220);
    }
    expect(names).toContain('2024-01-01 1000 ann@example.com _CON (2).eml');
  });

  test.each(['mbox', 'eml', 'maildir', 'zip'] as const)('a cancelled %s export leaves nothing', async (format) => {
    await file(inbox, difficult);
    let reads = 0;
    let unfinished: string[] = [];
    const stopping: Store = {
      ...room.store,
      async read(key) {
        if (++reads === 9) {
          unfinished = (await readdir(room.home.path)).filter((name) => name.startsWith('out'));
          for (const { jobId } of room.jobs.list()) room.jobs.cancel(jobId);
        }
        return room.store.read(key);
      },
    };
    const there = createBackup({
      store: stopping,
      jobs: room.jobs,
      log: quiet,
      clock: systemClock,
      profileDir: room.home.profileDir,
    });
    const { jobId } = await there.handlers['export.start']({ format, out: at('out'), folders: undefined });
    expect((await room.jobs.finished(jobId)).state).toEqual({ kind: 'cancelled' });
    expect(unfinished).toEqual(['out.unfinished']);
    expect((await readdir(room.home.path)).sort()).toEqual(['Mail', 'profile']);
  });

  test('a disk that is full is told in words, and nothing is left on it', async ({ skip }) => {
    await mkdir(at('small'));
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', at('small')]);
    skip(mounted.status !== 0, 'a small disk can only be mounted by root');
    try {
      const messages = Array.from({ length: 8 }, (_, n) => mail(`${n}`, randomText(60_000)));
      await file(inbox, messages);
      for (const format of ['mbox', 'eml', 'maildir', 'zip'] as const) {
        const state = await exportState(format, at('small/out'), [inbox]);
        expect(state).toMatchObject({ kind: 'failed', error: { code: 'EDISKFULL' } });
        expect(await readdir(at('small'))).toEqual([]);
      }
    } finally {
      execFileSync('umount', [at('small')]);
    }
  });
});

function randomText(octets: number): string {
  return Buffer.from(Array.from({ length: octets / 2 }, () => Math.floor(Math.random() * 256))).toString('hex');
}

describe('import', () => {
  test('of a tree: eml, mbox, Maildir with its flags, and nothing else', async () => {
    await mkdir(at('tree/deep/er'), { recursive: true });
    await writeFile(at('tree/one.eml'), mail('one'));
    await writeFile(at('tree/deep/er/TWO.EML'), mail('two'));
    await writeFile(at('tree/notes.txt'), 'no mail at all\n');
    await writeFile(at('tree/.hidden.eml'), mail('hidden'));
    await writeFile(at('tree/Old'), 'From a@b.c Fri Jan  2 03:04:05 2026\nSubject: three\nStatus: RO\n\nx\n\n');
    for (const part of ['cur', 'new', 'tmp', '.Sent/cur', '.Sent/new'])
      await mkdir(at('tree/Maildir', part), { recursive: true });
    await writeFile(at('tree/Maildir/cur/1.a.b:2,FRS'), mail('four'));
    await writeFile(at('tree/Maildir/new/2.a.b'), mail('five'));
    await writeFile(at('tree/Maildir/tmp/3.a.b'), mail('unfinished'));
    await writeFile(at('tree/Maildir/.Sent/cur/4.a.b;2,S'), mail('six'));
    await writeFile(at('tree/Maildir/dovecot-uidlist'), 'From nothing\n');
    expect(await imported(at('tree'))).toEqual({
      kind: 'import',
      imported: 6,
      duplicates: 0,
      malformed: 0,
      failed: [],
      failedTotal: 0,
      deleted: 0,
      leftOut: 0,
      partial: 0,
      folders: [{ folder: inbox, imported: 6 }],
      tags: [],
    });
    const { rows } = await room.store.listMessages({ folder: inbox, offset: 0, limit: 10 });
    const flags = Object.fromEntries(rows.map((row) => [row.subject, row.flags.toSorted()]));
    expect(flags).toEqual({
      one: [],
      two: [],
      three: ['seen'],
      four: ['answered', 'flagged', 'seen'],
      five: [],
      six: ['seen'],
    });
  });

  test('doubles nothing: within the run, and when repeated', async () => {
    await mkdir(at('tree'));
    await writeFile(at('tree/a.eml'), mail('a'));
    await writeFile(at('tree/b.eml'), mail('a'));
    expect(await imported(at('tree'))).toMatchObject({ imported: 1, duplicates: 1 });
    expect(await imported(at('tree'), other)).toMatchObject({ imported: 0, duplicates: 2 });
    await room.store.move(await room.store.listKeys(inbox), trash);
    expect(await imported(at('tree'), other)).toMatchObject({ imported: 1, duplicates: 1 });
  });

  test('keeps what is malformed, byte for byte, and counts it', async () => {
    const odd = Buffer.from('Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nbroken \xff\r\n', 'latin1');
    await writeFile(at('odd.eml'), odd);
    expect(await imported(at('odd.eml'))).toMatchObject({ imported: 1, malformed: 1 });
    expect(await contentsOf(inbox)).toEqual([odd.toString('latin1')]);
  });

  test('leaves out what Thunderbird had deleted', async () => {
    const entry = (subject: string, status: string): string =>
      `From - Fri Jan 02 03:04:05 2026\r\nX-Mozilla-Status: ${status}\r\nSubject: ${subject}\r\n\r\nx\r\n\r\n`;
    await writeFile(at('Inbox'), entry('kept', '0001') + entry('deleted', '0009') + entry('new', '0000'));
    expect(await imported(at('Inbox'))).toMatchObject({ imported: 2 });
    const { rows } = await room.store.listMessages({ folder: inbox, offset: 0, limit: 10 });
    expect(rows.map(({ subject, flags }) => [subject, flags]).sort()).toEqual([
      ['kept', ['seen']],
      ['new', []],
    ]);
  });

  async function zip(entries: Record<string, Uint8Array>): Promise<Buffer> {
    const made = new ZipFile();
    for (const [name, bytes] of Object.entries(entries))
      made.addReadStreamLazy(name, {}, (give) => give(null, Readable.from([bytes])));
    made.end();
    await pipeline(made.outputStream, createWriteStream(at('made.zip')));
    return readFile(at('made.zip'));
  }

  test('of a zip whose names lead outside writes nothing outside', async () => {
    const made = await zip({
      'aa/aa/evil.eml': mail('evil'),
      'b/good.eml': mail('good'),
      'c/picture.png': mail('no mail'),
    });
    // The library that made it refuses such names; whoever means harm does not.
    for (let found = made.indexOf('aa/aa/'); found >= 0; found = made.indexOf('aa/aa/')) made.write('../../', found);
    await writeFile(at('slip.zip'), made);
    const before = (await readdir(room.home.path, { recursive: true })).filter(
      (name) => !name.startsWith('Mail'),
    ).length;
    expect(await imported(at('slip.zip'))).toMatchObject({ imported: 2, failed: [] });
    const after = (await readdir(room.home.path, { recursive: true })).filter(
      (name) => !name.startsWith('Mail'),
    ).length;
    expect(after).toBe(before);
    expect(existsSync(join(room.home.path, '..', '..', 'evil.eml'))).toBe(false);
  });

  test('of a damaged zip takes what is whole', async () => {
    const made = await zip({ 'a.eml': mail('a', randomText(2000)), 'b.eml': mail('b', randomText(2000)) });
    made.fill(0xff, 100, 400);
    await writeFile(at('damaged.zip'), made);
    const report = await imported(at('damaged.zip'));
    expect(report.imported).toBe(1);
    expect(report.failed).toMatchObject([{ error: { code: 'EMALFORMED' } }]);
    await writeFile(at('cut.zip'), made.subarray(0, 1000));
    await expect(imported(at('cut.zip'))).rejects.toThrow(/EMALFORMED/);
  });

  test('of what is no mail, not there, or no file says so', async () => {
    await writeFile(at('picture.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
    await expect(imported(at('picture.jpg'))).rejects.toThrow(/EMALFORMED/);
    await expect(imported(at('nowhere'))).rejects.toThrow(/ENOTFOUND/);
    await expect(imported('relative')).rejects.toThrow(/EINVALID/);
    execFileSync('mkfifo', [at('pipe')]);
    await expect(imported(at('pipe'))).rejects.toThrow(/EINVALID/);
    await expect(imported(at('picture.jpg'), FolderPath.parse('Outbox'))).rejects.toThrow(/EINVALID/);
    await mkdir(at('nothing'));
    expect(await imported(at('nothing'))).toMatchObject({ imported: 0, failed: [] });
  });

  test('can be cancelled; what is in stays in, and the rest comes with the next try', async () => {
    await mkdir(at('many'));
    for (let n = 0; n < 250; n++) await writeFile(at('many', `${n}.eml`), mail(`message ${n}`));
    const { jobId } = await room.handlers['import.start']({ path: at('many'), folder: inbox });
    const stop = room.jobs.onChanged(({ state }) => {
      if (state.kind === 'running' && state.done > 110) room.jobs.cancel(jobId);
    });
    expect((await room.jobs.finished(jobId)).state).toEqual({ kind: 'cancelled' });
    stop();
    const sofar = (await room.store.listKeys(inbox)).length;
    expect(sofar).toBeGreaterThan(0);
    expect(sofar).toBeLessThan(250);
    const report = await imported(at('many'));
    expect(report).toMatchObject({ imported: 250, duplicates: 0, resumedAfter: expect.any(Number) });
    expect(await room.store.listKeys(inbox)).toHaveLength(250);
  });

  test('a file that cannot be read costs only itself', async () => {
    await mkdir(at('some'));
    await writeFile(at('some/a.eml'), mail('a'));
    await writeFile(at('some/b.zip'), 'PK\x03\x04 but no zip');
    const report = await imported(at('some'));
    expect(report.imported).toBe(1);
    expect(report.failed.map(({ source }) => relative(room.home.path, source))).toEqual(['some/b.zip']);
  });
});

test('a Maildir that was exported is one that other programs read', async () => {
  await file(inbox, [mail('seen')], ['seen', 'answered']);
  await file(other, [mail('fresh')]);
  await exported('maildir', at('out'));
  const [seen] = await readdir(at('out/Inbox/cur'));
  expect(seen).toMatch(/:2,RS$/);
  expect((await readdir(at('out/Archive/2024/new'))).length).toBe(1);
  await cp(at('out/Inbox'), at('copy'), { recursive: true });
  await rename(at('copy'), at('Elsewhere'));
  await rm(at('out'), { recursive: true });
  expect(await imported(at('Elsewhere'), other)).toMatchObject({ duplicates: 1, imported: 0 });
});
