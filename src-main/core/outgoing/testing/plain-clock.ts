import type { Clock } from '../../ports.ts';

/** The machine's own time, for tests that run in other processes. */
export const systemClockForTests: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
