import { randomUUID } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import { type Engine, freshen } from './engine-doors.ts';
import { indexMeta } from './index-read.ts';
import { type LedgerTable, parseLedgerRows } from './ledger-rows.ts';
import { integer, type Row, type Sql, text } from './sql.ts';
import type { SnapshotHead, SnapshotMessage, Store } from './store-api.ts';

/** So many rows are handed out at once. */
const pageRows = 500;

const Strings = z.array(z.string());

/** Message files that are removed for good while a snapshot is open stay readable until it is closed. */
export interface KeptFiles {
  /** Where they are kept: each under its key. */
  readonly folder: string;
  /** Called before a file is unlinked. */
  keep(messageKey: MessageKey, path: string): void;
  hold(): () => void;
}

/** Removes first what a crash left. */
export function createKeptFiles(profileDir: string): KeptFiles {
  const folder = join(profileDir, 'kept-for-backup');
  let holders = 0;
  rmSync(folder, { recursive: true, force: true });
  return {
    folder,
    keep(messageKey, path) {
      if (holders === 0) return;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const kept = join(folder, messageKey);
      rmSync(kept, { force: true });
      try {
        linkSync(path, kept);
      } catch {
        // Another file system, or one without hard links. A full disk keeps nobody from removing a message.
        try {
          copyFileSync(path, kept);
        } catch {
          rmSync(kept, { force: true });
        }
      }
    },
    hold() {
      holders += 1;
      return () => {
        holders -= 1;
        if (holders === 0) rmSync(folder, { recursive: true, force: true });
      };
    },
  };
}

interface OpenSnapshot {
  readonly messages: Iterator<SnapshotMessage>;
  readonly rows: Map<LedgerTable, Iterator<Row>>;
  readonly ledger: DatabaseSync;
  readonly close: () => void;
}

type SnapshotMethod = 'openSnapshot' | 'snapshotMessages' | 'snapshotRows' | 'closeSnapshot';

/**
 * A view of files and ledger at one moment that costs nothing to hold: readers of a database in WAL mode keep seeing
 * what stood when they began, and message files never change. Both views begin between two batches of the queue, when
 * files, ledger and index agree.
 */
export function snapshotMethods(engine: Engine): Pick<Store, SnapshotMethod> {
  const { parts, queue } = engine;
  const open = new Map<string, OpenSnapshot>();

  function find(snapshotId: string): OpenSnapshot {
    const found = open.get(snapshotId);
    if (found === undefined) throw new MailError('ENOTFOUND', 'This view of the mail is not open any more.');
    return found;
  }

  function begin(): { head: SnapshotHead; snapshot: OpenSnapshot } {
    queue.assertMailFolder();
    // What was asked to be written before this is part of the moment.
    parts.group.flush();
    const ledger = viewOf(parts.ledger);
    const index = viewOf(parts.index);
    const release = parts.kept.hold();
    const folders = foldersIn(parts.index);
    const size = parts.index.one('SELECT coalesce(sum(size), 0) AS octets FROM messages');
    const head: SnapshotHead = {
      snapshotId: randomUUID(),
      storeId: indexMeta(parts.index, 'storeId'),
      folders,
      octets: size === undefined ? 0 : integer(size, 'octets'),
      keptFolder: parts.kept.folder,
    };
    const snapshot: OpenSnapshot = {
      messages: messagesIn(index, (directory, sub, name) => parts.maildir.path(directory, sub, name)),
      rows: new Map(),
      ledger,
      close() {
        ledger.close();
        index.close();
        release();
      },
    };
    return { head, snapshot };
  }

  return {
    async openSnapshot() {
      await freshen(engine, true);
      let begun: ReturnType<typeof begin> | undefined;
      await queue.run({
        apply: () => {
          begun = begin();
        },
        result: () => undefined,
      });
      if (begun === undefined) throw new TypeError('The queue did not run the task.');
      open.set(begun.head.snapshotId, begun.snapshot);
      return begun.head;
    },
    snapshotMessages: async (snapshotId) => take(find(snapshotId).messages),
    async snapshotRows(snapshotId, table) {
      const { rows, ledger } = find(snapshotId);
      const known = rows.get(table);
      const iterator = known ?? ledger.prepare(`SELECT * FROM ${table}`).iterate();
      rows.set(table, iterator);
      const page = take(iterator);
      return parseLedgerRows(
        table,
        page.map((row) => ({ ...row })),
      );
    },
    async closeSnapshot(snapshotId) {
      open.get(snapshotId)?.close();
      open.delete(snapshotId);
    },
  };
}

/**
 * Names that differ only in case get directories of another spelling, the longer the later they were made. Made again in
 * this order, each gets the directory it had.
 */
function foldersIn(index: Sql): SnapshotHead['folders'] {
  return index
    .all('SELECT path, total FROM folders ORDER BY length(directory), path')
    .map((row) => ({ folder: FolderPath.parse(row.path), total: integer(row, 'total') }));
}

/** Another connection, pinned to what is committed now. */
function viewOf(sql: Sql): DatabaseSync {
  const path = sql.db.location();
  if (path === null) throw new TypeError('A database in memory cannot be looked at twice.');
  const view = new DatabaseSync(path, { readOnly: true });
  view.exec('BEGIN');
  // The view begins with the first read.
  view.prepare('SELECT count(*) FROM sqlite_schema').get();
  return view;
}

type PathOf = (directory: string, sub: 'new' | 'cur', fileName: string) => string;

function* messagesIn(index: DatabaseSync, pathOf: PathOf): Generator<SnapshotMessage> {
  const folders = index.prepare('SELECT id, path, directory FROM folders ORDER BY path').all();
  const messages = index.prepare(
    `SELECT key, is_new, file_name, letters, size, date, subject, from_name, from_mailbox, tags
     FROM messages WHERE folder_id = ? ORDER BY id`,
  );
  for (const folder of folders)
    for (const row of messages.iterate(integer(folder, 'id')))
      yield toMessage(row, FolderPath.parse(folder.path), text(folder, 'directory'), pathOf);
}

function toMessage(row: Row, folder: FolderPath, directory: string, pathOf: PathOf): SnapshotMessage {
  const sub = integer(row, 'is_new') === 1 ? 'new' : 'cur';
  const tags = text(row, 'tags');
  const name = text(row, 'from_name');
  return {
    messageKey: MessageKey.parse(row.key),
    folder,
    path: pathOf(directory, sub, text(row, 'file_name')),
    sub,
    letters: text(row, 'letters'),
    tags: tags === '[]' ? [] : Strings.parse(JSON.parse(tags)),
    sizeOctets: integer(row, 'size'),
    subject: text(row, 'subject'),
    from: name === '' ? text(row, 'from_mailbox') : name,
    date: integer(row, 'date'),
  };
}

function take<T>(iterator: Iterator<T>): T[] {
  const page: T[] = [];
  while (page.length < pageRows) {
    const next = iterator.next();
    if (next.done === true) break;
    page.push(next.value);
  }
  return page;
}
