import { toDiskError } from '#shared/disk-error.ts';
import { FolderPath, type MessageKey } from '#shared/ids.ts';
import type { BackupReport } from '#shared/job.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import type { JobContext } from '../../../jobs/job-runner.ts';
import { parseRestored } from '../../../settings/restore-settings.ts';
import { photosOfBackup } from '../../contacts/photos.ts';
import { rowsOf } from '../chosen-rows.ts';
import { type NamedSecrets, openSecrets } from '../passwords.ts';
import { asItWas, checkPlace, type RestoreRequest, type RestoreRooms } from '../restore-backup.ts';
import { RestoreBatch } from '../restore-batch.ts';
import { DamageList, damageOf, noteFiles } from './damage-words.ts';
import { type KnownByLedger, knownByLedger } from './left-ledger.ts';
import { type LeftMessage, messagesLeft } from './left-messages.ts';
import { closeLeft, type LeftBackup, openLeft, type Place, partLeft, rowsLeft } from './open-salvage.ts';

type Context = Pick<JobContext, 'signal' | 'report'>;

/**
 * Puts back what is intact in a backup that does not hold. A message comes back when its bytes have the SHA-256 its list
 * gives it, and without a list when its own check value in the zip fits, with what its name says; a row of the ledger when
 * its part has its SHA-256. Everything that does not is in the report, by name. May be run again, also after a sound copy
 * of the backup was restored. Throws EMALFORMED when nothing in the file can be read, EINVALID, ENOTFOUND, EDISKFULL.
 */
export async function restoreIntact(
  rooms: RestoreRooms,
  request: RestoreRequest,
  context: Context,
  why: string,
): Promise<BackupReport> {
  checkPlace(request);
  const { signal, report } = context;
  let octets = 0;
  const onOctets = (read: number): void => {
    octets += read;
    report({ phase: 'checking', done: octets, total: null, octets });
  };
  const chain = await openLeft(request.file, { signal, onOctets }).catch((error: unknown) => {
    throw signal.aborted ? error : toDiskError(error, `read ${request.file}`);
  });
  try {
    return await new Salvage(rooms, request, context, chain, why).run();
  } finally {
    await closeLeft(chain);
  }
}

class Salvage {
  readonly #rooms: RestoreRooms;
  readonly #request: RestoreRequest;
  readonly #context: Context;
  readonly #chain: readonly LeftBackup[];
  readonly #newest: LeftBackup;
  readonly #known = new Set<FolderPath>();
  readonly #back: RestoreBatch;
  readonly #damage = new DamageList();
  /** First of all why it was not simply restored. */
  readonly #problems: string[];
  readonly #seen = new Set<MessageKey>();
  readonly #gone = new Set<MessageKey>();
  #unlisted = 0;
  #asDrafts = 0;

  constructor(
    rooms: RestoreRooms,
    request: RestoreRequest,
    context: Context,
    chain: readonly LeftBackup[],
    why: string,
  ) {
    this.#problems = [why];
    const [newest] = chain;
    if (newest === undefined) throw new TypeError('A chain has at least one backup.');
    this.#rooms = rooms;
    this.#request = request;
    this.#context = context;
    this.#chain = chain;
    this.#newest = newest;
    this.#back = new RestoreBatch(rooms.store, this.#known);
  }

  get #isWhole(): boolean {
    return this.#request.folders === undefined && this.#request.messageKeys === undefined;
  }

  async run(): Promise<BackupReport> {
    const secrets = await this.#secrets();
    this.#checkFolders();
    noteFiles(this.#chain, this.#damage);
    for (const { folder } of await this.#rooms.store.listFolders()) this.#known.add(folder);
    const ledger = await knownByLedger(this.#newest);
    await this.#messages(ledger);
    await this.#emptyFolders();
    await this.#ledger();
    const tookSettings = await this.#settings(secrets);
    await this.#rooms.takeUpOutbox();
    return this.#report(tookSettings);
  }

  #report(tookSettings: boolean): BackupReport {
    const { manifest, file } = this.#newest;
    if (this.#asDrafts > 0)
      this.#problems.push(
        `${this.#asDrafts} of the Outbox came back as drafts: what was known of sending them is damaged. Nothing is sent by itself.`,
      );
    return {
      kind: 'backup',
      action: 'restore',
      file,
      archiveKind: manifest?.kind ?? (this.#chain.length > 1 ? 'incremental' : 'full'),
      createdAt: this.#createdAt(),
      messages: this.#back.restored,
      others: this.#back.alreadyThere,
      octets: this.#back.octets,
      chain: this.#chain.map((backup) => ({ file: backup.file, sha256: backup.sha256 ?? '' })),
      held: this.#back.held,
      tookSettings,
      returned: [...this.#back.returned],
      damaged: this.#damage.list,
      damagedTotal: this.#damage.total,
      damagedMessages: this.#damage.messages,
      unlisted: this.#unlisted,
      problems: [
        ...this.#problems,
        ...this.#damage.inWords(),
        ...(manifest?.problems ?? []).map((text) => `When the backup was made: ${text}`),
      ],
    };
  }

  /** Of the manifest; without it, the time its last parts were written. */
  #createdAt(): string {
    const { manifest, zip } = this.#newest;
    if (manifest !== null) return manifest.createdAt;
    const times = zip.found.filter(({ name }) => !name.startsWith('mail/')).map(({ modifiedAt }) => modifiedAt);
    return new Date(Math.max(0, ...times)).toISOString();
  }

  /** First of all: a wrong passphrase is told before anything changes. */
  async #secrets(): Promise<NamedSecrets> {
    const { passphrase } = this.#request;
    if (passphrase === undefined) return {};
    const header = this.#newest.manifest?.secrets ?? null;
    const data = await partLeft(this.#newest, 'secrets');
    if (header !== null && data !== null) return openSecrets(header, data, passphrase);
    this.#problems.push('The passwords cannot be read out of this backup. Enter them again where they are asked for.');
    return {};
  }

  async #messages(ledger: KnownByLedger): Promise<void> {
    const { signal, report } = this.#context;
    let done = 0;
    let isUnlisted = false;
    for await (const message of messagesLeft(this.#chain)) {
      signal.throwIfAborted();
      // What has no key of its own is known by its bytes, so that everything before it has to be there.
      if (message.kind === 'unlisted' && !isUnlisted) await this.#back.flush();
      isUnlisted = message.kind === 'unlisted';
      if (message.kind === 'listed') await this.#listed(message, ledger);
      else if (message.kind === 'unlisted') await this.#unlistedOne(message, ledger);
      else if (this.#isWanted(message.folder)) this.#damage.add(damageOf(message));
      done += 1;
      report({ phase: 'restoring', done, total: null, octets: this.#back.octets });
    }
    await this.#back.flush();
    const absent = this.#request.messageKeys?.filter((key) => !this.#seen.has(key) && !this.#gone.has(key)) ?? [];
    if (absent.length > 0)
      this.#problems.push(`${absent.length} of the messages asked for are in no list that can be read.`);
  }

  /** Of what no list names: whether its folder was asked for. Single messages cannot be. */
  #isWanted(folder: string): boolean {
    const { folders, messageKeys } = this.#request;
    return messageKeys === undefined && (folders === undefined || folders.some((wanted) => wanted === folder));
  }

  #checkFolders(): void {
    const { manifest } = this.#newest;
    const inBackup = manifest?.folders.map(({ folder }) => folder);
    const missing = this.#request.folders?.find((folder) => inBackup?.includes(folder) === false);
    if (missing !== undefined) throw new MailError('ENOTFOUND', `The backup has no folder “${missing}”.`);
  }

  async #listed(message: Extract<LeftMessage, { kind: 'listed' }>, { removals, outbox }: KnownByLedger): Promise<void> {
    const { line, place } = message;
    const { folders, messageKeys, into } = this.#request;
    if (folders?.includes(line.folder) === false || messageKeys?.includes(line.key) === false) return;
    if ((await this.#rooms.store.summary(line.key)) !== null) {
      this.#seen.add(line.key);
      this.#back.alreadyThere += 1;
      return;
    }
    const bytes = place === null ? null : await this.#bytesAt(place);
    if (bytes === null) {
      this.#gone.add(line.key);
      this.#damage.add(damageOf(message));
      return;
    }
    this.#seen.add(line.key);
    const request = asItWas(line, bytes, { into, removedAt: removals.get(line.key) ?? null });
    await this.#back.add({ ...request, folder: this.#sendsNothing(request.folder, outbox.has(line.key)) });
  }

  /** With its own key where the ledger has it. */
  async #unlistedOne(
    { place, folder: said }: Extract<LeftMessage, { kind: 'unlisted' }>,
    { keysByDigest, removals, outbox }: KnownByLedger,
  ): Promise<void> {
    const { store } = this.#rooms;
    const { into } = this.#request;
    const named = FolderPath.safeParse(said);
    const own = named.success ? named.data : fixed.inbox;
    if (!this.#isWanted(own)) return;
    const bytes = await this.#bytesAt(place);
    if (bytes === null) return;
    const here = await store.findByContent(bytes);
    if (here.length > 0) {
      for (const key of here) this.#seen.add(key);
      this.#back.alreadyThere += 1;
      return;
    }
    const [known, ...others] = keysByDigest.get(place.entry.sha256.slice(0, keyDigits)) ?? [];
    const isKnown = known !== undefined && others.length === 0 && (await store.summary(known)) === null;
    const messageKey = isKnown ? known : await store.newMessageKey(bytes);
    this.#seen.add(messageKey);
    this.#unlisted += 1;
    await this.#back.add({
      folder: this.#sendsNothing(into ?? own, outbox.has(messageKey)),
      messageKey,
      bytes,
      flags: [],
      receivedAt: place.entry.modifiedAt,
      restored: { sub: 'cur', letters: '', removedAt: into === undefined ? (removals.get(messageKey) ?? null) : null },
    });
  }

  /** Read again: what was right a moment ago must be right now. */
  async #bytesAt({ backup, entry }: Place): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      return await backup.zip.read(entry);
    } catch (error) {
      if (error instanceof MailError && error.code === 'EMALFORMED') return null;
      throw error;
    }
  }

  /** Without its entry a message in the Outbox could not be told from one that is to go. */
  #sendsNothing(folder: FolderPath, hasEntry: boolean): FolderPath {
    if (folder !== fixed.outbox || hasEntry) return folder;
    this.#asDrafts += 1;
    return fixed.drafts;
  }

  async #emptyFolders(): Promise<void> {
    if (!this.#isWhole) return;
    for (const { folder, messages } of this.#newest.manifest?.folders ?? []) {
      if (messages > 0 || this.#known.has(folder)) continue;
      await this.#rooms.store.createFolder(folder);
      this.#back.returned.add(folder);
    }
  }

  async #ledger(): Promise<void> {
    const createdAt = this.#createdAt();
    const outboxIds = new Set<string>();
    for await (const read of rowsLeft(this.#newest)) {
      this.#context.signal.throwIfAborted();
      const rows = this.#isWhole ? this.#withMessages(read) : rowsOf(read, this.#seen, outboxIds);
      if (rows !== null && rows.rows.length > 0) await this.#back.putRows(rows, createdAt);
    }
  }

  /** What would be sent must be there. */
  #withMessages(rows: Parameters<typeof rowsOf>[0]): Parameters<typeof rowsOf>[0] {
    if (rows.table !== 'outbox') return rows;
    return { ...rows, rows: rows.rows.filter(({ message_key }) => !this.#gone.has(message_key)) };
  }

  async #settings(secrets: NamedSecrets): Promise<boolean> {
    const { settings: how } = this.#request;
    if (how === 'leave' || (!this.#isWhole && how === 'if-empty')) return false;
    const bytes = await partLeft(this.#newest, 'settings');
    if (bytes === null) return false;
    const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const restored = parseRestored(json);
    if (restored !== null) return this.#rooms.takeSettings(restored, how, secrets, photosOfBackup(json));
    this.#problems.push(
      'The settings of this backup are not known to this Postrider. Install a newer one to take them.',
    );
    return false;
  }
}

/** So many digits of its SHA-256 a key of ours ends in. */
const keyDigits = 16;
