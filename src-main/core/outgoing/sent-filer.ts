import type { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Store } from '../store/store-api.ts';

/** Moves what was sent from Outbox to Sent: those that are ready together, together. */
export interface SentFiler {
  /** Resolves when the file is there; a file that is gone is none of our business any more. */
  file(messageKey: MessageKey): Promise<void>;
}

/**
 * Under load a batch waits so long after the one before: each costs two syncs of folders, a look at the Mail folder and a
 * commit of the index, whatever it holds. Nothing else waits for it, so that a hundred and more come together.
 */
const pauseMs = 100;
const moveAtOnce = 16;

/** `isMoreComing`: others are on their way to a server, and will be here soon. */
export function createSentFiler(store: Pick<Store, 'move'>, isMoreComing: () => boolean): SentFiler {
  let waiting: MessageKey[] = [];
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();
  let endedAt = -pauseMs;
  let endPause = (): void => undefined;

  async function fileBatch(): Promise<void> {
    // A message that comes alone, or as the last of many, does not wait.
    const pauseLeftMs = endedAt + pauseMs - performance.now();
    if (pauseLeftMs > 0 && isMoreComing()) await pause(pauseLeftMs);
    await moveBatch().finally(() => {
      endedAt = performance.now();
    });
  }

  async function pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    endPause = resolve;
    await promise;
    clearTimeout(timer);
    endPause = () => undefined;
  }

  async function moveBatch(): Promise<void> {
    const batch = waiting;
    waiting = [];
    next = undefined;
    // In calls of a few: the store takes those of one turn together, and lets other work in between them.
    const calls = Array.from({ length: Math.ceil(batch.length / moveAtOnce) }, (_, index) =>
      store.move(batch.slice(index * moveAtOnce, (index + 1) * moveAtOnce), folder.sent).catch((error: unknown) => {
        // Those that are there were moved; it fails when none of them is there any more.
        if (!isMissing(error)) throw error;
      }),
    );
    await Promise.all(calls);
  }

  return {
    file(messageKey) {
      waiting.push(messageKey);
      next ??= current.then(fileBatch, fileBatch);
      current = next;
      if (!isMoreComing()) endPause();
      return next;
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof MailError && error.code === 'ENOTFOUND';
}
