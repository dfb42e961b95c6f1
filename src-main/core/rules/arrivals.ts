import type { MessageKey } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Rooms } from '../services.ts';
import type { Arrival, Store } from '../store/store-api.ts';

/** So many messages are in hand at once: their changes share commits. */
const batch = 50;

export interface Arrivals {
  /** The store as a collection is given it: what comes in waits for the rules from the commit on that records it. */
  readonly filing: Store;
  /** Takes up what waits: from before, and from now on as it comes. */
  wake(): void;
  /** Resolves when nothing waits any more, or when it cannot be gone on with now. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The way of new mail through the rules. It is durable first, and marked in the ledger as waiting; the mark goes when all
 * was done. Killed anywhere, the message lies where it was filed or where it belongs, and is taken up at the next start.
 */
export function createArrivals(
  rooms: Pick<Rooms, 'store' | 'log'>,
  options: {
    readonly isWanted: () => boolean;
    readonly handle: (arrival: Arrival) => Promise<void>;
  },
): Arrivals {
  const { store, log } = rooms;
  let running: Promise<void> | undefined;
  let isWoken = false;
  let isClosed = false;

  async function handleOne(arrival: Arrival): Promise<void> {
    try {
      await options.handle(arrival);
    } catch (error) {
      if (!(error instanceof MailError) || error.code !== 'ENOTFOUND') throw error;
    }
  }

  async function drain(): Promise<void> {
    while (isWoken && !isClosed) {
      isWoken = false;
      for (let waiting = await store.arrivals(batch); waiting.length > 0; waiting = await store.arrivals(batch)) {
        const done: MessageKey[] = [];
        const outcomes = await Promise.allSettled(
          waiting.map(async (arrival) => {
            await handleOne(arrival);
            done.push(arrival.messageKey);
          }),
        );
        if (done.length > 0) await store.removeArrivals(done);
        for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
        if (isClosed) return;
      }
    }
  }

  function wake(): void {
    isWoken = true;
    running ??= drain()
      .catch((error: unknown) => log.error('New mail has not been through the rules; it is tried again.', error))
      .finally(() => {
        running = undefined;
      });
  }

  return {
    filing: {
      ...store,
      async file(requests) {
        const isWanted = options.isWanted();
        const outcomes = await store.file(
          requests.map((request) =>
            request.collected !== undefined || request.isArrival === true
              ? { ...request, isArrival: isWanted }
              : request,
          ),
        );
        if (isWanted) wake();
        return outcomes;
      },
    },
    wake,
    settled: async () => {
      while (running !== undefined) await running;
    },
    async close() {
      isClosed = true;
      await running;
    },
  };
}
