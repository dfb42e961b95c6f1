import type { EventEmitter } from 'node:events';

/** A wish told twice (by the terminal, and by a program in between that passes it on) comes within this time. */
const sameWishMs = 1000;

/** Hears SIGINT, SIGTERM and SIGHUP: `onFirst` ends the program in order, `onAgain` when somebody insists. */
export function hearEndSignals(
  { onFirst, onAgain }: { onFirst: () => void; onAgain: () => void },
  { from = process, now = () => performance.now() }: { from?: EventEmitter; now?: () => number } = {},
): void {
  let firstAt: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    from.on(name, () => {
      if (firstAt === undefined) {
        firstAt = now();
        onFirst();
      } else if (now() - firstAt > sameWishMs) onAgain();
    });
  }
}
