import { FolderPath, MessageKey, RuleId } from '#shared/ids.ts';
import { type FolderRename, pathAfter } from '#shared/mail/folder-rename.ts';
import { QuarantineRecord } from '#shared/mail/quarantine.ts';
import type { RuleProblem } from '#shared/mail/rule.ts';
import { putArrival } from './ledger-rules.ts';
import { integer, type Row, type Sql, text } from './sql.ts';
import type { QuarantineSettlement } from './store-api.ts';

/** What the scanner and the rules have to say of messages. */

export function quarantineRecord(sql: Sql, messageKey: MessageKey): QuarantineRecord | null {
  const row = sql.one('SELECT record FROM quarantine WHERE message_key = ?', messageKey);
  return row === undefined ? null : toRecord(row);
}

function toRecord(row: Row): QuarantineRecord {
  return QuarantineRecord.parse(JSON.parse(text(row, 'record')));
}

/** Everything not released, oldest first. */
export function quarantineRecords(sql: Sql): QuarantineRecord[] {
  return sql
    .all('SELECT record FROM quarantine WHERE is_released = 0')
    .map(toRecord)
    .sort((a, b) => a.filedAt - b.filedAt);
}

export function putQuarantine(sql: Sql, records: readonly QuarantineRecord[]): void {
  for (const record of records)
    sql.run(
      `INSERT INTO quarantine VALUES (?, ?, ?)
       ON CONFLICT (message_key) DO UPDATE SET is_released = excluded.is_released, record = excluded.record`,
      record.messageKey,
      record.releasedAt === null ? 0 : 1,
      JSON.stringify(record),
    );
}

export function settleQuarantine(sql: Sql, { put, forget, arrivals }: QuarantineSettlement): void {
  putQuarantine(sql, put);
  for (const messageKey of forget) sql.run('DELETE FROM quarantine WHERE message_key = ?', messageKey);
  for (const arrival of arrivals) putArrival(sql, arrival);
}

/** A folder has another name: what waits to be filed there, or for the rules there, goes to it under the new one. */
export function renameInVerdicts(sql: Sql, rename: FolderRename): void {
  const renamed = (path: FolderPath): FolderPath | null => pathAfter(rename, path);
  for (const record of sql.all('SELECT record FROM quarantine').map(toRecord)) {
    const folder = renamed(record.folder);
    if (folder !== null) putQuarantine(sql, [{ ...record, folder }]);
  }
  for (const row of sql.all('SELECT DISTINCT folder FROM arrivals')) {
    const folder = renamed(FolderPath.parse(row.folder));
    if (folder !== null) sql.run('UPDATE arrivals SET folder = ? WHERE folder = ?', folder, text(row, 'folder'));
  }
}

/** Of a message that is gone for good. */
export function forgetVerdicts(sql: Sql, messageKey: MessageKey): void {
  sql.run('DELETE FROM quarantine WHERE message_key = ?', messageKey);
  sql.run('DELETE FROM rule_problems WHERE message_key = ?', messageKey);
}

/** So many problems are remembered; the oldest go. */
const keptProblems = 1000;

export function ruleProblems(
  sql: Sql,
  { messageKey, limit }: { messageKey?: MessageKey; limit: number },
): RuleProblem[] {
  const rows =
    messageKey === undefined
      ? sql.all('SELECT * FROM rule_problems ORDER BY at DESC LIMIT ?', limit)
      : sql.all('SELECT * FROM rule_problems WHERE message_key = ? ORDER BY at DESC LIMIT ?', messageKey, limit);
  return rows.map((row) => ({
    ruleId: RuleId.parse(text(row, 'rule_id')),
    messageKey: MessageKey.parse(text(row, 'message_key')),
    at: integer(row, 'at'),
    text: text(row, 'problem'),
  }));
}

export function putRuleProblems(sql: Sql, messageKey: MessageKey, problems: readonly RuleProblem[]): void {
  sql.run('DELETE FROM rule_problems WHERE message_key = ?', messageKey);
  for (const { ruleId, at, text: problem } of problems)
    sql.run('INSERT OR IGNORE INTO rule_problems VALUES (?, ?, ?, ?)', messageKey, ruleId, Math.round(at), problem);
  if (problems.length > 0)
    sql.run(
      'DELETE FROM rule_problems WHERE at < (SELECT at FROM rule_problems ORDER BY at DESC LIMIT 1 OFFSET ?)',
      keptProblems,
    );
}

export function forgetRuleProblems(sql: Sql, ruleId?: RuleId): void {
  if (ruleId === undefined) sql.run('DELETE FROM rule_problems');
  else sql.run('DELETE FROM rule_problems WHERE rule_id = ?', ruleId);
}
