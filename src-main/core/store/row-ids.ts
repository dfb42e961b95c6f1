import { createHash } from 'node:crypto';
import type { MessageKey } from '#shared/ids.ts';

const perSecond = 2 ** 20;
/** Epoch ms. Ids stay below 2^53: moments up to the year 2242 are told apart, and none before 1970. */
export const lastTellable = (2 ** 33 - 1) * 1000;

/**
 * The id of a message's row. Second, millisecond, and 10 bits of the key: rows of one moment come in the same order whenever
 * the index is made. A slot that is taken (mass mail of one second) is left for another of the same second, found by
 * hashing on.
 */
export function rowId(dateMs: number, key: MessageKey, isTaken: (id: number) => boolean): number {
  const moment = Math.min(Math.max(dateMs, 0), lastTellable);
  const base = Math.floor(moment / 1000) * perSecond;
  const hash = createHash('sha256').update(key).digest();
  let id = base + (moment % 1000) * 1024 + (hash.readUInt16BE(0) % 1024);
  for (let at = 2; isTaken(id); at++) {
    const next = at <= 28 ? hash.readUInt32BE(at) : Math.floor(Math.random() * perSecond);
    id = base + (next % perSecond);
  }
  return id;
}

/** The ids of the seconds in which rows of these moments lie: `least` and `most` are both included, null has no end. */
export function rowIdsBetween(
  least: number | null,
  most: number | null,
): { least: number | null; most: number | null } {
  const second = (moment: number): number => Math.floor(Math.min(Math.max(moment, 0), lastTellable) / 1000);
  return {
    least: least === null ? null : second(least) * perSecond,
    most: most === null ? null : (second(most) + 1) * perSecond - 1,
  };
}
