import type { FileRequest, Store } from '../store/store-api.ts';

/** Brings messages that are to be sent into Outbox and the ledger: those that come together, together. */
export interface OutboxFiler {
  /** Resolves when file and record are durable; throws what the store throws for this message. */
  file(request: FileRequest): Promise<void>;
}

/** A larger one travels alone: its bytes are moved, not copied. */
const smallOctets = 64 * 1024;
const mostAtOnce = 128;

interface Waiting {
  readonly request: FileRequest;
  readonly settle: (filed: Promise<void>) => void;
}

/**
 * Each call of the store costs a sync of the folder and two commits, whatever it holds. The first message goes at once;
 * what comes meanwhile goes with the next call.
 */
export function createOutboxFiler(store: Pick<Store, 'file'>): OutboxFiler {
  let waiting: Waiting[] = [];
  let isFiling = false;

  const fileAlone = async (request: FileRequest): Promise<void> => {
    await store.file([request]);
  };

  /** What the store takes is gone afterwards, so it is given copies: when they fail together, each is tried alone. */
  async function fileTogether(batch: readonly Waiting[]): Promise<boolean> {
    try {
      await store.file(batch.map(({ request }) => ({ ...request, bytes: request.bytes.slice() })));
      return true;
    } catch {
      return false;
    }
  }

  async function fileWaiting(): Promise<void> {
    isFiling = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, mostAtOnce);
      waiting = waiting.slice(mostAtOnce);
      const areFiled = batch.length > 1 && (await fileTogether(batch));
      for (const { request, settle } of batch) {
        const filed = areFiled ? Promise.resolve() : fileAlone(request);
        settle(filed);
        await filed.catch(() => undefined);
      }
    }
    isFiling = false;
  }

  return {
    file(request) {
      if (request.bytes.length > smallOctets) return fileAlone(request);
      return new Promise((settle) => {
        waiting.push({ request, settle });
        if (!isFiling) void fileWaiting();
      });
    },
  };
}
