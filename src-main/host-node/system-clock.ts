import type { Clock } from '../core/ports.ts';

/** Node's timers take at most a signed 32-bit number of milliseconds; a longer wait would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's own time. Waiting does not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    let remainingMs = Math.max(0, delayMs);
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const stepMs = Math.min(remainingMs, longestTimerMs);
      remainingMs -= stepMs;
      timer = setTimeout(() => (remainingMs > 0 ? wait() : run()), stepMs);
      timer.unref();
    };
    wait();
    return () => clearTimeout(timer);
  },
};
