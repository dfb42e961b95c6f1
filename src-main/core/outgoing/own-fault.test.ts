import { expect, it } from 'vitest';
import { MailError } from '#shared/mail-error.ts';
import { type OutboxFixture, outboxForEachTest } from './testing/outbox-fixture.ts';
import { builtMessage } from './testing/outbox-harness.ts';

// What fails on this computer is told as that, and no server is blamed for it.
let made: OutboxFixture;
outboxForEachTest((fixture) => {
  made = fixture;
});

const atOnce = { identityId: null, undoMs: 0, waitForFlush: true };
const full = new MailError('EDISKFULL', 'The disk is full. Nothing was changed and no mail is lost; free some space.');

it('a disk that cannot note that the message is about to leave: it does not leave, and that is what is said', async () => {
  const { box, clock } = made;
  const server = await made.start();
  await box.addRelay(server.port);
  const { outboxId } = await box.outbox.enqueue(builtMessage(), atOnce);
  const { noteLeaving } = box.store;
  box.store.noteLeaving = () => Promise.reject(full);
  await box.flush();
  const item = await box.outbox.item(outboxId);
  expect(item).toMatchObject({
    state: 'deferred',
    isOwnFault: true,
    pending: ['b@b.example'],
    attempts: [{ outcome: 'cancelled' }],
  });
  expect(item.explanation).toMatch(/^No server is to blame: this computer .* The disk is full\./);
  expect(item.deferredUntil).toBe(new Date(clock.now() + 60_000).toISOString());
  expect(server.messages).toEqual([]);
  expect((await box.handlers['server.memory']({})).map(({ kind }) => kind)).not.toContain('cool-down');
  const [record] = await box.store.activeOutbox();
  expect(record).toMatchObject({ deferrals: 0 });
  expect(record).not.toHaveProperty('waitingSince');
  box.store.noteLeaving = noteLeaving;
  clock.advance(60_000);
  await box.flush();
  expect(server.accepted).toHaveLength(1);
});

it('a disk that cannot be read or written at all: the outbox says so, and does not show it as on its way', async () => {
  const { box, clock } = made;
  const server = await made.start();
  await box.addRelay(server.port);
  const long = builtMessage(undefined, { body: 'x'.repeat(100_000) });
  const { outboxId } = await box.outbox.enqueue(long, atOnce);
  const { read, putOutbox } = box.store;
  box.store.read = () => Promise.reject(new MailError('EIO', 'The disk reported an error.'));
  await box.flush();
  expect(await box.outbox.item(outboxId)).toMatchObject({
    state: 'deferred',
    explanation: expect.stringMatching(/^No server is to blame: .* The disk reported an error\./),
  });
  box.store.read = read;
  box.store.putOutbox = () => Promise.reject(full);
  clock.advance(60_000);
  await box.flush();
  expect((await box.outbox.item(outboxId)).explanation).toMatch(/The disk is full/);
  box.store.putOutbox = putOutbox;
  clock.advance(60_000);
  await box.flush();
  expect(await box.outbox.item(outboxId)).toMatchObject({ state: expect.stringMatching(/sent|held/) });
  expect(server.accepted.length).toBeLessThanOrEqual(1);
  box.faults.length = 0;
});

it('a disk that cannot note what the server answered: that it has left is said, and it is not sent again', async () => {
  const { box, clock } = made;
  const server = await made.start();
  await box.addRelay(server.port);
  const { outboxId } = await box.outbox.enqueue(builtMessage(), atOnce);
  const { putOutbox } = box.store;
  box.store.putOutbox = () => Promise.reject(full);
  await box.flush();
  expect(server.accepted).toHaveLength(1);
  const { explanation, isOwnFault } = await box.outbox.item(outboxId);
  expect(isOwnFault).toBe(true);
  expect(explanation).toMatch(/^It has left, and .* It is not sent again by itself\. The disk is full\./);
  box.store.putOutbox = putOutbox;
  clock.advance(60_000);
  await box.flush();
  const item = await box.outbox.item(outboxId);
  expect(item.state).toBe('sent');
  expect(item).not.toHaveProperty('isOwnFault');
  expect(server.accepted).toHaveLength(1);
  box.faults.length = 0;
});
