/** One attempt as a bar: its height between 0 and 1, or a failure. */
export interface Bar {
  readonly height: number;
  readonly isFailure: boolean;
}

/**
 * The last attempts as bars. Heights follow the logarithm of the time, so that 80 ms and 8 s can stand side by side;
 * `recentMs` is oldest first, negative for a failed attempt.
 */
export function barsOf(recentMs: readonly number[], most = 16): Bar[] {
  const shown = recentMs.slice(-most);
  const scale = Math.log10(Math.max(1_000, ...shown.map(Math.abs)));
  return shown.map((ms) => ({
    height: Math.min(1, Math.max(0.12, Math.log10(Math.max(1, Math.abs(ms))) / scale)),
    isFailure: ms < 0,
  }));
}
