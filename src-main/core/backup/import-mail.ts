import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import type { FolderPath } from '#shared/ids.ts';
import type { ImportReport } from '#shared/job.ts';
import { folder as folders } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import type { JobContext } from '../jobs/job-runner.ts';
import type { Clock } from '../ports.ts';
import type { FileRequest } from '../store/store-api.ts';
import { type Finding, findMail } from './find-mail.ts';
import type { Found } from './found-mail.ts';
import type { MailStore } from './mail-store.ts';

type Message = Extract<Found, { kind: 'message' }>;

/** One commit of the store takes this many messages, or this many octets. */
const batchMessages = 100;
const batchOctets = 8 * 1024 * 1024;

/**
 * Files every message found at `path` in `folder`. What is there already, byte for byte, is counted and not filed
 * again (a copy in Trash does not count as there), so that an import that was broken off can simply be repeated.
 * A malformed message is filed all the same. Throws EMALFORMED when the file is no mail at all, ENOTFOUND, EDISKFULL.
 */
export async function importMail(
  { store, clock }: { store: MailStore; clock: Clock },
  { path, folder }: { path: string; folder: FolderPath },
  { signal, report }: Pick<JobContext, 'signal' | 'report'>,
): Promise<ImportReport> {
  if (!isAbsolute(path)) throw new MailError('EINVALID', 'What to import must be given as a full path.');
  if (folder === folders.outbox)
    throw new MailError('EINVALID', 'Mail cannot be imported into the Outbox: it would look as if it were to be sent.');
  await ensureFolder(store, folder);

  const filing = new Filing(store, folder, clock.now());
  let octets = 0;
  const finding: Finding = {
    signal,
    onOctets: (read) => {
      octets += read;
    },
  };
  for await (const found of findMail(path, finding)) {
    signal.throwIfAborted();
    if (found.kind === 'failed') filing.fail(found);
    else await filing.add(found);
    report({ phase: 'importing', done: filing.seen, total: null, octets });
  }
  await filing.flush();
  return filing.report();
}

async function ensureFolder(store: MailStore, folder: FolderPath): Promise<void> {
  const there = await store.listFolders();
  if (!there.some((summary) => summary.folder === folder)) await store.createFolder(folder);
}

/** Collects messages into batches, files them, and counts. */
class Filing {
  readonly #store: MailStore;
  readonly #folder: FolderPath;
  readonly #now: number;
  readonly #digests = new Set<string>();
  readonly #failed: ImportReport['failed'] = [];
  #batch: Message[] = [];
  #batchOctets = 0;
  #imported = 0;
  #duplicates = 0;
  #malformed = 0;
  seen = 0;

  constructor(store: MailStore, folder: FolderPath, now: number) {
    this.#store = store;
    this.#folder = folder;
    this.#now = now;
  }

  fail({ source, error }: { source: string; error: MailError }): void {
    this.seen++;
    this.#failed.push({ source, error: error.toData() });
  }

  async add(message: Message): Promise<void> {
    this.seen++;
    if (await this.#isThere(message.bytes)) {
      this.#duplicates++;
      return;
    }
    this.#batch.push(message);
    this.#batchOctets += message.bytes.length;
    if (this.#batch.length >= batchMessages || this.#batchOctets >= batchOctets) await this.flush();
  }

  async #isThere(bytes: Uint8Array): Promise<boolean> {
    const digest = createHash('sha256').update(bytes).digest('base64');
    if (this.#digests.has(digest)) return true;
    this.#digests.add(digest);
    for (const messageKey of await this.#store.findByContent(bytes)) {
      const summary = await this.#store.summary(messageKey);
      if (summary !== null && summary.folder !== folders.trash) return true;
    }
    return false;
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchOctets = 0;
    if (batch.length === 0) return;
    try {
      await this.#file(batch);
    } catch (error) {
      throw this.#sayHowFar(error);
    }
  }

  async #file(batch: readonly Message[]): Promise<void> {
    const requests = await Promise.all(
      batch.map(async ({ bytes, flags, receivedAt }): Promise<FileRequest> => {
        const messageKey = await this.#store.newMessageKey(bytes);
        return { folder: this.#folder, messageKey, bytes, flags, receivedAt: receivedAt ?? this.#now };
      }),
    );
    const outcomes = await this.#store.file(requests);
    this.#imported += outcomes.length;
    const rows = await Promise.all(outcomes.map(({ messageKey }) => this.#store.summary(messageKey)));
    this.#malformed += rows.filter((row) => row?.isMalformed === true).length;
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

  report(): ImportReport {
    return {
      kind: 'import',
      imported: this.#imported,
      duplicates: this.#duplicates,
      malformed: this.#malformed,
      failed: this.#failed,
    };
  }
}
