import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { textSuffixes } from '../outline.ts';
import type { Log } from '../ports.ts';
import { forgetFolderRows, noteBacklog } from './index-read.ts';
import { openSql, type Sql, schemaVersion } from './sql.ts';
import { isOfCircumstances } from './store-errors.ts';
import { threadSchema, threadTables } from './threads/thread-schema.ts';

/** Raise it with every change of the schema or of what is written into it: an older index is made anew. */
const indexVersion = 4;
/** Raise it when the full text takes in more than before, and say in `readWordsAgain` of which messages. */
const wordsVersion = '4';

/**
 * `index.sqlite`: derived from the files and the ledger. `messages.id` orders by date (second, millisecond, a hash of the key), so that a
 * list page and the newest hits of a search are read in order, without sorting. `unindexed` holds what the full text
 * lacks still. The full text keeps no copy of the words (contentless), and no index of prefixes: with one, filing takes
 * three times as long, and words being typed are found in a few milliseconds without it. A large buffer (`hashsize`)
 * makes fewer segments to merge.
 */
const folderNewsTable = '  CREATE TABLE folder_news (id INTEGER PRIMARY KEY, path TEXT NOT NULL, to_path TEXT);';

const schema = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE folders (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, directory TEXT NOT NULL UNIQUE,
    total INTEGER NOT NULL DEFAULT 0, unread INTEGER NOT NULL DEFAULT 0,
    new_changed_at REAL, cur_changed_at REAL, looked_at REAL NOT NULL DEFAULT 0, identity TEXT);
${folderNewsTable}
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, folder_id INTEGER NOT NULL, is_new INTEGER NOT NULL,
    file_name TEXT NOT NULL, letters TEXT NOT NULL, size INTEGER NOT NULL, date INTEGER NOT NULL,
    digest TEXT NOT NULL, subject TEXT NOT NULL, from_name TEXT NOT NULL, from_mailbox TEXT NOT NULL,
    recipients TEXT NOT NULL, snippet TEXT NOT NULL, has_attachments INTEGER NOT NULL,
    is_malformed INTEGER NOT NULL, tags TEXT NOT NULL, people TEXT NOT NULL);
  CREATE INDEX messages_by_folder ON messages (folder_id, id);
  CREATE INDEX messages_by_digest ON messages (digest);
  CREATE TABLE unindexed (id INTEGER PRIMARY KEY);
  CREATE TABLE addresses (
    mailbox TEXT PRIMARY KEY, display_name TEXT NOT NULL, named_by INTEGER NOT NULL, uses INTEGER NOT NULL,
    folded TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX addresses_by_use ON addresses (uses DESC);
  CREATE TABLE changes (
    revision INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, folder TEXT NOT NULL,
    PRIMARY KEY (revision, kind, key, folder)) WITHOUT ROWID;
  CREATE VIRTUAL TABLE words USING fts5 (
    subject, senders, recipients, body, files, content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 2");
  INSERT INTO words (words, rank) VALUES ('hashsize', 16777216);`;

/** A damaged page was met while running: the next start makes the index anew. The ledger is checked at every start. */
export function noteDamage(profileDir: string): void {
  closeSync(openSync(join(profileDir, damageNote), 'a', 0o600));
}

const indexName = 'index.sqlite';
const damageNote = `${indexName}.damaged`;

/** Opens the index, or makes a new one where there is none, it is damaged, or of another version. */
export function openIndex(profileDir: string, log: Log): Sql {
  const path = join(profileDir, indexName);
  const isNoted = existsSync(join(profileDir, damageNote));
  try {
    const sql = openFile(path);
    if (schemaVersion(sql) === indexVersion && !isNoted && passesCheck(sql)) {
      addFolderNews(sql);
      readWordsAgain(sql, log);
      return sql;
    }
    const isEmpty = schemaVersion(sql) === 0;
    sql.close();
    if (!isEmpty) log.info('The index is of another version or damaged. It is made anew from the mail files.');
  } catch (error) {
    // A good index would go, and no other one could be made now.
    if (isOfCircumstances(error)) throw error;
    log.warn('The index cannot be read. It is made anew from the mail files.', { reason: String(error) });
  }
  for (const companion of ['', '-wal', '-shm', '-journal']) rmSync(path + companion, { force: true });
  const sql = openFile(path);
  createSchema(sql);
  rmSync(join(profileDir, damageNote), { force: true });
  return sql;
}

function openFile(path: string): Sql {
  // NORMAL: consistent after a power cut, though perhaps some commits behind; a look at the Mail folder catches up.
  return openSql(path, [
    'journal_mode = WAL',
    'synchronous = NORMAL',
    'busy_timeout = 5000',
    'cache_size = -32768',
    'temp_store = MEMORY',
    'wal_autocheckpoint = 4000',
  ]);
}

/** Cheap: a page that cannot be read later on is found by its error then. */
function passesCheck(sql: Sql): boolean {
  const rows = [
    sql.one('SELECT count(*) FROM folders'),
    sql.one("SELECT value FROM meta WHERE key = 'storeId'"),
    sql.one("SELECT rowid FROM words WHERE words MATCH 'a' LIMIT 1") ?? true,
    sql.one('SELECT key FROM messages ORDER BY id DESC LIMIT 1') ?? true,
  ];
  return rows.every((row) => row !== undefined);
}

/** Came after the last version; whoever has an index of 100,000 messages is spared to have it made anew. */
function addFolderNews(sql: Sql): void {
  const columns = sql.all("SELECT name FROM pragma_table_info('folders')");
  if (columns.some(({ name }) => name === 'identity')) return;
  sql.transaction(() => {
    sql.db.exec('ALTER TABLE folders ADD COLUMN identity TEXT');
    sql.db.exec(folderNewsTable);
    // Versions before did not note what they left unread when they ended: everything is compared once.
    noteBacklog(sql, true);
  });
}

/**
 * Messages whose words an earlier version took in less well wait for the full text once more: the file is read again in
 * the background, and a search waits for it as it does for new mail. Since 2: texts sent as files of no particular type.
 * Since 3: emoji; since 4: Greek, ё, Hebrew and Arabic without accents and points. Both are looked for where a row shows
 * them; those further down come in when the index is next made anew.
 */
function readWordsAgain(sql: Sql, log: Log): void {
  const before = sql.one("SELECT value FROM meta WHERE key = 'wordsVersion'")?.value;
  if (before === wordsVersion) return;
  const waiting = sql.transaction(() => {
    readAgain(sql, '*[\u{370}-\u{3ff}\u{401}\u{451}\u{590}-\u{6ff}\u{1f00}-\u{1fff}]*');
    if (before !== '3') readTextFilesAndPicturesAgain(sql);
    sql.run('DELETE FROM words WHERE rowid IN (SELECT id FROM unindexed)');
    sql.run("INSERT OR REPLACE INTO meta VALUES ('wordsVersion', ?)", wordsVersion);
    return sql.one('SELECT count(*) AS n FROM unindexed');
  });
  log.info('More is found by searches now. Mail that has such words is read once more.', { messages: waiting?.n });
}

/** What shows such a character. */
function readAgain(sql: Sql, characters: string): void {
  const shown = 'subject GLOB ?1 OR snippet GLOB ?1 OR from_name GLOB ?1';
  sql.run(`INSERT OR IGNORE INTO unindexed SELECT id FROM messages WHERE ${shown}`, characters);
}

/** 3 took in pictures, and text in files of no particular type. */
function readTextFilesAndPicturesAgain(sql: Sql): void {
  readAgain(sql, '*[\u{2600}-\u{27bf}\u{1f000}-\u{1fbff}]*');
  // Names are in the full text already, word by word: the ending is one of them.
  const named = `files : (${textSuffixes.join(' OR ')})`;
  sql.run('INSERT OR IGNORE INTO unindexed SELECT rowid FROM words WHERE words MATCH ?', named);
}

function createSchema(sql: Sql): void {
  sql.transaction(() => {
    sql.db.exec(schema);
    sql.db.exec(threadSchema);
    sql.run(
      "INSERT INTO meta VALUES ('storeId', ?), ('revision', '0'), ('isOpen', '0'), ('wordsVersion', ?)",
      randomUUID(),
      wordsVersion,
    );
    sql.db.exec(`PRAGMA user_version = ${indexVersion}`);
  });
}

/** Empties the index for a rebuild; another storeId tells every cache to start over. */
export function wipeIndex(sql: Sql): void {
  sql.transaction(() => {
    for (const table of ['messages', 'folders', 'unindexed', 'addresses', 'changes', ...threadTables])
      sql.db.exec(`DELETE FROM ${table}`);
    sql.db.exec("INSERT INTO words (words) VALUES ('delete-all')");
    sql.run("UPDATE meta SET value = ? WHERE key = 'storeId'", randomUUID());
  });
  forgetFolderRows(sql);
}
