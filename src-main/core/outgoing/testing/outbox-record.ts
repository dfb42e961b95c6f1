import { IdentityId, MessageKey, OutboxId } from '#shared/ids.ts';
import type { OutboxRecord } from '#shared/mail/outbox.ts';

/** A message of the Outbox as the ledger keeps it; what a test is about is said in `more`. */
export function outboxRecord(more: Partial<OutboxRecord>): OutboxRecord {
  return {
    outboxId: OutboxId.parse('one'),
    messageKey: MessageKey.parse(`${'a'.repeat(32)}-${'b'.repeat(16)}`),
    messageId: '<m@a.example>',
    identityId: IdentityId.parse('identity'),
    reversePath: 'a@a.example',
    subject: 'hello',
    sizeOctets: 100,
    recipients: [],
    queuedAt: Date.UTC(2026, 10, 21, 12),
    deferrals: 0,
    skipped: [],
    delayNoticeSent: false,
    state: 'sending',
    explanation: '',
    ...more,
  };
}
