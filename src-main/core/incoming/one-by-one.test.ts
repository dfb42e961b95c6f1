import { afterEach, describe, expect, test, vi } from 'vitest';
import { createPop3Server, type Pop3ServerOptions } from '../practice/pop3-server.ts';
import { createLookSession } from './look-session.ts';
import { goesOneByOne, lossAt } from './one-by-one.ts';
import { collectOnce } from './testing/collect-once.ts';
import { startLosingBox } from './testing/losing-box.ts';
import { accountAt, createMaildrop, message, realClock, sha256, type TestMaildrop } from './testing/maildrops.ts';
import { createMemoryStore, type MemoryStore } from './testing/memory-store.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const timeouts = { connectMs: 2000, greetingMs: 2000, commandMs: 200 };
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

async function behindBox(
  maildrop: TestMaildrop,
  loses: Parameters<typeof startLosingBox>[1],
  options: Partial<Pop3ServerOptions> = {},
) {
  const server = await createPop3Server({ maildrop, user: 'anna', password: 'secret', pipelining: true, ...options });
  open.push(server);
  const box = await startLosingBox(server.port, loses);
  open.push(box);
  return box;
}

const bytesIn = (store: MemoryStore): string[] => [...store.messages.values()].map(({ bytes }) => sha256(bytes)).sort();

describe('a server that loses commands sent together', () => {
  test.each([
    { after: 0, by: 'silence' },
    { after: 1, by: 'silence' },
    { after: 1, by: 'hanging-up' },
  ] as const)(
    'all but the first $after, by $by: the mail comes one by one in the same visit, and that is told',
    async (loses) => {
      const maildrop = createMaildrop(names.map((name) => message(name)));
      const wanted = maildrop.lying.map(({ bytes }) => sha256(bytes)).sort();
      const box = await behindBox(maildrop, loses);
      const store = createMemoryStore();
      const onLostTogether = vi.fn(async () => undefined);
      const result = await collectOnce(box, store, {}, { timeouts, onLostTogether });
      expect(result).toMatchObject({ retrieved: 8, left: 8, failed: [], lostTogether: true });
      expect(result.error).toBeUndefined();
      expect(bytesIn(store)).toEqual(wanted);
      expect(onLostTogether).toHaveBeenCalledTimes(1);
      expect(box.connections).toBe(2);
      expect(box.mostTogether).toBe(1);
    },
  );

  test.each([
    { by: 'silence', uidl: true },
    { by: 'hanging-up', uidl: true },
    { by: 'silence', uidl: false },
  ] as const)(
    'when there are many of them, by $by, uidl $uidl: nothing twice, everything deleted',
    async ({ by, uidl }) => {
      const maildrop = createMaildrop(names.map((name) => message(name)));
      const wanted = maildrop.lying.map(({ bytes }) => sha256(bytes)).sort();
      const box = await behindBox(maildrop, { after: 3, by }, { uidl });
      const store = createMemoryStore();
      const onLostTogether = vi.fn(async () => undefined);
      const patch = { retention: { kind: 'delete' } };
      const result = await collectOnce(box, store, patch, { timeouts, onLostTogether });
      expect(result).toMatchObject({ left: 0, deleted: 8, failed: [], lostTogether: true });
      expect(bytesIn(store)).toEqual(wanted);
      expect(maildrop.removed.toSorted()).toEqual(names);
      expect(onLostTogether).toHaveBeenCalledTimes(1);
    },
  );

  test('known to do so: one by one from the beginning, until that is over or the server is another', async () => {
    const maildrop = createMaildrop(names.map((name) => message(name)));
    const box = await behindBox(maildrop, { after: 1, by: 'silence' });
    const now = Date.now();
    const patch = { losesTogether: lossAt({ host: '127.0.0.1', port: box.port, security: 'none' }, now) };
    const result = await collectOnce(box, createMemoryStore(), patch, { timeouts });
    expect(result).toMatchObject({ retrieved: 8 });
    expect(result.lostTogether).toBeUndefined();
    expect(box.connections).toBe(1);
    expect(box.mostTogether).toBe(1);
    const account = accountAt(box.port, patch);
    expect(goesOneByOne(account, now)).toBe(true);
    expect(goesOneByOne({ ...account, port: 995 }, now)).toBe(false);
    expect(goesOneByOne(account, now + 15 * 24 * 60 * 60_000)).toBe(false);
  });

  test.each([1, 2])(
    'looking first, when more than %i are lost: what waits is shown, with its headers',
    async (after) => {
      const maildrop = createMaildrop(names.map((name) => message(name)));
      const box = await behindBox(maildrop, { after, by: 'hanging-up' });
      const stop = new AbortController();
      const look = createLookSession({
        account: accountAt(box.port),
        credentials: async () => ({ user: 'anna', secret: 'secret', auth: 'auto' }),
        clock: realClock,
        signal: stop.signal,
      });
      const headers = await look.use(async ({ session, byId }) =>
        Promise.all([...byId.values()].map(({ messageNumber }) => session.top(messageNumber, 0))),
      );
      expect(headers.filter((header) => header !== null)).toHaveLength(8);
      expect(box.connections).toBe(2);
      await look.rest();
    },
  );

  test('one that is silent one by one as well is not blamed for it', async () => {
    const maildrop = createMaildrop([message('a'), message('b')]);
    const box = await behindBox(
      maildrop,
      { after: 9, by: 'silence' },
      {
        intercept: (line) => (line === 'RETR 2' ? '' : null),
      },
    );
    const onLostTogether = vi.fn(async () => undefined);
    const store = createMemoryStore();
    const result = await collectOnce(box, store, {}, { timeouts, onLostTogether });
    expect(result.error?.code).toBe('ETIMEOUT');
    expect(result.retrieved).toBe(1);
    expect(onLostTogether).not.toHaveBeenCalled();
  });
});
