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

export function createSentFiler(store: Pick<Store, 'move'>): SentFiler {
  let waiting: MessageKey[] = [];
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();
  let endedAt = -pauseMs;

  async function fileBatch(): Promise<void> {
    // A message that comes alone does not wait.
    const pause = endedAt + pauseMs - performance.now();
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    await moveBatch().finally(() => {
      endedAt = performance.now();
    });
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
      return next;
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof MailError && error.code === 'ENOTFOUND';
}
