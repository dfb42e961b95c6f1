import type { Sql } from './sql.ts';

interface Waiting {
  readonly run: () => void;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
}

/** `now`: somebody waits for it. `soon`: joins the next commit; without one, it is made when no more is coming. */
export type Urgency = 'now' | 'soon';

/** One durable commit for everything that asked for one meanwhile. */
export interface GroupCommit {
  /**
   * Runs `work` inside the next transaction; resolves when that is on the disk, however urgent it was. A failing `work`
   * undoes only itself. What was asked for first runs first.
   */
  commit<T>(work: (sql: Sql) => T, urgency?: Urgency): Promise<T>;
  /** Something is being written, or was a moment ago: messages are on their way. */
  isBusy(): boolean;
  /** Commits what waits at once: for whoever is about to read what was asked to be written. */
  flush(): void;
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
}

/** What need not hurry waits for company until nobody has come for so long, */
const quietMs = 8;
/** but no longer than this: while many are on their way, one sync takes what came in so long. */
const longestMs = 40;
const busyForMs = 100;

/**
 * A commit costs a sync of the disk whatever it holds. While one runs this thread is busy and further calls pile up in
 * its port; `setImmediate` lets them all in before the next transaction begins, so a thousand concurrent callers share
 * a few syncs. A lone caller does not wait, unless it said that it can.
 */
export function createGroupCommit(sql: Sql): GroupCommit {
  let waiting: Waiting[] = [];
  let immediate: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let committedAt = -busyForMs;

  function schedule(urgency: Urgency): void {
    if (urgency === 'now') immediate ??= setImmediate(flush);
    else timer ??= setTimeout(flushWhenQuiet, quietMs, waiting.length, performance.now());
  }

  function flushWhenQuiet(seen: number, since: number): void {
    if (waiting.length === seen || performance.now() - since > longestMs - quietMs) flush();
    else timer = setTimeout(flushWhenQuiet, quietMs, waiting.length, since);
  }

  function flush(): void {
    clearImmediate(immediate);
    clearTimeout(timer);
    immediate = undefined;
    timer = undefined;
    if (waiting.length === 0) return;
    const group = waiting;
    waiting = [];
    const done: Waiting[] = [];
    try {
      sql.transaction(() => {
        for (const entry of group) {
          sql.run('SAVEPOINT one');
          try {
            entry.run();
            sql.run('RELEASE one');
            done.push(entry);
          } catch (error) {
            if (!sql.db.isTransaction) throw error;
            sql.db.exec('ROLLBACK TO one; RELEASE one');
            entry.fail(error);
          }
        }
      });
    } catch (error) {
      for (const entry of group) entry.fail(error);
      return;
    }
    committedAt = performance.now();
    for (const entry of done) entry.settle();
  }

  const group: GroupCommit = {
    commit<T>(work: (sql: Sql) => T, urgency: Urgency = 'now'): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        let settle = (): void => {};
        waiting.push({
          run: () => {
            const result = work(sql);
            settle = () => resolve(result);
          },
          settle: () => settle(),
          fail: reject,
        });
        schedule(urgency);
      });
    },
    isBusy: () => waiting.length > 0 || performance.now() - committedAt < busyForMs,
    flush,
    async idle() {
      if (waiting.length > 0) await group.commit(() => undefined);
    },
  };
  return group;
}
