import type { Filing } from './collect-run.ts';

/** One commit of the store takes about this much: large enough to share the cost of its syncs, small enough to keep. */
const batchAtMost = { messages: 100, octets: 16 * 1024 * 1024 };
/** While the disk has nothing to do it need not wait for more than these: a far server is slower, and so is the end of a visit. */
const batchForIdleDisk = { messages: 20 };
/** One is written while one is synced and one gets its names and its record; more would only fill the memory. */
const underWayAtMost = { batches: 3, octets: 32 * 1024 * 1024 };

export interface FileBatches {
  /** Takes a message; waits while as much as may be is on its way to the disk. Throws what a batch failed with. */
  add(filing: Filing): Promise<void>;
  /** Commits what is left and waits for all of it. Throws the first failure; after one nothing more is begun. */
  finish(): Promise<void>;
}

/** Gathers messages into batches and commits them in order, some side by side. */
export function createFileBatches(commit: (batch: readonly Filing[]) => Promise<void>): FileBatches {
  let batch: Filing[] = [];
  let octets = 0;
  let octetsUnderWay = 0;
  let failure: { readonly cause: unknown } | null = null;
  const underWay = new Set<Promise<void>>();

  async function run(filings: readonly Filing[], size: number): Promise<void> {
    try {
      await commit(filings);
    } catch (cause) {
      failure ??= { cause };
    }
    octetsUnderWay -= size;
  }

  function begin(): void {
    const running = run(batch, octets).finally(() => underWay.delete(running));
    underWay.add(running);
    octetsUnderWay += octets;
    batch = [];
    octets = 0;
  }

  function isDue(): boolean {
    const enough = underWay.size === 0 ? batchForIdleDisk.messages : batchAtMost.messages;
    return batch.length >= enough || octets >= batchAtMost.octets;
  }

  /** A batch larger than everything that is allowed goes by itself. */
  async function makeRoom(): Promise<void> {
    const isTooMuch = () =>
      underWay.size >= underWayAtMost.batches || (underWay.size > 0 && octetsUnderWay + octets > underWayAtMost.octets);
    while (isTooMuch()) await Promise.race(underWay);
  }

  function complain(): void {
    if (failure !== null) throw failure.cause;
  }

  return {
    async add(filing) {
      batch.push(filing);
      octets += filing.request.bytes.byteLength;
      if (!isDue()) return;
      await makeRoom();
      complain();
      begin();
    },
    async finish() {
      await makeRoom();
      if (failure === null && batch.length > 0) begin();
      await Promise.all(underWay);
      complain();
    },
  };
}
