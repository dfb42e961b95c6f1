import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { beginningName } from '#shared/mail/beginning.ts';
import { folder } from '#shared/mail/folder.ts';
import type { QuarantineRecord } from '#shared/mail/quarantine.ts';
import type { FileRequest, Store } from './store-api.ts';
import { type Home, keyOf, mail, makeHome, request } from './testing/store-fixture.ts';

// What a process leaves that is killed between the name of a whole message and the ledger's word of it.
let home: Home;
let store: Store;
const bytes = mail('Film', 'The whole film.');
const messageKey = keyOf('film', bytes);
const beginning = MessageKey.parse(beginningName(keyOf('film', mail('Film', 'The')), bytes.length));

beforeEach(async () => {
  home = makeHome();
  store = await home.open();
  await store.file([{ ...request('film', mail('Film', 'The')), messageKey: beginning, isArrival: true }]);
});
afterEach(async () => {
  await store.close();
  home.remove();
});

const record: Omit<QuarantineRecord, 'messageKey'> = {
  folder: folder.inbox,
  state: 'waiting',
  words: '',
  filedAt: 1000,
  judgedAt: null,
  retryAt: null,
  releasedAt: null,
  releasedBy: null,
  tries: 0,
};
const whole = (more: Partial<FileRequest>): FileRequest => ({ ...request('film', new Uint8Array(bytes)), ...more });
const toQuarantine = { folder: folder.quarantine, quarantine: record };

test('in Quarantine without a record it waits to be judged, and for the rules', async () => {
  await store.file([whole({ folder: folder.quarantine })]);
  expect(await store.quarantineRecord(messageKey)).toBeNull();
  expect(await store.replaceBeginning(beginning, whole(toQuarantine))).toMatchObject({ outcome: 'already-there' });
  expect(await store.quarantineRecord(messageKey)).toEqual({ ...record, messageKey });
  expect(await store.arrivals(10)).toMatchObject([{ messageKey }]);
  expect(await store.beginnings()).toEqual([]);
  expect(readdirSync(join(home.mailFolder, '.Quarantine', 'new'))).toEqual([messageKey]);
});

test('what was judged, or lies elsewhere, is not judged anew', async () => {
  const released = { ...record, messageKey, state: 'rejected', releasedAt: 2000, releasedBy: 'user' } as const;
  await store.file([whole({ folder: folder.quarantine })]);
  await store.settleQuarantine({ put: [released], forget: [], arrivals: [] });
  await store.replaceBeginning(beginning, whole(toQuarantine));
  expect(await store.quarantineRecord(messageKey)).toEqual(released);
  await store.settleQuarantine({ put: [], forget: [messageKey], arrivals: [] });
  await store.move([messageKey], folder.archive);
  await store.file([{ ...request('film', mail('Film', 'The')), messageKey: beginning }]);
  await store.replaceBeginning(beginning, whole(toQuarantine));
  expect(await store.quarantineRecord(messageKey)).toBeNull();
  expect(await store.summary(messageKey)).toMatchObject({ folder: 'Archive' });
});
