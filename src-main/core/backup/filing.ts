import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { toDiskError } from '#shared/disk-error.ts';
import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { ImportedContacts, ImportReport } from '#shared/job.ts';
import { folder as folders } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import { syncFile, syncFolder } from '../durable.ts';
import type { FileRequest } from '../store/store-api.ts';
import type { Found, FoundMessage } from './found-mail.ts';
import type { MailStore } from './mail-store.ts';
import type { Position } from './resume/position.ts';
import { type ImportProgress, Sample } from './resume/progress.ts';
import { Tally } from './resume/tally.ts';
import { shown } from './sources/raw-path.ts';

/** One commit of the store takes this many messages, or this many octets. */
const batchMessages = 100;
const batchOctets = 8 * 1024 * 1024;
/** So many may go by without one that is new before it is written down how far the reading is. */
const batchSeen = 1000;

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
  /** What became of the others that were met while it was gathered. */
  readonly others: Tally;
}

export interface FilingOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /** What an earlier run of the same import wrote down. */
  readonly from: ImportProgress | null;
  readonly mailFolder: string;
  readonly contacts?: ImportedContacts;
  /** How far the source is read: what was given to `add` and the like is before it. */
  readonly position: () => Promise<Position>;
  /** Writes down how far the import is. */
  readonly keep: (progress: ImportProgress) => Promise<void>;
}

/**
 * Collects messages into batches, files them, and counts. While one batch is being filed the next one is gathered;
 * never more than the two are in memory. Before a batch is filed it is written down what it holds, and that everything
 * before it is durable: what is killed at any moment can be gone on with, and its report counts nothing twice.
 */
export class Filing {
  readonly #store: MailStore;
  readonly #options: FilingOptions;
  readonly #done: Tally;
  readonly #sample: Sample;
  /** May have come in by the runs before, which did not live to count it. */
  readonly #underWayBefore: Set<MessageKey>;
  /** Those of them that were met. They stay written down as under way until the count that has them is. */
  readonly #takenUp = new Set<MessageKey>();
  #batch = emptyBatch();
  #underWay: { batch: Batch; position: Position; filed: Promise<MessageKey[]> } | undefined;
  #position: Position | null;

  constructor(store: MailStore, options: FilingOptions) {
    this.#store = store;
    this.#options = options;
    this.#done = Tally.from(options.from?.tally);
    this.#sample = new Sample(options.from?.sample);
    this.#underWayBefore = new Set(options.from?.underWay);
    this.#position = options.from?.position ?? null;
  }

  /** Of everything that was met, by this run and those before it. */
  get seen(): number {
    const { batch } = this.#underWay ?? {};
    return this.#done.seen + (batch?.others.seen ?? 0) + (batch?.entries.length ?? 0) + this.#seenInBatch;
  }

  get #seenInBatch(): number {
    return this.#batch.others.seen + this.#batch.entries.length;
  }

  async fail({ source, error }: Pick<Extract<Found, { kind: 'failed' }>, 'source' | 'error'>): Promise<void> {
    this.#batch.others.seen++;
    this.#batch.others.fail({ source: shown(source), error: error.toData() });
    await this.#sendIfFull();
  }

  async noteDeleted(): Promise<void> {
    this.#batch.others.seen++;
    this.#batch.others.deleted++;
    await this.#sendIfFull();
  }

  async leaveOut(): Promise<void> {
    this.#batch.others.seen++;
    this.#batch.others.leftOut++;
    await this.#sendIfFull();
  }

  async add(entry: Addressed): Promise<void> {
    const known = await this.#find(entry);
    if (known === 'new') {
      this.#batch.entries.push(entry);
      this.#batch.octets += entry.message.bytes.length;
    } else {
      this.#batch.others.seen++;
      if (known === 'there') this.#batch.others.duplicates++;
      else await this.#takeUp(known, entry);
    }
    await this.#sendIfFull();
  }

  /**
   * A copy in Trash counts only for what goes there itself: what the user threw away may come in again elsewhere. The key
   * of one that the run before was filing when it was killed.
   */
  async #find({ message: { bytes }, folder }: Addressed): Promise<'new' | 'there' | MessageKey> {
    const digest = createHash('sha256').update(bytes).digest('base64');
    const isForTrash = folder === folders.trash;
    for (const { digests } of [this.#batch, ...(this.#underWay === undefined ? [] : [this.#underWay.batch])])
      if (digests.has(digest) || (isForTrash && digests.has(`${digest} in Trash`))) return 'there';
    const found = await this.#store.findByContent(bytes);
    const ours = found.find((messageKey) => this.#underWayBefore.has(messageKey) && !this.#takenUp.has(messageKey));
    if (ours !== undefined) return ours;
    for (const messageKey of found) {
      const summary = await this.#store.summary(messageKey);
      if (summary !== null && (isForTrash || summary.folder !== folders.trash)) return 'there';
    }
    this.#batch.digests.add(isForTrash ? `${digest} in Trash` : digest);
    return 'new';
  }

  /** The run before got its file into the folder, and maybe no further: made durable, with the tags it was to have. */
  async #takeUp(messageKey: MessageKey, { message, folder, tags }: Addressed): Promise<void> {
    this.#takenUp.add(messageKey);
    const { path } = await this.#store.locate(messageKey);
    await syncFile(path);
    await syncFolder(dirname(path));
    if (tags.length > 0) await this.#store.setTags([messageKey], [...tags], []);
    this.#batch.others.file(folder, tags, message.isPartial === true);
    this.#batch.others.malformed += await this.#countMalformed([messageKey]);
  }

  async #sendIfFull(): Promise<void> {
    const { entries, octets } = this.#batch;
    if (entries.length >= batchMessages || octets >= batchOctets || this.#seenInBatch >= batchSeen) await this.#send();
  }

  async #send(): Promise<void> {
    await this.#settle();
    const batch = this.#batch;
    const position = await this.#options.position();
    this.#batch = emptyBatch();
    const keys = await Promise.all(batch.entries.map(({ message }) => this.#store.newMessageKey(message.bytes)));
    await this.#writeDown(keys);
    const filed = this.#file(batch.entries, keys);
    // Met when it is waited for.
    filed.catch(() => undefined);
    this.#underWay = { batch, position, filed };
  }

  /** The batch that was under way is durable now, and counted. */
  async #settle(): Promise<void> {
    if (this.#underWay === undefined) return;
    const { batch, position, filed } = this.#underWay;
    const keys = await filed.catch((error: unknown) => {
      throw this.#sayHowFar(error);
    });
    this.#underWay = undefined;
    keys.forEach((key, at) => {
      this.#sample.offer(key, this.#done.imported + at);
    });
    this.#done.add(batch.others.toData());
    for (const { message, folder, tags } of batch.entries) {
      this.#done.seen++;
      this.#done.file(folder, tags, message.isPartial === true);
    }
    this.#done.malformed += await this.#countMalformed(keys);
    this.#position = position;
    // All of them lay before this batch's end.
    this.#underWayBefore.clear();
  }

  async #writeDown(underWay: readonly MessageKey[]): Promise<void> {
    const { mailFolder, contacts, keep } = this.#options;
    const progress = {
      position: this.#position ?? { files: 0, chain: '', within: null },
      tally: this.#done.toData(),
      underWay: [...this.#underWayBefore, ...underWay],
      sample: this.#sample.toData(),
      mailFolder,
      ...(contacts === undefined ? {} : { contacts }),
    };
    await keep(progress).catch((error: unknown) => {
      throw this.#sayHowFar(toDiskError(error, 'write down how far the import is'));
    });
  }

  /** Writes down what came of the address books, and what could not be read of them, before any mail comes in. */
  async noteContacts(): Promise<void> {
    this.#done.add(this.#batch.others.toData());
    this.#batch = emptyBatch();
    await this.#writeDown([]);
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

  async #file(batch: readonly Addressed[], keys: readonly MessageKey[]): Promise<MessageKey[]> {
    const requests = batch.flatMap(({ message: { bytes, flags, receivedAt }, folder, tags }, at): FileRequest[] => {
      const messageKey = keys[at];
      if (messageKey === undefined) return [];
      const request = { folder, messageKey, bytes, flags: [...flags], receivedAt: receivedAt ?? this.#options.now };
      return [tags.length === 0 ? request : { ...request, tags: [...tags] }];
    });
    const outcomes = requests.length === 0 ? [] : await this.#store.file(requests);
    return outcomes.map(({ messageKey }) => messageKey);
  }

  async #countMalformed(keys: readonly MessageKey[]): Promise<number> {
    const rows = await Promise.all(keys.map((messageKey) => this.#store.summary(messageKey)));
    return rows.filter((row) => row?.isMalformed === true).length;
  }

  /** When the disk is full, the user wants to know what became of the mail so far. */
  #sayHowFar(error: unknown): unknown {
    if (!(error instanceof MailError) || error.code !== 'EDISKFULL') return error;
    return new MailError(
      'EDISKFULL',
      `The disk is full. ${this.#done.imported} messages were imported and are safe. Free some space and import again; it goes on where it stopped.`,
      { cause: error },
    );
  }

  /** `colours`: of the other program's tags, by name. */
  report(colours: ReadonlyMap<string, string>): ImportReport {
    const { seen: _, tags, ...counts } = this.#done.toData();
    return {
      kind: 'import',
      ...counts,
      tags: tags.map((name) => ({ name, colour: colours.get(name) ?? null })),
    };
  }
}

function emptyBatch(): Batch {
  return { entries: [], digests: new Set(), octets: 0, others: new Tally() };
}
