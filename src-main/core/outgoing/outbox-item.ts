import type { Attempt, OutboxItem, OutboxRecord } from '#shared/mail/outbox.ts';

/** The record and its attempts as the screens and the command show them. */
export function toItem(record: OutboxRecord, attempts: readonly Attempt[]): OutboxItem {
  const inState = (...states: string[]) => record.recipients.filter(({ state }) => states.includes(state));
  return {
    outboxId: record.outboxId,
    messageId: record.messageId,
    messageKey: record.messageKey,
    identityId: record.identityId,
    from: record.reversePath,
    subject: record.subject,
    sizeOctets: record.sizeOctets,
    state: record.state,
    ...(record.heldFor === undefined ? {} : { heldFor: record.heldFor }),
    ...(record.dueAt === undefined ? {} : { deferredUntil: new Date(record.dueAt).toISOString() }),
    queuedAt: new Date(record.queuedAt).toISOString(),
    accepted: inState('accepted').map(({ mailbox }) => mailbox),
    refused: inState('refused').map(({ mailbox, replyCode, text }) => ({
      mailbox,
      ...(replyCode === undefined ? {} : { replyCode }),
      text: text ?? '',
    })),
    pending: inState('pending', 'dot-pending').map(({ mailbox }) => mailbox),
    uncertain: inState('uncertain').map(({ mailbox }) => mailbox),
    skipped: record.skipped,
    attempts: [...attempts],
    ...(inState('dot-pending').length === 0 ? {} : { isAtFinalDot: true }),
    ...(record.isOwnFault === true ? { isOwnFault: true } : {}),
    ...(record.serverIds === undefined ? {} : { serverIds: record.serverIds }),
    explanation: record.explanation,
  };
}
