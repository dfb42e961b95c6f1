import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from './system-clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('waits, and can be told not to', () => {
  const run = vi.fn();
  systemClock.after(1000, run);
  const cancel = systemClock.after(1000, run);
  cancel();
  vi.advanceTimersByTime(999);
  expect(run).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledTimes(1);
});

test('waits longer than a timer of Node’s can', () => {
  const run = vi.fn();
  const days = 24 * 60 * 60 * 1000;
  const cancelled = systemClock.after(60 * days, run);
  systemClock.after(60 * days, run);
  vi.advanceTimersByTime(59 * days);
  expect(run).not.toHaveBeenCalled();
  cancelled();
  vi.advanceTimersByTime(2 * days);
  expect(run).toHaveBeenCalledTimes(1);
});
