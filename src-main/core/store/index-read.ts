import { FolderPath, MessageKey } from '#shared/ids.ts';
import type { Address } from '#shared/mail/address.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import { type FolderSummary, fixedFolders } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { MessagePage, StoreChange } from '#shared/rpc/contract.ts';
import { fold, type StoredRow, summaryColumns, toStoredRow, toSummary } from './index-rows.ts';
import { integer, type Row, type Sql, text } from './sql.ts';

/** Everything that is only read from the index. */

export interface FolderRow {
  readonly id: number;
  readonly folder: FolderPath;
  readonly directory: string;
}

/** Asked for with every message, changed hardly ever: read once, until `forgetFolderRows`. */
const knownFolders = new WeakMap<Sql, readonly FolderRow[]>();

export function folderRows(sql: Sql): readonly FolderRow[] {
  const known = knownFolders.get(sql) ?? sql.all('SELECT id, path, directory FROM folders').map(toFolderRow);
  knownFolders.set(sql, known);
  return known;
}

/** For whoever adds, renames or removes a folder, or takes that back. */
export function forgetFolderRows(sql: Sql): void {
  knownFolders.delete(sql);
}

export function folderByPath(sql: Sql, folder: FolderPath): FolderRow | undefined {
  return folderRows(sql).find((row) => row.folder === folder);
}

export function folderById(sql: Sql, id: number): FolderRow | undefined {
  return folderRows(sql).find((row) => row.id === id);
}

function toFolderRow(row: Row): FolderRow {
  return { id: integer(row, 'id'), folder: FolderPath.parse(row.path), directory: text(row, 'directory') };
}

export function indexMeta(sql: Sql, key: 'storeId' | 'revision' | 'isOpen'): string {
  const row = sql.one('SELECT value FROM meta WHERE key = ?', key);
  if (row === undefined) throw new TypeError(`The index lacks ${key}.`);
  return text(row, 'value');
}

/**
 * Files were found that have no row yet, or no more. They wait in memory only, while the times of their directories are
 * known already: whoever ends before they are read leaves word, and the next start compares everything.
 */
export function noteBacklog(sql: Sql, isThere: boolean): void {
  if (isThere) sql.run("INSERT OR REPLACE INTO meta VALUES ('hasBacklog', '1')");
  else sql.run("DELETE FROM meta WHERE key = 'hasBacklog'");
}

export function hadBacklog(sql: Sql): boolean {
  return sql.one("SELECT 1 FROM meta WHERE key = 'hasBacklog'") !== undefined;
}

export function revisionOf(sql: Sql): number {
  return Number(indexMeta(sql, 'revision'));
}

const fixed: readonly string[] = fixedFolders;

/** Fixed folders first, in their order, then the user's own by name. */
export function listFolders(sql: Sql): FolderSummary[] {
  const place = (folder: string): number => {
    const at = fixed.indexOf(folder);
    return at < 0 ? fixed.length : at;
  };
  return sql
    .all('SELECT path, total, unread FROM folders')
    .map((row) => ({
      folder: FolderPath.parse(row.path),
      total: integer(row, 'total'),
      unread: integer(row, 'unread'),
    }))
    .sort((a, b) => place(a.folder) - place(b.folder) || a.folder.localeCompare(b.folder));
}

export function listMessages(sql: Sql, folderId: number, offset: number, limit: number): MessagePage {
  // The inner query skips within a covering index; only the rows of the page are read.
  const rows = sql.all(
    `SELECT ${summaryColumns} FROM messages m JOIN folders f ON f.id = m.folder_id WHERE m.id IN
       (SELECT id FROM messages WHERE folder_id = ? ORDER BY id DESC LIMIT ? OFFSET ?) ORDER BY m.id DESC`,
    folderId,
    limit,
    offset,
  );
  const counts = sql.one('SELECT total, unread FROM folders WHERE id = ?', folderId);
  return {
    rows: rows.map(toSummary),
    total: counts === undefined ? 0 : integer(counts, 'total'),
    unread: counts === undefined ? 0 : integer(counts, 'unread'),
    revision: revisionOf(sql),
  };
}

/** All keys of a folder, oldest first. */
export function listKeys(sql: Sql, folderId: number): MessageKey[] {
  return sql
    .all('SELECT key FROM messages WHERE folder_id = ? ORDER BY id', folderId)
    .map((row) => MessageKey.parse(row.key));
}

export function summaryOf(sql: Sql, messageKey: string): MessageSummary | null {
  const row = sql.one(
    `SELECT ${summaryColumns} FROM messages m JOIN folders f ON f.id = m.folder_id WHERE m.key = ?`,
    messageKey,
  );
  return row === undefined ? null : toSummary(row);
}

export function storedRow(sql: Sql, messageKey: MessageKey): StoredRow | null {
  const row = sql.one('SELECT * FROM messages WHERE key = ?', messageKey);
  return row === undefined ? null : toStoredRow(row);
}

export function keysByDigest(sql: Sql, digest: string): StoredRow[] {
  return sql.all('SELECT * FROM messages WHERE digest = ? ORDER BY id', digest).map(toStoredRow);
}

/** Every key that begins so, by the order of keys. */
export function keysFrom(sql: Sql, prefix: string): MessageKey[] {
  return sql
    .all('SELECT key FROM messages WHERE key >= ? AND key < ? ORDER BY key', prefix, `${prefix}\u{10ffff}`)
    .map((row) => MessageKey.parse(row.key));
}

/** Messages that lie here by their beginning only: their names say so. */
export function beginnings(sql: Sql): MessageKey[] {
  return sql
    .all("SELECT key FROM messages WHERE key GLOB '*-*.beginning-of-*'")
    .map((row) => MessageKey.parse(row.key))
    .filter(isBeginning);
}

/** Most used first; `prefix` begins the mailbox, its domain, or a word of the name. */
export function knownAddresses(sql: Sql, prefix: string, limit: number): Address[] {
  const wanted = fold(prefix.trim()).replace(/[\\%_]/g, '\\$&');
  return sql
    .all(
      `SELECT display_name, mailbox FROM addresses WHERE folded LIKE ? ESCAPE '\\'
       ORDER BY uses DESC, mailbox LIMIT ?`,
      `% ${wanted}%`,
      limit,
    )
    .map((row) => ({ displayName: text(row, 'display_name'), mailbox: text(row, 'mailbox') }));
}

/** What changed after `revision`, as one change; null when the log does not reach back that far. */
export function changesSince(sql: Sql, revision: number): StoreChange[] | null {
  const current = revisionOf(sql);
  if (revision === current) return [];
  const oldest = sql.one('SELECT min(revision) AS n FROM changes');
  const first = oldest === undefined || typeof oldest.n !== 'number' ? current + 1 : oldest.n;
  if (revision > current || revision < first - 1) return null;
  const { first: firstEvents, folders } = readLog(sql, revision);
  const all = listFolders(sql);
  const goneFolders = [...folders].filter((path) => !all.some(({ folder }) => folder === path));
  const change: StoreChange = {
    storeId: indexMeta(sql, 'storeId'),
    fromRevision: revision,
    toRevision: current,
    added: [],
    updated: [],
    removed: [],
    folders: all.filter(({ folder }) => folders.has(folder)),
    ...(goneFolders.length > 0 ? { goneFolders } : {}),
  };
  for (const [key, event] of firstEvents) {
    const summary = summaryOf(sql, key);
    const before = event.kind === 'added' ? null : event.folder;
    const messageKey = MessageKey.parse(key);
    if (before !== null && before !== summary?.folder) change.removed.push({ messageKey, folder: before });
    if (summary === null) continue;
    if (before === summary.folder) change.updated.push(summary);
    else change.added.push(summary);
  }
  return [change];
}

/** The first event of each message tells where it was before: a move is logged as removed, then added. */
function readLog(
  sql: Sql,
  revision: number,
): { first: Map<string, { kind: string; folder: FolderPath }>; folders: Set<FolderPath> } {
  const first = new Map<string, { kind: string; folder: FolderPath }>();
  const folders = new Set<FolderPath>();
  const rows = sql.all(
    "SELECT kind, key, folder FROM changes WHERE revision > ? ORDER BY revision, kind = 'added'",
    revision,
  );
  for (const row of rows) {
    const folder = FolderPath.parse(row.folder);
    folders.add(folder);
    const kind = text(row, 'kind');
    const key = text(row, 'key');
    if (kind !== 'folder' && !first.has(key)) first.set(key, { kind, folder });
  }
  return { first, folders };
}
