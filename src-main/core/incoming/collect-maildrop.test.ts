import { describe, expect, test, vi } from 'vitest';
import { MailError } from '#shared/mail-error.ts';
import { collectOnce } from './testing/collect-once.ts';
import { createMaildrop, message, realClock, sha256, type TestMaildrop } from './testing/maildrops.ts';
import { createMemoryStore, type MemoryStore } from './testing/memory-store.ts';
import { serve } from './testing/served-maildrop.ts';

const bytesIn = (store: MemoryStore): string[] => [...store.messages.values()].map(({ bytes }) => sha256(bytes)).sort();
const bytesOf = (maildrop: TestMaildrop): string[] => maildrop.lying.map(({ bytes }) => sha256(bytes)).sort();
const deletes = { retention: { kind: 'delete' } };

describe('retention', () => {
  test('leave: everything is fetched once and nothing is deleted', async () => {
    const maildrop = createMaildrop([message('a'), message('b'), message('c')]);
    const server = await serve(maildrop);
    const store = createMemoryStore();
    expect(await collectOnce(server, store)).toMatchObject({ retrieved: 3, left: 3, deleted: 0, failed: [] });
    expect(await collectOnce(server, store)).toMatchObject({ retrieved: 0, left: 3, deleted: 0 });
    expect(bytesIn(store)).toEqual(bytesOf(maildrop));
    expect(maildrop.removed).toEqual([]);
  });

  test('delete: what is safe is deleted at QUIT and then forgotten', async () => {
    const maildrop = createMaildrop([message('a'), message('b')]);
    const wanted = bytesOf(maildrop);
    const server = await serve(maildrop);
    const store = createMemoryStore();
    expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 2, left: 0, deleted: 2 });
    expect(maildrop.removed).toEqual(['a', 'b']);
    expect(bytesIn(store)).toEqual(wanted);
    expect(store.known()).toEqual([]);
  });

  test('leave days: deleted once its time is over, without fetching again', async () => {
    const maildrop = createMaildrop([message('a')]);
    const server = await serve(maildrop);
    const store = createMemoryStore();
    const days = { retention: { kind: 'leave-days', days: 2 } };
    expect(await collectOnce(server, store, days)).toMatchObject({ retrieved: 1, deleted: 0 });
    const later = { ...realClock, now: () => Date.now() + 2 * 24 * 60 * 60 * 1000 };
    expect(await collectOnce(server, store, days, { clock: later })).toMatchObject({ retrieved: 0, deleted: 1 });
    expect(server.sessions[1]?.retrieved).toEqual([]);
  });

  test('delete when removed: only what was removed in the app', async () => {
    const maildrop = createMaildrop([message('a'), message('b')]);
    const server = await serve(maildrop);
    const store = createMemoryStore();
    const patch = { retention: { kind: 'delete-when-removed' } };
    await collectOnce(server, store, patch);
    store.markRemoved('b');
    expect(await collectOnce(server, store, patch)).toMatchObject({ retrieved: 0, deleted: 1, left: 1 });
    expect(maildrop.removed).toEqual(['b']);
  });
});

describe('what is safe', () => {
  test.each([{ kind: 'leave-days', days: 2 }, { kind: 'delete' }])(
    'what was collected and lies here no more, though nobody removed it in the app, is not deleted: $kind',
    async (retention) => {
      const maildrop = createMaildrop([message('a'), message('b'), message('c')]);
      const server = await serve(maildrop);
      const store = createMemoryStore();
      await collectOnce(server, store);
      for (const uniqueId of ['a', 'b']) store.loseFile(uniqueId);
      store.markRemoved('b');
      const later = { ...realClock, now: () => Date.now() + 3 * 24 * 60 * 60 * 1000 };
      const result = await collectOnce(server, store, { retention }, { clock: later });
      expect(result).toMatchObject({ retrieved: 0, deleted: 2, left: 1 });
      expect(maildrop.lying.map(({ uniqueId }) => uniqueId)).toEqual(['a']);
      expect(store.known().map(({ uniqueId }) => uniqueId)).toEqual(['a']);
    },
  );

  test('a message the server will not give does not stop the rest and is not deleted', async () => {
    const maildrop = createMaildrop([message('a'), message('b'), message('c')]);
    const server = await serve(maildrop, {
      intercept: (line) => (line === 'RETR 2' ? '-ERR [SYS/TEMP] Damaged\r\n' : null),
    });
    const store = createMemoryStore();
    const result = await collectOnce(server, store, deletes);
    expect(result).toMatchObject({ retrieved: 2, deleted: 2, left: 1 });
    expect(result.failed).toMatchObject([{ uniqueId: 'b', error: { code: 'ETRANSIENT', command: 'RETR' } }]);
    expect(maildrop.lying.map(({ uniqueId }) => uniqueId)).toEqual(['b']);
  });

  test('a server where nothing is deleted does not wait for our disk; one where something is does', async () => {
    const maildrop = createMaildrop([message('a'), message('b')]);
    const server = await serve(maildrop);
    const store = createMemoryStore();
    store.beforeFile = () => vi.waitFor(() => expect(server.sessions.at(-1)?.hasQuit).toBe(true), { timeout: 10_000 });
    expect(await collectOnce(server, store)).toMatchObject({ retrieved: 2, left: 2, deleted: 0 });
    maildrop.lying.push(message('c'));
    const said: (readonly string[])[] = [];
    store.beforeFile = () => {
      said.push([...(server.sessions.at(-1)?.commands ?? [])]);
    };
    expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 1, deleted: 3 });
    expect(said).toHaveLength(1);
    expect(said.flat().filter((command) => /^(?:DELE|QUIT)/.test(command))).toEqual([]);
  });

  test('a full disk stops it, says so, and only what the store acknowledged is deleted', async () => {
    const maildrop = createMaildrop(Array.from({ length: 250 }, (_, index) => message(`m${index}`)));
    const server = await serve(maildrop);
    const store = createMemoryStore();
    store.beforeFile = () => {
      if (store.batches.length === 1) throw new MailError('EDISKFULL', 'The disk is full.');
    };
    const result = await collectOnce(server, store, deletes);
    expect(result).toMatchObject({ retrieved: 20, deleted: 20, left: 230, error: { code: 'EDISKFULL' } });
    expect(result.error?.message).toBe(
      'The disk is full. 20 new messages are safe here; what was not fetched is still on the server. Free some space and collect again.',
    );
    expect(store.messages.size).toBe(20);
    store.beforeFile = () => {};
    expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 230, deleted: 230, left: 0 });
    expect(store.messages.size).toBe(250);
  });

  test('the last batches are waited for: a slow disk, and a disk that is full just then', async () => {
    const maildrop = createMaildrop(Array.from({ length: 105 }, (_, index) => message(`m${index}`)));
    const server = await serve(maildrop);
    const store = createMemoryStore();
    store.beforeFile = async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new MailError('EDISKFULL', 'The disk is full.');
    };
    const words = 'The disk is full. What was not fetched is still on the server. Free some space and collect again.';
    expect(await collectOnce(server, store, deletes)).toMatchObject({
      deleted: 0,
      error: { code: 'EDISKFULL', message: words },
    });
    store.beforeFile = () => new Promise((resolve) => setTimeout(resolve, 50));
    maildrop.lying.splice(100);
    expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 100, deleted: 100, left: 0 });
  });

  test('a drop in the middle keeps what came whole and deletes nothing', async () => {
    const maildrop = createMaildrop([message('a'), message('b'), message('c')]);
    const server = await serve(maildrop);
    const store = createMemoryStore();
    await server.setFault('drops-in-the-middle');
    expect(await collectOnce(server, store, deletes)).toMatchObject({
      retrieved: 1,
      deleted: 0,
      error: { code: 'ECLOSED' },
    });
    expect(maildrop.removed).toEqual([]);
    await server.setFault('none');
    expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 2, deleted: 3, left: 0 });
    expect(store.messages.size).toBe(3);
  });

  test('a drop after any octet: an error each time, nothing half kept, nothing lost, nothing doubled', {
    timeout: 120_000,
  }, async () => {
    const mail = () => [message('a', 'Subject: a\r\n\r\n.dot\r\n.\r\n'), message('b', 'b\r\n')];
    const wanted = bytesOf(createMaildrop(mail()));
    let isWhole = false;
    for (let dropAfterOctets = 0; !isWhole; dropAfterOctets += 1) {
      const maildrop = createMaildrop(mail());
      const dropping = await serve(maildrop, { dropAfterOctets });
      const store = createMemoryStore();
      const result = await collectOnce(dropping, store, deletes);
      isWhole = result.error === undefined;
      if (isWhole) expect(result).toMatchObject({ retrieved: 2, deleted: 2 });
      else expect(result).toMatchObject({ deleted: 0, error: { code: 'ECLOSED' } });
      for (const digest of bytesIn(store)) expect(wanted).toContain(digest);
      expect(maildrop.removed.length > 0 ? bytesIn(store) : wanted).toEqual(wanted);
      // The next session, on a server that holds.
      const holding = await serve(maildrop);
      await collectOnce(holding, store, deletes);
      expect(bytesIn(store)).toEqual(wanted);
      expect(maildrop.lying).toEqual([]);
      await Promise.all([dropping.close(), holding.close()]);
    }
  });

  test('a QUIT that fails counts nothing as deleted, and nothing doubles the next time', async () => {
    const maildrop = createMaildrop([message('a')]);
    const server = await serve(maildrop, {
      intercept: (line, session) => (line === 'QUIT' && session.retrieved.length > 0 ? '-ERR Not removed\r\n' : null),
    });
    const store = createMemoryStore();
    expect(await collectOnce(server, store, deletes)).toMatchObject({
      retrieved: 1,
      deleted: 0,
      error: { command: 'QUIT' },
    });
    expect(store.known()).toHaveLength(1);
    expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 0, deleted: 1 });
    expect(store.messages.size).toBe(1);
  });

  test('the Mail folder has gone: nothing is even asked', async () => {
    const server = await serve(createMaildrop([message('a')]));
    const store = createMemoryStore();
    store.mailFolderProblem = 'The folder is missing.';
    expect(await collectOnce(server, store)).toMatchObject({ error: { code: 'EMAILFOLDER' } });
    expect(server.sessions).toEqual([]);
  });

  test('cancelled: hangs up and deletes nothing', async () => {
    const maildrop = createMaildrop(Array.from({ length: 300 }, (_, index) => message(`m${index}`)));
    const server = await serve(maildrop);
    const store = createMemoryStore();
    const stop = new AbortController();
    store.beforeFile = () => stop.abort(new MailError('ECANCELLED', 'Cancelled.'));
    await expect(collectOnce(server, store, deletes, { signal: stop.signal })).rejects.toMatchObject({
      code: 'ECANCELLED',
    });
    expect(maildrop.removed).toEqual([]);
  });
});

test('Gmail’s “recent:” goes to the server as it stands; with and without it nothing is fetched twice', async () => {
  const store = createMemoryStore();
  const collectAs = async (user: string, lying: ReturnType<typeof message>[]) => {
    const server = await serve(createMaildrop(lying), { user });
    return collectOnce(server, store, { user }, { credentials: { user, secret: 'secret', auth: 'auto' } });
  };
  const [old, ...recent] = [message('a'), message('b'), message('c')];
  expect(await collectAs('recent:anna@gmail.com', recent)).toMatchObject({ retrieved: 2, failed: [] });
  expect(
    await collectAs(
      'anna@gmail.com',
      [old, ...recent].filter((one) => one !== undefined),
    ),
  ).toMatchObject({
    retrieved: 1,
    left: 3,
  });
  // Its thirty days go on: what leaves the listing is not missed, and known when it is seen again.
  expect(await collectAs('recent:anna@gmail.com', recent.slice(1))).toMatchObject({ retrieved: 0, left: 1 });
  expect(await collectAs('anna@gmail.com', recent)).toMatchObject({ retrieved: 0, left: 2 });
  expect(store.messages.size).toBe(3);
});

test('larger messages than the account wants are left and counted', async () => {
  const maildrop = createMaildrop([message('small'), message('large', `Subject: x\r\n\r\n${'x'.repeat(5000)}\r\n`)]);
  const server = await serve(maildrop);
  const store = createMemoryStore();
  expect(await collectOnce(server, store, { ...deletes, maxOctets: 1000 })).toMatchObject({
    retrieved: 1,
    deleted: 1,
    left: 1,
  });
  expect(maildrop.lying.map(({ uniqueId }) => uniqueId)).toEqual(['large']);
});

test('a multidrop is sorted by its recipient, the rest goes to Unsorted', async () => {
  const to = (id: string, field: string) => message(id, `${field}\r\nSubject: x\r\n\r\nHello\r\n`);
  const maildrop = createMaildrop([
    to('a', 'Delivered-To: anna@home.test'),
    to('b', 'X-Original-To:\r\n <Ben@Home.Test>'),
    to('c', 'X-Envelope-To: someone@other.test'),
    to('d', 'To: anna@home.test'),
  ]);
  const server = await serve(maildrop);
  const store = createMemoryStore();
  const routes = [
    { match: 'anna@home.test', folder: 'Anna' },
    { match: '@home.test', folder: 'Home' },
  ];
  await collectOnce(server, store, { multidrop: { fields: [], routes } });
  expect([...store.messages.values()].map(({ folder }) => folder)).toEqual(['Anna', 'Home', 'Unsorted', 'Unsorted']);
});

test('a few at first, then a hundred at a time while the disk is busy; progress counts up to the end', async () => {
  const maildrop = createMaildrop(Array.from({ length: 330 }, (_, index) => message(`m${index}`)));
  const server = await serve(maildrop);
  const store = createMemoryStore();
  const waiting = Promise.withResolvers<void>();
  store.beforeFile = () => waiting.promise;
  const seen: number[] = [];
  const onProgress = ({ done }: { done: number }): void => {
    seen.push(done);
    if (done === 320) waiting.resolve();
  };
  await collectOnce(server, store, {}, { onProgress });
  expect(store.batches).toEqual([20, 100, 100, 100, 10]);
  expect(seen.at(-1)).toBe(330);
});
