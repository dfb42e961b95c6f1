/** What a run did, to show that it did it; `seconds` when it took its own time (without starting a process, say). */
export interface Did {
  readonly did: string;
  readonly seconds?: number;
}

/** One thing to time: ours or a peer's. `run` does the whole work once. */
export interface Contender {
  readonly name: string;
  prepare?(): Promise<void>;
  run(): Promise<Did>;
}

export interface Timing {
  readonly name: string;
  readonly seconds: number[];
  readonly did: string;
}

/** Runs the contenders in turn, A B C A B C …, so that a machine that slows down slows all of them. */
export async function race(contenders: readonly Contender[], rounds: number): Promise<Timing[]> {
  const timings = contenders.map(({ name }) => ({ name, seconds: [] as number[], did: '' }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      await contender.prepare?.();
      const timing = timings[index];
      if (timing === undefined) continue;
      const begin = performance.now();
      const { did, seconds } = await contender.run();
      timing.did = did;
      timing.seconds.push(seconds ?? (performance.now() - begin) / 1000);
    }
  }
  return timings;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** A table with each contender's median and extremes, and its ratio to the first, taken round by round. */
export function table(title: string, timings: readonly Timing[]): string {
  const [first] = timings;
  const rows = timings.map(({ name, seconds, did }) => {
    const ratios = seconds.map((value, round) => value / (first?.seconds[round] ?? Number.NaN));
    const range = `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`;
    return `  ${name.padEnd(44)} ${median(seconds).toFixed(2).padStart(8)} s  (${range})  ratio ${median(ratios).toFixed(2)}  ${did}`;
  });
  return [`${title} (median of ${first?.seconds.length ?? 0})`, ...rows].join('\n');
}
