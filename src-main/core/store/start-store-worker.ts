import { Worker } from 'node:worker_threads';
import type { FromWorker, WorkerOptions } from './store-protocol.ts';

export interface StoreWorkerListener {
  onMessages(messages: FromWorker[]): void;
  onError(error: unknown): void;
  onUnreadable(error: unknown): void;
  onExit(): void;
}

/** The store's thread, perhaps before anybody listens to it. */
export interface StoreWorker {
  readonly worker: Worker;
  /** Tells what was said so far, then everything as it comes. Once. */
  listen(listener: StoreWorkerListener): void;
  /** Ends a thread nobody came to use. What it was about to do to the disk is as safe as after a kill. */
  abandon(): Promise<void>;
}

/**
 * Starts the thread that opens the store of a profile, which the caller has locked. This module loads nothing else, so
 * that the thread can come up while the rest of the program is still being loaded.
 */
export function startStoreWorker({ workerUrl, ...workerData }: WorkerOptions & { workerUrl: URL }): StoreWorker {
  const worker = new Worker(workerUrl, { workerData, name: 'store' });
  let listener: StoreWorkerListener | undefined;
  const untold: ((listener: StoreWorkerListener) => void)[] = [];
  const tell = (news: (listener: StoreWorkerListener) => void): void => {
    if (listener === undefined) untold.push(news);
    else news(listener);
  };
  worker.on('message', (messages: FromWorker[]) => tell(({ onMessages }) => onMessages(messages)));
  worker.on('error', (error: unknown) => tell(({ onError }) => onError(error)));
  worker.on('messageerror', (error: unknown) => tell(({ onUnreadable }) => onUnreadable(error)));
  worker.on('exit', () => tell(({ onExit }) => onExit()));
  return {
    worker,
    listen(next) {
      listener = next;
      for (const news of untold.splice(0)) news(next);
    },
    async abandon() {
      await worker.terminate();
    },
  };
}
