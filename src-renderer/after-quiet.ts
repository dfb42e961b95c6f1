/** At most once in so many milliseconds, however often it is asked for; the last asking is always answered. */
const everyMs = 1000;

/** Work that many changes in a row ask for: done at once the first time, then once for all that came since. */
export function afterQuiet(work: () => void): { now: () => void; soon: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  const run = (): void => {
    timer = undefined;
    lastAt = performance.now();
    work();
  };
  return {
    now: run,
    soon: () => {
      timer ??= setTimeout(run, Math.max(0, lastAt + everyMs - performance.now()));
    },
    stop: () => clearTimeout(timer),
  };
}
