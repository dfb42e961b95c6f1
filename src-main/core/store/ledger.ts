import { existsSync, renameSync } from 'node:fs';
import type { AccountId, MessageKey } from '#shared/ids.ts';
import { AccountId as AccountIdSchema, MessageKey as MessageKeySchema } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import { syncFileNow, syncFolderOfNow } from '../durable.ts';
import type { Log } from '../ports.ts';
import { integer, openSql, type Row, type Sql, schemaVersion, text, textOrNull } from './sql.ts';
import type { KnownUniqueId } from './store-api.ts';
import { isCorrupt } from './store-errors.ts';

/** One step a version; a step, once released, never changes. */
const migrations: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE unique_ids (
     account_id TEXT NOT NULL, unique_id TEXT NOT NULL, message_key TEXT,
     octets INTEGER NOT NULL, listed_octets INTEGER NOT NULL, sha256 TEXT NOT NULL, header_digest TEXT,
     collected_at INTEGER NOT NULL, is_confirmed INTEGER NOT NULL, is_removed_here INTEGER NOT NULL,
     PRIMARY KEY (account_id, unique_id)) WITHOUT ROWID;
   CREATE INDEX unique_ids_by_key ON unique_ids (message_key) WHERE message_key IS NOT NULL;
   CREATE TABLE removals (message_key TEXT PRIMARY KEY, removed_at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE tags (message_key TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (message_key, tag)) WITHOUT ROWID;
   CREATE TABLE outbox (
     outbox_id TEXT PRIMARY KEY, message_key TEXT NOT NULL, state TEXT NOT NULL, queued_at INTEGER NOT NULL,
     record TEXT NOT NULL) WITHOUT ROWID;
   CREATE INDEX outbox_by_key ON outbox (message_key);
   CREATE INDEX outbox_active ON outbox (queued_at) WHERE state <> 'sent';
   CREATE TABLE attempts (
     id INTEGER PRIMARY KEY, outbox_id TEXT NOT NULL, server_id TEXT NOT NULL, started_at INTEGER NOT NULL,
     outcome TEXT NOT NULL, attempt TEXT NOT NULL);
   CREATE INDEX attempts_by_outbox ON attempts (outbox_id, id);
   CREATE INDEX attempts_by_server ON attempts (server_id, started_at);
   CREATE TABLE delivery_memory (key TEXT PRIMARY KEY, entry TEXT NOT NULL) WITHOUT ROWID;`,
  'CREATE TABLE networks (location_id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;',
  // Messages queued one after another lie side by side: with random ids as the order, each changed a page of its own.
  `ALTER TABLE outbox RENAME TO outbox_before;
   CREATE TABLE outbox (
     outbox_id TEXT PRIMARY KEY NOT NULL, message_key TEXT NOT NULL, state TEXT NOT NULL, queued_at INTEGER NOT NULL,
     record TEXT NOT NULL);
   INSERT INTO outbox SELECT outbox_id, message_key, state, queued_at, record FROM outbox_before ORDER BY queued_at;
   DROP TABLE outbox_before;
   CREATE INDEX outbox_by_key ON outbox (message_key);
   CREATE INDEX outbox_active ON outbox (queued_at) WHERE state <> 'sent';`,
  // What rules, the junk filter and auto-replies must remember.
  `CREATE TABLE arrivals (message_key TEXT PRIMARY KEY, folder TEXT NOT NULL, filed_at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE auto_replies (
     identity_id TEXT NOT NULL, sender TEXT NOT NULL, replied_at INTEGER NOT NULL,
     PRIMARY KEY (identity_id, sender)) WITHOUT ROWID;
   CREATE TABLE junk_words (word TEXT PRIMARY KEY, junk INTEGER NOT NULL, good INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE junk_trained (message_key TEXT PRIMARY KEY, kind TEXT NOT NULL) WITHOUT ROWID;`,
  // What the scanner has not called clean, and what rules could not do.
  `CREATE TABLE quarantine (message_key TEXT PRIMARY KEY, is_released INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;
   CREATE INDEX quarantine_held ON quarantine (message_key) WHERE is_released = 0;
   CREATE TABLE rule_problems (
     message_key TEXT NOT NULL, rule_id TEXT NOT NULL, at INTEGER NOT NULL, problem TEXT NOT NULL,
     PRIMARY KEY (message_key, rule_id, problem)) WITHOUT ROWID;
   CREATE INDEX rule_problems_by_time ON rule_problems (at);`,
];

/**
 * `ledger.sqlite`: what no file can tell. Every commit is on the disk when it returns (WAL with synchronous=FULL; on
 * macOS only F_FULLFSYNC reaches the platter). A damaged ledger is kept aside, never deleted.
 */
export function openLedger(path: string, log: Log): Sql {
  const pragmas = [
    'journal_mode = WAL',
    'synchronous = FULL',
    'foreign_keys = ON',
    'busy_timeout = 5000',
    'temp_store = MEMORY',
    // A checkpoint syncs twice and writes every page again: sending a thousand messages meets it once or twice.
    'wal_autocheckpoint = 4000',
  ];
  if (process.platform === 'darwin') pragmas.push('fullfsync = ON', 'checkpoint_fullfsync = ON');
  const openChecked = (): Sql => {
    syncWhatWasLeft(path);
    const sql = openSql(path, pragmas);
    try {
      const check = sql.one('PRAGMA quick_check(1)');
      if (check !== undefined && Object.values(check)[0] !== 'ok') throw damaged();
      migrate(sql);
      return sql;
    } catch (error) {
      sql.close();
      throw error;
    }
  };
  try {
    return openChecked();
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    const aside = keepAside(path);
    log.warn('The ledger was damaged. It was kept aside and a new one begun; messages on disk are not affected.', {
      keptAs: aside,
    });
    return openChecked();
  }
}

/**
 * A process that was killed between writing a commit and syncing it leaves it readable, on no disk. SQLite takes it for
 * done; mail must not be deleted anywhere on the word of what a power cut would take back.
 */
function syncWhatWasLeft(path: string): void {
  const log = `${path}-wal`;
  if (!existsSync(log)) return;
  syncFileNow(log);
  syncFolderOfNow(log);
}

function damaged(): Error {
  return Object.assign(new Error('The ledger does not pass its check.'), { errcode: 11 });
}

/** Moves a damaged database out of the way with its companions; answers the new name. */
export function keepAside(path: string): string {
  let number = 1;
  while (existsSync(`${path}.damaged-${number}`)) number += 1;
  const aside = `${path}.damaged-${number}`;
  renameSync(path, aside);
  for (const companion of ['-wal', '-shm'])
    if (existsSync(path + companion)) renameSync(path + companion, aside + companion);
  return aside;
}

function migrate(sql: Sql): void {
  const version = schemaVersion(sql);
  if (version > migrations.length)
    throw new MailError(
      'EVERSION',
      'This profile was written by a newer Postrider. Install that version or a later one; no mail was changed.',
    );
  if (version === migrations.length) return;
  sql.transaction(() => {
    for (const step of migrations.slice(version)) sql.db.exec(step);
    sql.db.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

/**
 * Counts changes: those made over this connection, every row of them, also of such as were rolled back; and the commits of
 * all others, another program's too.
 */
export function ledgerChanges(sql: Sql): string {
  const others = integer(sql.one('PRAGMA data_version') ?? {}, 'data_version');
  const own = integer(sql.one('SELECT total_changes() AS changes') ?? {}, 'changes');
  return `${others}.${own}`;
}

const removedHere = `CASE WHEN message_key IS NULL THEN is_removed_here
  ELSE EXISTS (SELECT 1 FROM removals WHERE removals.message_key = unique_ids.message_key) END AS removed`;

/** What the collection remembers of an account's maildrop. */
export function knownUniqueIds(sql: Sql, accountId: AccountId): KnownUniqueId[] {
  return sql.all(`SELECT *, ${removedHere} FROM unique_ids WHERE account_id = ?`, accountId).map(toKnownUniqueId);
}

function toKnownUniqueId(row: Row): KnownUniqueId {
  const messageKey = textOrNull(row, 'message_key');
  const headerDigest = textOrNull(row, 'header_digest');
  return {
    uniqueId: text(row, 'unique_id'),
    messageKey: messageKey === null ? null : MessageKeySchema.parse(messageKey),
    octets: integer(row, 'octets'),
    listedOctets: integer(row, 'listed_octets'),
    sha256: text(row, 'sha256'),
    ...(headerDigest === null ? {} : { headerDigest }),
    collectedAt: integer(row, 'collected_at'),
    isConfirmed: integer(row, 'is_confirmed') === 1,
    isRemovedHere: integer(row, 'removed') === 1,
  };
}

/**
 * Updates or adds. `isRemovedHere` counts only for entries without a message here (removed while looking first); for
 * a message that was fetched the removals alone decide, so that an entry read earlier and written back cannot undo or
 * repeat what the user did in between.
 */
export function putUniqueId(sql: Sql, accountId: AccountId, entry: KnownUniqueId): void {
  sql.run(
    `INSERT INTO unique_ids VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (account_id, unique_id) DO UPDATE SET message_key = excluded.message_key, octets = excluded.octets,
       listed_octets = excluded.listed_octets, sha256 = excluded.sha256, header_digest = excluded.header_digest,
       collected_at = excluded.collected_at, is_confirmed = excluded.is_confirmed,
       is_removed_here = excluded.is_removed_here`,
    accountId,
    entry.uniqueId,
    entry.messageKey,
    entry.octets,
    entry.listedOctets,
    entry.sha256,
    entry.headerDigest ?? null,
    Math.round(entry.collectedAt),
    entry.isConfirmed ? 1 : 0,
    entry.messageKey === null && entry.isRemovedHere ? 1 : 0,
  );
}

export function forgetUniqueIds(sql: Sql, accountId: AccountId, uniqueIds: readonly string[]): void {
  for (const uniqueId of uniqueIds)
    sql.run('DELETE FROM unique_ids WHERE account_id = ? AND unique_id = ?', accountId, uniqueId);
}

export function forgetAccount(sql: Sql, accountId: AccountId): void {
  sql.run('DELETE FROM unique_ids WHERE account_id = ?', accountId);
}

/** Where a message was collected; null when no account remembers it. */
export function collectedAs(sql: Sql, messageKey: MessageKey): { accountId: AccountId; entry: KnownUniqueId } | null {
  const row = sql.one(`SELECT *, ${removedHere} FROM unique_ids WHERE message_key = ? LIMIT 1`, messageKey);
  return row === undefined
    ? null
    : { accountId: AccountIdSchema.parse(text(row, 'account_id')), entry: toKnownUniqueId(row) };
}

/** Only collected mail can be removed on a server; for anything else there is nothing to remember. */
export function recordRemoval(sql: Sql, messageKey: MessageKey, removedAt: number): void {
  sql.run(
    `INSERT OR IGNORE INTO removals SELECT ?, ? WHERE EXISTS (SELECT 1 FROM unique_ids WHERE message_key = ?)`,
    messageKey,
    Math.round(removedAt),
    messageKey,
  );
}

/** As a backup knew it. */
export function putRemoval(sql: Sql, messageKey: MessageKey, removedAt: number): void {
  sql.run('INSERT OR IGNORE INTO removals VALUES (?, ?)', messageKey, Math.round(removedAt));
}

export function isRemoved(sql: Sql, messageKey: MessageKey): boolean {
  return sql.one('SELECT 1 FROM removals WHERE message_key = ?', messageKey) !== undefined;
}

export function takeBackRemoval(sql: Sql, messageKey: MessageKey): void {
  sql.run('DELETE FROM removals WHERE message_key = ?', messageKey);
}

export function tagsOf(sql: Sql, messageKey: MessageKey): string[] {
  return sql.all('SELECT tag FROM tags WHERE message_key = ? ORDER BY tag', messageKey).map((row) => text(row, 'tag'));
}

export function changeTags(sql: Sql, messageKey: MessageKey, add: readonly string[], remove: readonly string[]): void {
  for (const tag of remove) sql.run('DELETE FROM tags WHERE message_key = ? AND tag = ?', messageKey, tag);
  for (const tag of add) sql.run('INSERT OR IGNORE INTO tags VALUES (?, ?)', messageKey, tag);
}

export function forgetTags(sql: Sql, messageKey: MessageKey): void {
  sql.run('DELETE FROM tags WHERE message_key = ?', messageKey);
}

/** Small facts: `hadMail` is set with the first message filed, `thinnedTo` is the last attempt without its transcript. */
type MetaKey = 'hadMail' | 'thinnedTo';

export function getMeta(sql: Sql, key: MetaKey): string | null {
  const row = sql.one('SELECT value FROM meta WHERE key = ?', key);
  return row === undefined ? null : text(row, 'value');
}

export function setMeta(sql: Sql, key: MetaKey, value: string): void {
  sql.run('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', key, value);
}
