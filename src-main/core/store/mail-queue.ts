import { MailError } from '#shared/mail-error.ts';
import { syncFolder } from '../durable.ts';
import type { EngineParts } from './engine-parts.ts';
import { folderRows } from './index-read.ts';
import { changeIndex, type IndexTransaction } from './index-writer.ts';
import { type Found, type LookMode, lookAtMailFolder } from './mail-look.ts';
import type { Sql } from './sql.ts';
import { mapStoreError } from './store-errors.ts';

/** Paths of directories whose entries changed in a batch and must be synced. */
export type Touched = Set<string>;

/**
 * One change of the Mail folder. The steps of a batch run for all its tasks together, in this order:
 * `before` (ledger commit) -> `apply` (renames) -> sync of the directories -> `record` (ledger commit) -> `index`.
 */
export interface MailTask<T> {
  /** What the ledger must say before a file moves. */
  readonly before?: (ledger: Sql) => void;
  /** Renames and the like; adds the directories it changed, and paths it did not change but that `record` relies on. */
  readonly apply?: (touched: Touched, reliedOn: Touched) => void;
  readonly record?: (ledger: Sql) => void;
  readonly index?: (tx: IndexTransaction) => void;
  /** One of so many that screens are told of counts only. */
  readonly isLarge?: boolean;
  readonly result: () => T;
}

export interface MailQueue {
  run<T>(task: MailTask<T>): Promise<T>;
  /** Takes up what other programs changed. */
  look(mode: LookMode): Promise<void>;
  /** Throws EMAILFOLDER while the Mail folder is missing or unexpectedly empty. */
  assertMailFolder(): void;
  problem(): string | null;
  isBusy(): boolean;
  /** Counts as busy until the answer is called: files are being written for a task to come. */
  hold(): () => void;
  /** The next looks compare everything: something went differently than the index believes. */
  distrust(): void;
  /** The user said that an empty Mail folder is right. */
  acceptEmpty(): void;
  idle(): Promise<void>;
}

interface Waiting {
  readonly task: MailTask<unknown>;
  readonly settle: () => void;
  readonly fail: (error: unknown) => void;
  failed: boolean;
}

const maxBatch = 256;

export function createMailQueue(parts: EngineParts, onFound: (found: Found[]) => void): MailQueue {
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  let problem: string | null = null;
  let mode: LookMode = 'cheap';
  let isEmptyRight = false;
  let holds = 0;

  function look(): void {
    const wanted = mode;
    mode = 'cheap';
    try {
      const result = lookAtMailFolder(parts, wanted, isEmptyRight);
      if (result.problem !== problem && result.problem !== null) parts.log.warn(result.problem);
      problem = result.problem;
      isEmptyRight = false;
      onFound(result.found);
    } catch (error) {
      mode = wanted === 'full' ? 'full' : 'careful';
      throw mapStoreError(error);
    }
  }

  async function runAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatch);
      waiting = waiting.slice(maxBatch);
      try {
        // A task that failed half-way may have moved some files: what is on disk is looked at again, completely.
        if (!(await runBatch(parts, batch, look))) mode = 'full';
      } catch (error) {
        mode = 'full';
        for (const entry of batch) entry.fail(mapStoreError(error));
      } finally {
        parts.moving.clear();
        parts.placing.clear();
      }
    }
    running = undefined;
  }

  const queue: MailQueue = {
    run<T>(task: MailTask<T>): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        waiting.push({ task, settle: () => resolve(task.result()), fail: reject, failed: false });
        running ??= new Promise((start) => setImmediate(start)).then(runAll);
      });
    },
    async look(wanted) {
      if (wanted === 'full' || (wanted === 'careful' && mode === 'cheap')) mode = wanted;
      await queue.run({ result: () => undefined });
    },
    assertMailFolder() {
      if (problem !== null) throw new MailError('EMAILFOLDER', problem);
    },
    problem: () => problem,
    isBusy: () => running !== undefined || holds > 0,
    hold() {
      holds += 1;
      return () => {
        holds -= 1;
      };
    },
    distrust() {
      mode = 'full';
    },
    acceptEmpty() {
      isEmptyRight = true;
    },
    async idle() {
      while (running !== undefined) await running;
    },
  };
  return queue;
}

/**
 * The order is what makes a crash harmless. Files are complete and synced in `tmp/` before they are queued here. They get
 * their names, the directories are synced, and only then does the ledger say so: a crash before that commit leaves a
 * file that the next collection finds by its key instead of doubling it. The index comes last; it can be made anew.
 */
async function runBatch(parts: EngineParts, batch: readonly Waiting[], look: () => void): Promise<boolean> {
  const live = (): Waiting[] => batch.filter((entry) => !entry.failed);
  const attempt = (entry: Waiting, step: () => void): void => {
    try {
      step();
    } catch (error) {
      entry.failed = true;
      entry.fail(mapStoreError(error));
    }
  };
  look();
  const befores = batch.flatMap(({ task }) => task.before ?? []);
  if (befores.length > 0) await parts.group.commit((ledger) => befores.forEach((before) => void before(ledger)));
  const touched: Touched = new Set();
  const reliedOn: Touched = new Set();
  const pause = pauses();
  for (const entry of batch) {
    attempt(entry, () => entry.task.apply?.(touched, reliedOn));
    await pause();
  }
  await Promise.all([...new Set([...touched, ...reliedOn])].map(syncFolder));
  const records = live().flatMap(({ task }) => task.record ?? []);
  if (records.length > 0) await parts.group.commit((ledger) => records.forEach((record) => void record(ledger)));
  await updateIndex(parts, live(), touched);
  for (const entry of live()) entry.settle();
  parts.words.wake();
  return live().length === batch.length;
}

async function updateIndex(parts: EngineParts, done: readonly Waiting[], touched: Touched): Promise<void> {
  if (touched.size === 0 && done.every(({ task }) => task.index === undefined)) return;
  const pause = pauses();
  // In as many transactions as it takes not to hold up the ledger. Until the last one the directories count as changed.
  for (let at = 0; at < Math.max(1, done.length); ) {
    const begun = performance.now();
    const isLarge = done.some(({ task }) => task.isLarge === true);
    const work = (tx: IndexTransaction): void => {
      while (at < done.length && performance.now() - begun < atOnceMs) {
        done[at]?.task.index?.(tx);
        at += 1;
      }
      if (at === done.length) rememberTimes(parts, tx, touched);
    };
    const change = changeIndex(parts.index, work, isLarge);
    if (change !== null) parts.emit(change);
    if (done.length === 0) return;
    await pause();
  }
}

function rememberTimes(parts: EngineParts, tx: IndexTransaction, touched: Touched): void {
  const lookedAt = Date.now();
  for (const { id, directory } of folderRows(parts.index)) {
    const paths = [parts.maildir.subPath(directory, 'new'), parts.maildir.subPath(directory, 'cur')];
    if (!paths.some((path) => touched.has(path))) continue;
    const newChangedAt = parts.maildir.changedAt(directory, 'new');
    const curChangedAt = parts.maildir.changedAt(directory, 'cur');
    tx.remember(id, { newChangedAt, curChangedAt, lookedAt, identity: parts.maildir.identity(directory) });
  }
}

/** So long this thread keeps to the Mail folder: a message about to be sent waits for the ledger meanwhile. */
const atOnceMs = 4;

/** Lets other work in when it is time for that. */
function pauses(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < atOnceMs) return;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  };
}
