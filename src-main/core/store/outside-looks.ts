import type { Log } from '../ports.ts';

/** How soon what another program did to the Mail folder is seen by a screen that asks nothing. */
const lookEveryMs = 3000;
/** Where a look takes long (a slow disk, a large folder that keeps changing), looking takes at most this share of the time. */
const shareOfTime = 0.05;

export interface OutsideLooks {
  stop(): void;
}

/**
 * Looks at the Mail folder from time to time. A look at directories that did not change reads their times and nothing else,
 * on every kind of disk, also where the system tells of no changes (network disks).
 */
export function lookFromTimeToTime(
  look: () => Promise<void>,
  isBusy: () => boolean,
  log: Log,
  everyMs = lookEveryMs,
): OutsideLooks {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let hasFailed = false;

  async function lookNow(): Promise<void> {
    const begun = performance.now();
    try {
      // What is under way looks by itself.
      if (!isBusy()) await look();
      hasFailed = false;
    } catch (error) {
      // Said once, not every few seconds.
      if (!hasFailed) log.error('The Mail folder cannot be looked at.', error);
      hasFailed = true;
    }
    wait(Math.max(everyMs, (performance.now() - begun) / shareOfTime));
  }

  function wait(ms: number): void {
    if (isStopped) return;
    timer = setTimeout(() => void lookNow(), ms);
    timer.unref();
  }

  wait(everyMs);
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
