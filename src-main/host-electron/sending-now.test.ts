import { expect, test, vi } from 'vitest';
import { createClient } from '#shared/rpc/client.ts';
import { createTransportPair } from '#shared/rpc/transport.ts';
import { followSending } from './sending-now.ts';
import { item } from './testing/outbox-item.ts';

test('knows of each message whether it is in hand, until it is told otherwise or the message is gone', async () => {
  const [ours, theirs] = createTransportPair();
  const sending = followSending(createClient(ours));
  const say = (name: string, payload: unknown): void => theirs.send({ kind: 'event', name, payload });
  expect(sending.isSending()).toBe(false);
  say('outbox.changed', item('a', 'sending'));
  say('outbox.changed', item('b', 'sending'));
  await vi.waitFor(() => expect(sending.isSending()).toBe(true));
  say('outbox.changed', item('a', 'sent'));
  say('outbox.changed', item('c', 'queued'));
  say('outbox.removed', { outboxId: 'b' });
  await vi.waitFor(() => expect(sending.isSending()).toBe(false));
  sending.close();
});
