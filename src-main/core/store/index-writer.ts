import { FolderPath, MessageKey } from '#shared/ids.ts';
import type { FolderSummary } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { StoreChange } from '#shared/rpc/contract.ts';
import { createPeopleSeen, type PeopleSeen } from './index-people.ts';
import { forgetFolderRows, indexMeta, revisionOf, summaryOf } from './index-read.ts';
import { type NewRow, peopleOf, rowDate, type StoredRow, shownTo } from './index-rows.ts';
import type { SubDirectory } from './maildir.ts';
import { rowId } from './row-ids.ts';
import { integer, type Sql } from './sql.ts';
import { noteAdded, noteTouched } from './threads/touched.ts';

/** How many revisions `changesSince` can tell; an older view starts over. */
const keptRevisions = 2000;
export interface Place {
  readonly folderId: number;
  readonly sub: SubDirectory;
  readonly fileName: string;
  readonly letters: string;
}

/** One change of the index: rows, counts, the log and the revision in a single transaction. */
export interface IndexTransaction {
  /** Answers the row's id. */
  insert(folderId: number, row: NewRow): number;
  relocate(row: StoredRow, to: Place): void;
  setTags(row: StoredRow, tags: readonly string[]): void;
  remove(row: StoredRow): void;
  addFolder(folder: FolderPath, directory: string): number;
  renameFolder(folderId: number, folder: FolderPath, directory: string): void;
  removeFolder(folderId: number): void;
  /** Another program gave a folder another name, and its messages went along. */
  noteRenamed(from: FolderPath, to: FolderPath): void;
  /** Another program removed a folder, or did what cannot be told from that. */
  noteVanished(folder: FolderPath): void;
  /** The directories' times as of the last look, so that the next look is needed only when they differ. */
  remember(
    folderId: number,
    times: {
      newChangedAt: number | null;
      curChangedAt: number | null;
      lookedAt: number;
      identity: string | null;
    },
  ): void;
}

/**
 * Runs `work` in a transaction and answers what it changed; null when no screen can see a difference. `isLarge`: one of very
 * many changes, whose messages nobody wants named; screens ask for what is in sight.
 */
export function changeIndex(sql: Sql, work: (tx: IndexTransaction) => void, isLarge = false): StoreChange | null {
  try {
    return sql.transaction(() => {
      const recorder = createRecorder(sql, isLarge);
      const people = createPeopleSeen(sql);
      work(createTransaction(sql, recorder, people));
      people.write();
      return recorder.finish();
    });
  } catch (error) {
    // Folders of a change that was taken back.
    forgetFolderRows(sql);
    throw error;
  }
}

interface Recorder {
  added(key: MessageKey, folderId: number): void;
  updated(key: MessageKey, folderId: number): void;
  removed(key: MessageKey, folderId: number): void;
  /** Told as removed from the one folder and added to the other. */
  moved(key: MessageKey, from: number, to: number): void;
  folder(folderId: number): void;
  /** Changes a folder's counts; written once for all messages of the change. */
  count(folderId: number, total: number, unread: number): void;
  folderGone(folder: FolderPath): void;
  folderRenamed(from: FolderPath, to: FolderPath): void;
  finish(): StoreChange | null;
}

function createRecorder(sql: Sql, isLarge: boolean): Recorder {
  const kinds = new Map<MessageKey, 'added' | 'updated'>();
  const gone = new Map<MessageKey, FolderPath>();
  const folders = new Map<number, FolderPath>();
  const goneFolders = new Set<FolderPath>();
  const renamedFolders: { from: FolderPath; to: FolderPath }[] = [];
  const counts = new Map<number, { total: number; unread: number }>();
  const pathOf = (folderId: number): FolderPath => {
    const known = folders.get(folderId);
    if (known !== undefined) return known;
    const row = sql.one('SELECT path FROM folders WHERE id = ?', folderId);
    const path = FolderPath.parse(row?.path);
    folders.set(folderId, path);
    return path;
  };
  return {
    added(key, folderId) {
      pathOf(folderId);
      kinds.set(key, 'added');
    },
    updated(key, folderId) {
      pathOf(folderId);
      if (!kinds.has(key)) kinds.set(key, 'updated');
    },
    removed(key, folderId) {
      const path = pathOf(folderId);
      // What appeared within this very change was never told; the first folder it left is the one that was.
      if (kinds.get(key) !== 'added') gone.set(key, gone.get(key) ?? path);
      kinds.delete(key);
    },
    moved(key, from, to) {
      const wasThere = kinds.get(key) !== 'added';
      const path = pathOf(from);
      pathOf(to);
      if (wasThere) gone.set(key, gone.get(key) ?? path);
      kinds.set(key, 'added');
    },
    folder: pathOf,
    count(folderId, total, unread) {
      const so = counts.get(folderId) ?? { total: 0, unread: 0 };
      counts.set(folderId, { total: so.total + total, unread: so.unread + unread });
    },
    folderGone: (folder) => goneFolders.add(folder),
    folderRenamed: (from, to) => void renamedFolders.push({ from, to }),
    finish() {
      for (const [id, { total, unread }] of counts)
        sql.run('UPDATE folders SET total = total + ?, unread = unread + ? WHERE id = ?', total, unread, id);
      return finishChange(sql, { kinds, gone, folders, goneFolders, renamedFolders }, isLarge);
    },
  };
}

function finishChange(
  sql: Sql,
  seen: {
    kinds: Map<MessageKey, 'added' | 'updated'>;
    gone: Map<MessageKey, FolderPath>;
    folders: Map<number, FolderPath>;
    goneFolders: Set<FolderPath>;
    renamedFolders: { from: FolderPath; to: FolderPath }[];
  },
  isLarge: boolean,
): StoreChange | null {
  if (seen.kinds.size + seen.gone.size + seen.folders.size + seen.goneFolders.size === 0) return null;
  const fromRevision = revisionOf(sql);
  const toRevision = fromRevision + 1;
  sql.run("UPDATE meta SET value = ? WHERE key = 'revision'", String(toRevision));
  const log = (kind: string, key: string, folder: string): void => {
    sql.run('INSERT OR IGNORE INTO changes VALUES (?, ?, ?, ?)', toRevision, kind, key, folder);
  };
  // Nobody can be told what is not in the log: views that are behind start over.
  if (isLarge) sql.run('DELETE FROM changes');
  const added: MessageSummary[] = [];
  const updated: MessageSummary[] = [];
  for (const [key, kind] of isLarge ? [] : seen.kinds) {
    const summary = summaryOf(sql, key);
    if (summary === null) continue;
    (kind === 'added' ? added : updated).push(summary);
    log(kind, key, summary.folder);
  }
  const removed = [...(isLarge ? [] : seen.gone)].map(([messageKey, folder]) => ({ messageKey, folder }));
  for (const { messageKey, folder } of removed) log('removed', messageKey, folder);
  const folders: FolderSummary[] = [];
  for (const id of seen.folders.keys()) {
    const row = sql.one('SELECT path, total, unread FROM folders WHERE id = ?', id);
    if (row === undefined) continue;
    const folder = FolderPath.parse(row.path);
    folders.push({ folder, total: integer(row, 'total'), unread: integer(row, 'unread') });
    log('folder', '', folder);
  }
  for (const folder of seen.goneFolders) log('folder', '', folder);
  if (toRevision % 100 === 0) sql.run('DELETE FROM changes WHERE revision <= ?', toRevision - keptRevisions);
  const isThere = new Set(folders.map(({ folder }) => folder));
  const goneFolders = [...seen.goneFolders].filter((folder) => !isThere.has(folder));
  return {
    storeId: indexMeta(sql, 'storeId'),
    fromRevision,
    toRevision,
    added,
    updated,
    removed,
    folders,
    ...(goneFolders.length > 0 ? { goneFolders } : {}),
    ...(seen.renamedFolders.length > 0 ? { renamedFolders: seen.renamedFolders } : {}),
    ...(isLarge ? { isLarge } : {}),
  };
}

const isUnread = (letters: string): number => (letters.includes('S') ? 0 : 1);

function createTransaction(sql: Sql, recorder: Recorder, people: PeopleSeen): IndexTransaction {
  return {
    insert(folderId, row) {
      const id = insertRow(sql, folderId, row);
      noteAdded(sql, id, row.messageKey, row.outline);
      recorder.count(folderId, 1, isUnread(row.letters));
      people.learn(id, row);
      recorder.added(row.messageKey, folderId);
      return id;
    },
    relocate(row, to) {
      sql.run(
        'UPDATE messages SET folder_id = ?, is_new = ?, file_name = ?, letters = ? WHERE id = ?',
        to.folderId,
        to.sub === 'new' ? 1 : 0,
        to.fileName,
        to.letters,
        row.id,
      );
      if (row.folderId === to.folderId && row.letters === to.letters) return;
      noteTouched(sql, row.id);
      recorder.count(row.folderId, -1, -isUnread(row.letters));
      recorder.count(to.folderId, 1, isUnread(to.letters));
      if (row.folderId === to.folderId) recorder.updated(row.messageKey, to.folderId);
      else recorder.moved(row.messageKey, row.folderId, to.folderId);
    },
    setTags(row, tags) {
      sql.run('UPDATE messages SET tags = ? WHERE id = ?', JSON.stringify(tags), row.id);
      recorder.updated(row.messageKey, row.folderId);
    },
    remove(row) {
      recorder.removed(row.messageKey, row.folderId);
      people.forget(row.id);
      sql.run('DELETE FROM words WHERE rowid = ?', row.id);
      sql.run('DELETE FROM unindexed WHERE id = ?', row.id);
      sql.run('DELETE FROM messages WHERE id = ?', row.id);
      noteTouched(sql, row.id);
      recorder.count(row.folderId, -1, -isUnread(row.letters));
    },
    ...folderChanges(sql, recorder),
  };
}

function folderChanges(
  sql: Sql,
  recorder: Recorder,
): Pick<IndexTransaction, 'addFolder' | 'renameFolder' | 'removeFolder' | 'noteRenamed' | 'noteVanished' | 'remember'> {
  return {
    addFolder(folder, directory) {
      sql.run('INSERT INTO folders (path, directory) VALUES (?, ?)', folder, directory);
      forgetFolderRows(sql);
      const row = sql.one('SELECT id FROM folders WHERE path = ?', folder);
      if (row === undefined) throw new TypeError('The folder was not added.');
      const id = integer(row, 'id');
      recorder.folder(id);
      return id;
    },
    renameFolder(folderId, folder, directory) {
      const before = sql.one('SELECT path FROM folders WHERE id = ?', folderId);
      if (before !== undefined) {
        const former = FolderPath.parse(before.path);
        recorder.folderGone(former);
        if (former !== folder) recorder.folderRenamed(former, folder);
      }
      sql.run('UPDATE folders SET path = ?, directory = ? WHERE id = ?', folder, directory, folderId);
      forgetFolderRows(sql);
      recorder.folder(folderId);
      for (const row of sql.all('SELECT key FROM messages WHERE folder_id = ?', folderId))
        recorder.updated(MessageKey.parse(row.key), folderId);
    },
    removeFolder(folderId) {
      const row = sql.one('SELECT path FROM folders WHERE id = ?', folderId);
      if (row === undefined) return;
      recorder.folderGone(FolderPath.parse(row.path));
      sql.run('DELETE FROM folders WHERE id = ?', folderId);
      forgetFolderRows(sql);
    },
    noteRenamed(from, to) {
      sql.run('INSERT INTO folder_news (path, to_path) VALUES (?, ?)', from, to);
      recorder.folderRenamed(from, to);
    },
    noteVanished(folder) {
      sql.run('DELETE FROM folder_news WHERE path = ? AND to_path IS NULL', folder);
      sql.run('INSERT INTO folder_news (path) VALUES (?)', folder);
    },
    remember(folderId, times) {
      sql.run(
        'UPDATE folders SET new_changed_at = ?, cur_changed_at = ?, looked_at = ?, identity = ? WHERE id = ?',
        times.newChangedAt,
        times.curChangedAt,
        times.lookedAt,
        times.identity,
        folderId,
      );
    },
  };
}

function insertRow(sql: Sql, folderId: number, row: NewRow): number {
  const date = rowDate(row);
  const isTaken = (wanted: number): boolean => sql.one('SELECT 1 FROM messages WHERE id = ?', wanted) !== undefined;
  const id = rowId(date, row.messageKey, isTaken);
  const { outline } = row;
  const from = outline.from[0] ?? { displayName: '', mailbox: '' };
  sql.run(
    'INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    id,
    row.messageKey,
    folderId,
    row.sub === 'new' ? 1 : 0,
    row.fileName,
    row.letters,
    row.sizeOctets,
    date,
    row.digest,
    outline.subject,
    from.displayName,
    from.mailbox,
    JSON.stringify(shownTo(outline)),
    outline.snippet,
    outline.hasAttachments ? 1 : 0,
    outline.isMalformed ? 1 : 0,
    JSON.stringify(row.tags),
    peopleOf(outline)
      .map(({ mailbox }) => mailbox)
      .join('\n'),
  );
  sql.run('INSERT INTO unindexed VALUES (?)', id);
  return id;
}
