import { expect, it } from 'vitest';
import type { OutboxId, ServerId } from '#shared/ids.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { closedPort } from './testing/delivery-harness.ts';
import { type OutboxFixture, outboxForEachTest } from './testing/outbox-fixture.ts';
import { builtMessage } from './testing/outbox-harness.ts';

let made: OutboxFixture;
outboxForEachTest((fixture) => {
  made = fixture;
});

const large = 'x'.repeat(78).concat('\r\n').repeat(50);

async function queue(more: { to?: string[]; body?: string; serverIds?: ServerId[] } = {}): Promise<OutboxId> {
  const { outboxId } = await made.box.outbox.enqueue(builtMessage(more.to, { body: more.body ?? large }), {
    identityId: null,
    undoMs: 0,
    waitForFlush: true,
    ...(more.serverIds === undefined ? {} : { serverIds: more.serverIds }),
  });
  return outboxId;
}

const item = (outboxId: OutboxId): Promise<OutboxItem> => made.box.outbox.item(outboxId);

async function retry(outboxId: OutboxId): Promise<void> {
  await made.box.outbox.flush({ now: true, outboxIds: [outboxId], signal: new AbortController().signal });
}

it('larger than its only server announces: held at once, with what it takes and what to do', async () => {
  const { box } = made;
  const small = await made.start({ offers: ['SIZE 2000'] });
  await box.addRelay(small.port, { label: 'Home' });
  const outboxId = await queue();
  await box.flush();
  expect(await item(outboxId)).toMatchObject({
    state: 'held',
    heldFor: 'server-limits',
    explanation:
      'Home takes messages of at most 2 kB, and this one has 4 kB. Make it smaller, or choose another server.',
  });
});

it('larger than every server takes, each in its own way: the largest is named', async () => {
  const { box } = made;
  const announces = await made.start({ offers: ['SIZE 2000'] });
  const refuses = await made.start({ finalDot: '552 5.3.4 too big' });
  const isSet = await made.start();
  await box.addRelay(announces.port);
  await box.addRelay(refuses.port);
  await box.addRelay(isSet.port, { sizeLimitOctets: 3000 });
  const outboxId = await queue();
  await box.flush();
  expect(await item(outboxId)).toMatchObject({
    heldFor: 'server-limits',
    explanation:
      'None of your servers takes messages of 4 kB; the largest takes 3 kB. Make it smaller, or choose another server.',
  });
  expect(isSet.connections).toBe(0);
});

it('a limit set in the settings is enough by itself', async () => {
  const { box } = made;
  await box.addRelay(1, { label: 'Home', sizeLimitOctets: 3000 });
  const outboxId = await queue();
  await box.flush();
  expect(await item(outboxId)).toMatchObject({ heldFor: 'server-limits', attempts: [] });
});

it('8-bit text that no server takes is held', async () => {
  const { box } = made;
  const old = await made.start();
  await box.addRelay(old.port, { label: 'Old' });
  const outboxId = await queue({ body: 'grüß\r\n' });
  await box.flush();
  expect(await item(outboxId)).toMatchObject({
    heldFor: 'server-limits',
    explanation: expect.stringMatching(/^Old takes no 8-bit text.*\(8BITMIME\).*another server/),
  });
});

it('an address that needs SMTPUTF8 is held where none offers it, and goes where one does', async () => {
  const { box } = made;
  const old = await made.start();
  const oldId = await box.addRelay(old.port);
  const outboxId = await queue({ to: ['jörg@b.example'], body: 'a\r\n', serverIds: [oldId] });
  await box.flush();
  expect(await item(outboxId)).toMatchObject({
    heldFor: 'server-limits',
    explanation: expect.stringContaining('SMTPUTF8'),
  });
  const able = await made.start({ offers: ['SMTPUTF8', '8BITMIME'] });
  const ableId = await box.addRelay(able.port);
  await box.handlers['outbox.reroute']({ outboxId, serverIds: [ableId] });
  await box.flush();
  expect(await item(outboxId)).toMatchObject({ state: 'sent' });
});

it('one in the way of size, another of 8-bit text: each is told', async () => {
  const { box } = made;
  const small = await made.start({ offers: ['SIZE 2000', '8BITMIME'] });
  const old = await made.start();
  await box.addRelay(small.port, { label: 'Small' });
  await box.addRelay(old.port, { label: 'Old' });
  const outboxId = await queue({ body: `ü${large}` });
  await box.flush();
  const { explanation } = await item(outboxId);
  expect(explanation).toContain('Small takes messages of at most 2 kB');
  expect(explanation).toContain('Old takes no 8-bit text');
});

it('while one that may take it cannot be reached, it waits', async () => {
  const { box } = made;
  const small = await made.start({ offers: ['SIZE 2000'] });
  await box.addRelay(small.port);
  await box.addRelay(await closedPort());
  const outboxId = await queue();
  await box.flush();
  expect(await item(outboxId)).toMatchObject({ state: 'deferred' });
});

it('while one that may take it is kept for another network or lacks its password, it waits for that', async () => {
  const { box } = made;
  const small = await made.start({ offers: ['SIZE 2000'] });
  await box.addRelay(small.port);
  await box.addRelay(1, { networks: { rule: 'only', locations: ['elsewhere'] } });
  const outboxId = await queue();
  await box.flush();
  expect(await item(outboxId)).toMatchObject({ state: 'deferred' });
});

it('the second server says so only the next time: then it is held', async () => {
  const { box, clock } = made;
  const small = await made.start({ offers: ['SIZE 2000'] });
  const busy = await made.start({ mail: '451 4.3.0 later' });
  await box.addRelay(small.port);
  await box.addRelay(busy.port);
  const outboxId = await queue();
  await box.flush();
  expect(await item(outboxId)).toMatchObject({ state: 'deferred' });
  busy.script = { finalDot: '552 5.3.4 too big' };
  clock.advance(10 * 60_000);
  await box.flush();
  expect(await item(outboxId)).toMatchObject({ heldFor: 'server-limits' });
});

it('tried again by hand the server is asked anew, and a larger limit is believed', async () => {
  const { box } = made;
  const server = await made.start({ offers: ['SIZE 2000'] });
  await box.addRelay(server.port);
  const outboxId = await queue();
  await box.flush();
  await box.flush();
  // An ordinary pass has nothing to ask: it was told.
  expect(server.connections).toBe(1);
  // It takes it now, but not at this moment: what it said before no longer holds.
  server.script = { offers: ['SIZE 90000'], rcpt: '451 4.7.1 greylisted' };
  await retry(outboxId);
  expect(await item(outboxId)).toMatchObject({ state: 'deferred' });
  server.script = { offers: ['SIZE 90000'] };
  await retry(outboxId);
  expect(await item(outboxId)).toMatchObject({ state: 'sent' });
  expect(await box.handlers['server.memory']({})).not.toContainEqual(expect.objectContaining({ kind: 'refused-size' }));
});

it('a server added, a limit raised or what was remembered run out lets it go', async () => {
  const { box, clock } = made;
  const small = await made.start({ offers: ['SIZE 2000'] });
  const smallId = await box.addRelay(small.port);
  const outboxId = await queue();
  await box.flush();
  await box.outbox.startSchedule();
  // Something else in the settings changes nothing for it.
  await box.addRelay(1, { enabled: false });
  const large = await made.start();
  const largeId = await box.addRelay(large.port);
  await box.until(async () => (await item(outboxId)).state === 'sent');
  expect(small.connections).toBe(1);
  expect(large.accepted).toHaveLength(1);

  await box.settings.removeServer(largeId);
  const second = await queue({ serverIds: [smallId] });
  await box.flush();
  expect(await item(second)).toMatchObject({ heldFor: 'server-limits' });
  small.script = {};
  clock.advance(8 * 24 * 3_600_000);
  await box.flush();
  expect(await item(second)).toMatchObject({ state: 'sent' });
});

it('asked before it is sent, the route says that nobody takes it', async () => {
  const { box } = made;
  const small = await made.start({ offers: ['SIZE 2000'] });
  await box.addRelay(small.port, { label: 'Home' });
  const question = { from: 'a@a.example', to: ['b@b.example'], sizeOctets: 4000 };
  expect((await box.handlers['route.explain'](question)).cannot).toBeUndefined();
  await queue();
  await box.flush();
  expect((await box.handlers['route.explain'](question)).cannot).toMatch(/^Home takes messages of at most 2 kB/);
  // What is announced holds for every size.
  expect((await box.handlers['route.explain']({ ...question, sizeOctets: 2001 })).cannot).toBeDefined();
  expect((await box.handlers['route.explain']({ ...question, sizeOctets: 2000 })).cannot).toBeUndefined();
});
