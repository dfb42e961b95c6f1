import { type OutboxRecipient, OutboxRecord } from '#shared/mail/outbox.ts';
import type { LedgerRow } from '../../store/ledger-rows.ts';

/**
 * Promise 2, across a restore: what stood in the Outbox when the backup was made may have gone since, by the mailbox it
 * was made from. So nothing of it is sent by itself again; each recipient still open is uncertain, and a person says
 * whether it arrived. What was sent or had failed is history and comes back as it is. Pure.
 */
export function heldOnRestore(row: LedgerRow<'outbox'>, createdAt: string): LedgerRow<'outbox'> {
  const record = OutboxRecord.parse(JSON.parse(row.record));
  if (record.state === 'sent' || record.state === 'failed') return row;
  const recipients = record.recipients.map(uncertainRecipient);
  if (recipients.every(({ state }) => state !== 'uncertain')) return row;
  const { dueAt: _dueAt, ...rest } = record;
  const held: OutboxRecord = {
    ...rest,
    recipients,
    state: 'held',
    heldFor: 'uncertain',
    explanation:
      `It came back from the backup of ${createdAt.slice(0, 10)} and is not sent by itself: it may have gone since. ` +
      'Say whether it arrived, or send it again.',
  };
  return { ...row, state: held.state, record: JSON.stringify(held) };
}

function uncertainRecipient(recipient: OutboxRecipient): OutboxRecipient {
  switch (recipient.state) {
    case 'pending':
      return { ...recipient, state: 'uncertain', text: 'It waited in the Outbox when the backup was made.' };
    case 'dot-pending':
      return { ...recipient, state: 'uncertain', text: 'A server was being given it when the backup was made.' };
    default:
      return recipient;
  }
}

/** Whether a row waits for a person's word. */
export function isHeld(row: LedgerRow<'outbox'>): boolean {
  return row.state === 'held';
}
