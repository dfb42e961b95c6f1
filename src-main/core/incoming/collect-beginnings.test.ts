import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { MessageKey } from '#shared/ids.ts';
import { isBeginning, wholeOctetsOf } from '#shared/mail/beginning.ts';
import { folder } from '#shared/mail/folder.ts';
import type { Store } from '../store/store-api.ts';
import { messageKeyOf } from './message-identity.ts';
import { collectOnce } from './testing/collect-once.ts';
import { accountAt, createMaildrop, message, realClock, sha256 } from './testing/maildrops.ts';
import { filesOfInbox, makeProfile, openRealStore } from './testing/real-store.ts';
import { openProfile, serve } from './testing/served-maildrop.ts';

const collect: typeof collectOnce = (server, store, patch = {}, options = {}) =>
  collectOnce(server, store, { maxOctets: 10_000, ...patch }, options);

/** A header, a text, and then lines and lines of something attached; dots at the start of lines and 8-bit octets in it. */
function large(uniqueId: string, lines = 2000) {
  const body = Array.from({ length: lines }, (_, at) => `.${at} \xe4\xf6 ${'x'.repeat(60)}`).join('\r\n');
  return message(uniqueId, `Subject: Large ${uniqueId}\r\nMessage-ID: <${uniqueId}@t>\r\n\r\n${body}\r\n`);
}

async function beginningIn(store: Store): Promise<MessageKey> {
  const [key, ...more] = await store.beginnings();
  if (key === undefined || more.length > 0) throw new Error(`there are ${more.length} beginnings`);
  return key;
}

const deletes = { retention: { kind: 'delete' } };

test('a large message comes by its beginning, says so by its name, and is never deleted for it', async () => {
  const maildrop = createMaildrop([message('small'), large('big')]);
  const server = await serve(maildrop);
  const { store, profileDir } = await openProfile();
  expect(await collect(server, store, deletes)).toMatchObject({ retrieved: 1, beginnings: 1, deleted: 1, left: 1 });
  const key = await beginningIn(store);
  const whole = maildrop.lying[0]?.bytes ?? new Uint8Array();
  expect(wholeOctetsOf(key)).toBe(whole.length);
  expect(await store.summary(key)).toMatchObject({ subject: 'Large big', folder: 'Inbox', isMalformed: false });
  const first = Buffer.from(await store.read(key));
  expect(first.length).toBeLessThan(20_000);
  expect(first.equals(Buffer.from(whole).subarray(0, first.length))).toBe(true);
  expect((await filesOfInbox(profileDir)).map(({ name }) => name).some((name) => name.startsWith(key))).toBe(true);
  // Nothing happens to it at the next visits, whatever the account does with mail that is here.
  for (const retention of [{ kind: 'delete' }, { kind: 'leave-days', days: 1 }, { kind: 'delete-when-removed' }]) {
    const later = { ...realClock, now: () => Date.now() + 5 * 24 * 60 * 60 * 1000 };
    expect(await collect(server, store, { retention }, { clock: later })).toMatchObject({ retrieved: 0, deleted: 0 });
  }
  expect(server.sessions.flatMap(({ retrieved }) => retrieved)).toEqual(['small']);
  expect(maildrop.removed).toEqual(['small']);
});

test('asked for, it comes whole into its place: octets exact, folder, flags and tags kept, and only then deleted', async () => {
  const maildrop = createMaildrop([message('small'), large('big')]);
  const whole = sha256(maildrop.lying[1]?.bytes ?? new Uint8Array());
  const server = await serve(maildrop);
  const { store } = await openProfile();
  await collect(server, store, deletes);
  const beginning = await beginningIn(store);
  await store.move([beginning], folder.archive);
  await store.setFlags([beginning], ['seen', 'flagged'], []);
  await store.setTags([beginning], ['Films'], []);
  const swapped: MessageKey[][] = [];
  const only = new Set(['big']);
  const onWhole = (from: MessageKey, to: MessageKey) => swapped.push([from, to]);
  expect(await collect(server, store, deletes, { only, onWhole })).toMatchObject({ retrieved: 1, deleted: 1, left: 0 });
  const [[from, key = beginning] = []] = swapped;
  expect(from).toBe(beginning);
  expect(isBeginning(key)).toBe(false);
  expect(sha256(await store.read(key))).toBe(whole);
  expect(await store.summary(key)).toMatchObject({
    folder: 'Archive',
    flags: ['flagged', 'seen'],
    tags: ['Films'],
  });
  expect(await store.summary(beginning)).toBeNull();
  expect(await store.beginnings()).toEqual([]);
  expect((await store.checkIndex()).problems).toEqual([]);
  expect(maildrop.removed).toEqual(['small', 'big']);
});

test('a session lost half-way leaves the beginning as it is and nothing else', async () => {
  const maildrop = createMaildrop([large('big')]);
  const server = await serve(maildrop);
  const { store } = await openProfile();
  await collect(server, store, deletes);
  const key = await beginningIn(store);
  await server.setFault('drops-in-the-middle');
  expect(await collect(server, store, deletes, { only: new Set(['big']) })).toMatchObject({
    retrieved: 0,
    deleted: 0,
    error: { code: 'ECLOSED' },
  });
  expect(await store.beginnings()).toEqual([key]);
  expect(await store.listKeys(folder.inbox)).toEqual([key]);
  expect(maildrop.removed).toEqual([]);
});

test('when larger messages are allowed, those that wait come whole by themselves', async () => {
  const server = await serve(createMaildrop([large('a'), large('b', 3000)]));
  const { store } = await openProfile();
  expect(await collect(server, store)).toMatchObject({ beginnings: 2 });
  expect(await collect(server, store, { maxOctets: 170_000 })).toMatchObject({ retrieved: 1 });
  expect(await store.beginnings()).toHaveLength(1);
  expect(await collect(server, store, { maxOctets: 0 })).toMatchObject({ retrieved: 1 });
  expect(await store.beginnings()).toEqual([]);
  expect(await store.listKeys(folder.inbox)).toHaveLength(2);
});

test('removed here: in Trash it can still be got, gone for good it goes on the server too where the account says so', async () => {
  const maildrop = createMaildrop([large('big')]);
  const server = await serve(maildrop);
  const { store } = await openProfile();
  const patch = { retention: { kind: 'delete-when-removed' } };
  await collect(server, store, patch);
  const key = await beginningIn(store);
  await store.move([key], folder.trash);
  expect(await collect(server, store, patch)).toMatchObject({ deleted: 0, left: 1 });
  await store.destroy([key]);
  expect(await collect(server, store, { retention: { kind: 'leave' } })).toMatchObject({ deleted: 0, left: 1 });
  expect(await collect(server, store, patch)).toMatchObject({ deleted: 1, left: 0 });
  expect(await store.beginnings()).toEqual([]);
});

test('the rest is gone from the server: nobody remembers where it was, and the beginning stays', async () => {
  const maildrop = createMaildrop([large('big'), message('a'), message('b'), message('c')]);
  const server = await serve(maildrop);
  const { store } = await openProfile();
  await collect(server, store);
  const key = await beginningIn(store);
  expect(await store.collectedAs(key)).toMatchObject({ accountId: 'test-account', entry: { uniqueId: 'big' } });
  maildrop.lying.shift();
  await collect(server, store);
  expect(await store.collectedAs(key)).toBeNull();
  expect(await store.beginnings()).toEqual([key]);
});

test('another message under the same unique-id does not take its place', async () => {
  const maildrop = createMaildrop([large('big')]);
  const server = await serve(maildrop);
  const { store } = await openProfile();
  await collect(server, store);
  const key = await beginningIn(store);
  const other = large('other');
  const sameSize = Buffer.from(other.bytes);
  sameSize.write('Subject: Lxrge', 0, 'latin1');
  const size = maildrop.lying[0]?.bytes.length ?? 0;
  maildrop.lying[0] = { uniqueId: 'big', bytes: new Uint8Array(sameSize), listedOctets: size };
  expect(await collect(server, store, {}, { only: new Set(['big']) })).toMatchObject({ retrieved: 1 });
  expect(await store.beginnings()).toEqual([key]);
  expect(await store.listKeys(folder.inbox)).toHaveLength(2);
});

test('a server without TOP: large ones stay there and are counted', async () => {
  const server = await serve(createMaildrop([message('small'), large('big')]), { top: false });
  const { store } = await openProfile();
  expect(await collect(server, store, deletes)).toMatchObject({ retrieved: 1, deleted: 1, left: 1, tooLarge: 1 });
  expect(await store.beginnings()).toEqual([]);
});

test('a server without UIDL: a beginning is known by its header, and comes once', async () => {
  const maildrop = createMaildrop([message('small'), large('big')]);
  const server = await serve(maildrop, { uidl: false });
  for (const retention of [{ kind: 'leave' }, { kind: 'delete' }]) {
    const { store } = await openProfile();
    expect(await collect(server, store, { retention })).toMatchObject({ beginnings: 1 });
    expect((await collect(server, store, { retention })).beginnings).toBeUndefined();
    const known = await store.collectedAs(await beginningIn(store));
    const only = new Set([known?.entry.uniqueId ?? '']);
    expect(await collect(server, store, { retention }, { only })).toMatchObject({ retrieved: 1 });
    expect(await store.beginnings()).toEqual([]);
  }
  expect(maildrop.lying).toEqual([]);
});

test('a lost ledger: the beginning is found again and not doubled; a whole message gets no beginning beside it', async () => {
  const maildrop = createMaildrop([large('a'), large('b', 3000)]);
  const server = await serve(maildrop);
  const { profileDir, remove } = await makeProfile();
  onTestFinished(remove);
  const first = await openRealStore(profileDir);
  await collect(server, first);
  await collect(server, first, {}, { only: new Set(['b']) });
  await first.close();
  await rm(join(profileDir, 'ledger.sqlite'));
  await Promise.all(['-wal', '-shm'].map((end) => rm(join(profileDir, `ledger.sqlite${end}`), { force: true })));
  const store = await openRealStore(profileDir);
  onTestFinished(() => store.close());
  // The whole one is read back from the name of its file.
  expect(await collect(server, store)).toMatchObject({ retrieved: 0, left: 2 });
  expect(await store.listKeys(folder.inbox)).toHaveLength(2);
  expect(await store.collectedAs(await beginningIn(store))).toMatchObject({ entry: { uniqueId: 'a' } });
});

test('a crash between the whole message and the end of its beginning: the next try puts the beginning away', async () => {
  const maildrop = createMaildrop([large('big')]);
  const server = await serve(maildrop);
  const { store } = await openProfile();
  await collect(server, store);
  const key = await beginningIn(store);
  const bytes = new Uint8Array(maildrop.lying[0]?.bytes ?? new Uint8Array());
  const account = accountAt(server.port);
  const messageKey = messageKeyOf(account.id, 'big', sha256(bytes));
  // As the crash left it: the file has its name, the ledger knows nothing yet.
  await store.file([{ folder: folder.inbox, messageKey, bytes, flags: [] }]);
  expect(await store.listKeys(folder.inbox)).toHaveLength(2);
  expect(await collect(server, store, deletes, { only: new Set(['big']) })).toMatchObject({ retrieved: 1, deleted: 1 });
  expect(await store.listKeys(folder.inbox)).toEqual([messageKey]);
  expect(await store.summary(key)).toBeNull();
});

test('what the maildrop takes is told where the account asks, less what was deleted now', async () => {
  const maildrop = createMaildrop([message('small'), large('big')]);
  const server = await serve(maildrop);
  const { store } = await openProfile();
  const size = maildrop.lying[1]?.bytes.length ?? 0;
  const told = await collect(server, store, { ...deletes, warnAboveOctets: 1000 });
  expect(told).toMatchObject({ serverOctets: size });
  expect((await collect(server, store)).serverOctets).toBeUndefined();
});
