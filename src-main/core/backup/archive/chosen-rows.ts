import type { MessageKey } from '#shared/ids.ts';
import type { LedgerRows } from '../../store/ledger-rows.ts';

/**
 * Of a part of the backup, only what belongs to its messages comes back; null: nothing of that table. `outboxIds` gathers
 * the entries that do: the outbox stands before the attempts in the archive. Pure but for that.
 */
export function rowsOf(rows: LedgerRows, seen: ReadonlySet<MessageKey>, outboxIds: Set<string>): LedgerRows | null {
  switch (rows.table) {
    case 'unique_ids':
      return { ...rows, rows: rows.rows.filter(({ message_key }) => message_key !== null && seen.has(message_key)) };
    case 'outbox': {
      const own = rows.rows.filter(({ message_key }) => seen.has(message_key));
      for (const { outbox_id } of own) outboxIds.add(outbox_id);
      return { ...rows, rows: own };
    }
    case 'attempts':
      return { ...rows, rows: rows.rows.filter(({ outbox_id }) => outboxIds.has(outbox_id)) };
    default:
      return null;
  }
}
