import type { StageFailure } from './stage-failure.ts';

/** What a candidate of a race came to. */
export type RaceTurn<C, T> =
  | { readonly candidate: C; readonly kind: 'ready'; readonly value: T }
  | { readonly candidate: C; readonly kind: 'failed'; readonly failure: StageFailure };

export interface RaceOptions<C, T> {
  /** How long a candidate has before the next one is started beside it. */
  readonly staggerMs: number;
  start(candidate: C): Promise<T>;
  /** The next one was started because this one had not answered. */
  onSlow(candidate: C): void;
  /** It ended after the race was over: null means it did answer. */
  onLate(candidate: C, failure: StageFailure | null): void;
  /** It was ready and nobody wanted it. */
  discard(value: T): void;
}

export interface Race<C, T> {
  /** The next candidate that is ready or failed, each once; null when there are no more. */
  next(): Promise<RaceTurn<C, T> | null>;
  /** Do not start these any more; those under way count as overtaken. */
  drop(which: (candidate: C) => boolean): void;
  /** Whether another candidate may still come. */
  readonly hasMore: boolean;
  /** Over: what is still under way ends in the background. Answers those overtaken. */
  leave(): C[];
}

interface Runner<C, T> {
  readonly candidate: C;
  state: 'waiting' | 'running' | 'over' | 'told';
  turn?: RaceTurn<C, T>;
  startedAt: number;
  isSlow: boolean;
}

/**
 * Starts candidates in order, the next one when the one before has failed or has not answered for a moment. Losing is
 * no failure: who answers late is told apart from who never answers.
 */
export function createRace<C, T>(
  candidates: readonly C[],
  options: RaceOptions<C, T>,
  toFailure: (error: unknown) => StageFailure,
): Race<C, T> {
  const runners: Runner<C, T>[] = candidates.map((candidate) => ({
    candidate,
    state: 'waiting',
    startedAt: 0,
    isSlow: false,
  }));
  let wake: () => void = () => undefined;
  let isOver = false;

  function start(runner: Runner<C, T>): void {
    runner.state = 'running';
    runner.startedAt = performance.now();
    const { candidate } = runner;
    options.start(candidate).then(
      (value) => finish(runner, { candidate, kind: 'ready', value }),
      (error: unknown) => finish(runner, { candidate, kind: 'failed', failure: toFailure(error) }),
    );
  }

  function finish(runner: Runner<C, T>, turn: RaceTurn<C, T>): void {
    if (isOver || runner.state === 'told') {
      if (turn.kind === 'ready') options.discard(turn.value);
      options.onLate(runner.candidate, turn.kind === 'failed' ? turn.failure : null);
      return;
    }
    runner.state = 'over';
    runner.turn = turn;
    wake();
  }

  function takeFinished(): RaceTurn<C, T> | null {
    const runner = runners.find(({ state }) => state === 'over');
    if (runner?.turn === undefined) return null;
    runner.state = 'told';
    return runner.turn;
  }

  /** Starts the next one if it is time; answers how long to wait for that otherwise. */
  function advance(): number | null {
    const next = runners.find(({ state }) => state === 'waiting');
    if (next === undefined) return null;
    const running = runners.filter(({ state }) => state === 'running');
    const newest = Math.max(...running.map(({ startedAt }) => startedAt), Number.NEGATIVE_INFINITY);
    const wait = newest + options.staggerMs - performance.now();
    if (wait > 0) return wait;
    for (const runner of running) {
      if (runner.isSlow) continue;
      runner.isSlow = true;
      options.onSlow(runner.candidate);
    }
    start(next);
    return options.staggerMs;
  }

  return {
    async next() {
      for (;;) {
        const finished = takeFinished();
        if (finished !== null) return finished;
        const waitMs = advance();
        if (!runners.some(({ state }) => state === 'running' || state === 'over')) return null;
        if (runners.some(({ state }) => state === 'over')) continue;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = waitMs === null ? undefined : setTimeout(resolve, waitMs);
        await promise;
        clearTimeout(timer);
      }
    },
    drop(which) {
      for (const runner of runners) {
        if (!which(runner.candidate)) continue;
        if (runner.state === 'over' && runner.turn?.kind === 'ready') options.discard(runner.turn.value);
        runner.state = 'told';
      }
    },
    get hasMore() {
      return runners.some(({ state }) => state !== 'told');
    },
    leave() {
      isOver = true;
      const overtaken: C[] = [];
      for (const runner of runners) {
        if (runner.state === 'running') overtaken.push(runner.candidate);
        if (runner.state === 'over' && runner.turn?.kind === 'ready') options.discard(runner.turn.value);
        if (runner.state === 'over') runner.state = 'told';
      }
      return overtaken;
    },
  };
}
