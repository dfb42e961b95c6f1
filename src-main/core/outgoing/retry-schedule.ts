const minute = 60_000;
const hour = 60 * minute;

const retryAfterMs: readonly number[] = [5 * minute, 15 * minute, 30 * minute, hour, 2 * hour];
const lastRetryAfterMs = 4 * hour;

export const delayNoticeAfterMs = 4 * hour;
export const giveUpAfterMs = 5 * 24 * hour;
/** So often it was tried in vain by then, at least. */
export const giveUpAfterTries = 4;

/** How long to wait after this many passes that found nobody (1 for the first). */
export function retryDelayMs(deferrals: number): number {
  return retryAfterMs[deferrals - 1] ?? lastRetryAfterMs;
}
