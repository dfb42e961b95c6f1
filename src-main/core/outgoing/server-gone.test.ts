import { expect, it } from 'vitest';
import type { OutboxId, ServerId } from '#shared/ids.ts';
import { type OutboxFixture, outboxForEachTest } from './testing/outbox-fixture.ts';
import { builtMessage } from './testing/outbox-harness.ts';

let made: OutboxFixture;
outboxForEachTest((fixture) => {
  made = fixture;
});

async function queueBy(serverIds: ServerId[]): Promise<OutboxId> {
  const { outboxId } = await made.box.outbox.enqueue(builtMessage(), {
    identityId: null,
    undoMs: 0,
    waitForFlush: true,
    serverIds,
  });
  return outboxId;
}

it('a message for a server that was removed meanwhile is held, says so at once, and goes by another one', async () => {
  const { box } = made;
  const busy = await made.start({ mail: '451 4.3.0 later' });
  const other = await made.start();
  const busyId = await box.addRelay(busy.port);
  const otherId = await box.addRelay(other.port);
  const outboxId = await queueBy([busyId]);
  await box.flush();
  expect(await box.outbox.item(outboxId)).toMatchObject({ state: 'deferred' });

  await box.outbox.startSchedule();
  await box.settings.removeServer(busyId);
  // Long before its next try.
  await box.until(async () => (await box.outbox.item(outboxId)).heldFor === 'server-gone');
  expect(await box.outbox.item(outboxId)).toMatchObject({
    state: 'held',
    explanation: expect.stringMatching(/server chosen for this message was removed.*Choose another one/),
  });
  expect(other.accepted).toHaveLength(0);

  await box.handlers['outbox.reroute']({ outboxId, serverIds: [otherId] });
  await box.until(async () => (await box.outbox.item(outboxId)).state === 'sent');
  expect(other.accepted).toHaveLength(1);
});

it('one of several that was removed holds nothing back', async () => {
  const { box } = made;
  const good = await made.start();
  const goneId = await box.addRelay(1);
  const goodId = await box.addRelay(good.port);
  await box.settings.removeServer(goneId);
  const outboxId = await queueBy([goneId, goodId]);
  await box.flush();
  expect(await box.outbox.item(outboxId)).toMatchObject({ state: 'sent' });
});

it('held, it can be discarded, or let go by the route of its address', async () => {
  const { box } = made;
  const good = await made.start();
  const goneId = await box.addRelay(1);
  await box.addRelay(good.port);
  await box.settings.removeServer(goneId);
  const [one, two] = [await queueBy([goneId]), await queueBy([goneId])];
  await box.flush();
  await box.handlers['outbox.resolve']({ outboxId: one, resolution: 'discard' });
  await box.handlers['outbox.reroute']({ outboxId: two, serverIds: [] });
  await box.flush();
  expect(await box.outbox.item(two)).toMatchObject({ state: 'sent' });
  expect(good.accepted).toHaveLength(1);
});
