import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeRows, rowsInSight } from './row-window.ts';

test('places rows one below the other, measured or estimated', () => {
  const measured = new Map([['b', 100]]);
  const { tops } = placeRows(['a', 'b', 'c'], (id) => measured.get(id), 40);
  expect([...tops]).toEqual([0, 40, 140, 180]);
  expect([...placeRows([], () => undefined, 40).tops]).toEqual([0]);
});

test('finds exactly the rows that are in sight', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 0, max: 9000 }),
      fc.integer({ min: 1, max: 1000 }),
      (heights, top, height) => {
        const ids = heights.map((_, index) => `${index}`);
        const places = placeRows(ids, (id) => heights[Number(id)], 50);
        const { from, to } = rowsInSight(places, top, height, 0);
        const begins = (index: number): number => places.tops[index] ?? 0;
        for (let index = 0; index < heights.length; index += 1) {
          const isTouched = begins(index) <= top + height && begins(index + 1) > top;
          if (isTouched) expect(index >= from && index < to).toBe(true);
        }
        // Never the whole of a long list for a small window.
        expect(to - from).toBeLessThanOrEqual(height + 2);
        expect(to).toBeGreaterThan(from);
      },
    ),
  );
});

test('survives a list that became shorter than the scroll position', () => {
  const places = placeRows(['a', 'b'], () => 10, 10);
  expect(rowsInSight(places, 5000, 100, 3)).toEqual({ from: 0, to: 2 });
  expect(
    rowsInSight(
      placeRows([], () => 10, 10),
      0,
      100,
      3,
    ),
  ).toEqual({ from: 0, to: 0 });
});
