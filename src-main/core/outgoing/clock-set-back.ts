import type { OutboxRecord } from '#shared/mail/outbox.ts';

// Times of the Outbox are times of day, and the clock of a computer is put right now and then, by years after a dead battery.

/** A server's limit a day is the longest that is waited for. */
const longestWaitMs = 25 * 3_600_000;

/** For so much time to pass, not for a day and an hour that somebody chose. */
function waitsForTime({ state, heldFor }: OutboxRecord): boolean {
  return state === 'deferred' || (state === 'held' && heldFor === 'undo');
}

/** The record when the clock was put back by so much: what was to go in five minutes does not wait a day and five minutes. */
export function setBack(record: OutboxRecord, backMs: number): OutboxRecord {
  return record.dueAt === undefined || !waitsForTime(record) ? record : { ...record, dueAt: record.dueAt - backMs };
}

/** Nothing is put off for so long: the clock was put back while nobody ran. */
export function isBeyondReason(record: OutboxRecord, now: number): boolean {
  return waitsForTime(record) && (record.dueAt ?? 0) - now > longestWaitMs;
}
