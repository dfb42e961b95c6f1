import type { Clock } from '../../ports.ts';

/** A clock moved by hand; deadlines of sockets keep the real one. */
export function handClock(): { clock: Clock; advance(ms: number): void } {
  let now = Date.now();
  const waiting = new Set<{ at: number; run: () => void }>();
  const clock: Clock = {
    now: () => now,
    after(delayMs, run) {
      const entry = { at: now + delayMs, run };
      waiting.add(entry);
      return () => waiting.delete(entry);
    },
  };
  return {
    clock,
    advance(ms) {
      now += ms;
      for (const entry of [...waiting].filter(({ at }) => at <= now)) {
        waiting.delete(entry);
        entry.run();
      }
    },
  };
}
