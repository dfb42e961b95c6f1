import type { MessageKey } from '#shared/ids.ts';
import type { LedgerRows } from '../../../store/ledger-rows.ts';
import { digestInKey } from '../../../store/maildir-names.ts';
import { type LeftBackup, rowsLeft } from './open-salvage.ts';

/** What the rows that are left know of messages. */
export interface KnownByLedger {
  /** The keys of messages with this digest, as keys end in it. */
  readonly keysByDigest: ReadonlyMap<string, ReadonlySet<MessageKey>>;
  /** When the user removed them. */
  readonly removals: ReadonlyMap<MessageKey, number>;
  /** Those the Outbox has an entry for. */
  readonly outbox: ReadonlySet<MessageKey>;
}

/** Keys tell more than names: with its own key a message finds its tags, and is not collected a second time. */
export async function knownByLedger(backup: LeftBackup): Promise<KnownByLedger> {
  const keysByDigest = new Map<string, Set<MessageKey>>();
  const removals = new Map<MessageKey, number>();
  const outbox = new Set<MessageKey>();
  for await (const rows of rowsLeft(backup)) {
    for (const key of keysIn(rows)) {
      const digest = digestInKey(key);
      if (digest === null) continue;
      const keys = keysByDigest.get(digest) ?? new Set<MessageKey>();
      keysByDigest.set(digest, keys.add(key));
    }
    if (rows.table === 'removals') for (const row of rows.rows) removals.set(row.message_key, row.removed_at);
    if (rows.table === 'outbox') for (const row of rows.rows) outbox.add(row.message_key);
  }
  return { keysByDigest, removals, outbox };
}

function keysIn(rows: LedgerRows): MessageKey[] {
  switch (rows.table) {
    case 'unique_ids':
      return rows.rows.flatMap(({ message_key }) => message_key ?? []);
    case 'outbox':
    case 'tags':
    case 'junk_trained':
      return rows.rows.map(({ message_key }) => message_key);
    default:
      return [];
  }
}
