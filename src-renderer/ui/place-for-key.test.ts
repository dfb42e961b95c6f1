import { expect, it } from 'vitest';
import { placeForKey } from './place-for-key.ts';

const plain = { ctrlKey: false, metaKey: false, altKey: false };

it.each([
  ['ArrowDown', 3, 4],
  ['ArrowDown', 9, 9],
  ['ArrowUp', 0, 0],
  ['PageDown', 3, 7],
  ['PageDown', 8, 9],
  ['PageUp', 3, 0],
  ['Home', 5, 0],
  ['End', 5, 9],
  ['Enter', 5, null],
])('%s from row %i leads to %s of ten', (key, at, place) => {
  expect(placeForKey({ ...plain, key }, at, 10, 4)).toBe(place);
});

it('leads nowhere in an empty list, and leaves shortcuts alone', () => {
  expect(placeForKey({ ...plain, key: 'Home' }, -1, 0, 4)).toBeNull();
  expect(placeForKey({ ...plain, key: 'ArrowDown', ctrlKey: true }, 0, 10, 4)).toBeNull();
});
