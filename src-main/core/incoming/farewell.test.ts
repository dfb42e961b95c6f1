import { afterEach, expect, test } from 'vitest';
import { createPop3Server, type Pop3Server } from '../practice/pop3-server.ts';
import { createMaildropTurns } from './maildrop-turns.ts';
import { collectOnce } from './testing/collect-once.ts';
import { handClock } from './testing/hand-clock.ts';
import { accountAt, createMaildrop, message, realClock } from './testing/maildrops.ts';
import { createMemoryStore } from './testing/memory-store.ts';

const open: Pop3Server[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serverThatAnswersQuit(reply: string | null): Promise<Pop3Server> {
  const server = await createPop3Server({
    maildrop: createMaildrop([message('a')]),
    user: 'anna',
    password: 'secret',
    intercept: (line) => (line === 'QUIT' ? reply : null),
  });
  open.push(server);
  return server;
}

test('a server that does not answer QUIT delays nobody’s mail, and keeps the maildrop for a while only', async () => {
  const server = await serverThatAnswersQuit('');
  const { clock, advance } = handClock();
  const left = Promise.withResolvers<string>();
  const onLeaving = (leaving: Promise<void>) => void leaving.then(() => left.resolve('left'));
  const patient = { ...realClock, after: clock.after };
  const result = await collectOnce(server, createMemoryStore(), {}, { clock: patient, onLeaving });
  expect(result).toMatchObject({ retrieved: 1, failed: [] });
  expect(result.error).toBeUndefined();
  expect(await Promise.race([left.promise, Promise.resolve('still there')])).toBe('still there');
  advance(5000);
  expect(await left.promise).toBe('left');
});

test('a refused QUIT that has nothing to carry out is no failure; one that deletes is', async () => {
  const server = await serverThatAnswersQuit('-ERR no\r\n');
  const store = createMemoryStore();
  expect((await collectOnce(server, store)).error).toBeUndefined();
  const deleting = await collectOnce(server, store, { retention: { kind: 'delete' } });
  expect(deleting.error).toBeDefined();
  expect(deleting.deleted).toBe(0);
});

test('who comes next waits for the farewell; who closes waits, too', async () => {
  const turns = createMaildropTurns();
  const account = accountAt(110);
  const farewell = Promise.withResolvers<void>();
  const order: string[] = [];
  expect(
    await turns.take(account, async (hold) => {
      hold(farewell.promise);
      return 'collected';
    }),
  ).toBe('collected');
  const second = turns.take(account, async () => void order.push('second'));
  const idle = turns.idle().then(() => order.push('idle'));
  await turns.take(accountAt(111), async () => void order.push('another maildrop'));
  order.push('farewell');
  farewell.reject(new Error('How it ends does not matter.'));
  await Promise.all([second, idle]);
  expect(order).toEqual(['another maildrop', 'farewell', 'second', 'idle']);
  await turns.idle();
});
