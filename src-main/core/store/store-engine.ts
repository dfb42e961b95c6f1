import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreChange } from '#shared/rpc/contract.ts';
import type { ReadOutline } from '../outline.ts';
import type { Log } from '../ports.ts';
import { type Backlog, createBacklog } from './backlog.ts';
import { createMessageChanges } from './change-messages.ts';
import { tagMethods } from './change-tags.ts';
import { type Engine, ensureFixedFolders, freshen } from './engine-doors.ts';
import { indexMethods, openMailFolder } from './engine-index.ts';
import { ledgerMethods } from './engine-ledger.ts';
import { changingMethods, listingMethods, readingMethods } from './engine-messages.ts';
import { type EngineParts, maxTextOctets } from './engine-parts.ts';
import { folderNews, forgetRename, forgetVanished } from './folder-news.ts';
import { createFolders } from './folders.ts';
import { readForeignCards } from './foreign-cards.ts';
import { createGroupCommit } from './group-commit.ts';
import * as read from './index-read.ts';
import { noteDamage, openIndex } from './index-schema.ts';
import { wordsOf } from './index-words.ts';
import * as ledger from './ledger.ts';
import { renameInVerdicts } from './ledger-quarantine.ts';
import { createMailQueue, type MailQueue } from './mail-queue.ts';
import { createMaildir } from './maildir.ts';
import { lookFromTimeToTime } from './outside-looks.ts';
import { createVanishedMessages } from './refiled.ts';
import { restoreLedgerRows } from './restore-ledger.ts';
import { createKeptFiles, snapshotMethods } from './snapshot.ts';
import { integer, type Sql, text } from './sql.ts';
import { isCorrupt } from './store-errors.ts';
import type { EngineMethods } from './store-protocol.ts';
import { thinAttempts } from './thin-attempts.ts';
import { threadMethods } from './threads/thread-methods.ts';
import { createThreadQueue } from './threads/thread-queue.ts';
import { createWordQueue, readIfThere } from './word-queue.ts';

export interface EngineOptions {
  readonly profileDir: string;
  readonly mailFolder: string;
  readonly readOutline: ReadOutline;
  readonly log: Log;
  readonly emit: (change: StoreChange) => void;
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
    () => queue.isBusy() || backlog.size() > 0 || group.isBusy(),
    log,
  );
  const threads = createThreadQueue(
    index,
    () => queue.isBusy() || backlog.size() > 0 || group.isBusy() || words.isWaiting(),
    log,
  );
  const group = createGroupCommit(ledgerSql);
  const moving = new Map();
  const placing: EngineParts['placing'] = new Set();
  const parts: EngineParts = {
    maildir,
    ledger: ledgerSql,
    group,
    index,
    words,
    threads,
    readOutline,
    log,
    emit: (change) => {
      emit(change);
      threads.wake();
    },
    moving,
    placing,
    vanished: createVanishedMessages(),
    kept: createKeptFiles(options.profileDir),
  };
  const queue: MailQueue = createMailQueue(parts, (found) => backlog.add(found));
  const backlog: Backlog = createBacklog(parts, () => queue);
  const folders = createFolders(parts, queue);
  const changes = createMessageChanges(parts, queue, folders);
  const engine: Engine = { parts, queue, folders, backlog, changes };
  try {
    await openMailFolder(engine);
    saveRoom(ledgerSql, log);
    threads.wake();
  } catch (error) {
    words.stop();
    threads.stop();
    index.close();
    ledgerSql.close();
    throw error;
  }
  const lookNow = async (): Promise<void> => {
    await queue.look('cheap');
    await ensureFixedFolders(engine);
  };
  const looks = lookFromTimeToTime(lookNow, queue.isBusy, log);
  const whole = indexMethods(engine);
  return {
    ...folderMethods(engine),
    ...listingMethods(engine),
    ...readingMethods(engine),
    ...threadMethods(engine),
    ...tagMethods(engine),
    ...changingMethods(engine),
    ...ledgerMethods(parts),
    ...backupMethods(engine),
    readForeignCards: async (path) => readForeignCards(path),
    ...whole,
    close() {
      looks.stop();
      return whole.close();
    },
  };
}

/** Housekeeping: a disk that is full, or fails, must not keep the mail from being opened. */
function saveRoom(ledgerSql: Sql, log: Log): void {
  try {
    thinAttempts(ledgerSql, Date.now());
  } catch (error) {
    log.warn('Old attempts could not be thinned out.', { reason: String(error) });
  }
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

function readWords(parts: EngineParts, id: number): ReturnType<typeof wordsOf> | null {
  const row = parts.index.one(
    'SELECT m.is_new, m.file_name, f.directory FROM messages m JOIN folders f ON f.id = m.folder_id WHERE m.id = ?',
    id,
  );
  if (row === undefined) return null;
  const sub = integer(row, 'is_new') === 1 ? 'new' : 'cur';
  const path = parts.maildir.path(text(row, 'directory'), sub, text(row, 'file_name'));
  try {
    const bytes = readIfThere(path);
    return bytes === null ? null : wordsOf(parts.readOutline(bytes, { maxTextOctets }));
  } catch (error) {
    parts.log.warn('A message file cannot be read, so that its words are not found.', { path, reason: String(error) });
    return null;
  }
}

type BackupMethod = 'openSnapshot' | 'snapshotMessages' | 'snapshotRows' | 'closeSnapshot' | 'restoreLedger';

function backupMethods(engine: Engine): Pick<EngineMethods, BackupMethod> {
  const { parts } = engine;
  return {
    ...snapshotMethods(engine),
    restoreLedger: (rows) => parts.group.commit((ledger) => restoreLedgerRows(parts, ledger, rows)),
  };
}

type FolderMethod =
  | 'listFolders'
  | 'createFolder'
  | 'renameFolder'
  | 'removeFolder'
  | 'folderNews'
  | 'settleRename'
  | 'forgetVanished';

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
    folderNews: async () => folderNews(parts.index),
    async settleRename(rename) {
      await parts.group.commit((ledger) => renameInVerdicts(ledger, rename));
      forgetRename(parts.index, rename);
    },
    forgetVanished: async (vanished) => forgetVanished(parts.index, vanished),
  };
}
