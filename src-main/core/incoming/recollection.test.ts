import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test, vi } from 'vitest';
import { AccountId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { Clock } from '../ports.ts';
import type { Pop3Server } from '../practice/pop3-server.ts';
import type { CollectOptions } from './collect-options.ts';
import { collectOnce } from './testing/collect-once.ts';
import { createMaildrop, message, realClock, type TestMaildrop } from './testing/maildrops.ts';
import { createMemoryStore } from './testing/memory-store.ts';
import { openProfile, serve } from './testing/served-maildrop.ts';

const day = 24 * 60 * 60 * 1000;
const accountId = AccountId.parse('test-account');

/** Visits one after the other, as the running app makes them, and how often what is known was read. */
function visitor(server: Pop3Server, store: CollectOptions['store']) {
  const settled: CollectOptions['settled'] = new Map();
  const knownUniqueIds = vi.fn(store.knownUniqueIds);
  const visit = (patch: Record<string, unknown> = {}, options: Partial<CollectOptions> = {}) =>
    collectOnce(server, { ...store, knownUniqueIds }, patch, { settled, ...options });
  return { visit, knownUniqueIds, settled };
}

describe('a maildrop in which nothing has changed', () => {
  test('what is known is not read again, and the report is the same', async () => {
    const server = await serve(createMaildrop(['a', 'b', 'c'].map((id) => message(id))));
    const { store } = await openProfile();
    const { visit, knownUniqueIds } = visitor(server, store);
    expect(await visit()).toMatchObject({ retrieved: 3, left: 3 });
    const planned = await visit();
    expect(knownUniqueIds).toHaveBeenCalledTimes(2);
    for (let round = 0; round < 3; round += 1)
      expect({ ...(await visit()), durationMs: 0 }).toEqual({ ...planned, durationMs: 0 });
    expect(knownUniqueIds).toHaveBeenCalledTimes(2);
    expect(server.sessions.at(-1)?.commands.slice(-3)).toEqual(['LIST', 'UIDL', 'QUIT']);
  });

  test('what lies there in all is still told where the account is watched', async () => {
    const server = await serve(createMaildrop([message('a')]));
    const { visit } = visitor(server, createMemoryStore());
    const watched = { warnAboveOctets: 10 };
    await visit(watched);
    await visit(watched);
    const { serverOctets } = await visit(watched);
    expect(serverOctets).toBe(message('a').bytes.length);
  });

  test('without unique-ids every visit looks anew', async () => {
    const server = await serve(createMaildrop([message('a')]), { uidl: false });
    const { visit, settled } = visitor(server, createMemoryStore());
    await visit();
    await visit();
    expect(settled?.size).toBe(0);
  });

  test('who looked first and chose is not answered from memory, and leaves none', async () => {
    const server = await serve(createMaildrop([message('a'), message('b')]));
    const { visit, knownUniqueIds, settled } = visitor(server, createMemoryStore());
    await visit({}, { only: new Set(['b']) });
    await visit({}, { only: new Set(['c']) });
    expect(settled?.size).toBe(0);
    expect(await visit()).toMatchObject({ retrieved: 1 });
    await visit();
    knownUniqueIds.mockClear();
    expect(await visit({}, { only: new Set(['a']) })).toMatchObject({ retrieved: 1 });
    expect(knownUniqueIds).toHaveBeenCalled();
  });
});

describe('whatever changes is acted on at the next visit', () => {
  const clockAt = (now: number): Clock => ({ ...realClock, now: () => now });

  test('on the server: a new message, other octets under a known unique-id, one gone', async () => {
    const maildrop = createMaildrop([message('a'), message('b'), message('c')]);
    const server = await serve(maildrop);
    const store = createMemoryStore();
    const { visit } = visitor(server, store);
    for (let round = 0; round < 3; round += 1) await visit();
    maildrop.lying.push(message('d'));
    expect(await visit()).toMatchObject({ retrieved: 1, left: 4 });
    for (let round = 0; round < 2; round += 1) await visit();
    maildrop.lying.splice(0, 1, message('a', 'Subject: Another\r\n\r\nof other length\r\n'));
    expect(await visit()).toMatchObject({ retrieved: 1 });
    for (let round = 0; round < 2; round += 1) await visit();
    maildrop.lying.splice(1, 1);
    expect(await visit()).toMatchObject({ left: 3 });
    expect(store.known().map(({ uniqueId }) => uniqueId)).toEqual(['a', 'c', 'd']);
  });

  test('the settings: retention, the limit of size', async () => {
    const maildrop = createMaildrop([message('a'), message('b', `Subject: b\r\n\r\n${'x'.repeat(500)}\r\n`)]);
    const server = await serve(maildrop);
    const { store } = await openProfile();
    const { visit } = visitor(server, store);
    for (let round = 0; round < 3; round += 1) await visit({ maxOctets: 200 });
    expect(await visit({ maxOctets: 2000 })).toMatchObject({ retrieved: 1 });
    for (let round = 0; round < 2; round += 1) await visit();
    expect(await visit({ retention: { kind: 'delete' } })).toMatchObject({ deleted: 2, left: 0 });
  });

  test('the time: mail that is left so many days goes on its day, not before, also when the clock was put back', async () => {
    const maildrop = createMaildrop([message('a')]);
    const server = await serve(maildrop);
    const { store } = await openProfile();
    const { visit, knownUniqueIds } = visitor(server, store);
    const days = { retention: { kind: 'leave-days', days: 2 } };
    const begin = Date.now();
    const at = (now: number) => visit(days, { clock: clockAt(now) });
    await at(begin);
    await at(begin + day);
    maildrop.lying.push(message('b'));
    await at(begin + day);
    await at(begin + day);
    knownUniqueIds.mockClear();
    expect(await at(begin - 5 * day)).toMatchObject({ deleted: 0 });
    expect(await at(begin + 2 * day - 1)).toMatchObject({ deleted: 0 });
    expect(knownUniqueIds).not.toHaveBeenCalled();
    expect(await at(begin + 2 * day)).toMatchObject({ deleted: 1, left: 1 });
    expect(maildrop.removed).toEqual(['a']);
    for (let round = 0; round < 2; round += 1) await at(begin + 2 * day);
    expect(await at(begin + 3 * day)).toMatchObject({ deleted: 1, left: 0 });
  });

  test('the time passes while the server is asked', async () => {
    const server = await serve(createMaildrop([message('a')]));
    const { visit } = visitor(server, createMemoryStore());
    const days = { retention: { kind: 'leave-days', days: 2 } };
    const begin = Date.now();
    for (let round = 0; round < 2; round += 1) await visit(days, { clock: clockAt(begin) });
    let now = begin + 2 * day - 1;
    const clock = { ...realClock, now: () => now };
    const onConnecting = async () => {
      now += 1;
      return null;
    };
    expect(await visit(days, { clock, takeSession: onConnecting })).toMatchObject({ deleted: 1 });
  });

  test('removed in the app; and a file that is gone stays no reason to delete', async () => {
    const maildrop = createMaildrop([message('a'), message('b')]);
    const server = await serve(maildrop);
    const { store } = await openProfile();
    const { visit, knownUniqueIds } = visitor(server, store);
    const patch = { retention: { kind: 'delete-when-removed' } };
    for (let round = 0; round < 3; round += 1) expect(await visit(patch)).toMatchObject({ left: 2 });
    expect(knownUniqueIds).toHaveBeenCalledTimes(2);
    const entry = (await store.knownUniqueIds(accountId)).find(({ uniqueId }) => uniqueId === 'b');
    await store.move(entry?.messageKey ? [entry.messageKey] : [], folder.trash);
    expect(await visit(patch)).toMatchObject({ deleted: 1, left: 1 });
    expect(maildrop.removed).toEqual(['b']);
  });

  test('a beginning that was removed goes from the server once it has left Trash for good', async () => {
    const maildrop = createMaildrop([message('a', `Subject: a\r\n\r\n${'x'.repeat(500)}\r\n`), message('b')]);
    const server = await serve(maildrop);
    const { store } = await openProfile();
    const { visit } = visitor(server, store);
    const patch = { retention: { kind: 'delete-when-removed' }, maxOctets: 100 };
    for (let round = 0; round < 3; round += 1) await visit(patch);
    const entry = (await store.knownUniqueIds(accountId)).find(({ uniqueId }) => uniqueId === 'a');
    const keys = entry?.messageKey ? [entry.messageKey] : [];
    await store.move(keys, folder.trash);
    for (let round = 0; round < 3; round += 1) expect(await visit(patch)).toMatchObject({ deleted: 0 });
    // Nothing in the ledger tells of this.
    await store.destroy(keys);
    expect(await visit(patch)).toMatchObject({ deleted: 1, left: 1 });
  });

  test('what could not be done is tried again, although nothing has changed', async () => {
    let refusals = 2;
    const intercept = (line: string) => (line.startsWith('RETR') && refusals-- > 0 ? '-ERR not now\r\n' : null);
    const server = await serve(createMaildrop([message('a')]), { intercept });
    const { visit } = visitor(server, createMemoryStore());
    for (let round = 0; round < 2; round += 1) expect(await visit()).toMatchObject({ retrieved: 0 });
    expect(await visit()).toMatchObject({ retrieved: 1 });
  });

  test('a file that was missing when its server’s copy was due, and came back', async () => {
    const server = await serve(createMaildrop([message('a')]));
    const store = createMemoryStore();
    const { visit } = visitor(server, store);
    const days = { retention: { kind: 'leave-days', days: 2 } };
    await visit(days);
    const clock = clockAt(Date.now() + 3 * day);
    let isThere = false;
    const present: typeof store.present = async (keys) => (isThere ? keys : []);
    const settled: CollectOptions['settled'] = new Map();
    const later = () => collectOnce(server, { ...store, present }, days, { settled, clock });
    for (let round = 0; round < 3; round += 1) expect(await later()).toMatchObject({ deleted: 0, left: 1 });
    isThere = true;
    expect(await later()).toMatchObject({ deleted: 1, left: 0 });
  });

  test('another program wrote into the ledger', async () => {
    const server = await serve(createMaildrop([message('a')]));
    const { store, profileDir } = await openProfile();
    const { visit } = visitor(server, store);
    for (let round = 0; round < 3; round += 1) await visit();
    const other = new DatabaseSync(join(profileDir, 'ledger.sqlite'));
    other.exec('DELETE FROM unique_ids');
    other.close();
    await visit();
    expect(await store.knownUniqueIds(accountId)).toMatchObject([{ uniqueId: 'a' }]);
  });

  test('a ledger that does not answer ends the visit, and nothing is taken for settled', async () => {
    const server = await serve(createMaildrop([message('a')]));
    const store = createMemoryStore();
    const { visit, settled } = visitor(server, store);
    const ledgerVersion = () => Promise.reject(new Error('The ledger does not answer.'));
    expect(await collectOnce(server, { ...store, ledgerVersion }, {}, { settled })).toMatchObject({
      error: { code: 'EINTERNAL' },
    });
    expect(await visit()).toMatchObject({ retrieved: 1 });
  });
});

/** The same history, visited with and without memory. */
describe('with memory as without', () => {
  test.each(Array.from({ length: 12 }, (_, seed) => ({ seed })))('history $seed', async ({ seed }) => {
    const below = numbersFrom(seed);
    const [forgetful, remembering] = await Promise.all([side(undefined), side(new Map())]);
    let patch: Record<string, unknown> = {};
    let now = Date.now();
    let next = 0;
    for (let step = 0; step < 25; step += 1) {
      const act = below(12);
      const which = below(8);
      const id = `m${next}`;
      if (act === 0) patch = { ...patch, retention: retentions[which % retentions.length] };
      if (act === 1) patch = { ...patch, maxOctets: [0, 60, 400][which % 3] };
      if (act === 2) now += [day, 2 * day, -day, 1][which % 4] ?? 0;
      if (act === 3) next += 1;
      for (const { maildrop, store } of [forgetful, remembering]) {
        if (act === 3) maildrop.lying.push(message(id, textOf(id, which)));
        change(act, which, maildrop, store);
      }
      const clock = { ...realClock, now: () => now };
      const [one, other] = await Promise.all([forgetful, remembering].map((each) => each.visit(patch, clock)));
      expect(other).toEqual(one);
      expect(remembering.maildrop.removed).toEqual(forgetful.maildrop.removed);
      expect(remembering.store.known()).toEqual(forgetful.store.known());
    }
  });

  const retentions = [
    { kind: 'leave' },
    { kind: 'leave' },
    { kind: 'leave-days', days: 2 },
    { kind: 'leave-days', days: 1 },
    { kind: 'delete-when-removed' },
    { kind: 'delete' },
  ];

  const textOf = (id: string, which: number) => `Subject: ${id}\r\n\r\n${'x'.repeat(which * 40)}\r\n`;

  async function side(settled: CollectOptions['settled']) {
    const maildrop = createMaildrop([]);
    const server = await serve(maildrop);
    const store = createMemoryStore();
    return {
      maildrop,
      store,
      async visit(patch: Record<string, unknown>, clock: Clock) {
        return { ...(await collectOnce(server, store, patch, { settled, clock })), durationMs: 0 };
      },
    };
  }

  function change(
    act: number,
    which: number,
    maildrop: TestMaildrop,
    store: ReturnType<typeof createMemoryStore>,
  ): void {
    const at = which % Math.max(1, maildrop.lying.length);
    const uniqueId = maildrop.lying[at]?.uniqueId ?? '';
    if (act === 4) maildrop.lying.splice(at, 1);
    if (act === 5 && uniqueId !== '') maildrop.lying.splice(at, 1, message(uniqueId, textOf('other', which)));
    if (act === 6) store.markRemoved(uniqueId);
    if (act === 7) store.loseFile(uniqueId);
    if (act === 8 && which === 0)
      maildrop.lying.splice(0, 99, ...maildrop.lying.map((one) => ({ ...one, uniqueId: `${one.uniqueId}x` })));
  }

  function numbersFrom(seed: number): (limit: number) => number {
    let state = seed * 7919 + 1;
    return (limit) => {
      state = (state * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((state / 2 ** 31) * limit);
    };
  }
});
