import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
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
 * Reading 100,000 messages makes garbage that dies at once. With V8's usual room for what is young it is promoted in large
 * portions and the heap grows to some 200 MB; with less it stays under 60, and no more time is spent.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 16 };

/** The store's thread with its program loaded, or being loaded; it has touched nothing yet. */
export interface StoreThread {
  /** Opens the store of a profile, which the caller has locked. Once. */
  open(options: WorkerOptions): StoreWorker;
}

/** Starts the thread that opens the store of a profile, which the caller has locked. */
export function startStoreWorker({ workerUrl, ...options }: WorkerOptions & { workerUrl: URL }): StoreWorker {
  return startStoreThread(workerUrl).open(options);
}

/**
 * Starts the thread before it is known which profile, and whether: while it waits it keeps no process alive. This module
 * loads nothing else, so that the thread can come up while the rest of the program is still being loaded.
 */
export function startStoreThread(workerUrl: URL): StoreThread {
  const worker = new Worker(workerUrl, { name: 'store', resourceLimits, env: withCompiledCode() });
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
  worker.unref();
  const started: StoreWorker = {
    worker,
    listen(next) {
      listener = next;
      for (const news of untold.splice(0)) news(next);
    },
    async abandon() {
      await worker.terminate();
    },
  };
  return {
    open({ profileDir, mailFolder }) {
      worker.ref();
      worker.postMessage({ profileDir, mailFolder } satisfies WorkerOptions);
      return started;
    },
  };
}

/** Where this thread's compiled code is kept, the other keeps its own; it asks the environment for that. */
function withCompiledCode(): NodeJS.ProcessEnv {
  const kept = getCompileCacheDir();
  // Node answers the folder of its own version, below the one it was given.
  return kept === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(kept) };
}
