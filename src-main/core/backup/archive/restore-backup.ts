import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { BackupReport } from '#shared/job.ts';
import type { RestoreSettings } from '#shared/mail/backup.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import type { Settings } from '#shared/mail/settings.ts';
import { MailError } from '#shared/mail-error.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import { parseRestored } from '../../settings/restore-settings.ts';
import type { FileRequest, Store } from '../../store/store-api.ts';
import { photosOfBackup } from '../contacts/photos.ts';
import { rowsOf } from './chosen-rows.ts';
import { foldersGone } from './folders-gone.ts';
import type { MessageLine, Part } from './manifest.ts';
import {
  closeChain,
  linesIn,
  type OpenBackup,
  openChain,
  readLedgerRows,
  readMessageBytes,
  readMessageLines,
  readPart,
} from './open-backup.ts';
import { type NamedSecrets, openSecrets } from './passwords.ts';
import { damaged } from './read-zip.ts';
import { RestoreBatch } from './restore-batch.ts';

export interface RestoreRequest {
  readonly file: string;
  /** Undefined: all. Settings, and what belongs to no message, come only with all. */
  readonly folders: readonly FolderPath[] | undefined;
  readonly messageKeys: readonly MessageKey[] | undefined;
  /** Where one folder, or messages, go instead of their own place. */
  readonly into: FolderPath | undefined;
  readonly settings: RestoreSettings;
  readonly passphrase: string | undefined;
}

export interface RestoreRooms {
  readonly store: Pick<
    Store,
    | 'listFolders'
    | 'listKeys'
    | 'createFolder'
    | 'summary'
    | 'file'
    | 'restoreLedger'
    | 'newMessageKey'
    | 'findByContent'
  >;
  /** Takes settings and secrets in; answers whether anything was taken. */
  readonly takeSettings: (
    settings: Settings,
    how: RestoreSettings,
    secrets: NamedSecrets,
    photos: readonly Buffer[],
  ) => Promise<boolean>;
  /** Lets the outbox find what came back. */
  readonly takeUpOutbox: () => Promise<void>;
}

type Context = Pick<JobContext, 'signal' | 'report'>;

/**
 * Puts back what a backup holds and this mailbox lacks. The whole chain is read against its trailers first. Then, in
 * this order: folders, messages with flags and tags, what the ledger knew of them, settings. A message that is here
 * already, in whatever folder, stays as it is; a folder that was renamed since does not come back empty under its old name. Each step finds what an earlier run did, so that a restore that was
 * stopped at any point is simply begun again. Throws EMALFORMED for a backup that does not hold, ENOTFOUND for an
 * earlier one that is missing or a folder that is not in it, EINVALID for a wrong passphrase, EDISKFULL.
 */
export async function restoreBackup(
  rooms: RestoreRooms,
  request: RestoreRequest,
  context: Context,
): Promise<BackupReport> {
  checkPlace(request);
  let octets = 0;
  const onOctets = (read: number): void => {
    octets += read;
    context.report({ phase: 'checking', done: octets, total: null, octets });
  };
  const chain = await openChain(request.file, { signal: context.signal, onOctets });
  try {
    return await new Restore(rooms, request, context, chain).run();
  } finally {
    await closeChain(chain);
  }
}

export function checkPlace({ folders, messageKeys, into }: RestoreRequest): void {
  if (into === undefined) return;
  if (messageKeys === undefined && folders?.length !== 1)
    throw new MailError('EINVALID', 'Only one folder at a time, or messages, can be restored into another folder.');
  if (into === fixed.outbox || folders?.includes(fixed.outbox) === true)
    throw new MailError('EINVALID', 'Mail of the Outbox is restored there or not at all, and nothing else goes there.');
}

class Restore {
  readonly #rooms: RestoreRooms;
  readonly #request: RestoreRequest;
  readonly #context: Context;
  readonly #chain: readonly OpenBackup[];
  readonly #newest: OpenBackup;
  readonly #wanted: ReadonlySet<MessageKey> | null;
  /** Of a part of the backup: the messages that were looked at. */
  readonly #seen = new Set<MessageKey>();
  /** Folders that were here before. */
  readonly #known = new Set<FolderPath>();
  readonly #back: RestoreBatch;

  constructor(rooms: RestoreRooms, request: RestoreRequest, context: Context, chain: readonly OpenBackup[]) {
    const [newest] = chain;
    if (newest === undefined) throw new TypeError('A chain has at least one backup.');
    this.#rooms = rooms;
    this.#back = new RestoreBatch(rooms.store, this.#known);
    this.#request = request;
    this.#context = context;
    this.#chain = chain;
    this.#newest = newest;
    this.#wanted = request.messageKeys === undefined ? null : new Set(request.messageKeys);
  }

  get #isWhole(): boolean {
    return this.#request.folders === undefined && this.#wanted === null;
  }

  async run(): Promise<BackupReport> {
    const { manifest, file } = this.#newest;
    const secrets = await this.#secrets();
    await this.#makeFolders();
    await this.#messages();
    await this.#ledger();
    const tookSettings = await this.#settings(secrets);
    await this.#rooms.takeUpOutbox();
    return {
      kind: 'backup',
      action: 'restore',
      file,
      archiveKind: manifest.kind,
      createdAt: manifest.createdAt,
      messages: this.#back.restored,
      others: this.#back.alreadyThere,
      octets: this.#back.octets,
      chain: this.#chain.map((backup) => ({ file: backup.file, sha256: backup.sha256 })),
      held: this.#back.held,
      tookSettings,
      returned: [...this.#back.returned],
      problems: manifest.problems.map((text) => `When the backup was made: ${text}`),
    };
  }

  /** First of all: a wrong passphrase is told before anything changes. */
  async #secrets(): Promise<NamedSecrets> {
    const { manifest } = this.#newest;
    const { passphrase } = this.#request;
    if (passphrase === undefined) return {};
    const part = manifest.parts.find(({ holds }) => holds === 'secrets');
    if (part === undefined || manifest.secrets === null)
      throw new MailError('EINVALID', 'This backup holds no passwords, so it needs no passphrase.');
    return openSecrets(manifest.secrets, await readPart(this.#newest, part), passphrase);
  }

  /** Those that were empty; the others are made when their first message comes back. */
  async #makeFolders(): Promise<void> {
    const { store } = this.#rooms;
    const { folders, into } = this.#request;
    const inBackup = this.#newest.manifest.folders.map(({ folder }) => folder);
    const missing = folders?.find((folder) => !inBackup.includes(folder));
    if (missing !== undefined) throw new MailError('ENOTFOUND', `The backup has no folder “${missing}”.`);
    for (const { folder } of await store.listFolders()) this.#known.add(folder);
    if (this.#wanted !== null || into !== undefined) return;
    for (const { folder, missing: lacking, comesBack } of await foldersGone(this.#newest, store)) {
      if (!comesBack || lacking > 0 || (folders !== undefined && !folders.includes(folder))) continue;
      await store.createFolder(folder);
      this.#back.returned.add(folder);
    }
  }

  #partsOf<H extends Part['holds']>(holds: H): Extract<Part, { holds: H }>[] {
    return this.#newest.manifest.parts.filter((part): part is Extract<Part, { holds: H }> => part.holds === holds);
  }

  async #messages(): Promise<void> {
    const { signal, report } = this.#context;
    const parts = this.#partsOf('messages').filter(
      ({ folder }) => this.#request.folders === undefined || this.#request.folders.includes(folder),
    );
    const total = this.#wanted?.size ?? parts.reduce((sum, { messages }) => sum + messages, 0);
    const removals = await this.#removals();
    const places = await this.#places();
    let done = 0;
    for (const part of parts)
      for (const line of await readMessageLines(this.#newest, part)) {
        signal.throwIfAborted();
        if (this.#wanted !== null && !this.#wanted.has(line.key)) continue;
        this.#seen.add(line.key);
        done += 1;
        await this.#message(line, places, removals.get(line.key) ?? null);
        report({ phase: part.folder, done, total, octets: this.#back.octets });
      }
    await this.#back.flush();
    const absent = [...(this.#wanted ?? [])].find((key) => !this.#seen.has(key));
    if (absent !== undefined) throw new MailError('ENOTFOUND', `The backup has no message ${absent}.`);
  }

  async #message(line: MessageLine, places: ReadonlyMap<MessageKey, Place>, removedAt: number | null): Promise<void> {
    // Asked before its bytes are read, so that a second run is quick.
    if ((await this.#rooms.store.summary(line.key)) !== null) {
      this.#back.alreadyThere += 1;
      return;
    }
    const place = line.path === undefined ? places.get(line.key) : { backup: this.#newest, path: line.path };
    if (place === undefined) throw damaged(`the bytes of a message are in no earlier backup (${line.key})`);
    const bytes = await readMessageBytes(place.backup, { ...line, path: place.path });
    await this.#back.add(asItWas(line, bytes, { into: this.#request.into, removedAt }));
  }

  /** Where the bytes lie that this file leaves to earlier ones. */
  async #places(): Promise<Map<MessageKey, Place>> {
    const places = new Map<MessageKey, Place>();
    // The nearest one that has them.
    for (const backup of this.#chain.slice(1))
      for await (const { key, path } of linesIn(backup))
        if (path !== undefined && !places.has(key)) places.set(key, { backup, path });
    return places;
  }

  /** What the user had removed by then, so that a message in Trash comes back as one in Trash. */
  async #removals(): Promise<Map<MessageKey, number>> {
    const removals = new Map<MessageKey, number>();
    for (const part of this.#partsOf('ledger')) {
      if (part.table !== 'removals') continue;
      const rows = await readLedgerRows(this.#newest, part);
      if (rows.table === 'removals')
        for (const { message_key, removed_at } of rows.rows) removals.set(message_key, removed_at);
    }
    return removals;
  }

  async #ledger(): Promise<void> {
    const outboxIds = new Set<string>();
    for (const part of this.#partsOf('ledger')) {
      this.#context.signal.throwIfAborted();
      const read = await readLedgerRows(this.#newest, part);
      const rows = this.#isWhole ? read : rowsOf(read, this.#seen, outboxIds);
      if (rows !== null && rows.rows.length > 0) await this.#back.putRows(rows, this.#newest.manifest.createdAt);
    }
  }

  async #settings(secrets: NamedSecrets): Promise<boolean> {
    const { settings: how } = this.#request;
    const [part] = this.#partsOf('settings');
    if (part === undefined || how === 'leave' || (!this.#isWhole && how === 'if-empty')) return false;
    const json: unknown = JSON.parse(Buffer.from(await readPart(this.#newest, part)).toString('utf8'));
    const restored = parseRestored(json);
    if (restored === null)
      throw new MailError(
        'EVERSION',
        'The mail is restored, but the settings of this backup are not known to this Postrider. Install a newer one to take them.',
      );
    return this.#rooms.takeSettings(restored, how, secrets, photosOfBackup(json));
  }
}

/** A message with everything its line says of it. */
export function asItWas(
  line: MessageLine,
  bytes: Uint8Array<ArrayBuffer>,
  { into, removedAt }: { into: FolderPath | undefined; removedAt: number | null },
): FileRequest {
  return {
    folder: into ?? line.folder,
    messageKey: line.key,
    bytes,
    flags: [],
    tags: line.tags,
    receivedAt: line.receivedAt,
    // Taken out of Trash, it counts as removed no more.
    restored: { sub: line.sub, letters: line.letters, removedAt: into === undefined ? removedAt : null },
  };
}

interface Place {
  readonly backup: OpenBackup;
  readonly path: string;
}
