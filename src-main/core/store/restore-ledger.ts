import type { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { EngineParts } from './engine-parts.ts';
import { folderByPath, storedRow } from './index-read.ts';
import type { LedgerRow, LedgerRows } from './ledger-rows.ts';
import type { Sql } from './sql.ts';

/**
 * Puts rows of a backup into the ledger in one commit. What the ledger knows already stays as it is: nothing is
 * replaced. The messages are filed before. Run again with the same rows, it changes nothing. Answers how many rows came in.
 */
export function restoreLedgerRows(parts: EngineParts, sql: Sql, part: LedgerRows): number {
  switch (part.table) {
    case 'unique_ids':
      return count(part.rows, (row) => putUniqueId(sql, row));
    case 'removals':
      // What is here has its say already: filing it decided (see `FileRequest.restored`).
      return count(part.rows, (row) =>
        isHere(parts, row.message_key)
          ? 0
          : sql.run('INSERT OR IGNORE INTO removals VALUES (?, ?)', row.message_key, row.removed_at),
      );
    case 'tags':
      return count(part.rows, (row) =>
        isHere(parts, row.message_key)
          ? 0
          : sql.run('INSERT OR IGNORE INTO tags VALUES (?, ?)', row.message_key, row.tag),
      );
    case 'outbox':
      return count(part.rows, (row) => (mayComeBack(parts, sql, row) ? putOutbox(sql, row) : 0));
    case 'attempts':
      return count(part.rows, (row) => putAttempt(sql, row));
    case 'delivery_memory':
      return count(part.rows, (row) =>
        sql.run('INSERT OR IGNORE INTO delivery_memory VALUES (?, ?)', row.key, row.entry),
      );
    case 'networks':
      return count(part.rows, (row) =>
        sql.run('INSERT OR IGNORE INTO networks VALUES (?, ?)', row.location_id, row.record),
      );
    default:
      return restoreRuleRows(sql, part);
  }
}

type RuleTable = 'arrivals' | 'auto_replies' | 'junk_words' | 'junk_trained' | 'quarantine' | 'rule_problems';
type RuleRows = Extract<LedgerRows, { table: RuleTable }>;

function restoreRuleRows(sql: Sql, part: RuleRows): number {
  switch (part.table) {
    case 'arrivals':
      return count(part.rows, (row) =>
        sql.run('INSERT OR IGNORE INTO arrivals VALUES (?, ?, ?)', row.message_key, row.folder, row.filed_at),
      );
    case 'auto_replies':
      return count(part.rows, (row) =>
        sql.run('INSERT OR IGNORE INTO auto_replies VALUES (?, ?, ?)', row.identity_id, row.sender, row.replied_at),
      );
    case 'junk_words':
      return count(part.rows, (row) =>
        sql.run('INSERT OR IGNORE INTO junk_words VALUES (?, ?, ?)', row.word, row.junk, row.good),
      );
    case 'junk_trained':
      return count(part.rows, (row) =>
        sql.run('INSERT OR IGNORE INTO junk_trained VALUES (?, ?)', row.message_key, row.kind),
      );
    case 'quarantine':
      return count(part.rows, (row) =>
        sql.run('INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?)', row.message_key, row.is_released, row.record),
      );
    case 'rule_problems':
      return count(part.rows, (row) =>
        sql.run(
          'INSERT OR IGNORE INTO rule_problems VALUES (?, ?, ?, ?)',
          row.message_key,
          row.rule_id,
          row.at,
          row.problem,
        ),
      );
  }
}

function count<T>(rows: readonly T[], put: (row: T) => number): number {
  return rows.reduce((sum, row) => sum + put(row), 0);
}

function isHere(parts: EngineParts, messageKey: MessageKey): boolean {
  return storedRow(parts.index, messageKey) !== null;
}

function putUniqueId(sql: Sql, row: LedgerRow<'unique_ids'>): number {
  return sql.run(
    'INSERT OR IGNORE INTO unique_ids VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    row.account_id,
    row.unique_id,
    row.message_key,
    row.octets,
    row.listed_octets,
    row.sha256,
    row.header_digest,
    row.collected_at,
    row.is_confirmed,
    row.is_removed_here,
  );
}

/** What was sent is history. What is still to be decided needs its message in the Outbox, and no other record of it. */
function mayComeBack(parts: EngineParts, sql: Sql, row: LedgerRow<'outbox'>): boolean {
  if (row.state === 'sent') return true;
  const stored = storedRow(parts.index, row.message_key);
  if (stored === null || stored.folderId !== folderByPath(parts.index, folder.outbox)?.id) return false;
  return sql.one('SELECT 1 FROM outbox WHERE message_key = ?', row.message_key) === undefined;
}

function putOutbox(sql: Sql, row: LedgerRow<'outbox'>): number {
  return sql.run(
    'INSERT OR IGNORE INTO outbox VALUES (?, ?, ?, ?, ?)',
    row.outbox_id,
    row.message_key,
    row.state,
    row.queued_at,
    row.record,
  );
}

/** Under its own number where that is free. */
function putAttempt(sql: Sql, row: LedgerRow<'attempts'>): number {
  const isKnown = sql.one(
    'SELECT 1 FROM attempts WHERE outbox_id = ? AND started_at = ? AND attempt = ?',
    row.outbox_id,
    row.started_at,
    row.attempt,
  );
  if (isKnown !== undefined) return 0;
  const isTaken = sql.one('SELECT 1 FROM attempts WHERE id = ?', row.id) !== undefined;
  return sql.run(
    'INSERT INTO attempts (id, outbox_id, server_id, started_at, outcome, attempt) VALUES (?, ?, ?, ?, ?, ?)',
    isTaken ? null : row.id,
    row.outbox_id,
    row.server_id,
    row.started_at,
    row.outcome,
    row.attempt,
  );
}
