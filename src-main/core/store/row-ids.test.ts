import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { lastTellable, rowId, rowIdsBetween } from './row-ids.ts';

const moment = fc.oneof(
  fc.integer({ min: -5_000_000_000_000, max: lastTellable + 5_000_000_000_000 }),
  fc.constantFrom(0, 1, 999, 1000, lastTellable - 1, lastTellable, lastTellable + 1),
);
const second = fc.integer({ min: 1, max: lastTellable / 1000 - 1 }).map((seconds) => seconds * 1000);

it('gives ids whose order is that of the seconds, each its own', () => {
  fc.assert(
    fc.property(fc.array(moment, { minLength: 2, maxLength: 40 }), (moments) => {
      const taken = new Set<number>();
      const rows = moments.map((date, at) => {
        const id = rowId(date, MessageKey.parse(`key-${at}`), (wanted) => taken.has(wanted));
        expect(taken.has(id)).toBe(false);
        expect(Number.isSafeInteger(id)).toBe(true);
        taken.add(id);
        return { id, second: Math.floor(Math.min(Math.max(date, 0), lastTellable) / 1000) };
      });
      const byId = rows.toSorted((a, b) => a.id - b.id).map((row) => row.second);
      expect(byId).toEqual(byId.toSorted((a, b) => a - b));
    }),
  );
});

it('spans the ids of a span of time: exactly that of whole seconds, never less', () => {
  fc.assert(
    fc.property(moment, fc.oneof(moment, second), fc.oneof(moment, second), (date, from, until) => {
      const id = rowId(date, MessageKey.parse('key'), () => false);
      const { least, most } = rowIdsBetween(from, until - 1);
      const isWithin = id >= (least ?? 0) && id <= (most ?? Number.MAX_SAFE_INTEGER);
      const isMeant = date >= from && date < until;
      if (isMeant) expect(isWithin).toBe(true);
      const isWhole = (bound: number): boolean => bound > 0 && bound < lastTellable && bound % 1000 === 0;
      if (isWhole(from) && isWhole(until)) expect(isWithin).toBe(isMeant);
    }),
    { numRuns: 2000 },
  );
});

it('goes on within the second when the slot is taken', () => {
  const taken = new Set<number>();
  for (let at = 0; at < 3000; at += 1)
    taken.add(rowId(1_700_000_000_000, MessageKey.parse(`k${at}`), (id) => taken.has(id)));
  expect(taken.size).toBe(3000);
  expect(new Set([...taken].map((id) => Math.floor(id / 2 ** 20)))).toEqual(new Set([1_700_000_000]));
});
