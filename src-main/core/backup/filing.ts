import { createHash } from 'node:crypto';
import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { ImportReport } from '#shared/job.ts';
import { folder as folders } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import type { FileRequest } from '../store/store-api.ts';
import type { Found, FoundMessage } from './found-mail.ts';
import type { MailStore } from './mail-store.ts';

/** One commit of the store takes this many messages, or this many octets. */
const batchMessages = 100;
const batchOctets = 8 * 1024 * 1024;
/** So many failures are told one by one. */
const toldFailures = 1000;

/** A message with where it goes and what it is tagged with. */
export interface Addressed {
  readonly message: FoundMessage;
  readonly folder: FolderPath;
  readonly tags: readonly string[];
}

interface Batch {
  readonly entries: Addressed[];
  /** What lies in it, so that the same message is not filed twice before the store knows it. */
  readonly digests: Set<string>;
  octets: number;
}

/**
 * Collects messages into batches, files them, and counts. While one batch is being filed the next one is gathered;
 * never more than the two are in memory.
 */
export class Filing {
  readonly #store: MailStore;
  readonly #now: number;
  readonly #failed: ImportReport['failed'] = [];
  readonly #folders = new Map<FolderPath, number>();
  readonly #tags = new Set<string>();
  #batch: Batch = emptyBatch();
  #underWay: { batch: Batch; filed: Promise<void> } | undefined;
  #failedTotal = 0;
  #imported = 0;
  #duplicates = 0;
  #malformed = 0;
  #deleted = 0;
  #leftOut = 0;
  #partial = 0;
  seen = 0;

  constructor(store: MailStore, now: number) {
    this.#store = store;
    this.#now = now;
  }

  fail({ source, error }: Pick<Extract<Found, { kind: 'failed' }>, 'source' | 'error'>): void {
    this.seen++;
    this.#failedTotal++;
    if (this.#failed.length < toldFailures) this.#failed.push({ source, error: error.toData() });
  }

  noteDeleted(): void {
    this.seen++;
    this.#deleted++;
  }

  leaveOut(): void {
    this.seen++;
    this.#leftOut++;
  }

  async add(entry: Addressed): Promise<void> {
    this.seen++;
    if (await this.#isThere(entry)) {
      this.#duplicates++;
      return;
    }
    this.#batch.entries.push(entry);
    this.#batch.octets += entry.message.bytes.length;
    if (this.#batch.entries.length >= batchMessages || this.#batch.octets >= batchOctets) await this.#send();
  }

  /** A copy in Trash counts only for what goes there itself: what the user threw away may come in again elsewhere. */
  async #isThere({ message: { bytes }, folder }: Addressed): Promise<boolean> {
    const digest = createHash('sha256').update(bytes).digest('base64');
    const isForTrash = folder === folders.trash;
    for (const { digests } of [this.#batch, ...(this.#underWay === undefined ? [] : [this.#underWay.batch])])
      if (digests.has(digest) || (isForTrash && digests.has(`${digest} in Trash`))) return true;
    for (const messageKey of await this.#store.findByContent(bytes)) {
      const summary = await this.#store.summary(messageKey);
      if (summary !== null && (isForTrash || summary.folder !== folders.trash)) return true;
    }
    this.#batch.digests.add(isForTrash ? `${digest} in Trash` : digest);
    return false;
  }

  async #send(): Promise<void> {
    await this.#settle();
    const batch = this.#batch;
    this.#batch = emptyBatch();
    if (batch.entries.length === 0) return;
    const filed = this.#file(batch.entries);
    // Met when it is waited for.
    filed.catch(() => undefined);
    this.#underWay = { batch, filed };
  }

  async #settle(): Promise<void> {
    try {
      await this.#underWay?.filed;
      this.#underWay = undefined;
    } catch (error) {
      throw this.#sayHowFar(error);
    }
  }

  /** Files what is left and waits for everything to be on the disk. */
  async finish(): Promise<void> {
    await this.#send();
    await this.#settle();
  }

  /** Waits for what is under way, however it ends: after a stop nothing may still be written. */
  async abandon(): Promise<void> {
    await this.#underWay?.filed.catch(() => undefined);
  }

  async #file(batch: readonly Addressed[]): Promise<void> {
    const requests = await Promise.all(
      batch.map(async ({ message: { bytes, flags, receivedAt }, folder, tags }): Promise<FileRequest> => {
        const messageKey = await this.#store.newMessageKey(bytes);
        const request = { folder, messageKey, bytes, flags: [...flags], receivedAt: receivedAt ?? this.#now };
        return tags.length === 0 ? request : { ...request, tags: [...tags] };
      }),
    );
    const outcomes = await this.#store.file(requests);
    this.#imported += outcomes.length;
    for (const { message, folder, tags } of batch) {
      this.#folders.set(folder, (this.#folders.get(folder) ?? 0) + 1);
      if (message.isPartial === true) this.#partial++;
      for (const tag of tags) this.#tags.add(tag);
    }
    this.#malformed += await this.#countMalformed(outcomes);
  }

  async #countMalformed(outcomes: readonly { messageKey: MessageKey }[]): Promise<number> {
    const rows = await Promise.all(outcomes.map(({ messageKey }) => this.#store.summary(messageKey)));
    return rows.filter((row) => row?.isMalformed === true).length;
  }

  /** When the disk is full, the user wants to know what became of the mail so far. */
  #sayHowFar(error: unknown): unknown {
    if (!(error instanceof MailError) || error.code !== 'EDISKFULL') return error;
    return new MailError(
      'EDISKFULL',
      `The disk is full. ${this.#imported} messages were imported and are safe. Free some space and import again; what is there already is not doubled.`,
      { cause: error },
    );
  }

  /** `colours`: of the other program's tags, by name. */
  report(colours: ReadonlyMap<string, string>): ImportReport {
    return {
      kind: 'import',
      imported: this.#imported,
      duplicates: this.#duplicates,
      malformed: this.#malformed,
      failed: this.#failed,
      failedTotal: this.#failedTotal,
      deleted: this.#deleted,
      leftOut: this.#leftOut,
      partial: this.#partial,
      folders: [...this.#folders].map(([folder, imported]) => ({ folder, imported })),
      tags: [...this.#tags].sort().map((name) => ({ name, colour: colours.get(name) ?? null })),
    };
  }
}

function emptyBatch(): Batch {
  return { entries: [], digests: new Set(), octets: 0 };
}
