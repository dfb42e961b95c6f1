import { expect, test } from 'vitest';
import type { CollectedAccount } from '#shared/job.ts';
import type { Pop3Server } from '../practice/pop3-server.ts';
import { collectOnce } from './testing/collect-once.ts';
import { accountAt, createMaildrop, message } from './testing/maildrops.ts';
import { createMemoryStore, type MemoryStore } from './testing/memory-store.ts';
import { serve } from './testing/served-maildrop.ts';

function collect(server: Pop3Server, store: MemoryStore, retention = 'leave'): Promise<CollectedAccount> {
  return collectOnce(server, store, { retention: { kind: retention } });
}

/** A profile that collected these, and then lost its ledger. */
async function lostLedger(server: Pop3Server): Promise<MemoryStore> {
  const store = createMemoryStore();
  await collect(server, store);
  await store.forgetUniqueIds(
    accountAt(server.port).id,
    store.known().map(({ uniqueId }) => uniqueId),
  );
  return store;
}

test('a lost ledger is read back from the names of the files: nothing is fetched once more', async () => {
  const maildrop = createMaildrop([message('a'), message('b'), message('b', 'Subject: another b\r\n\r\nx\r\n')]);
  const server = await serve(maildrop);
  const store = await lostLedger(server);
  maildrop.lying.push(message('new'));
  expect(await collect(server, store)).toMatchObject({ retrieved: 1, left: 4, deleted: 0, failed: [] });
  expect(store.known().map(({ uniqueId }) => uniqueId)).toHaveLength(4);
  expect(store.messages.size).toBe(4);
  expect(await collect(server, store)).toMatchObject({ retrieved: 0, left: 4 });
  // What was recorded is good enough to delete by, as what was collected is.
  expect(await collect(server, store, 'delete')).toMatchObject({ retrieved: 0, deleted: 4 });
});

test('a file that no longer has the bytes its name says does not count; the message is fetched', async () => {
  const maildrop = createMaildrop([message('a'), message('b')]);
  const server = await serve(maildrop);
  const store = await lostLedger(server);
  const [damaged] = store.messages.values();
  damaged?.bytes.fill(0x20, 0, 1);
  expect(await collect(server, store)).toMatchObject({ retrieved: 1 });
});

test('what is deleted when collected is fetched all the same before it is deleted', async () => {
  const maildrop = createMaildrop([message('a'), message('b')]);
  const server = await serve(maildrop);
  const store = await lostLedger(server);
  expect(await collect(server, store, 'delete')).toMatchObject({ retrieved: 2, deleted: 2 });
  expect(store.messages.size).toBe(2);
});
