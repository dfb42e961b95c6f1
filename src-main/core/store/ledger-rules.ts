import { FolderPath, type IdentityId, MessageKey } from '#shared/ids.ts';
import { integer, type Sql, text } from './sql.ts';
import type { Arrival, JunkKind, WordCounts } from './store-api.ts';

/** Written in the commit that records the message: killed in between, neither is there or both are. */
export function putArrival(sql: Sql, { messageKey, folder, filedAt }: Arrival): void {
  sql.run('INSERT OR IGNORE INTO arrivals VALUES (?, ?, ?)', messageKey, folder, Math.round(filedAt));
}

/** Killed between the file and its commit, a message is collected again and found there: it has not been through the rules. */
export function isRecorded(sql: Sql, messageKey: MessageKey): boolean {
  return sql.one('SELECT 1 FROM unique_ids WHERE message_key = ?', messageKey) !== undefined;
}

/** Mail that was filed and has not been through the rules, oldest first. */
export function arrivals(sql: Sql, limit: number): Arrival[] {
  return sql
    .all('SELECT message_key, folder, filed_at FROM arrivals ORDER BY filed_at, message_key LIMIT ?', limit)
    .map((row) => ({
      messageKey: MessageKey.parse(text(row, 'message_key')),
      folder: FolderPath.parse(text(row, 'folder')),
      filedAt: integer(row, 'filed_at'),
    }));
}

export function removeArrivals(sql: Sql, messageKeys: readonly MessageKey[]): void {
  for (const messageKey of messageKeys) sql.run('DELETE FROM arrivals WHERE message_key = ?', messageKey);
}

/** A message that took another's place waits for the rules in its stead, if that one did. */
export function moveArrival(sql: Sql, from: MessageKey, to: MessageKey): void {
  sql.run('UPDATE OR REPLACE arrivals SET message_key = ? WHERE message_key = ?', to, from);
}

/** When this identity last answered that sender by itself, epoch milliseconds; null: never. */
export function repliedAt(sql: Sql, identityId: IdentityId, sender: string): number | null {
  const row = sql.one('SELECT replied_at FROM auto_replies WHERE identity_id = ? AND sender = ?', identityId, sender);
  return row === undefined ? null : integer(row, 'replied_at');
}

export function putReply(sql: Sql, identityId: IdentityId, sender: string, repliedAtMs: number): void {
  sql.run(
    `INSERT INTO auto_replies VALUES (?, ?, ?)
     ON CONFLICT (identity_id, sender) DO UPDATE SET replied_at = excluded.replied_at`,
    identityId,
    sender,
    Math.round(repliedAtMs),
  );
}

/** How many messages were called junk and good. */
export function junkTotals(sql: Sql): { junk: number; good: number } {
  const count = (kind: JunkKind): number => {
    const row = sql.one('SELECT count(*) AS n FROM junk_trained WHERE kind = ?', kind);
    return row === undefined ? 0 : integer(row, 'n');
  };
  return { junk: count('junk'), good: count('good') };
}

/** Those of the words that were ever learnt. */
export function junkWords(sql: Sql, words: readonly string[]): WordCounts[] {
  return words.flatMap((word) => {
    const row = sql.one('SELECT junk, good FROM junk_words WHERE word = ?', word);
    return row === undefined ? [] : [{ word, junk: integer(row, 'junk'), good: integer(row, 'good') }];
  });
}

/**
 * Learns a message once, however often it is said; called otherwise than before, what was learnt of it is taken back
 * first. Answers whether anything changed.
 */
export function trainJunk(sql: Sql, messageKey: MessageKey, kind: JunkKind, words: readonly string[]): boolean {
  const row = sql.one('SELECT kind FROM junk_trained WHERE message_key = ?', messageKey);
  const before = row === undefined ? null : text(row, 'kind');
  if (before === kind) return false;
  for (const word of words) {
    sql.run(
      `INSERT INTO junk_words VALUES (?, ?, ?)
       ON CONFLICT (word) DO UPDATE SET junk = max(0, junk + ?), good = max(0, good + ?)`,
      word,
      kind === 'junk' ? 1 : 0,
      kind === 'good' ? 1 : 0,
      kind === 'junk' ? 1 : before === 'junk' ? -1 : 0,
      kind === 'good' ? 1 : before === 'good' ? -1 : 0,
    );
  }
  sql.run(
    'INSERT INTO junk_trained VALUES (?, ?) ON CONFLICT (message_key) DO UPDATE SET kind = excluded.kind',
    messageKey,
    kind,
  );
  return true;
}

export function forgetJunk(sql: Sql): void {
  sql.run('DELETE FROM junk_words');
  sql.run('DELETE FROM junk_trained');
}
