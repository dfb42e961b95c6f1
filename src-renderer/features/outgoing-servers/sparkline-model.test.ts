import { expect, it } from 'vitest';
import { barsOf } from './sparkline-model.ts';

it('draws slow attempts higher and marks failures', () => {
  const bars = barsOf([10, 8_000, -200]);
  expect(bars[1]?.height).toBe(1);
  expect(bars[0]?.height).toBeLessThan(bars[1]?.height ?? 0);
  expect(bars.map(({ isFailure }) => isFailure)).toEqual([false, false, true]);
});

it('shows the last ones, and survives nothing and zero', () => {
  expect(barsOf(Array.from({ length: 40 }, (_, index) => index))).toHaveLength(16);
  expect(barsOf([])).toEqual([]);
  expect(barsOf([0])[0]?.height).toBeGreaterThan(0);
});
