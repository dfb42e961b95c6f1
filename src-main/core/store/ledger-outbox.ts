import { type MessageKey, OutboxId, type ServerId } from '#shared/ids.ts';
import { Attempt, DeliveryMemoryEntry, OutboxRecord } from '#shared/mail/outbox.ts';
import type { AttemptRow, OutboxRow } from './outbox-rows.ts';
import { integer, type Row, type Sql, text } from './sql.ts';

/** What sending remembers. Records are JSON, checked when written and again when read. */

export function putOutbox(sql: Sql, rows: readonly OutboxRow[]): void {
  for (const { outboxId, messageKey, state, queuedAt, record } of rows) {
    // Most changes are of recipients only: then no index is touched.
    const isSameElse = 'WHERE outbox_id = ? AND message_key = ? AND state = ? AND queued_at = ?';
    if (sql.run(`UPDATE outbox SET record = ? ${isSameElse}`, record, outboxId, messageKey, state, queuedAt) > 0)
      continue;
    sql.run(
      `INSERT INTO outbox (outbox_id, message_key, state, queued_at, record) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (outbox_id) DO UPDATE SET message_key = excluded.message_key, state = excluded.state,
         queued_at = excluded.queued_at, record = excluded.record`,
      outboxId,
      messageKey,
      state,
      queuedAt,
      record,
    );
  }
}

function toRecord(row: Row): OutboxRecord {
  return OutboxRecord.parse(JSON.parse(text(row, 'record')));
}

export function activeOutbox(sql: Sql): OutboxRecord[] {
  return sql.all("SELECT record FROM outbox WHERE state <> 'sent' ORDER BY queued_at, outbox_id").map(toRecord);
}

export function outboxRecord(sql: Sql, outboxId: OutboxId): OutboxRecord | null {
  const row = sql.one('SELECT record FROM outbox WHERE outbox_id = ?', outboxId);
  return row === undefined ? null : toRecord(row);
}

export function outboxOfMessage(sql: Sql, messageKey: MessageKey): OutboxRecord | null {
  const row = sql.one('SELECT record FROM outbox WHERE message_key = ? ORDER BY queued_at DESC LIMIT 1', messageKey);
  return row === undefined ? null : toRecord(row);
}

/** Of those sent, too. Reads every record: asked after a crash only. */
export function knowsMessageId(sql: Sql, messageId: string): boolean {
  return sql.one("SELECT 1 FROM outbox WHERE json_extract(record, '$.messageId') = ? LIMIT 1", messageId) !== undefined;
}

/** The attempts stay: they are what is known of the servers. */
export function removeOutbox(sql: Sql, outboxId: OutboxId): void {
  sql.run('DELETE FROM outbox WHERE outbox_id = ?', outboxId);
}

export function appendAttempts(sql: Sql, outboxId: OutboxId, rows: readonly AttemptRow[]): void {
  for (const { serverId, startedAt, outcome, attempt } of rows)
    sql.run(
      'INSERT INTO attempts (outbox_id, server_id, started_at, outcome, attempt) VALUES (?, ?, ?, ?, ?)',
      outboxId,
      serverId,
      startedAt,
      outcome,
      attempt,
    );
}

function toAttempt(row: Row): Attempt {
  return Attempt.parse(JSON.parse(text(row, 'attempt')));
}

export function attemptsOf(sql: Sql, outboxId: OutboxId): Attempt[] {
  return sql.all('SELECT attempt FROM attempts WHERE outbox_id = ? ORDER BY id', outboxId).map(toAttempt);
}

export function attemptsOfActive(sql: Sql): { outboxId: OutboxId; attempts: Attempt[] }[] {
  const rows = sql.all(
    `SELECT a.outbox_id, a.attempt FROM outbox o JOIN attempts a ON a.outbox_id = o.outbox_id
     WHERE o.state <> 'sent' ORDER BY a.id`,
  );
  const byMessage = Map.groupBy(rows, (row) => text(row, 'outbox_id'));
  return [...byMessage].map(([id, own]) => ({ outboxId: OutboxId.parse(id), attempts: own.map(toAttempt) }));
}

export function recentAttempts(sql: Sql, limitPerServer: number): Attempt[] {
  const servers = sql.all('SELECT DISTINCT server_id FROM attempts').map((row) => text(row, 'server_id'));
  const rows = servers.flatMap((serverId) =>
    sql.all(
      'SELECT id, started_at, attempt FROM attempts WHERE server_id = ? ORDER BY started_at DESC, id DESC LIMIT ?',
      serverId,
      limitPerServer,
    ),
  );
  return rows
    .sort((a, b) => integer(b, 'started_at') - integer(a, 'started_at') || integer(b, 'id') - integer(a, 'id'))
    .map(toAttempt);
}

/** No later than any clock can say. */
const endOfTime = Number.MAX_SAFE_INTEGER;

/** An uncertain attempt counts: the server may have taken the message. */
export function acceptedSince(sql: Sql, since: number, until = endOfTime): { serverId: string; messages: number }[] {
  return sql
    .all(
      `SELECT server_id, count(DISTINCT outbox_id) AS messages FROM attempts
       WHERE started_at >= ? AND started_at <= ? AND outcome IN ('accepted', 'uncertain') GROUP BY server_id`,
      since,
      until,
    )
    .map((row) => ({ serverId: text(row, 'server_id'), messages: integer(row, 'messages') }));
}

/** Counted as `acceptedSince` counts: a message once, at its latest attempt. */
export function acceptedAt(sql: Sql, serverId: ServerId, nth: number, until = endOfTime): number | null {
  const row = sql.one(
    `SELECT max(started_at) AS latest FROM attempts WHERE server_id = ? AND started_at <= ?
       AND outcome IN ('accepted', 'uncertain')
     GROUP BY outbox_id ORDER BY latest DESC LIMIT 1 OFFSET ?`,
    serverId,
    until,
    nth - 1,
  );
  return row === undefined ? null : integer(row, 'latest');
}

export function deliveryMemory(sql: Sql): DeliveryMemoryEntry[] {
  return sql
    .all('SELECT entry FROM delivery_memory ORDER BY key')
    .map((row) => DeliveryMemoryEntry.parse(JSON.parse(text(row, 'entry'))));
}

export function putDeliveryMemory(
  sql: Sql,
  entries: readonly DeliveryMemoryEntry[],
  removedKeys: readonly string[],
): void {
  for (const key of removedKeys) sql.run('DELETE FROM delivery_memory WHERE key = ?', key);
  for (const entry of entries)
    sql.run(
      'INSERT INTO delivery_memory VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET entry = excluded.entry',
      entry.key,
      JSON.stringify(entry),
    );
}
