import type { MessageKey, OutboxId } from '#shared/ids.ts';
import type { Attempt, OutboxRecord } from '#shared/mail/outbox.ts';

/** A record as it is kept. Made on the thread that has the record: a text crosses to the other for a fraction of the cost. */
export interface OutboxRow {
  readonly outboxId: OutboxId;
  readonly messageKey: MessageKey;
  readonly state: OutboxRecord['state'];
  readonly queuedAt: number;
  readonly record: string;
}

export function toOutboxRow(record: OutboxRecord): OutboxRow {
  const { outboxId, messageKey, state, queuedAt } = record;
  return { outboxId, messageKey, state, queuedAt: Math.round(queuedAt), record: JSON.stringify(record) };
}

/** An attempt as it is kept; see `OutboxRow`. */
export interface AttemptRow {
  readonly serverId: string;
  readonly startedAt: number;
  readonly outcome: Attempt['outcome'];
  readonly attempt: string;
}

export function toAttemptRow(attempt: Attempt): AttemptRow {
  const { serverId, startedAt, outcome } = attempt;
  return { serverId, startedAt: Date.parse(startedAt) || 0, outcome, attempt: JSON.stringify(attempt) };
}
