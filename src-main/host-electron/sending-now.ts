import type { OutboxId } from '#shared/ids.ts';
import type { Api } from '#shared/rpc/client.ts';

/** Knows, without asking, whether a message is being handed to a server at this moment. */
export function followSending(api: Pick<Api, 'on'>): { isSending(): boolean; close(): void } {
  const sending = new Set<OutboxId>();
  const stops = [
    api.on('outbox.changed', ({ outboxId, state }) => {
      if (state === 'sending') sending.add(outboxId);
      else sending.delete(outboxId);
    }),
    api.on('outbox.removed', ({ outboxId }) => void sending.delete(outboxId)),
  ];
  return {
    isSending: () => sending.size > 0,
    close() {
      for (const stop of stops) stop();
    },
  };
}
