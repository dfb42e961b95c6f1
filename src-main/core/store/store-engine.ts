import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { MessageKey } from '#shared/ids.ts';
import { FolderPath } from '#shared/ids.ts';
import { fixedFolders } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import type { StoreChange } from '#shared/rpc/contract.ts';
import type { ReadOutline } from '../outline.ts';
import type { Log } from '../ports.ts';
import { type Backlog, createBacklog } from './backlog.ts';
import { createMessageChanges, type MessageChanges } from './change-messages.ts';
import { checkIndex } from './check-index.ts';
import { type EngineParts, maxTextOctets } from './engine-parts.ts';
import { fileMessages } from './file-messages.ts';
import { createFolders, type Folders } from './folders.ts';
import { createGroupCommit } from './group-commit.ts';
import * as read from './index-read.ts';
import { noteDamage, openIndex, wipeIndex } from './index-schema.ts';
import { wordsOf } from './index-words.ts';
import * as ledger from './ledger.ts';
import * as outbox from './ledger-outbox.ts';
import { createMailQueue, type MailQueue } from './mail-queue.ts';
import { createMaildir, createMailRoot, mailRootExists, syncDirectory } from './maildir.ts';
import { integer, type Sql, text } from './sql.ts';
import { isCorrupt } from './store-errors.ts';
import type { EngineMethods } from './store-protocol.ts';
import { createWordQueue, readIfThere } from './word-queue.ts';

export interface EngineOptions {
  readonly profileDir: string;
  readonly mailFolder: string;
  readonly readOutline: ReadOutline;
  readonly log: Log;
  readonly emit: (change: StoreChange) => void;
}

/** How long a list waits for files that are still being read in (a new index over a large Mail folder). */
const catchUpMs = 30_000;

interface Engine {
  readonly parts: EngineParts;
  readonly queue: MailQueue;
  readonly folders: Folders;
  readonly backlog: Backlog;
  readonly changes: MessageChanges;
}

/**
 * Opens ledger, index and Mail folder, takes up what changed on disk, and answers what the worker serves. An index whose
 * damage shows only now is made anew.
 */
export async function openEngine(options: EngineOptions): Promise<EngineMethods> {
  try {
    return await openParts(options);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    noteDamage(options.profileDir);
    return await openParts(options);
  }
}

async function openParts(options: EngineOptions): Promise<EngineMethods> {
  mkdirSync(options.profileDir, { recursive: true, mode: 0o700 });
  const { log, readOutline, emit } = options;
  const ledgerSql = ledger.openLedger(join(options.profileDir, 'ledger.sqlite'), log);
  const index = openIndex(options.profileDir, log);
  startRevisions(index);
  const maildir = createMaildir(options.mailFolder);
  // The queues refer to each other; each is called only once all exist.
  const words = createWordQueue(
    index,
    (id) => readWords(parts, id),
    () => queue.isBusy() || backlog.size() > 0,
    log,
  );
  const group = createGroupCommit(ledgerSql);
  const moving = new Map();
  const parts: EngineParts = { maildir, ledger: ledgerSql, group, index, words, readOutline, log, emit, moving };
  const queue: MailQueue = createMailQueue(parts, (found) => backlog.add(found));
  const backlog: Backlog = createBacklog(parts, () => queue);
  const folders = createFolders(parts, queue);
  const changes = createMessageChanges(parts, queue, folders);
  const engine: Engine = { parts, queue, folders, backlog, changes };
  try {
    await openMailFolder(engine);
  } catch (error) {
    words.stop();
    index.close();
    ledgerSql.close();
    throw error;
  }
  return {
    ...folderMethods(engine),
    ...messageMethods(engine),
    ...ledgerMethods(parts),
    ...indexMethods(engine),
  };
}

/**
 * After a crash of the machine the index may be some commits behind what screens were told, and would give out the same
 * revisions again for other changes. So after an unclean end the log is emptied and the numbers leap: caches start over.
 */
function startRevisions(index: Sql): void {
  index.transaction(() => {
    if (read.indexMeta(index, 'isOpen') === '1') {
      index.db.exec('DELETE FROM changes');
      index.run("UPDATE meta SET value = ? WHERE key = 'revision'", String(read.revisionOf(index) + 1_000_000));
    }
    index.run("UPDATE meta SET value = '1' WHERE key = 'isOpen'");
  });
}

async function openMailFolder({ parts, queue, folders, backlog }: Engine): Promise<void> {
  const { maildir, ledger: sql } = parts;
  const hadMail = ledger.getMeta(sql, 'hadMail') !== null;
  if (!hadMail && !mailRootExists(maildir.root)) await createMailRoot(maildir.root);
  await queue.look('careful');
  if (queue.problem() !== null) return;
  for (const directory of maildir.listDirectories()) maildir.sweepTmp(directory);
  for (const name of fixedFolders) await folders.ensure(FolderPath.parse(name));
  maildir.writeMarker();
  await syncDirectory(maildir.root);
  // A few files are read in at once; many are read behind the first screens.
  if (backlog.size() <= 500) await backlog.caughtUp();
  parts.words.wake();
}

function readWords(parts: EngineParts, id: number): ReturnType<typeof wordsOf> | null {
  const row = parts.index.one(
    'SELECT m.is_new, m.file_name, f.directory FROM messages m JOIN folders f ON f.id = m.folder_id WHERE m.id = ?',
    id,
  );
  if (row === undefined) return null;
  const sub = integer(row, 'is_new') === 1 ? 'new' : 'cur';
  const bytes = readIfThere(parts.maildir.path(text(row, 'directory'), sub, text(row, 'file_name')));
  return bytes === null ? null : wordsOf(parts.readOutline(bytes, { maxTextOctets }));
}

/** Takes up outside changes before a screen is answered; what is wrong with the folder does not keep the index from answering. */
async function freshen({ parts, queue, backlog }: Engine, isWhole = false): Promise<void> {
  if (!queue.isBusy())
    await queue.look('cheap').catch((error: unknown) => parts.log.error('The Mail folder cannot be looked at.', error));
  if (backlog.size() === 0) return;
  if (isWhole) return await backlog.caughtUp();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, catchUpMs);
    timer.unref();
  });
  await Promise.race([backlog.caughtUp(), limit]);
  clearTimeout(timer);
}

type FolderMethod = 'listFolders' | 'createFolder' | 'renameFolder' | 'removeFolder';

function folderMethods(engine: Engine): Pick<EngineMethods, FolderMethod> {
  const { parts, folders } = engine;
  return {
    async listFolders() {
      await freshen(engine);
      return read.listFolders(parts.index);
    },
    createFolder: (folder) => folders.create(folder),
    renameFolder: (folder, to) => folders.rename(folder, to),
    removeFolder: (folder) => folders.remove(folder),
  };
}

type MessageMethod =
  | 'file'
  | 'listMessages'
  | 'listKeys'
  | 'summary'
  | 'locate'
  | 'read'
  | 'search'
  | 'knownAddresses'
  | 'keysByDigest'
  | 'setFlags'
  | 'setTags'
  | 'move'
  | 'destroy';

function messageMethods(engine: Engine): Pick<EngineMethods, MessageMethod> {
  const { parts, queue, folders, backlog, changes } = engine;
  /** A key may belong to a file that is still to be read in. */
  const known = async (keys: readonly MessageKey[]): Promise<void> => {
    if (keys.some((key) => backlog.has(key) || read.storedRow(parts.index, key) === null)) await freshen(engine, true);
  };
  const locate = (messageKey: MessageKey): { path: string; folder: FolderPath; sizeOctets: number } => {
    const row = read.storedRow(parts.index, messageKey);
    const folder = row === null ? undefined : folders.byId(row.folderId);
    if (row === null || folder === undefined) throw notThere();
    const path = parts.maildir.path(folder.directory, row.sub, row.fileName);
    return { path, folder: folder.folder, sizeOctets: row.sizeOctets };
  };
  const readBytes = async (messageKey: MessageKey): Promise<Uint8Array<ArrayBuffer>> => {
    await known([messageKey]);
    const bytes = readIfThere(locate(messageKey).path);
    if (bytes !== null) return bytes;
    await queue.look('full');
    const again = readIfThere(locate(messageKey).path);
    if (again === null) throw notThere();
    return again;
  };
  return {
    file: (messages) => fileMessages(parts, engine, messages),
    async listMessages({ folder, offset, limit }) {
      await freshen(engine);
      const row = folders.find(folder);
      if (row === undefined) throw new MailError('ENOTFOUND', `There is no folder “${folder}”.`);
      return read.listMessages(parts.index, row.id, offset, limit);
    },
    async listKeys(folder) {
      await freshen(engine, true);
      const row = folders.find(folder);
      if (row === undefined) throw new MailError('ENOTFOUND', `There is no folder “${folder}”.`);
      return read.listKeys(parts.index, row.id);
    },
    async summary(messageKey) {
      await known([messageKey]);
      return read.summaryOf(parts.index, messageKey);
    },
    async locate(messageKey) {
      await known([messageKey]);
      const found = locate(messageKey);
      if (parts.maildir.isFile(found.path)) return found;
      await queue.look('full');
      return locate(messageKey);
    },
    read: readBytes,
    async search({ query, folder, offset, limit }) {
      await freshen(engine);
      await parts.words.drain();
      const row = folder === undefined ? null : folders.find(folder);
      if (row === undefined) throw new MailError('ENOTFOUND', `There is no folder “${folder}”.`);
      return read.search(parts.index, { query, folderId: row?.id ?? null, offset, limit });
    },
    knownAddresses: async (prefix, limit) => read.knownAddresses(parts.index, prefix, limit),
    async keysByDigest(digest) {
      await freshen(engine, true);
      return read.keysByDigest(parts.index, digest).map(({ messageKey, sizeOctets }) => ({ messageKey, sizeOctets }));
    },
    setFlags: async (keys, add, remove) => {
      await known(keys);
      await changes.setFlags(keys, add, remove);
    },
    setTags: async (keys, add, remove) => {
      await known(keys);
      await changes.setTags(keys, add, remove);
    },
    move: async (keys, folder) => {
      await known(keys);
      return await changes.move(keys, folder);
    },
    destroy: async (keys) => {
      await known(keys);
      await changes.destroy(keys);
    },
  };
}

function notThere(): MailError {
  return new MailError('ENOTFOUND', 'This message is not there any more. Another program may have removed it.');
}

type LedgerMethod =
  | 'knownUniqueIds'
  | 'recordUniqueIds'
  | 'forgetUniqueIds'
  | 'forgetAccount'
  | 'putOutbox'
  | 'activeOutbox'
  | 'outboxRecord'
  | 'outboxOfMessage'
  | 'removeOutbox'
  | 'appendAttempts'
  | 'attemptsOf'
  | 'recentAttempts'
  | 'deliveryMemory'
  | 'putDeliveryMemory'
  | 'acceptedSince';

function ledgerMethods({ ledger: sql, group }: EngineParts): Pick<EngineMethods, LedgerMethod> {
  return {
    knownUniqueIds: async (accountId) => ledger.knownUniqueIds(sql, accountId),
    recordUniqueIds: (accountId, entries) =>
      group.commit(() => {
        for (const entry of entries) ledger.putUniqueId(sql, accountId, entry);
      }),
    forgetUniqueIds: (accountId, uniqueIds) => group.commit(() => ledger.forgetUniqueIds(sql, accountId, uniqueIds)),
    forgetAccount: (accountId) => group.commit(() => ledger.forgetAccount(sql, accountId)),
    putOutbox: (records) => group.commit(() => outbox.putOutbox(sql, records)),
    activeOutbox: async () => outbox.activeOutbox(sql),
    outboxRecord: async (outboxId) => outbox.outboxRecord(sql, outboxId),
    outboxOfMessage: async (messageKey) => outbox.outboxOfMessage(sql, messageKey),
    removeOutbox: (outboxId) => group.commit(() => outbox.removeOutbox(sql, outboxId)),
    appendAttempts: (outboxId, attempts) => group.commit(() => outbox.appendAttempts(sql, outboxId, attempts)),
    attemptsOf: async (outboxId) => outbox.attemptsOf(sql, outboxId),
    recentAttempts: async (limitPerServer) => outbox.recentAttempts(sql, limitPerServer),
    deliveryMemory: async () => outbox.deliveryMemory(sql),
    putDeliveryMemory: (entries, removedKeys) =>
      group.commit(() => outbox.putDeliveryMemory(sql, entries, removedKeys)),
    acceptedSince: async (since) => outbox.acceptedSince(sql, since),
  };
}

type IndexMethod = 'state' | 'changesSince' | 'rescan' | 'rebuildIndex' | 'checkIndex' | 'close';

function indexMethods(engine: Engine): Pick<EngineMethods, IndexMethod> {
  const { parts, queue, backlog } = engine;
  const { index } = parts;
  const state = () => ({ storeId: read.indexMeta(index, 'storeId'), revision: read.revisionOf(index) });
  return {
    async state() {
      if (!queue.isBusy()) await queue.look('cheap').catch(() => undefined);
      return { ...state(), mailFolder: parts.maildir.root, mailFolderProblem: queue.problem() };
    },
    async changesSince(storeId, revision) {
      const changes = storeId === state().storeId ? read.changesSince(index, revision) : null;
      return changes === null ? { kind: 'reset', ...state() } : { kind: 'changes', changes };
    },
    async rescan() {
      const hadProblem = queue.problem() !== null;
      await queue.look('careful');
      await backlog.caughtUp();
      if (hadProblem && queue.problem() === null) await openMailFolder(engine);
    },
    rebuildIndex: (report, signal) => rebuildIndex(engine, report, signal),
    async checkIndex() {
      await freshen(engine, true);
      return checkIndex(parts);
    },
    async close() {
      backlog.stop();
      parts.words.stop();
      await queue.idle();
      await parts.group.idle();
      index.run("UPDATE meta SET value = '0' WHERE key = 'isOpen'");
      index.close();
      parts.ledger.close();
    },
  };
}

async function rebuildIndex(
  engine: Engine,
  report: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<{ messages: number }> {
  const { parts, queue, backlog } = engine;
  if (!mailRootExists(parts.maildir.root)) await queue.look('cheap');
  if (!mailRootExists(parts.maildir.root)) queue.assertMailFolder();
  await queue.run({
    apply: () => {
      wipeIndex(parts.index);
      parts.words.clear();
      backlog.clear();
    },
    result: () => undefined,
  });
  queue.acceptEmpty();
  await queue.look('full');
  const total = backlog.size();
  report(0, total);
  while (backlog.size() > 0) {
    if (signal.aborted) throw new MailError('ECANCELLED', 'Rebuilding was stopped. It goes on by itself.');
    const before = backlog.size();
    await Promise.race([backlog.caughtUp(), new Promise((resolve) => setTimeout(resolve, 200))]);
    report(total - backlog.size(), total);
    if (before === backlog.size() && !queue.isBusy()) break;
  }
  await parts.words.drain();
  await openMailFolder(engine);
  const row = parts.index.one('SELECT count(*) AS n FROM messages');
  return { messages: row === undefined ? 0 : integer(row, 'n') };
}
