import { basename } from 'node:path';
import { toDiskError } from '#shared/disk-error.ts';
import type { MessageKey } from '#shared/ids.ts';
import type { BackupMade } from '#shared/mail/backup.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import type { Settings } from '#shared/mail/settings.ts';
import type { JobContext } from '../../jobs/job-runner.ts';
import { ledgerTables } from '../../store/ledger-rows.ts';
import type { SnapshotHead, SnapshotMessage } from '../../store/store-api.ts';
import { FolderNames, messageFileName } from '../file-names.ts';
import { checkTarget, stage } from '../staging.ts';
import { sha256Of } from './digest.ts';
import { formatVersion, type Manifest, type MessageLine, manifestName, noteName, noteText } from './manifest.ts';
import { closeChain, linesIn, openChain } from './open-backup.ts';
import { type NamedSecrets, sealSecrets } from './passwords.ts';
import { type FileContent, messagesOf, readMessage, type SnapshotStore } from './snapshot-reader.ts';
import { PartWriter } from './write-parts.ts';
import { ZipWriter } from './write-zip.ts';

export interface CreateRequest {
  /** A file that is not there yet. */
  readonly out: string;
  /** The backup to go on from; undefined for a full one. */
  readonly incrementalFrom: string | undefined;
  readonly settings: Settings;
  /** Pictures of people, by their SHA-256. */
  readonly photos?: ReadonlyMap<string, Buffer>;
  /** Undefined: passwords are left out. */
  readonly secrets: { readonly values: NamedSecrets; readonly passphrase: string } | undefined;
  readonly appVersion: string;
  readonly now: number;
  /** What is to be told with the result, in sentences. */
  readonly problems: readonly string[];
}

/** So many message files are read ahead, or so many octets. */
const readAhead = 12;
const readAheadOctets = 24 * 1024 * 1024;
const namedProblems = 100;

type Context = Pick<JobContext, 'signal' | 'report'>;

/**
 * Writes the mailbox as it is at one moment into one file, while everything goes on. The file appears under its name
 * only when it is whole and on the disk; until then it is called `NAME.unfinished`, and is removed when this fails or is
 * cancelled. Throws EINVALID when the name is taken, EMALFORMED or ENOTFOUND for the earlier backup, EMAILFOLDER while
 * the Mail folder is missing, EDISKFULL, EPERMISSION, EIO.
 */
export async function createBackup(
  store: SnapshotStore,
  request: CreateRequest,
  context: Context,
): Promise<Omit<BackupMade, 'bySchedule'>> {
  const { out } = request;
  const { signal, report } = context;
  try {
    await checkTarget(out, 'file', (await store.state()).mailFolder);
    const base = await readBase(request.incrementalFrom, context);
    report({ phase: 'reading', done: 0, total: null });
    const head = await store.openSnapshot();
    try {
      const staging = await stage(out, 'file');
      try {
        const made = await writeArchive(store, { request, head, base, path: staging.path }, context);
        signal.throwIfAborted();
        await staging.commit();
        return made;
      } catch (error) {
        await staging.discard();
        throw error;
      }
    } finally {
      await store.closeSnapshot(head.snapshotId);
    }
  } catch (error) {
    throw signal.aborted ? error : toDiskError(error, `write the backup to ${out}`);
  }
}

type BaseLine = Pick<MessageLine, 'sizeOctets' | 'sha256' | 'receivedAt'>;

interface Base {
  readonly file: string;
  readonly sha256: string;
  readonly createdAt: string;
  readonly lines: ReadonlyMap<MessageKey, BaseLine>;
}

/** The earlier backup must hold, or what is built on it could never be restored. */
async function readBase(file: string | undefined, { signal, report }: Context): Promise<Base | null> {
  if (file === undefined) return null;
  let octets = 0;
  const onOctets = (read: number): void => {
    octets += read;
    report({ phase: 'checking', done: octets, total: null, octets });
  };
  const chain = await openChain(file, { signal, onOctets });
  try {
    const [base] = chain;
    if (base === undefined) throw new TypeError('A chain has at least one backup.');
    const lines = new Map<MessageKey, BaseLine>();
    for await (const { key, sizeOctets, sha256, receivedAt } of linesIn(base))
      lines.set(key, { sizeOctets, sha256, receivedAt });
    return { file: basename(file), sha256: base.sha256, createdAt: base.manifest.createdAt, lines };
  } finally {
    await closeChain(chain);
  }
}

interface Task {
  readonly request: CreateRequest;
  readonly head: SnapshotHead;
  readonly base: Base | null;
  readonly path: string;
}

async function writeArchive(
  store: SnapshotStore,
  task: Task,
  context: Context,
): Promise<Omit<BackupMade, 'bySchedule'>> {
  const { request, head, base } = task;
  const zip = await ZipWriter.open(task.path);
  try {
    const parts = new PartWriter(zip, new Date(request.now));
    await parts.add({ holds: 'note' }, noteName, Buffer.from(noteText));
    const folders = new FolderTotals(head);
    for (const path of folders.emptyPaths()) await zip.add(`${path}/`, new Uint8Array(0), new Date(request.now));
    const { added, messages, problems } = await writeMessages(store, { ...task, zip, parts, folders }, context);
    await writeLedger(store, head, parts, context.signal);
    await parts.add({ holds: 'settings' }, 'postrider/settings.json', settingsBytes(request));
    const sealed = await writeSecrets(parts, request);
    const manifest: Manifest = {
      format: 'postrider-backup',
      formatVersion,
      appVersion: request.appVersion,
      storeId: head.storeId,
      createdAt: new Date(request.now).toISOString(),
      kind: base === null ? 'full' : 'incremental',
      base: base === null ? null : { file: base.file, sha256: base.sha256, createdAt: base.createdAt },
      messages,
      added,
      folders: folders.list(),
      parts: parts.list(),
      secrets: sealed,
      problems: cut([...request.problems, ...problems]),
    };
    await zip.add(manifestName, jsonBytes(manifest), new Date(request.now));
    context.signal.throwIfAborted();
    const sha256 = await zip.finish();
    const { kind, createdAt } = manifest;
    const octets = zip.octets + sha256.length;
    return { file: request.out, kind, createdAt, messages, added, octets, sha256, problems: manifest.problems };
  } finally {
    await zip.close();
  }
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

/** An older program takes the settings and passes over the pictures. */
function settingsBytes({ settings, photos = new Map() }: CreateRequest): Uint8Array {
  if (photos.size === 0) return jsonBytes(settings);
  const asText = [...photos].map(([name, octets]) => [name, octets.toString('base64')]);
  return jsonBytes({ ...settings, photos: Object.fromEntries(asText) });
}

function cut(problems: readonly string[]): string[] {
  if (problems.length <= namedProblems) return [...problems];
  return [...problems.slice(0, namedProblems), `And ${problems.length - namedProblems} more like these.`];
}

async function writeSecrets(parts: PartWriter, { secrets }: CreateRequest): Promise<Manifest['secrets']> {
  if (secrets === undefined) return null;
  const { header, data } = await sealSecrets(secrets.values, secrets.passphrase);
  await parts.add({ holds: 'secrets' }, 'postrider/secrets.aes', data);
  return header;
}

async function writeLedger(
  store: SnapshotStore,
  { snapshotId }: SnapshotHead,
  parts: PartWriter,
  signal: AbortSignal,
): Promise<void> {
  for (const table of ledgerTables) {
    for (;;) {
      signal.throwIfAborted();
      const { rows } = await store.snapshotRows(snapshotId, table);
      if (rows.length === 0) break;
      for (const row of rows) await parts.addRow(table, row);
    }
    await parts.endRows(table);
  }
}

/** A message on its way into the archive. `content` null: its bytes are in the base. */
interface Coming {
  readonly message: SnapshotMessage;
  readonly known: BaseLine | undefined;
  readonly content: Promise<FileContent | Error | null> | null;
}

interface MessageTask extends Task {
  readonly zip: ZipWriter;
  readonly parts: PartWriter;
  readonly folders: FolderTotals;
}

async function writeMessages(
  store: SnapshotStore,
  task: MessageTask,
  { signal, report }: Context,
): Promise<{ messages: number; added: number; problems: string[] }> {
  const { head, parts, folders } = task;
  const total = head.folders.reduce((sum, folder) => sum + folder.total, 0);
  const problems: string[] = [];
  let messages = 0;
  let added = 0;
  let octets = 0;
  let done = 0;
  for await (const coming of comingMessages(store, task)) {
    signal.throwIfAborted();
    done += 1;
    const line = await writeMessage(task, coming, done);
    if (typeof line === 'string') problems.push(line);
    else {
      await parts.addMessage(line);
      folders.count(line);
      messages += 1;
      octets += line.sizeOctets;
      if (line.path !== undefined) added += 1;
    }
    report({ phase: coming.message.folder, done, total, octets });
  }
  await parts.endMessages();
  return { messages, added, problems };
}

/** Answers a sentence when it cannot be taken in. */
async function writeMessage(
  { zip, base, folders }: MessageTask,
  { message, known, content }: Coming,
  number: number,
): Promise<MessageLine | string> {
  const { messageKey, folder, sub, letters, tags, subject, from, date } = message;
  const common = {
    key: messageKey,
    folder,
    sub,
    letters: letters.replace(/[^A-Za-z]/g, ''),
    tags: [...tags],
    subject: subject.slice(0, 500),
    from: from.slice(0, 300),
    date,
  };
  if (content === null && known !== undefined) return { ...common, ...known };
  const found = await content;
  if (found === null) return `A message was removed by another program while it was being backed up: “${subject}”.`;
  if (found instanceof Error) return `A message in ${folder} cannot be read: “${subject}”.`;
  const { bytes, receivedAt } = found;
  const sha256 = await sha256Of(bytes);
  const rest = { sizeOctets: bytes.length, sha256, receivedAt };
  const before = base?.lines.get(messageKey);
  if (before?.sha256 === sha256 && before.sizeOctets === bytes.length) return { ...common, ...rest };
  const title = isBeginning(messageKey) ? `${subject} (beginning only)` : subject;
  const name = messageFileName({ date: new Date(date), from, subject: title });
  // The number makes the name the only one of its kind, on every file system.
  const path = `${folders.pathOf(folder)}/${name} (${number}).eml`;
  await zip.add(path, bytes, new Date(receivedAt));
  return { ...common, ...rest, path };
}

/** Our own keys end in a digest of the bytes: the same key means the same bytes. */
const ownKey = /^[0-9a-f]{32}-[0-9a-f]{16}$/;

/** Messages in order, the next few being read already. */
async function* comingMessages(store: SnapshotStore, { head, base }: Task): AsyncGenerator<Coming> {
  const waiting: Coming[] = [];
  let octets = 0;
  for await (const message of messagesOf(store, head)) {
    const known = base?.lines.get(message.messageKey);
    const isKnown = known !== undefined && ownKey.test(message.messageKey) && known.sizeOctets === message.sizeOctets;
    const content = isKnown ? null : readMessage(store, head, message).catch(toError);
    waiting.push({ message, known, content });
    octets += isKnown ? 0 : message.sizeOctets;
    while (waiting.length > readAhead || octets > readAheadOctets) {
      const first = waiting.shift();
      if (first === undefined) break;
      octets -= first.content === null ? 0 : first.message.sizeOctets;
      yield first;
    }
  }
  yield* waiting;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Where each folder lies in the archive, and what it holds. */
class FolderTotals {
  readonly #folders = new Map<string, Manifest['folders'][number]>();
  readonly #empty: string[] = [];

  constructor({ folders }: SnapshotHead) {
    const names = new FolderNames();
    for (const { folder, total } of folders) {
      const path = ['mail', ...names.segments(folder)].join('/');
      this.#folders.set(folder, { folder, path, messages: 0, octets: 0 });
      if (total === 0) this.#empty.push(path);
    }
  }

  emptyPaths(): readonly string[] {
    return this.#empty;
  }

  pathOf(folder: string): string {
    return this.#folders.get(folder)?.path ?? 'mail';
  }

  count({ folder, sizeOctets }: MessageLine): void {
    const known = this.#folders.get(folder);
    if (known === undefined) return;
    this.#folders.set(folder, { ...known, messages: known.messages + 1, octets: known.octets + sizeOctets });
  }

  list(): Manifest['folders'] {
    return [...this.#folders.values()];
  }
}
