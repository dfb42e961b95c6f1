import { expect, it } from 'vitest';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { type OutboxFixture, outboxForEachTest } from './testing/outbox-fixture.ts';
import { builtMessage, openOutbox } from './testing/outbox-harness.ts';

let made: OutboxFixture;
outboxForEachTest((fixture) => {
  made = fixture;
});

const byId = (items: OutboxItem[]): OutboxItem[] => items.toSorted((a, b) => a.outboxId.localeCompare(b.outboxId));

it('the list with all attempts asks the ledger once, however many messages wait', async () => {
  const { box } = made;
  const server = await made.start({ mail: '451 4.3.0 later' });
  await box.addRelay(server.port);
  const atOnce = { identityId: null, undoMs: 0, waitForFlush: true };
  for (let count = 0; count < 3; count += 1) await box.outbox.enqueue(builtMessage(), atOnce);
  await box.flush();
  const told = await box.handlers['outbox.list']({ light: false });
  await box.shut();
  const again = await openOutbox({ profileDir: box.profileDir, clock: made.clock });
  const asked: string[] = [];
  const { attemptsOf, attemptsOfActive } = again.store;
  again.store.attemptsOf = (id) => {
    asked.push(id);
    return attemptsOf(id);
  };
  again.store.attemptsOfActive = () => {
    asked.push('all');
    return attemptsOfActive();
  };
  const listed = await again.handlers['outbox.list']({ light: false });
  expect(byId(listed)).toEqual(byId(told));
  expect(told.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1]);
  expect(asked).toEqual(['all']);
  await again.shut();
});

it('what may have left when a process ended is told as uncertain before any pass', async () => {
  const { box } = made;
  const server = await made.start();
  const serverId = await box.addRelay(server.port);
  const { outboxId } = await box.outbox.enqueue(builtMessage(['a@b.example']), {
    identityId: null,
    undoMs: 0,
    waitForFlush: true,
  });
  const [record] = await box.store.activeOutbox();
  if (record === undefined) throw new Error('one was queued');
  await box.store.noteLeaving(record, { outboxId, serverId, mailboxes: ['a@b.example'] });
  await box.shut();
  const again = await openOutbox({ profileDir: box.profileDir, clock: made.clock });
  const uncertain = { state: 'held', heldFor: 'uncertain', uncertain: ['a@b.example'] };
  expect(await again.handlers['outbox.list']({ light: false })).toMatchObject([uncertain]);
  await again.shut();
});
