import type { Sql } from './sql.ts';

interface Waiting {
  readonly run: () => void;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
}

/** One durable commit for everything that asked for one meanwhile. */
export interface GroupCommit {
  /** Runs `work` inside the next transaction; resolves when that is on the disk. A failing `work` undoes only itself. */
  commit<T>(work: (sql: Sql) => T): Promise<T>;
  /** Resolves when nothing waits any more. */
  idle(): Promise<void>;
}

/**
 * A commit costs a sync of the disk whatever it holds. While one runs this thread is busy and further calls pile up in
 * its port; `setImmediate` lets them all in before the next transaction begins, so a thousand concurrent callers share
 * a few syncs. No timer: a lone caller does not wait.
 */
export function createGroupCommit(sql: Sql): GroupCommit {
  let waiting: Waiting[] = [];
  let isScheduled = false;

  function flush(): void {
    isScheduled = false;
    const group = waiting;
    waiting = [];
    const done: Waiting[] = [];
    try {
      sql.transaction(() => {
        for (const entry of group) {
          sql.db.exec('SAVEPOINT one');
          try {
            entry.run();
            sql.db.exec('RELEASE one');
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
    for (const entry of done) entry.settle();
  }

  const group: GroupCommit = {
    commit<T>(work: (sql: Sql) => T): Promise<T> {
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
        if (isScheduled) return;
        isScheduled = true;
        setImmediate(flush);
      });
    },
    async idle() {
      if (waiting.length > 0) await group.commit(() => undefined);
    },
  };
  return group;
}
