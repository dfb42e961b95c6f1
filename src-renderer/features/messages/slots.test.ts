import { expect, test } from 'vitest';
import { inDocumentOrder, noSlots, type Slots, slotOf, turnSlots } from './slots.ts';

const size = 10;
const turn = (was: Slots, from: number, isAtRest = false): Slots =>
  turnSlots(was, { from, to: from + size, size, isAtRest });
const rowOf = (slots: Slots): number[] => inDocumentOrder(slots).map((place) => slotOf(slots, place));

test('while one scrolls, the rows that stay keep their place in the document and show what they showed', () => {
  let slots = turn(noSlots, 0, true);
  expect(inDocumentOrder(slots)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const rows = rowOf(slots);
  for (const from of [3, 7, 2, 11, 12, 5, 0]) {
    const before = slots;
    slots = turn(slots, from);
    expect(rowOf(slots)).toEqual(rows);
    for (let place = Math.max(from, before.from); place < Math.min(from, before.from) + size; place++)
      expect(slotOf(slots, place)).toBe(slotOf(before, place));
    expect(inDocumentOrder(slots).toSorted((a, b) => a - b)).toEqual(rows.map((_, at) => from + at));
  }
});

test('at rest they stand in the order of the list, and no row shows another place for it', () => {
  const moved = turn(turn(noSlots, 0, true), 13);
  const resting = turn(turn(moved, 17), 17, true);
  expect(inDocumentOrder(resting)).toEqual([17, 18, 19, 20, 21, 22, 23, 24, 25, 26]);
  for (let place = 17; place < 23; place++) expect(slotOf(resting, place)).toBe(slotOf(turn(moved, 17), place));
});

test('after a leap they are in order at once, each written anew where it is', () => {
  const before = turn(turn(noSlots, 0, true), 4);
  const leapt = turn(before, 50_000);
  expect(rowOf(leapt)).toEqual(rowOf(before));
  expect(inDocumentOrder(leapt)[0]).toBe(50_000);
  expect(inDocumentOrder(leapt).at(-1)).toBe(50_009);
});

test('a window shorter than the rows, at the end of a list, and one of another size', () => {
  const slots = turnSlots(turn(noSlots, 0, true), { from: 6, to: 12, size, isAtRest: false });
  expect(inDocumentOrder(slots).toSorted((a, b) => a - b)).toEqual([6, 7, 8, 9, 10, 11]);
  expect(new Set(rowOf(slots)).size).toBe(6);
  const wider = turnSlots(slots, { from: 2, to: 16, size: 14, isAtRest: false });
  expect(inDocumentOrder(wider)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  expect(inDocumentOrder(turnSlots(wider, { from: 0, to: 0, size: 14, isAtRest: true }))).toEqual([]);
});
