import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderPath, MessageKey, OutboxId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { ledgerTables } from '../../store/ledger-rows.ts';
import { keyOf, mail } from '../../store/testing/store-fixture.ts';
import { type ArchiveOnAProfile, archiveOnAProfile } from './testing/archive-on-a-profile.ts';
import { emptyFolder, fillMailbox, folderNames, knowMore } from './testing/full-mailbox.ts';
import { directoriesOf, filesOf, ledgerOf } from './testing/mailbox.ts';

let folderOut: string;
let one: ArchiveOnAProfile;
let others: ArchiveOnAProfile[];

beforeEach(async () => {
  folderOut = await mkdtemp(join(tmpdir(), 'postrider-backup-'));
  one = await archiveOnAProfile();
  others = [];
});
afterEach(async () => {
  await one.remove();
  for (const other of others) await other.remove();
  await rm(folderOut, { recursive: true, force: true });
}, 60_000);

const at = (name: string): string => join(folderOut, name);

async function another(): Promise<ArchiveOnAProfile> {
  const other = await archiveOnAProfile();
  others.push(other);
  return other;
}

/** The ledger with what a restore changes on purpose left out: what was still to be sent. */
function comparable(profileDir: string): Record<string, unknown[]> {
  const { outbox = [], ...rest } = ledgerOf(profileDir);
  const isHistory = (row: unknown): boolean =>
    typeof row === 'object' && row !== null && 'state' in row && (row.state === 'sent' || row.state === 'failed');
  return { ...rest, outbox: outbox.filter(isHistory) };
}

async function expectSame(restored: ArchiveOnAProfile, original = one): Promise<void> {
  const rowsOf = async ({ store }: ArchiveOnAProfile): Promise<unknown[]> => {
    const folders = await store.listFolders();
    const pages = folders.map(({ folder }) => store.listMessages({ folder, offset: 0, limit: 100_000 }));
    return (await Promise.all(pages)).map(({ rows, total, unread }) => ({ rows, total, unread }));
  };
  expect(await restored.store.listFolders()).toEqual(await original.store.listFolders());
  expect(await rowsOf(restored)).toEqual(await rowsOf(original));
  expect((await restored.store.checkIndex()).problems).toEqual([]);
  await restored.close();
  await original.close();
  expect(filesOf(restored.mailFolder)).toEqual(filesOf(original.mailFolder));
  expect(directoriesOf(restored.mailFolder)).toEqual(directoriesOf(original.mailFolder));
  expect(comparable(restored.profileDir)).toEqual(comparable(original.profileDir));
}

describe('a full backup', () => {
  test('gives a new profile the same files, flags, tags and ledger', async () => {
    await fillMailbox(one.store, one.mailFolder);
    const report = await one.create({ out: at('full.zip') });
    expect(report).toMatchObject({ action: 'create', archiveKind: 'full', problems: [] });
    expect(await one.verify(at('full.zip'))).toMatchObject({ verified: true, problems: [], messages: report.messages });
    const other = await another();
    const restored = await other.restore({ file: at('full.zip') });
    expect(restored).toMatchObject({ messages: report.messages, others: 0, held: 4 });
    await expectSame(other);
  });

  test('is an ordinary zip to others, its mail byte for byte', async () => {
    await fillMailbox(one.store, one.mailFolder);
    const { messages } = await one.create({ out: at('full.zip') });
    const unzip = spawnSync('unzip', ['-tq', at('full.zip')], { encoding: 'utf8' });
    if (unzip.error === undefined) expect(unzip.stdout).toContain('No errors detected');
    const python = `
import sys, zipfile, hashlib
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
for name in z.namelist():
  if name.startswith('mail/') and not name.endswith('/'): print(hashlib.sha256(z.read(name)).hexdigest())`;
    const digests = execFileSync('python3', ['-c', python, at('full.zip')], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(digests).toHaveLength(messages);
    expect(digests.sort()).toEqual(
      filesOf(one.mailFolder)
        .map((line) => line.split(' ').at(-2))
        .sort(),
    );
  });

  test('of an empty mailbox has every folder', async () => {
    await one.store.createFolder(emptyFolder);
    await one.create({ out: at('empty.zip') });
    const other = await another();
    expect(await other.restore({ file: at('empty.zip') })).toMatchObject({ messages: 0, problems: [] });
    await expectSame(other);
  });

  test('in many parts comes back whole', async () => {
    // A part takes a thousand lines: the unique-ids need three.
    await fillMailbox(one.store, one.mailFolder);
    await knowMore(one.store, 2100);
    const report = await one.create({ out: at('large.zip') });
    const other = await another();
    expect(await other.restore({ file: at('large.zip') })).toMatchObject({ messages: report.messages });
    await expectSame(other);
  });

  test('knows every table of the ledger', async () => {
    await one.close();
    const tables = Object.keys(ledgerOf(one.profileDir)).filter((table) => table !== 'meta');
    // A table that is missing here would be lost by every backup: add it to ledger-rows.ts.
    expect(tables.sort()).toEqual([...ledgerTables].sort());
  });

  test('never replaces a file, and leaves nothing when it is stopped', async () => {
    await fillMailbox(one.store, one.mailFolder);
    writeFileSync(at('there.zip'), 'precious');
    await expect(one.create({ out: at('there.zip') })).rejects.toMatchObject({ code: 'EINVALID' });
    expect(readFileSync(at('there.zip'), 'utf8')).toBe('precious');
    await expect(one.create({ out: join(one.mailFolder, 'b.zip') })).rejects.toMatchObject({ code: 'EINVALID' });
    await expect(one.create({ out: 'relative.zip' })).rejects.toMatchObject({ code: 'EINVALID' });
    const stopped = await one.begin('create', { out: at('stopped.zip') });
    stopped.cancel();
    expect((await stopped.ended).state.kind).toBe('cancelled');
    expect(readdirSync(folderOut)).toEqual(['there.zip']);
  });
});

describe('one moment', () => {
  test('is what a backup shows, whatever is moved, flagged, added or destroyed meanwhile', async () => {
    const keys = await fillMailbox(one.store, one.mailFolder, 40);
    const expected = (await one.store.listKeys(folder.archive)).toSorted();
    const [removed] = expected;
    if (removed === undefined) throw new Error('The archive is empty.');
    const bytes = Buffer.from(await one.store.read(removed));
    // The snapshot's pages are held back until everything has changed.
    const held = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    const { openSnapshot } = one.store;
    one.store.openSnapshot = async () => {
      const head = await openSnapshot();
      opened.resolve();
      await held.promise;
      return head;
    };
    const making = one.create({ out: at('moment.zip') });
    await opened.promise;
    await one.store.setFlags(keys.slice(10, 20), ['flagged'], ['seen']);
    await one.store.setTags([...expected], ['since'], []);
    await one.store.move([...expected], folder.trash);
    await one.store.destroy([removed]);
    await one.store.file([
      { folder: folder.inbox, messageKey: keyOf('later', mail('later')), bytes: mail('later'), flags: [] },
    ]);
    held.resolve();
    expect(await making).toMatchObject({ problems: [] });
    expect(existsSync(join(one.profileDir, 'kept-for-backup'))).toBe(false);
    const other = await another();
    await other.restore({ file: at('moment.zip') });
    expect((await other.store.listKeys(folder.archive)).toSorted()).toEqual(expected);
    expect(Buffer.from(await other.store.read(removed)).equals(bytes)).toBe(true);
    const restored = await other.store.search({ query: 'since', offset: 0, limit: 10 });
    expect(restored.rows.filter(({ tags }) => tags.includes('since'))).toEqual([]);
    expect(await other.store.summary(keyOf('later', mail('later')))).toBeNull();
    await other.close();
    await one.close();
    expect(ledgerOf(other.profileDir).removals).not.toEqual(ledgerOf(one.profileDir).removals);
  });

  test('tells of a message another program removed', async () => {
    await fillMailbox(one.store, one.mailFolder, 40);
    const { openSnapshot } = one.store;
    one.store.openSnapshot = async () => {
      const head = await openSnapshot();
      const [name] = readdirSync(join(one.mailFolder, '.Archive', 'cur'));
      rmSync(join(one.mailFolder, '.Archive', 'cur', name ?? ''));
      return head;
    };
    const report = await one.create({ out: at('gone.zip') });
    expect(report.problems).toHaveLength(1);
    expect(report.problems[0]).toContain('removed by another program');
    expect(await one.verify(at('gone.zip'))).toMatchObject({ verified: true, problems: [expect.any(String)] });
  });
});

describe('an incremental backup', () => {
  async function chainOfThree(): Promise<void> {
    const keys = await fillMailbox(one.store, one.mailFolder);
    await one.create({ out: at('1.zip') });
    await one.store.setFlags(keys.slice(4, 9), ['flagged'], ['seen']);
    await one.store.setTags(keys.slice(4, 6), ['neu'], []);
    await one.store.move(keys.slice(20, 25), FolderPath.parse('Räksmörgås/日本語'));
    await one.store.move(keys.slice(30, 32), folder.trash);
    await one.store.destroy(keys.slice(30, 32));
    await add('second', 5);
    expect(await one.create({ out: at('2.zip'), incrementalFrom: at('1.zip') })).toMatchObject({
      archiveKind: 'incremental',
      others: 5,
    });
    await one.store.createFolder(FolderPath.parse('Since then'));
    await add('third', 3);
    expect(await one.create({ out: at('3.zip'), incrementalFrom: at('2.zip') })).toMatchObject({ others: 3 });
  }

  async function add(name: string, count: number): Promise<void> {
    await one.store.file(
      Array.from({ length: count }, (_, index) => {
        const bytes = mail(`${name} ${index}`);
        return { folder: folder.inbox, messageKey: keyOf(`${name} ${index}`, bytes), bytes, flags: [] };
      }),
    );
  }

  test('holds what is new and the state of everything; the chain gives it all back', async () => {
    await chainOfThree();
    expect(await one.verify(at('3.zip'))).toMatchObject({
      verified: true,
      problems: [],
      chain: [{ file: at('3.zip') }, { file: at('2.zip') }, { file: at('1.zip') }],
    });
    const other = await another();
    await other.restore({ file: at('3.zip') });
    await expectSame(other);
  });

  test('finds the earlier file under another name, and names it when it is missing', async () => {
    await chainOfThree();
    renameSync(at('1.zip'), at('renamed by somebody.zip'));
    expect(await one.verify(at('3.zip'))).toMatchObject({ verified: true });
    await mkdir(at('elsewhere'));
    renameSync(at('renamed by somebody.zip'), at('elsewhere/1.zip'));
    const report = await one.verify(at('3.zip'));
    expect(report.verified).toBe(false);
    expect(report.problems.join()).toContain('1.zip');
    const other = await another();
    await expect(other.restore({ file: at('3.zip') })).rejects.toMatchObject({
      code: 'ENOTFOUND',
      message: expect.stringContaining('1.zip'),
    });
    expect(await one.archive.handlers['backup.inspect']({ file: at('3.zip') })).toMatchObject({ missing: '1.zip' });
    await expect(one.create({ out: at('4.zip'), incrementalFrom: at('3.zip') })).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  test('does not take another backup of that name for the earlier one', async () => {
    await chainOfThree();
    await rm(at('1.zip'));
    await one.create({ out: at('1.zip') });
    expect(await one.verify(at('2.zip'))).toMatchObject({
      verified: false,
      problems: [expect.stringContaining('1.zip')],
    });
  });

  test('goes on only from a backup that holds', async () => {
    await fillMailbox(one.store, one.mailFolder);
    await one.create({ out: at('1.zip') });
    const bytes = readFileSync(at('1.zip'));
    bytes[500] = (bytes[500] ?? 0) ^ 1;
    writeFileSync(at('1.zip'), bytes);
    await expect(one.create({ out: at('2.zip'), incrementalFrom: at('1.zip') })).rejects.toMatchObject({
      code: 'EMALFORMED',
    });
    writeFileSync(at('no.zip'), 'nothing');
    await expect(one.create({ out: at('2.zip'), incrementalFrom: at('no.zip') })).rejects.toMatchObject({
      code: 'EMALFORMED',
    });
    expect(readdirSync(folderOut).sort()).toEqual(['1.zip', 'no.zip']);
  });

  test('takes a foreign file anew when its bytes changed under the same name', async () => {
    await fillMailbox(one.store, one.mailFolder);
    await one.create({ out: at('1.zip') });
    const name = join(one.mailFolder, 'cur', '1700000001.M1P2.host,S=120:2,');
    const before = readFileSync(name, 'latin1');
    writeFileSync(name, before.replace('Hello', 'Adieu'), 'latin1');
    expect(await one.create({ out: at('2.zip'), incrementalFrom: at('1.zip') })).toMatchObject({ others: 1 });
    const other = await another();
    await other.restore({ file: at('2.zip') });
    expect(Buffer.from(await other.store.read(MessageKey.parse('1700000001.M1P2.host,S=120'))).toString()).toContain(
      'Adieu',
    );
  });
});

describe('restoring into a mailbox that is in use', () => {
  test('leaves what is here alone, wherever it is, and doubles nothing', async () => {
    const keys = await fillMailbox(one.store, one.mailFolder);
    await one.create({ out: at('full.zip') });
    await one.store.setFlags(keys.slice(5, 10), ['flagged'], []);
    await one.store.move(keys.slice(10, 15), folder.sent);
    const before = filesOf(one.mailFolder);
    expect(await one.restore({ file: at('full.zip') })).toMatchObject({ messages: 0, held: 0, tookSettings: false });
    expect(filesOf(one.mailFolder)).toEqual(before);
    await one.store.move(keys.slice(20, 22), folder.trash);
    await one.store.destroy(keys.slice(20, 22));
    expect(await one.restore({ file: at('full.zip') })).toMatchObject({ messages: 2 });
    expect(filesOf(one.mailFolder)).toEqual(before);
    await one.close();
    // It was removed here, and was taken back: no server deletes it for that.
    const removals =
      ledgerOf(one.profileDir)
        .removals?.map((row) => JSON.stringify(row))
        .join() ?? '';
    for (const key of keys.slice(20, 22)) expect(removals).not.toContain(key);
  });

  test('gives one folder, or one message, with what belongs to it', async () => {
    const keys = await fillMailbox(one.store, one.mailFolder);
    await one.create({ out: at('full.zip') });
    const [name] = folderNames;
    if (name === undefined) throw new Error('There is no folder.');
    const wanted = (await one.store.listKeys(name)).toSorted();
    const other = await another();
    expect(await other.restore({ file: at('full.zip'), folders: [name] })).toMatchObject({ messages: wanted.length });
    expect((await other.store.listKeys(name)).toSorted()).toEqual(wanted);
    expect((await other.store.listFolders()).reduce((sum, { total }) => sum + total, 0)).toBe(wanted.length);
    const single = keys[8];
    if (single === undefined) throw new Error('Too few.');
    expect(await other.restore({ file: at('full.zip'), messageKeys: [single] })).toMatchObject({ messages: 1 });
    expect((await other.store.summary(single))?.tags).toEqual(['später', 'tag 8'].sort());
    await other.close();
    expect(ledgerOf(other.profileDir).unique_ids).toHaveLength(wanted.length + 1);
    expect(ledgerOf(other.profileDir).delivery_memory).toEqual([]);
  });

  test('says what is not in the backup', async () => {
    await fillMailbox(one.store, one.mailFolder);
    await one.create({ out: at('full.zip') });
    const nowhere = FolderPath.parse('No such');
    await expect(one.restore({ file: at('full.zip'), folders: [nowhere] })).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
    const nobody = MessageKey.parse('nobody');
    await expect(one.restore({ file: at('full.zip'), messageKeys: [nobody] })).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
    await expect(one.restore({ file: at('none.zip') })).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(one.verify(at('none.zip'))).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(await one.verify(folderOut)).toMatchObject({ verified: false });
  });

  test('what stood in the Outbox is held and says why', async () => {
    await fillMailbox(one.store, one.mailFolder);
    await one.create({ out: at('full.zip') });
    const other = await another();
    expect(await other.restore({ file: at('full.zip') })).toMatchObject({ held: 4 });
    for (const state of ['queued', 'deferred', 'sending', 'dot-pending']) {
      const record = await other.store.outboxRecord(OutboxId.parse(`out-${state}`));
      expect(record).toMatchObject({ state: 'held', heldFor: 'uncertain' });
      expect(record?.dueAt).toBeUndefined();
      expect(record?.explanation).toContain('came back from the backup');
      expect(record?.recipients).toMatchObject([
        { mailbox: 'done@example.org', state: 'accepted' },
        { mailbox: 'bob@example.org', state: 'uncertain', text: expect.any(String) },
      ]);
    }
    expect(await other.store.outboxRecord(OutboxId.parse('out-failed'))).toMatchObject({ state: 'failed' });
    // Decided since: it does not come back a second time.
    await other.store.removeOutbox(OutboxId.parse('out-queued'));
    await other.store.move([keyOf('outbox queued', mail('on its way: queued'))], folder.trash);
    expect(await other.restore({ file: at('full.zip') })).toMatchObject({ messages: 0, held: 0 });
    expect(await other.store.outboxRecord(OutboxId.parse('out-queued'))).toBeNull();
  });
});

describe('looking inside', () => {
  test('shows folders and messages without restoring anything', async () => {
    await fillMailbox(one.store, one.mailFolder);
    await one.create({ out: at('full.zip') });
    const { handlers } = one.archive;
    const contents = await handlers['backup.inspect']({ file: at('full.zip') });
    const listed = await one.store.listFolders();
    expect(contents.folders.map(({ folder, messages }) => ({ folder, total: messages }))).toEqual(
      listed.map(({ folder, total }) => ({ folder, total })),
    );
    const page = await handlers['backup.messages']({
      file: at('full.zip'),
      folder: folder.archive,
      offset: 1,
      limit: 3,
    });
    const { rows, total } = await one.store.listMessages({ folder: folder.archive, offset: 1, limit: 3 });
    expect(page.total).toBe(total);
    expect(page.rows.map(({ messageKey, subject, date, flags }) => ({ messageKey, subject, date, flags }))).toEqual(
      rows.map(({ messageKey, subject, date, flags }) => ({ messageKey, subject, date, flags })),
    );
  });
});

test('a copy of the file is as good as the file', async () => {
  await fillMailbox(one.store, one.mailFolder);
  await one.create({ out: at('full.zip') });
  await copyFile(at('full.zip'), at('other name.zip'));
  expect(await one.verify(at('other name.zip'))).toMatchObject({ verified: true });
});
