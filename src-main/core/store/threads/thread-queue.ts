import type { Log } from '../../ports.ts';
import { integer, type Sql } from '../sql.ts';
import { makeThread } from './make-threads.ts';
import { takeTouched } from './take-messages.ts';

/** Work goes on for so long at a time: whoever waits for the ledger waits for it. */
const workForMs = 15;
const chunkRows = 500;
/** While mail comes in, its filing goes first: threads wait for a pause of this length, or for whoever asks for them. */
const quietMs = 300;

/** Threads are made behind the rows, like the full text: filing a message only notes that it did. */
export interface ThreadQueue {
  /** Works for a moment; false when nothing waits. */
  step(): boolean;
  /** Until every message is in its thread, letting other work in. */
  settle(): Promise<void>;
  /** Begins to work by itself when the thread has nothing better to do. */
  wake(): void;
  stop(): void;
}

export function createThreadQueue(sql: Sql, isBusy: () => boolean, log: Log): ThreadQueue {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let busyAt = -quietMs;

  function work(): void {
    const begun = performance.now();
    const isTime = (): boolean => performance.now() - begun < workForMs;
    sql.transaction(() => takeSome(sql, isTime) || makeSome(sql, isTime));
  }

  function step(): boolean {
    if (!isWaiting(sql)) return false;
    work();
    return true;
  }

  function tick(): void {
    timer = undefined;
    if (isStopped) return;
    try {
      if (isBusy()) busyAt = performance.now();
      else if (performance.now() - busyAt >= quietMs && !step()) return;
      wake();
    } catch (error) {
      log.error('Conversations could not be put together. They are tried again when they are looked at.', error);
    }
  }

  function wake(): void {
    if (timer !== undefined || isStopped) return;
    timer = setTimeout(tick, Math.max(1, busyAt + quietMs - performance.now()));
    timer.unref();
  }

  return {
    step,
    async settle() {
      while (!isStopped && step()) await new Promise<void>((resolve) => setImmediate(resolve));
    },
    wake,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

function isWaiting(sql: Sql): boolean {
  return sql.one('SELECT EXISTS (SELECT 1 FROM touched) OR EXISTS (SELECT 1 FROM dirty_nodes) AS n')?.n === 1;
}

function takeSome(sql: Sql, isTime: () => boolean): boolean {
  const rows = sql.all('SELECT id FROM touched ORDER BY id LIMIT ?', chunkRows);
  for (const row of rows) {
    if (!isTime()) break;
    takeTouched(sql, integer(row, 'id'));
  }
  return rows.length > 0;
}

function makeSome(sql: Sql, isTime: () => boolean): boolean {
  const rows = sql.all('SELECT id FROM dirty_nodes LIMIT ?', chunkRows);
  for (const row of rows) {
    if (!isTime()) break;
    // It may have been seen to with another of its thread.
    const id = integer(row, 'id');
    if (sql.one('SELECT 1 FROM dirty_nodes WHERE id = ?', id) !== undefined) makeThread(sql, id);
  }
  return rows.length > 0;
}
