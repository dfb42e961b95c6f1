import { stat } from 'node:fs';

/**
 * So many files are synced at once. A file system takes all that ask while it writes its journal into the next turn of it:
 * with Node's own 4, collecting waits for four times as many turns.
 */
const threads = '16';

/** Makes the pool in which this process waits for its disk wide enough. To be called before anything has used it. */
export function widenThreadPool(): void {
  if (process.env.UV_THREADPOOL_SIZE !== undefined) return;
  process.env.UV_THREADPOOL_SIZE = threads;
  // The first use makes the pool, at once; programs that are started from here are told nothing of it.
  stat(process.execPath, () => undefined);
  delete process.env.UV_THREADPOOL_SIZE;
}
