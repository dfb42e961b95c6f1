import type { OutboxId } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Clock, Log } from '../ports.ts';
import { isBeyondReason, setBack } from './clock-set-back.ts';
import type { Entries, Entry } from './outbox-entries.ts';
import { ownFaultInWords } from './own-fault.ts';

export interface FlushOptions {
  readonly now: boolean;
  readonly outboxIds?: readonly OutboxId[];
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface FlushCount {
  sent: number;
  deferred: number;
  held: number;
  failed: number;
}

/** Runs passes over messages: by schedule when they fall due, and on demand; several at once, each message once. */
export interface PassRunner {
  startSchedule(): void;
  /** Something changed: look again at what is due. */
  wake(): void;
  flush(options: FlushOptions): Promise<FlushCount>;
  /** No connection lives any more: every running pass begins anew, unless its final dot is out. */
  startOver(): void;
  /** Calls a running pass off; it ends at once unless its final dot is out. */
  stop(entry: Entry): Promise<void>;
  /** Waits for a running pass. */
  settled(entry: Entry): Promise<void>;
  /** Messages are on their way to a server, or wait for their turn at one. */
  isDelivering(): boolean;
  close(patienceMs: number): Promise<void>;
}

export interface RunnerRooms {
  readonly clock: Clock;
  readonly log: Log;
  readonly entries: Entries;
  isPaused(): boolean;
  /** Breaks every connection: what has sent its final dot is uncertain then. */
  cutOff(): void;
  /** `onDelivered`: nothing goes to a server any more, what is left is to write down and to file. */
  runPass(
    entry: Entry,
    options: { ignoreMemory: boolean; signal: AbortSignal; onDelivered: () => void },
  ): Promise<void>;
}

/**
 * Messages on their way at the same time; most wait for their turn at an endpoint. Those that only wait to be filed in
 * Sent do not count: filed by the hundred they cost little, and they must not hold up the others.
 */
const deliveriesAtOnce = 120;
/** The longest the schedule sleeps: clocks jump and laptops wake. */
const longestSleepMs = 60_000;
const afterFaultMs = 30_000;
/** For writing down what became of messages whose connection was cut. */
const settlingMs = 5000;

/** Resolves when the signal trips, at once when it has. */
function calledOff(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

export function createPassRunner(rooms: RunnerRooms): PassRunner {
  const { clock, log, entries } = rooms;
  const running = new Set<Entry>();
  const delivering = new Set<Entry>();
  const underWay = new Set<AbortController>();
  const faultUntil = new WeakMap<Entry, number>();
  const places: (() => void)[] = [];
  let isScheduled = false;
  let isClosed = false;
  let isLooking = false;
  let seenAt = clock.now();
  /** Passes somebody no longer waits for, and since when (`performance.now()`). */
  const leftAt = new WeakMap<Entry, number>();
  let cancelSleep: (() => void) | undefined;

  async function run(entry: Entry, ignoreMemory: boolean): Promise<void> {
    const abort = new AbortController();
    running.add(entry);
    leftAt.delete(entry);
    delivering.add(entry);
    const leave = (): void => {
      if (!delivering.delete(entry)) return;
      places.shift()?.();
      wake();
    };
    const ended = passes(entry, ignoreMemory, abort.signal, leave)
      .catch((error: unknown) => {
        faultUntil.set(entry, clock.now() + afterFaultMs);
        // In memory: the ledger, which may be what failed, has it as waiting still.
        const { heldFor: _heldFor, ...record } = entry.record;
        const dueAt = clock.now() + afterFaultMs;
        const isAnswered = record.recipients.every(({ state }) => state === 'accepted' || state === 'refused');
        const explanation = ownFaultInWords(error, isAnswered);
        if (entries.get(record.outboxId) === entry)
          entries.show(entry, { ...record, state: 'deferred', dueAt, isOwnFault: true, explanation });
        log.error(`A pass over “${entry.record.subject}” failed; it stays in the outbox.`, error);
      })
      .finally(() => {
        entry.running = undefined;
        running.delete(entry);
        leave();
      });
    entry.running = { abort, ended };
    await ended;
  }

  /** One pass, and another one as often as the network changes under it. */
  async function passes(
    entry: Entry,
    ignoreMemory: boolean,
    signal: AbortSignal,
    onDelivered: () => void,
  ): Promise<void> {
    for (let isOver = false; !isOver; ) {
      // Not `AbortSignal.any`: what keeps its signals together costs more than planning a route.
      const pass = new AbortController();
      const callOff = (): void => pass.abort(signal.reason);
      if (signal.aborted) callOff();
      signal.addEventListener('abort', callOff, { once: true });
      underWay.add(pass);
      const isChanged = (): boolean => pass.signal.aborted && !signal.aborted;
      try {
        await rooms.runPass(entry, {
          ignoreMemory,
          signal: pass.signal,
          onDelivered: () => {
            if (!isChanged()) onDelivered();
          },
        });
      } finally {
        underWay.delete(pass);
        signal.removeEventListener('abort', callOff);
      }
      isOver = !isChanged() || entry.record.state !== 'queued';
    }
  }

  /** When the schedule may take it up: 0 is now, null is never by itself. */
  function dueIn(entry: Entry): number | null {
    if (entry.running !== undefined || entry.hand !== undefined || entry.isCallersTurn) return null;
    const { record } = entry;
    const fault = Math.max(0, Math.min(afterFaultMs, (faultUntil.get(entry) ?? 0) - clock.now()));
    switch (record.state) {
      case 'queued':
      case 'sending':
        return fault;
      case 'deferred':
        return Math.max(fault, (record.dueAt ?? 0) - clock.now());
      case 'held':
        return record.heldFor === 'undo' || record.heldFor === 'send-later'
          ? Math.max(fault, (record.dueAt ?? 0) - clock.now())
          : null;
      default:
        return null;
    }
  }

  function followClock(): void {
    const backMs = seenAt - clock.now();
    seenAt = clock.now();
    if (backMs < longestSleepMs) return;
    for (const entry of entries.all()) {
      const record = setBack(entry.record, backMs);
      if (record !== entry.record) entries.show(entry, record);
    }
  }

  function look(): void {
    isLooking = false;
    followClock();
    cancelSleep?.();
    cancelSleep = undefined;
    if (!isScheduled || isClosed || rooms.isPaused()) return;
    let sleepMs = longestSleepMs;
    for (const entry of entries.all()) {
      const wait = dueIn(entry);
      if (wait === null) continue;
      if (wait > 0) sleepMs = Math.min(sleepMs, wait);
      else if (delivering.size < deliveriesAtOnce) {
        run(entry, false)
          .catch((error: unknown) => log.error('The outbox stumbled.', error))
          .finally(wake);
      } else break;
    }
    cancelSleep = clock.after(sleepMs, look);
  }

  function wake(): void {
    if (isLooking || !isScheduled || isClosed) return;
    isLooking = true;
    setImmediate(look);
  }

  function isForFlush(entry: Entry, { now, outboxIds }: FlushOptions): boolean {
    const isNamed = outboxIds?.includes(entry.record.outboxId) === true;
    if (outboxIds !== undefined && !isNamed) return false;
    if (!isNamed && rooms.isPaused()) return false;
    const { record } = entry;
    const isDue = (record.dueAt ?? 0) <= clock.now() || isBeyondReason(record, clock.now());
    switch (record.state) {
      case 'queued':
      case 'sending':
        return true;
      case 'deferred':
        // Another process may have changed the settings it waits for: looking costs nothing outside.
        return now || isDue || record.wakesOn === 'settings';
      case 'held':
        switch (record.heldFor) {
          case 'undo':
          case 'send-later':
            return isDue || (now && isNamed);
          case 'offline':
            return true;
          case 'needs-password':
          case 'server-gone':
            return true;
          case 'content':
            return now && isNamed;
          case 'server-limits':
            return now;
          default:
            return false;
        }
      default:
        return false;
    }
  }

  async function flushOne(entry: Entry, options: FlushOptions): Promise<void> {
    while (delivering.size >= deliveriesAtOnce && entry.running === undefined && !isClosed) {
      const { promise, resolve } = Promise.withResolvers<void>();
      places.push(resolve);
      await promise;
    }
    if (entry.running !== undefined) {
      places.shift()?.();
      await Promise.race([entry.running.ended, calledOff(options.signal)]);
      // Much may have happened while it waited for a place: it was sent, taken back, discarded, or is being so.
    } else if (!options.signal.aborted && !isClosed && isThere(entry) && isForFlush(entry, options)) {
      const leave = Promise.withResolvers<void>();
      const stop = (): void => {
        leftAt.set(entry, performance.now());
        entry.running?.abort.abort(options.signal.reason);
        // The server has it all and may take minutes to answer: whoever called it off does not wait for that.
        if (entry.record.recipients.some(({ state }) => state === 'dot-pending')) leave.resolve();
      };
      options.signal.addEventListener('abort', stop, { once: true });
      do await Promise.race([run(entry, options.now), leave.promise]);
      while (isLetGoAgain(entry) && !options.signal.aborted);
      options.signal.removeEventListener('abort', stop);
    } else places.shift()?.();
  }

  /** The network changed while its pass was under way: whoever waits wants to know how the next one ends. */
  function isLetGoAgain(entry: Entry): boolean {
    return entry.record.state === 'queued' && entry.running === undefined && !isClosed && isThere(entry);
  }

  function isThere(entry: Entry): boolean {
    return entry.hand === undefined && entries.get(entry.record.outboxId) === entry;
  }

  /** Whatever became of a caller's pass: from now on it is the schedule's. */
  function endTurns(outboxIds: readonly OutboxId[] = []): void {
    for (const outboxId of outboxIds) {
      const entry = entries.get(outboxId);
      if (entry !== undefined) entry.isCallersTurn = false;
    }
  }

  /** Waits for every pass, but no longer than this. */
  async function endedWithin(ms: number): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, ms);
    await Promise.race([Promise.all([...running].map((entry) => entry.running?.ended)), patience.promise]);
    clearTimeout(timer);
  }

  return {
    startSchedule() {
      isScheduled = true;
      for (const entry of entries.all())
        if (isBeyondReason(entry.record, clock.now())) entries.show(entry, { ...entry.record, dueAt: clock.now() });
      wake();
    },
    wake,
    async flush(options) {
      const chosen = [...entries.all()].filter((entry) => isForFlush(entry, options));
      let done = 0;
      await Promise.all(
        chosen.map(async (entry) => {
          await flushOne(entry, options);
          entry.isCallersTurn = false;
          done += 1;
          options.onProgress?.(done, chosen.length);
        }),
      );
      endTurns(options.outboxIds);
      wake();
      const count = (...states: string[]): number =>
        chosen.filter(({ record }) => states.includes(record.state)).length;
      return {
        sent: count('sent'),
        deferred: count('deferred', 'queued'),
        held: count('held'),
        failed: count('failed'),
      };
    },
    startOver() {
      for (const pass of underWay) {
        pass.abort(new MailError('ECANCELLED', 'The network changed while it was on its way; it begins anew.'));
      }
    },
    async stop(entry) {
      entry.running?.abort.abort(new MailError('ECANCELLED', 'You took it back.'));
      await entry.running?.ended;
    },
    async settled(entry) {
      await entry.running?.ended;
    },
    isDelivering: () => delivering.size > 0,
    async close(patienceMs) {
      isClosed = true;
      cancelSleep?.();
      for (const entry of running) entry.running?.abort.abort(new MailError('ECANCELLED', 'Postrider is closing.'));
      // What has sent its final dot waits for the reply a while; without it, the next start calls it uncertain. Who called
      // a pass off has waited for it, or does not care to.
      const now = performance.now();
      const waitsMs = [...running].map((entry) => {
        const left = leftAt.get(entry);
        return left === undefined ? patienceMs : left + patienceMs / 2 - now;
      });
      await endedWithin(Math.max(0, ...waitsMs));
      if (running.size === 0) return;
      // An open connection would keep the process for as long as a reply may take.
      rooms.cutOff();
      await endedWithin(settlingMs);
    },
  };
}
