import { unlinkSync } from 'node:fs';
import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { folder as fixedFolder } from '#shared/mail/folder.ts';
import type { Flag } from '#shared/mail/message.ts';
import { MailError } from '#shared/mail-error.ts';
import type { EngineParts } from './engine-parts.ts';
import type { Folders } from './folders.ts';
import { type FolderRow, storedRow } from './index-read.ts';
import type { StoredRow } from './index-rows.ts';
import type { Place } from './index-writer.ts';
import { changeTags, forgetTags, isRemoved, recordRemoval, tagsOf, takeBackRemoval } from './ledger.ts';
import { forgetVerdicts } from './ledger-quarantine.ts';
import type { MailQueue, MailTask, Touched } from './mail-queue.ts';
import { changeLetters, fileNameFor, uniqueName } from './maildir-names.ts';
import { systemCode } from './store-errors.ts';

/** Changes to messages that are there: flags, tags, moves, removal. */
export interface MessageChanges {
  /** Answers which were otherwise before. */
  setFlags(keys: readonly MessageKey[], add: readonly Flag[], remove: readonly Flag[]): Promise<MessageKey[]>;
  /** Answers which were otherwise before. */
  setTags(keys: readonly MessageKey[], add: readonly string[], remove: readonly string[]): Promise<MessageKey[]>;
  move(keys: readonly MessageKey[], to: FolderPath): Promise<{ messageKey: MessageKey; from: FolderPath }[]>;
  destroy(keys: readonly MessageKey[]): Promise<void>;
}

export function createMessageChanges(parts: EngineParts, queue: MailQueue, folders: Folders): MessageChanges {
  const { index } = parts;

  /** The rows of a call; a key that is gone is passed over unless none is left. */
  function rowsOf(keys: readonly MessageKey[]): StoredRow[] {
    const rows = [...new Set(keys)].flatMap((key) => parts.moving.get(key) ?? storedRow(index, key) ?? []);
    if (rows.length === 0 && keys.length > 0) throw gone();
    return rows;
  }

  /** Runs a change; when a file was not where the index believes, looks at the folder and tries once more. */
  async function runTwice<T>(makeTask: () => MailTask<T>): Promise<T> {
    try {
      return await queue.run(makeTask());
    } catch (error) {
      if (!(error instanceof MailError) || systemCode(error.cause) !== 'ENOENT') throw error;
      await queue.look('full');
      return await queue.run(makeTask());
    }
  }

  return {
    async setFlags(keys, add, remove) {
      return await runTwice(() =>
        placesTask(
          parts,
          folders,
          () => rowsOf(keys),
          (row) => {
            const letters = changeLetters(row.letters, add, remove);
            if (letters === row.letters) return null;
            const fileName = fileNameFor(uniqueName(row.fileName), letters, parts.maildir.separator);
            return { folderId: row.folderId, sub: 'cur', fileName, letters };
          },
        ),
      );
    },
    async setTags(keys, add, remove) {
      let rows: StoredRow[] = [];
      const changed: MessageKey[] = [];
      return await queue.run({
        apply: () => {
          rows = rowsOf(keys);
        },
        record: (ledger) => {
          for (const { messageKey } of rows) {
            const before = tagsOf(ledger, messageKey).join('\n');
            changeTags(ledger, messageKey, add, remove);
            if (tagsOf(ledger, messageKey).join('\n') !== before) changed.push(messageKey);
          }
        },
        index: (tx) => {
          for (const row of rows) tx.setTags(row, tagsOf(parts.ledger, row.messageKey));
        },
        result: () => changed,
      });
    },
    async move(keys, to) {
      const target = await folders.ensure(to);
      return await runTwice(() => moveTask(parts, folders, () => rowsOf(keys), keys, target));
    },
    async destroy(keys) {
      await runTwice(() => destroyTask(parts, folders, () => rowsOf(keys)));
    },
  };
}

function gone(): MailError {
  return new MailError('ENOTFOUND', 'This message is not there any more. Another program may have removed it.');
}

function directoryOf(folders: Folders, folderId: number): string {
  const row = folders.byId(folderId);
  if (row === undefined) throw gone();
  return row.directory;
}

/** Renames one file; both its directories are to be synced. */
function renameRow(parts: EngineParts, folders: Folders, row: StoredRow, to: Place, touched: Touched): void {
  const { maildir } = parts;
  const from = directoryOf(folders, row.folderId);
  const directory = directoryOf(folders, to.folderId);
  maildir.renameFile({ ...row, directory: from }, { ...to, directory });
  touched.add(maildir.subPath(directory, to.sub));
  touched.add(maildir.subPath(from, row.sub));
}

/** Gives each row the place `decide` names; null leaves it. Answers which got another. */
function placesTask(
  parts: EngineParts,
  folders: Folders,
  rowsOf: () => StoredRow[],
  decide: (row: StoredRow) => Place | null,
): MailTask<MessageKey[]> {
  const places = new Map<MessageKey, Place>();
  return {
    apply: (touched) => {
      for (const row of rowsOf()) {
        const place = decide(row);
        if (place === null) continue;
        renameRow(parts, folders, row, place, touched);
        places.set(row.messageKey, place);
        parts.moving.set(row.messageKey, { ...row, ...place });
      }
    },
    index: (tx) => {
      for (const [key, place] of places) {
        const row = storedRow(parts.index, key);
        if (row !== null) tx.relocate(row, place);
      }
    },
    result: () => [...places.keys()],
  };
}

/**
 * To Trash: the file first, then the removal; a crash in between leaves a message in Trash that is not removed on any
 * server. Out of Trash: the removal is taken back first, so that no server deletes what the user has taken back.
 */
function moveTask(
  parts: EngineParts,
  folders: Folders,
  rowsOf: () => StoredRow[],
  keys: readonly MessageKey[],
  target: FolderRow,
): MailTask<{ messageKey: MessageKey; from: FolderPath }[]> {
  const moved: { messageKey: MessageKey; from: FolderPath }[] = [];
  const isRemoving = target.folder === fixedFolder.trash;
  const takenBack = isRemoving ? [] : keys.filter((key) => isRemoved(parts.ledger, key));
  const places = placesTask(parts, folders, rowsOf, (row) => {
    const from = folders.byId(row.folderId)?.folder;
    if (from === undefined) throw gone();
    moved.push({ messageKey: row.messageKey, from });
    return row.folderId === target.id ? null : { ...row, folderId: target.id };
  });
  return {
    ...places,
    ...(takenBack.length === 0
      ? {}
      : { before: (ledger) => takenBack.forEach((key) => void takeBackRemoval(ledger, key)) }),
    ...(isRemoving
      ? { record: (ledger) => moved.forEach(({ messageKey }) => void recordRemoval(ledger, messageKey, Date.now())) }
      : {}),
    result: () => moved,
  };
}

function destroyTask(parts: EngineParts, folders: Folders, rowsOf: () => StoredRow[]): MailTask<undefined> {
  const { maildir } = parts;
  let rows: StoredRow[] = [];
  return {
    apply: (touched) => {
      rows = rowsOf();
      for (const row of rows) {
        const directory = directoryOf(folders, row.folderId);
        const path = maildir.path(directory, row.sub, row.fileName);
        parts.kept.keep(row.messageKey, path);
        unlinkSync(path);
        touched.add(maildir.subPath(directory, row.sub));
      }
    },
    record: (ledger) => {
      for (const { messageKey } of rows) {
        recordRemoval(ledger, messageKey, Date.now());
        forgetTags(ledger, messageKey);
        forgetVerdicts(ledger, messageKey);
      }
    },
    index: (tx) => {
      for (const { messageKey } of rows) {
        const row = storedRow(parts.index, messageKey);
        if (row !== null) tx.remove(row);
      }
    },
    result: () => undefined,
  };
}
