import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountId, OutboxId } from '#shared/ids.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import { Attempt, OutboxRecord } from '#shared/mail/outbox.ts';
import type { StoreChange } from '#shared/rpc/contract.ts';
import type { KnownUniqueId, Store } from './store-api.ts';
import { everything, folderPath, type Home, inbox, mail, makeHome, request } from './testing/store-fixture.ts';

let home: Home;
let store: Store;

beforeEach(async () => {
  home = makeHome();
  store = await home.open();
});

afterEach(async () => {
  await store.close();
  home.remove();
});

const account = AccountId.parse('account-1');

function entry(uniqueId: string): Omit<KnownUniqueId, 'messageKey' | 'isRemovedHere'> {
  return { uniqueId, octets: 10, listedOctets: 10, sha256: 'ab', collectedAt: 1, isConfirmed: false };
}

async function reopen(): Promise<void> {
  await store.close();
  store = await home.open();
}

describe('filing', () => {
  it('keeps the bytes exactly, in a file only the user can read, and lists them at once', async () => {
    const bytes = new Uint8Array(Buffer.from('Subject: caf\xe9\r\n\r\n.dot\nbare\r\n\0end', 'latin1'));
    const kept = Buffer.from(bytes);
    const asked = request('one', bytes);
    const changes: StoreChange[] = [];
    store.onChanged((change) => changes.push(change));
    expect(await store.file([asked])).toEqual([{ messageKey: asked.messageKey, outcome: 'filed' }]);
    expect(bytes.byteLength).toBe(0);
    const { path } = await store.locate(asked.messageKey);
    expect(path).toBe(join(home.mailFolder, 'new', asked.messageKey));
    expect(readFileSync(path).equals(kept)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(home.mailFolder).mode & 0o777).toBe(0o700);
    expect(statSync(join(home.profileDir, 'ledger.sqlite')).mode & 0o777).toBe(0o600);
    const page = await store.listMessages({ folder: inbox, offset: 0, limit: 10 });
    expect(page).toMatchObject({ total: 1, unread: 1 });
    expect(changes.flatMap(({ added }) => added).map(({ messageKey }) => messageKey)).toEqual([asked.messageKey]);
    expect(Buffer.from(await store.read(asked.messageKey)).equals(kept)).toBe(true);
  });

  it('does not write a key twice, in whatever folder it lies, but records its unique-id', async () => {
    const first = request('one');
    await store.file([first]);
    await store.move([first.messageKey], fixed.archive);
    const again = { ...request('one'), collected: { accountId: account, entry: entry('u1') } };
    expect(await store.file([again, request('one')])).toEqual([
      { messageKey: first.messageKey, outcome: 'already-there' },
      { messageKey: first.messageKey, outcome: 'already-there' },
    ]);
    expect(await store.listKeys(inbox)).toEqual([]);
    expect(await store.knownUniqueIds(account)).toMatchObject([{ uniqueId: 'u1', messageKey: first.messageKey }]);
  });

  it('files a key once when many calls bring it at the same moment', async () => {
    const calls = Array.from({ length: 24 }, () => store.file([request('same')]));
    const outcomes = (await Promise.all(calls)).flat().map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'filed')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'already-there')).toHaveLength(23);
    expect(readdirSync(join(home.mailFolder, 'new'))).toHaveLength(1);
    expect(readdirSync(join(home.mailFolder, 'tmp'))).toEqual([]);
  });

  it('takes a part of a larger buffer without moving the rest', async () => {
    const large = new Uint8Array(Buffer.from('xxSubject: part\r\n\r\nxx'));
    const part = large.subarray(2, large.length - 2);
    const asked = request('part', part);
    await store.file([asked]);
    expect(large.length).toBe(21);
    expect(Buffer.from(await store.read(asked.messageKey)).toString()).toBe('Subject: part\r\n\r\n');
  });

  it('makes folders with difficult names, which are there after a restart', async () => {
    const names = ['CON', 'con', 'a.b', 'Reisen 🏔️/Süd', 'what: is "this"?', 'aux ', 'INBOX'].map(folderPath);
    for (const [at, folder] of names.entries()) await store.file([request(`m${at}`, mail(`m${at}`), { folder })]);
    const before = await everything(store);
    await reopen();
    expect(await everything(store)).toEqual(before);
    rmSync(join(home.profileDir, 'index.sqlite'));
    const listed = (await store.listFolders()).map(({ folder }) => folder);
    expect(listed).toEqual(expect.arrayContaining(names));
  });

  it('finds messages by their bytes', async () => {
    const asked = request('one');
    await store.file([asked]);
    expect(await store.findByContent(mail('one'))).toEqual([asked.messageKey]);
    expect(await store.findByContent(mail('two'))).toEqual([]);
    const key = await store.newMessageKey(mail('one'));
    expect(key).toMatch(/^[0-9a-f]{32}-[0-9a-f]{16}$/);
    expect(key.slice(33)).toBe(asked.messageKey.slice(33));
  });
});

describe('changing', () => {
  it('sets flags in the file name, also of many at the same moment', async () => {
    const requests = Array.from({ length: 20 }, (_, at) => request(`m${at}`));
    const keys = requests.map(({ messageKey }) => messageKey);
    await store.file(requests);
    await Promise.all([...keys, ...keys].map((key, at) => store.setFlags([key], [at < 20 ? 'seen' : 'flagged'], [])));
    expect(readdirSync(join(home.mailFolder, 'new'))).toEqual([]);
    expect(readdirSync(join(home.mailFolder, 'cur')).every((name) => name.endsWith(':2,FS'))).toBe(true);
    await store.setFlags(keys.slice(0, 5), [], ['seen', 'flagged']);
    expect(await store.listMessages({ folder: inbox, offset: 0, limit: 1 })).toMatchObject({ total: 20, unread: 5 });
    expect(await store.checkIndex()).toEqual({ messages: 20, problems: [] });
  });

  it('tells a move as removed here and added there, also afterwards', async () => {
    const asked = request('one');
    await store.file([asked]);
    const { storeId, revision } = await store.state();
    const changes: StoreChange[] = [];
    store.onChanged((change) => changes.push(change));
    expect(await store.move([asked.messageKey], fixed.archive)).toEqual([
      { messageKey: asked.messageKey, from: inbox },
    ]);
    const told = {
      added: [{ messageKey: asked.messageKey, folder: 'Archive' }],
      updated: [],
      removed: [{ messageKey: asked.messageKey, folder: inbox }],
    };
    expect(changes).toMatchObject([told]);
    expect(await store.changesSince(storeId, revision)).toMatchObject({ kind: 'changes', changes: [told] });
    expect(await store.changesSince(storeId, revision + 5)).toMatchObject({ kind: 'reset' });
    expect(await store.changesSince('another', revision)).toMatchObject({ kind: 'reset' });
  });

  it('counts a move to Trash as removal of collected mail, and takes it back', async () => {
    const asked = { ...request('one'), collected: { accountId: account, entry: entry('u1') } };
    await store.file([asked]);
    const isRemoved = async () => (await store.knownUniqueIds(account))[0]?.isRemovedHere;
    await store.move([asked.messageKey], fixed.trash);
    expect(await isRemoved()).toBe(true);
    // An entry read before the user's change and written back must not undo it.
    await store.recordUniqueIds(account, [{ ...entry('u1'), messageKey: asked.messageKey, isRemovedHere: false }]);
    expect(await isRemoved()).toBe(true);
    await store.move([asked.messageKey], inbox);
    expect(await isRemoved()).toBe(false);
    rmSync((await store.locate(asked.messageKey)).path);
    await store.rescan();
    expect(await store.summary(asked.messageKey)).toBeNull();
    expect(await isRemoved()).toBe(false);
  });

  it('destroys for good and remembers that the user did', async () => {
    const asked = { ...request('one'), collected: { accountId: account, entry: entry('u1') } };
    await store.file([asked]);
    await store.destroy([asked.messageKey]);
    expect(readdirSync(join(home.mailFolder, 'new'))).toEqual([]);
    expect((await store.knownUniqueIds(account))[0]?.isRemovedHere).toBe(true);
    await expect(store.read(asked.messageKey)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(store.setFlags([asked.messageKey], ['seen'], [])).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(await store.search({ query: 'hello', offset: 0, limit: 5 })).toMatchObject({ total: 0 });
    expect(await store.knownAddresses('ann', 5)).toEqual([]);
  });

  it('keeps tags in the ledger, so that they outlive the index', async () => {
    const asked = request('one', mail('one'), { tags: ['work'] });
    await store.file([asked]);
    await store.setTags([asked.messageKey], ['urgent'], []);
    await store.setTags([asked.messageKey], [], ['work']);
    await store.rebuildIndex(() => {}, new AbortController().signal);
    expect((await store.summary(asked.messageKey))?.tags).toEqual(['urgent']);
  });

  it('renames a folder with everything in it, and removes only empty ones', async () => {
    const asked = request('one', mail('one'), { folder: folderPath('Projects/Alpha') });
    await store.file([asked]);
    await store.createFolder(folderPath('Projects'));
    await store.renameFolder(folderPath('Projects'), folderPath('Arbeit/Übersicht'));
    expect((await store.locate(asked.messageKey)).folder).toBe('Arbeit/Übersicht/Alpha');
    const refused = { code: 'EINVALID' };
    await expect(store.removeFolder(folderPath('Arbeit/Übersicht/Alpha'))).rejects.toMatchObject(refused);
    await expect(store.removeFolder(folderPath('Arbeit/Übersicht'))).rejects.toMatchObject(refused);
    await expect(store.removeFolder(fixed.trash)).rejects.toMatchObject(refused);
    await expect(store.createFolder(fixed.trash)).rejects.toMatchObject(refused);
    await store.destroy([asked.messageKey]);
    await store.removeFolder(folderPath('Arbeit/Übersicht/Alpha'));
    expect((await store.listFolders()).map(({ folder }) => folder)).not.toContain('Arbeit/Übersicht/Alpha');
    expect(await store.checkIndex()).toMatchObject({ problems: [] });
  });

  it('a tag of very many messages is changed in portions, so that others get their turn', async () => {
    const asked = Array.from({ length: 1201 }, (_, index) => request(`letter ${index}`));
    await store.file(asked);
    const keys = asked.map(({ messageKey }) => messageKey);
    await store.setTags(keys, ['Work'], []);
    const portions: number[] = [];
    store.onChanged(({ updated }) => portions.push(updated.length));
    expect((await store.replaceTag('Work', 'Office')).sort()).toEqual([...keys].sort());
    expect(Math.max(...portions)).toBeLessThanOrEqual(500);
    expect(await store.tags()).toEqual([{ tag: 'Office', messages: 1201 }]);
  });
});

describe('searching', () => {
  it('finds all the words in any field, newest first, at once after filing', async () => {
    await store.file([
      request('old', mail('Holiday plans', 'We go to Zürich', { Date: 'Mon, 01 Jan 2018 10:00:00 +0000' })),
      request('new', mail('Re: Holiday', 'zurich it is', { Date: 'Mon, 01 Jan 2023 10:00:00 +0000' })),
      request('asia', mail('出張', '来週東京へ行きます', { From: '山田 <yamada@example.jp>' })),
    ]);
    const subjects = async (query: string) =>
      (await store.search({ query, offset: 0, limit: 10 })).rows.map(({ subject }) => subject);
    expect(await subjects('holiday ZÜRICH')).toEqual(['Re: Holiday', 'Holiday plans']);
    expect(await subjects('plans zurich')).toEqual(['Holiday plans']);
    expect(await subjects('東京')).toEqual(['出張']);
    expect(await subjects('山')).toEqual(['出張']);
    expect(await subjects('京東')).toEqual([]);
    expect(await subjects('yamada@example.jp')).toEqual(['出張']);
    expect(await subjects('holi')).toHaveLength(2);
    for (const hostile of ['"', 'a"b', 'subject:x', 'NEAR(a b)', '(', "';--", '{x}:y', '^a', 'a*b*'])
      expect(Array.isArray(await subjects(hostile))).toBe(true);
    const inTrash = await store.search({ query: 'holiday', folder: fixed.trash, offset: 0, limit: 10 });
    expect(inTrash).toMatchObject({ total: 0, rows: [] });
  });
});

describe('the index', () => {
  it('is the same again after it was deleted, rebuilt, or damaged', async () => {
    const requests = Array.from({ length: 150 }, (_, at) =>
      request(
        `m${at}`,
        mail(`m${at}`, `word${at}`, {
          From: `P ${at % 7} <p${at % 7}@example.com>`,
          Date: at % 3 === 0 ? '' : `Mon, 01 Jan 2024 10:00:${String(at % 60).padStart(2, '0')} +0000`,
        }),
        {
          folder: folderPath(['Inbox', 'Archive/ä.b', 'Sent'][at % 3] ?? 'Inbox'),
          flags: at % 4 === 0 ? ['seen'] : [],
          tags: at % 5 === 0 ? ['t'] : [],
          receivedAt: 1_700_000_000_000 + at,
        },
      ),
    );
    await store.file(requests);
    const before = await everything(store);
    const { storeId } = await store.state();
    expect(await store.rebuildIndex(() => {}, new AbortController().signal)).toEqual({ messages: 150 });
    expect(await everything(store)).toEqual(before);
    expect((await store.state()).storeId).not.toBe(storeId);
    await store.close();
    for (const name of ['index.sqlite', 'index.sqlite-wal', 'index.sqlite-shm'])
      rmSync(join(home.profileDir, name), { force: true });
    store = await home.open();
    expect(await everything(store)).toEqual(before);
    await store.close();
    writeFileSync(join(home.profileDir, 'index.sqlite'), 'this is no database, whatever its name says '.repeat(500));
    store = await home.open();
    expect(await everything(store)).toEqual(before);
    expect(await store.search({ query: 'word77', offset: 0, limit: 5 })).toMatchObject({ total: 1 });
    expect(await store.checkIndex()).toEqual({ messages: 150, problems: [] });
  });
});

describe('the ledger', () => {
  const record = (id: string, state: 'queued' | 'sent', queuedAt: number): OutboxRecord =>
    OutboxRecord.parse({
      outboxId: id,
      messageKey: `key-${id}`,
      messageId: '<x@y>',
      identityId: null,
      reversePath: 'a@b.c',
      subject: 's',
      sizeOctets: 1,
      recipients: [],
      state,
      queuedAt,
      deferrals: 0,
      skipped: [],
      delayNoticeSent: false,
      explanation: '',
    });
  const attempt = (outcome: 'accepted' | 'transient', startedAt: string): Attempt =>
    Attempt.parse({
      serverId: 's1',
      serverLabel: 'S',
      endpoint: 'h:25',
      stage: 'data',
      outcome,
      durationMs: 1,
      startedAt,
      stages: [],
      transcript: [],
      meaning: '',
    });

  it('keeps outbox, attempts and memory over a restart', async () => {
    const id = OutboxId.parse('o1');
    await Promise.all(Array.from({ length: 300 }, (_, at) => store.putOutbox([record(`o${at}`, 'queued', 1000 - at)])));
    await store.putOutbox([record('o2', 'sent', 5)]);
    await store.appendAttempts(id, [
      attempt('transient', '2024-01-01T00:00:00Z'),
      attempt('accepted', '2024-01-02T00:00:00Z'),
    ]);
    await reopen();
    const active = await store.activeOutbox();
    expect(active).toHaveLength(299);
    expect(active[0]?.outboxId).toBe('o299');
    expect((await store.outboxRecord(id))?.state).toBe('queued');
    expect((await store.outboxOfMessage(record('o7', 'queued', 1).messageKey))?.outboxId).toBe('o7');
    expect((await store.attemptsOf(id)).map(({ outcome }) => outcome)).toEqual(['transient', 'accepted']);
    expect((await store.recentAttempts(1)).map(({ outcome }) => outcome)).toEqual(['accepted']);
    expect(await store.acceptedSince(Date.parse('2024-01-01T12:00:00Z'))).toEqual([{ serverId: 's1', messages: 1 }]);
    await store.removeOutbox(id);
    expect(await store.outboxRecord(id)).toBeNull();
  });

  it('is kept aside when damaged; the mail is found by its keys and not doubled', async () => {
    const asked = request('one', mail('one'), { collected: { accountId: account, entry: entry('u1') } });
    await store.file([asked]);
    await store.close();
    for (const name of ['ledger.sqlite-wal', 'ledger.sqlite-shm']) rmSync(join(home.profileDir, name), { force: true });
    writeFileSync(join(home.profileDir, 'ledger.sqlite'), 'x'.repeat(8192));
    store = await home.open();
    expect(readFileSync(join(home.profileDir, 'ledger.sqlite.damaged-1'), 'latin1')).toBe('x'.repeat(8192));
    expect(home.logged.join()).toContain('ledger was damaged');
    expect(await store.knownUniqueIds(account)).toEqual([]);
    expect(await store.file([request('one')])).toMatchObject([{ outcome: 'already-there' }]);
  });
});
