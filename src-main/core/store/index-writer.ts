import { createHash } from 'node:crypto';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import type { FolderSummary } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { StoreChange } from '#shared/rpc/contract.ts';
import { forgetFolderRows, indexMeta, revisionOf, summaryOf } from './index-read.ts';
import { fold, type NewRow, peopleOf, rowDate, type StoredRow, shownTo } from './index-rows.ts';
import type { SubDirectory } from './maildir.ts';
import { integer, type Sql, text } from './sql.ts';
import { noteAdded, noteTouched } from './threads/touched.ts';

/** How many revisions `changesSince` can tell; an older view starts over. */
const keptRevisions = 2000;
/** Ids stay below 2^53: moments up to the year 2242 are told apart. */
const perSecond = 2 ** 20;
const latestId = (2 ** 33 - 1) * 1000;

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
  /** The directories' times as of the last look, so that the next look is needed only when they differ. */
  remember(
    folderId: number,
    times: { newChangedAt: number | null; curChangedAt: number | null; lookedAt: number },
  ): void;
}

/** Runs `work` in a transaction and answers what it changed; null when no screen can see a difference. */
export function changeIndex(sql: Sql, work: (tx: IndexTransaction) => void): StoreChange | null {
  try {
    return sql.transaction(() => {
      const recorder = createRecorder(sql);
      work(createTransaction(sql, recorder));
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
  finish(): StoreChange | null;
}

function createRecorder(sql: Sql): Recorder {
  const kinds = new Map<MessageKey, 'added' | 'updated'>();
  const gone = new Map<MessageKey, FolderPath>();
  const folders = new Map<number, FolderPath>();
  const goneFolders = new Set<FolderPath>();
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
    finish() {
      for (const [id, { total, unread }] of counts)
        sql.run('UPDATE folders SET total = total + ?, unread = unread + ? WHERE id = ?', total, unread, id);
      return finishChange(sql, { kinds, gone, folders, goneFolders });
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
  },
): StoreChange | null {
  if (seen.kinds.size + seen.gone.size + seen.folders.size + seen.goneFolders.size === 0) return null;
  const fromRevision = revisionOf(sql);
  const toRevision = fromRevision + 1;
  sql.run("UPDATE meta SET value = ? WHERE key = 'revision'", String(toRevision));
  const log = (kind: string, key: string, folder: string): void => {
    sql.run('INSERT OR IGNORE INTO changes VALUES (?, ?, ?, ?)', toRevision, kind, key, folder);
  };
  const added: MessageSummary[] = [];
  const updated: MessageSummary[] = [];
  for (const [key, kind] of seen.kinds) {
    const summary = summaryOf(sql, key);
    if (summary === null) continue;
    (kind === 'added' ? added : updated).push(summary);
    log(kind, key, summary.folder);
  }
  const removed = [...seen.gone].map(([messageKey, folder]) => ({ messageKey, folder }));
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
  return { storeId: indexMeta(sql, 'storeId'), fromRevision, toRevision, added, updated, removed, folders };
}

const isUnread = (letters: string): number => (letters.includes('S') ? 0 : 1);

function createTransaction(sql: Sql, recorder: Recorder): IndexTransaction {
  return {
    insert(folderId, row) {
      const id = insertRow(sql, folderId, row);
      noteAdded(sql, id, row.messageKey, row.outline);
      recorder.count(folderId, 1, isUnread(row.letters));
      learnPeople(sql, id, row);
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
      forgetPeople(sql, row.id);
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
): Pick<IndexTransaction, 'addFolder' | 'renameFolder' | 'removeFolder' | 'remember'> {
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
      if (before !== undefined) recorder.folderGone(FolderPath.parse(before.path));
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
    remember(folderId, times) {
      sql.run(
        'UPDATE folders SET new_changed_at = ?, cur_changed_at = ?, looked_at = ? WHERE id = ?',
        times.newChangedAt,
        times.curChangedAt,
        times.lookedAt,
        folderId,
      );
    },
  };
}

/**
 * Second, millisecond, and 10 bits of the key: rows of one moment come in the same order whenever the index is made. A
 * slot that is taken (mass mail of one second) is left for another of the same second, found by hashing on.
 */
function freeId(sql: Sql, dateMs: number, key: MessageKey): number {
  const moment = Math.min(Math.max(dateMs, 0), latestId);
  const base = Math.floor(moment / 1000) * perSecond;
  const hash = createHash('sha256').update(key).digest();
  let id = base + (moment % 1000) * 1024 + (hash.readUInt16BE(0) % 1024);
  for (let at = 2; sql.one('SELECT 1 FROM messages WHERE id = ?', id) !== undefined; at++) {
    const next = at <= 28 ? hash.readUInt32BE(at) : Math.floor(Math.random() * perSecond);
    id = base + (next % perSecond);
  }
  return id;
}

function insertRow(sql: Sql, folderId: number, row: NewRow): number {
  const date = rowDate(row);
  const id = freeId(sql, date, row.messageKey);
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

/** Counts who appears in mail. The name shown is the newest message's that gives one. */
function learnPeople(sql: Sql, id: number, row: NewRow): void {
  for (const { displayName, mailbox } of peopleOf(row.outline)) {
    const known = sql.one('SELECT display_name, named_by FROM addresses WHERE mailbox = ?', mailbox);
    const isNewer = known === undefined || (displayName !== '' && id > integer(known, 'named_by'));
    const name = known === undefined || isNewer ? displayName : text(known, 'display_name');
    const namedBy = known !== undefined && !isNewer ? integer(known, 'named_by') : displayName === '' ? 0 : id;
    const folded = ` ${fold(name)} ${mailbox} ${mailbox.slice(mailbox.indexOf('@') + 1)}`;
    sql.run(
      `INSERT INTO addresses VALUES (?, ?, ?, 1, ?) ON CONFLICT (mailbox) DO UPDATE SET uses = uses + 1,
         display_name = excluded.display_name, named_by = excluded.named_by, folded = excluded.folded`,
      mailbox,
      name,
      namedBy,
      folded,
    );
  }
}

function forgetPeople(sql: Sql, id: number): void {
  const row = sql.one('SELECT people FROM messages WHERE id = ?', id);
  if (row === undefined) return;
  for (const mailbox of text(row, 'people').split('\n')) {
    if (mailbox === '') continue;
    sql.run('UPDATE addresses SET uses = uses - 1 WHERE mailbox = ?', mailbox);
    sql.run('DELETE FROM addresses WHERE mailbox = ? AND uses <= 0', mailbox);
  }
}
