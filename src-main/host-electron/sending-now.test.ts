import { expect, test, vi } from 'vitest';
import { outboxItem } from '#shared/mail/testing/outbox-item.ts';
import { createClient } from '#shared/rpc/client.ts';
import { createTransportPair } from '#shared/rpc/transport.ts';
import { followSending } from './sending-now.ts';

test('knows of each message whether it is in hand, until it is told otherwise or the message is gone', async () => {
  const [ours, theirs] = createTransportPair();
  const sending = followSending(createClient(ours));
  const say = (name: string, payload: unknown): void => theirs.send({ kind: 'event', name, payload });
  expect(sending.isSending()).toBe(false);
  say('outbox.changed', outboxItem({ outboxId: 'a', state: 'sending' }));
  say('outbox.changed', outboxItem({ outboxId: 'b', state: 'sending' }));
  await vi.waitFor(() => expect(sending.isSending()).toBe(true));
  say('outbox.changed', outboxItem({ outboxId: 'a', state: 'sent' }));
  say('outbox.changed', outboxItem({ outboxId: 'c', state: 'queued' }));
  say('outbox.removed', { outboxId: 'b' });
  await vi.waitFor(() => expect(sending.isSending()).toBe(false));
  sending.close();
});
