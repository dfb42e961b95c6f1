import type { FolderPath } from '#shared/ids.ts';
import type { LedgerRows } from '../../store/ledger-rows.ts';
import type { FileRequest, Store } from '../../store/store-api.ts';
import { heldOnRestore, isHeld } from './held-outbox.ts';

/** One commit of the store takes so many messages, or octets. */
const batchMessages = 100;
const batchOctets = 8 * 1024 * 1024;

type BatchStore = Pick<Store, 'file' | 'restoreLedger'>;

/** Files what comes back in batches, puts rows back, and counts both. */
export class RestoreBatch {
  restored = 0;
  alreadyThere = 0;
  octets = 0;
  /** Messages of the Outbox that wait for a person's word. */
  held = 0;
  readonly returned = new Set<FolderPath>();
  readonly #store: BatchStore;
  /** Folders that were here before. */
  readonly #known: ReadonlySet<FolderPath>;
  #batch: FileRequest[] = [];
  #batchOctets = 0;

  constructor(store: BatchStore, known: ReadonlySet<FolderPath>) {
    this.#store = store;
    this.#known = known;
  }

  async add(request: FileRequest): Promise<void> {
    this.octets += request.bytes.length;
    this.#batchOctets += request.bytes.length;
    this.#batch.push(request);
    if (this.#batch.length >= batchMessages || this.#batchOctets >= batchOctets) await this.flush();
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchOctets = 0;
    if (batch.length === 0) return;
    const folders = batch.map(({ folder }) => folder);
    const outcomes = await this.#store.file(batch);
    for (const [at, { outcome }] of outcomes.entries()) {
      const folder = folders[at];
      if (outcome !== 'filed') this.alreadyThere += 1;
      else {
        this.restored += 1;
        if (folder !== undefined && !this.#known.has(folder)) this.returned.add(folder);
      }
    }
  }

  /** `createdAt`: when the backup was made, ISO 8601. */
  async putRows(rows: LedgerRows, createdAt: string): Promise<void> {
    if (rows.table !== 'outbox') {
      await this.#store.restoreLedger(rows);
      return;
    }
    for (const row of rows.rows) {
      const held = heldOnRestore(row, createdAt);
      const added = await this.#store.restoreLedger({ table: 'outbox', rows: [held] });
      if (added > 0 && isHeld(held)) this.held += 1;
    }
  }
}
