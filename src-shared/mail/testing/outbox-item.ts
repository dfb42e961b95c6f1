import { OutboxItem } from '../outbox.ts';

/** A message of the Outbox, waiting to be sent; what a test is about is said in `more`. */
export function outboxItem(more: Record<string, unknown> = {}): OutboxItem {
  return OutboxItem.parse({
    outboxId: 'o1',
    messageKey: `${'a'.repeat(32)}-${'b'.repeat(16)}`,
    messageId: '<m@a.example>',
    identityId: null,
    from: 'a@a.example',
    subject: 'hello',
    sizeOctets: 100,
    queuedAt: '2026-11-21T12:00:00.000Z',
    state: 'queued',
    explanation: 'It waits.',
    accepted: [],
    refused: [],
    uncertain: [],
    pending: ['b@b.example'],
    skipped: [],
    attempts: [],
    ...more,
  });
}
