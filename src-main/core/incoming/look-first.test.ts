import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';

import { createPop3Server, type Pop3Server, type Pop3ServerOptions } from '../practice/pop3-server.ts';
import type { Store } from '../store/store-api.ts';
import { collectMaildrop } from './collect-maildrop.ts';
import { createLookFirst, type LookFirst } from './look-first.ts';
import { createMaildropTurns, type MaildropTurns } from './maildrop-turns.ts';
import { handClock } from './testing/hand-clock.ts';
import { accountAt, createMaildrop, message, realClock, type TestMaildrop } from './testing/maildrops.ts';
import { makeProfile, openRealStore } from './testing/real-store.ts';

const ends: (() => Promise<unknown>)[] = [];
let store: Store;
let turns: MaildropTurns;

beforeEach(async () => {
  const { profileDir, remove } = await makeProfile();
  store = await openRealStore(profileDir);
  turns = createMaildropTurns();
  ends.push(remove, () => store.close());
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function lookAt(
  maildrop: TestMaildrop,
  patch: Record<string, unknown> = {},
  server: Partial<Pop3ServerOptions> = {},
): Promise<{ look: LookFirst; server: Pop3Server; account: IncomingAccount; advance: (ms: number) => void }> {
  const running = await createPop3Server({ maildrop, user: 'anna', password: 'secret', ...server });
  const account = accountAt(running.port, patch);
  const hand = handClock();
  const look = createLookFirst({
    clock: hand.clock,
    store,
    turns,
    accountOf: () => account,
    credentialsOf: async () => ({ user: 'anna', secret: 'secret', auth: 'auto' }),
  });
  ends.push(
    () => running.close(),
    () => look.close(),
  );
  return { look, server: running, account, advance: hand.advance };
}

const collect = (account: IncomingAccount) =>
  collectMaildrop({
    account,
    credentials: { user: 'anna', secret: 'secret', auth: 'auto' },
    store,
    clock: realClock,
    signal: new AbortController().signal,
  });

const letter = (id: string) =>
  message(
    id,
    `From: "Bea ${id}" <bea@t>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe_${id}?=\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\n\r\nHello\r\n`,
  );
const ids = (maildrop: TestMaildrop): string[] => maildrop.lying.map(({ uniqueId }) => uniqueId);

describe('what waits', () => {
  test('is listed with sizes and whether it is here, and headers come without collecting anything', async () => {
    const maildrop = createMaildrop([letter('a'), letter('b')]);
    const { look, server, account } = await lookAt(maildrop);
    await collect(account);
    maildrop.lying.push(letter('c'));
    const first = (await store.knownUniqueIds(account.id)).find(({ uniqueId }) => uniqueId === 'a')?.messageKey ?? null;
    if (first !== null) await store.move([first], folder.trash);
    const waiting = await look.open(account.id);
    expect(waiting.messages).toMatchObject([
      { uniqueId: 'a', here: 'removed' },
      { uniqueId: 'b', here: 'whole' },
      { uniqueId: 'c', here: 'no', octets: maildrop.lying[2]?.bytes.length },
    ]);
    expect(waiting.canShowHeaders).toBe(true);
    expect(await look.headers(account.id, ['c', 'b', 'nothing'])).toEqual([
      { uniqueId: 'c', from: 'Bea c', subject: 'Grüße c', date: '2024-01-01T10:00:00.000Z', isGone: false },
      { uniqueId: 'b', from: 'Bea b', subject: 'Grüße b', date: '2024-01-01T10:00:00.000Z', isGone: false },
      { uniqueId: 'nothing', from: '', subject: '', date: null, isGone: true },
    ]);
    await look.closeOne(account.id);
    expect(server.sessions.at(-1)).toMatchObject({ retrieved: [], deleted: [], hasQuit: true });
    expect(server.sessions).toHaveLength(2);
  });

  test('a beginning is told apart from a whole message', async () => {
    const large = message('big', `Subject: x\r\n\r\n${'line\r\n'.repeat(5000)}`);
    const { look, account } = await lookAt(createMaildrop([large]), { maxOctets: 1000 });
    await collect(account);
    expect((await look.open(account.id)).messages).toMatchObject([{ here: 'beginning' }]);
    await expect(look.remove(account.id, ['big'], false)).rejects.toMatchObject({ code: 'EINVALID' });
  });

  test('servers without UIDL or TOP', async () => {
    const withTop = await lookAt(createMaildrop([letter('a')]), {}, { uidl: false });
    const [row] = (await withTop.look.open(withTop.account.id)).messages;
    expect(row).toMatchObject({ here: 'no' });
    const [header] = await withTop.look.headers(withTop.account.id, [row?.uniqueId ?? '']);
    expect(header).toMatchObject({ subject: 'Grüße a' });
    const bare = await lookAt(createMaildrop([letter('a')]), {}, { top: false });
    expect(await bare.look.open(bare.account.id)).toMatchObject({
      canShowHeaders: false,
      messages: [{ uniqueId: 'a' }],
    });
    expect(await bare.look.headers(bare.account.id, ['a'])).toMatchObject([{ subject: '', isGone: false }]);
  });
});

describe('while a person decides', () => {
  test('the session is kept awake, and let go of after ten minutes', async () => {
    const { look, server, account, advance } = await lookAt(createMaildrop([letter('a')]));
    await look.open(account.id);
    const noops = () => server.sessions[0]?.commands.filter((line) => line === 'NOOP').length ?? 0;
    for (let told = 1; told <= 3; told += 1) {
      advance(25_000);
      await expect.poll(noops).toBe(told);
      // The answer has to be back before the next turn of the hand.
      await look.headers(account.id, ['a']);
    }
    advance(10 * 60_000);
    await expect.poll(() => server.sessions[0]?.hasQuit).toBe(true);
    expect(await look.headers(account.id, ['a'])).toMatchObject([{ subject: 'Grüße a' }]);
    expect(server.sessions).toHaveLength(2);
  });

  test('a lost session is opened again, and what is meant is what was chosen, whatever its number is now', async () => {
    const maildrop = createMaildrop([letter('a'), letter('b'), letter('c')]);
    const { look, server, account } = await lookAt(maildrop);
    await look.open(account.id);
    // Open sessions are cut with the fault, and those to come are not.
    await server.setFault('slow');
    await server.setFault('none');
    maildrop.lying.shift();
    maildrop.lying.unshift(letter('new'), letter('newer'));
    expect(await look.remove(account.id, ['b', 'a'], true)).toEqual({ removed: ['b'], gone: ['a'], refused: [] });
    expect(ids(maildrop)).toEqual(['new', 'newer', 'c']);
    expect(server.sessions.length).toBeGreaterThan(1);
  });

  test('a collection does not wait for it: the session is given back, and opened again afterwards', async () => {
    const maildrop = createMaildrop([letter('a')]);
    const { look, server, account } = await lookAt(maildrop);
    await look.open(account.id);
    const result = await turns.take(account, async () => {
      await look.rest(account);
      return collect(account);
    });
    expect(result).toMatchObject({ retrieved: 1, error: undefined });
    expect(server.sessions[0]).toMatchObject({ hasQuit: true });
    expect(await look.remove(account.id, ['a'], false)).toMatchObject({ removed: ['a'] });
  });
});

describe('deleting', () => {
  test('what is here whole goes at once; what is not needs a word more, and nothing goes without it', async () => {
    const maildrop = createMaildrop([letter('a'), letter('b')]);
    const { look, account } = await lookAt(maildrop);
    await collect(account);
    maildrop.lying.push(letter('c'));
    await look.open(account.id);
    await expect(look.remove(account.id, ['a', 'c'], false)).rejects.toMatchObject({ code: 'EINVALID' });
    expect(ids(maildrop)).toEqual(['a', 'b', 'c']);
    expect(await look.remove(account.id, ['a'], false)).toEqual({ removed: ['a'], gone: [], refused: [] });
    expect(await look.remove(account.id, ['c'], true)).toEqual({ removed: ['c'], gone: [], refused: [] });
    expect(ids(maildrop)).toEqual(['b']);
    expect((await store.knownUniqueIds(account.id)).map(({ uniqueId }) => uniqueId)).toEqual(['b']);
  });

  test('a message that left this computer by another way counts as not here', async () => {
    const maildrop = createMaildrop([letter('a')]);
    const { look, account } = await lookAt(maildrop);
    await collect(account);
    await store.destroy(await store.listKeys(folder.inbox));
    await look.open(account.id);
    await expect(look.remove(account.id, ['a'], false)).rejects.toMatchObject({ code: 'EINVALID' });
  });

  test('refused, or not carried out at the end: it is told, with the words of the server', async () => {
    const maildrop = createMaildrop([letter('a'), letter('b')]);
    const { look, account } = await lookAt(
      maildrop,
      {},
      { intercept: (line) => (line === 'DELE 1' ? '-ERR Not yours\r\n' : line === 'QUIT' ? '-ERR Kept\r\n' : null) },
    );
    expect(await look.remove(account.id, ['a', 'b'], true)).toEqual({
      removed: [],
      gone: [],
      refused: [
        { uniqueId: 'a', why: 'Not yours' },
        { uniqueId: 'b', why: 'The server did not delete it at the end of the session.' },
      ],
    });
    expect(ids(maildrop)).toEqual(['a', 'b']);
  });

  test('messages that share a unique-id cannot be told apart and stay', async () => {
    const maildrop = createMaildrop([message('a', 'One\r\n'), message('a', 'Other\r\n'), letter('b')]);
    const { look, account } = await lookAt(maildrop);
    const { messages } = await look.open(account.id);
    expect(messages).toHaveLength(3);
    const result = await look.remove(
      account.id,
      messages.map(({ uniqueId }) => uniqueId),
      true,
    );
    expect(result).toMatchObject({ removed: ['b'], refused: [{}, {}] });
    expect(maildrop.lying).toHaveLength(2);
  });
});
