import { expect, test } from 'vitest';
import { whenListening } from './when-listening.ts';

/** A clock that strikes when the test says so, and a page that closes so. */
function bench() {
  const waiting = new Set<() => void>();
  const clock = {
    after(_delayMs: number, run: () => void) {
      waiting.add(run);
      return () => void waiting.delete(run);
    },
  };
  const page = () => {
    const listeners = new Set<() => void>();
    return {
      onClose(listener: () => void) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      close() {
        for (const listener of listeners) listener();
      },
    };
  };
  return { screens: whenListening(clock), page, strike: () => [...waiting].map((run) => run()) };
}

test('what is told before a page listens is told then, in order, and once', () => {
  const { screens, page, strike } = bench();
  const told: number[] = [];
  screens.tell(() => told.push(1));
  screens.attached(page());
  screens.tell(() => told.push(2));
  expect(told).toEqual([]);
  strike();
  screens.tell(() => told.push(3));
  expect(told).toEqual([1, 2, 3]);
});

test('a page that goes is not spoken to any more, the one that comes after it is', () => {
  const { screens, page, strike } = bench();
  const told: number[] = [];
  const [first, gone, second] = [page(), page(), page()];
  screens.attached(first);
  strike();
  first.close();
  screens.tell(() => told.push(1));
  screens.attached(gone);
  gone.close();
  strike();
  expect(told).toEqual([]);
  screens.attached(second);
  strike();
  expect(told).toEqual([1]);
});
