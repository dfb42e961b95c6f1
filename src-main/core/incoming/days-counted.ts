import type { IncomingAccount, Retention } from '#shared/mail/incoming-account.ts';
import type { KnownUniqueId } from '../store/store-api.ts';

/**
 * “Leave on the server N days” counts by the clock of this computer, which may be wrong by years: a battery that is dead, a
 * board without one, a hand that slipped. The server's copy is what other devices collect, so the promise is N days at least.
 * The days begin anew at a visit that is further from the last one than a pause could be, or before it: what is on the server
 * then stays N days from then on, whatever the clock said when it was collected.
 */
export interface DayCount {
  /** No age reaches back beyond this; null: every age counts in full. */
  readonly countsFrom: number | null;
  /** How far ahead of the last visit the clock is, where that is further than could be; 0 otherwise. */
  readonly aheadMs: number;
  /** What the account is to keep; null: nothing. Undefined: what it keeps is still right. */
  readonly toKeep: IncomingAccount['daysCounted'] | null;
}

const dayMs = 24 * 60 * 60 * 1000;
/** Besides the days themselves: accounts that are visited once a season are in order. */
const longestPauseMs = 120 * dayMs;
/** Clocks are put right by a little, all the time. */
const backAtMostMs = dayMs;
/** Noted so often: each note is a write of the settings. */
const notedEveryMs = dayMs;

/** Compares this visit with the last one there was. */
export function countDays(
  { retention, daysCounted }: Pick<IncomingAccount, 'retention' | 'daysCounted'>,
  now: number,
): DayCount {
  if (retention.kind !== 'leave-days')
    return { countsFrom: null, aheadMs: 0, toKeep: daysCounted === undefined ? undefined : null };
  const visitedAt = new Date(now).toISOString();
  // Nothing to compare with: an account that is new, or had no days to count.
  if (daysCounted === undefined) return { countsFrom: null, aheadMs: 0, toKeep: { visitedAt } };
  const sinceMs = now - Date.parse(daysCounted.visitedAt);
  const isAhead = sinceMs > longestPauseMs + retention.days * dayMs;
  if (isAhead || sinceMs < -backAtMostMs)
    return { countsFrom: now, aheadMs: isAhead ? sinceMs : 0, toKeep: { visitedAt, countsFrom: visitedAt } };
  return {
    countsFrom: daysCounted.countsFrom === undefined ? null : Date.parse(daysCounted.countsFrom),
    aheadMs: 0,
    toKeep: sinceMs >= notedEveryMs ? { ...daysCounted, visitedAt } : undefined,
  };
}

/** When the server's copy has had its time; never, where time has no part in it. */
export function retentionEndOf(
  { collectedAt }: Pick<KnownUniqueId, 'collectedAt'>,
  retention: Retention,
  { now, countsFrom = null }: { now: number; countsFrom?: number | null },
): number {
  if (retention.kind !== 'leave-days') return Number.POSITIVE_INFINITY;
  // A time to come was told by the wrong clock, before it was put right.
  const isToldWrong = countsFrom !== null && (collectedAt < countsFrom || collectedAt > now);
  return (isToldWrong ? countsFrom : collectedAt) + retention.days * dayMs;
}

/** How many of these have had their time, if the clock is believed. */
export function countKept(known: readonly KnownUniqueId[], retention: Retention, now: number): number {
  return known.filter((entry) => retentionEndOf(entry, retention, { now }) <= now).length;
}
