import { z } from 'zod';
import { AccountId, FolderPath, IdentityId, LocationId, MessageKey, OutboxId, RuleId } from '#shared/ids.ts';
import { Attempt, DeliveryMemoryEntry, NetworkRecord, OutboxRecord } from '#shared/mail/outbox.ts';
import { QuarantineRecord } from '#shared/mail/quarantine.ts';

/**
 * The ledger as rows, the way a backup carries it: every table but `meta`, whose facts come back by themselves. What a
 * column holds as JSON is checked here too, so that a foreign file cannot put anything into the ledger that this
 * program could not read again.
 */

/** A column of JSON text in which one shape stands. */
function json(schema: z.ZodType): z.ZodType<string, string> {
  return z.string().refine((text) => {
    try {
      return schema.safeParse(JSON.parse(text)).success;
    } catch {
      return false;
    }
  }, 'This is not what the ledger keeps here.');
}

const whole = z.number().int();
const bit = z.union([z.literal(0), z.literal(1)]);

const ledgerRowSchemas = {
  unique_ids: z.strictObject({
    account_id: AccountId,
    unique_id: z.string().min(1).max(1000),
    message_key: MessageKey.nullable(),
    octets: whole,
    listed_octets: whole,
    sha256: z.string().max(64),
    header_digest: z.string().max(64).nullable(),
    collected_at: whole,
    is_confirmed: bit,
    is_removed_here: bit,
  }),
  removals: z.strictObject({ message_key: MessageKey, removed_at: whole }),
  tags: z.strictObject({ message_key: MessageKey, tag: z.string().min(1).max(64) }),
  outbox: z.strictObject({
    outbox_id: OutboxId,
    message_key: MessageKey,
    state: z.string().max(20),
    queued_at: whole,
    record: json(OutboxRecord),
  }),
  attempts: z.strictObject({
    id: whole.positive(),
    outbox_id: OutboxId,
    server_id: z.string().max(64),
    started_at: whole,
    outcome: z.string().max(20),
    attempt: json(Attempt),
  }),
  delivery_memory: z.strictObject({ key: z.string().max(2000), entry: json(DeliveryMemoryEntry) }),
  networks: z.strictObject({ location_id: LocationId, record: json(NetworkRecord) }),
  arrivals: z.strictObject({ message_key: MessageKey, folder: FolderPath, filed_at: whole }),
  auto_replies: z.strictObject({ identity_id: IdentityId, sender: z.string().max(1000), replied_at: whole }),
  junk_words: z.strictObject({
    word: z.string().min(1).max(200),
    junk: whole.nonnegative(),
    good: whole.nonnegative(),
  }),
  junk_trained: z.strictObject({ message_key: MessageKey, kind: z.enum(['junk', 'good']) }),
  quarantine: z.strictObject({ message_key: MessageKey, is_released: bit, record: json(QuarantineRecord) }),
  rule_problems: z.strictObject({
    message_key: MessageKey,
    rule_id: RuleId,
    at: whole,
    problem: z.string().max(2000),
  }),
} as const;

export type LedgerTable = keyof typeof ledgerRowSchemas;

export const ledgerTables: readonly LedgerTable[] = [
  'unique_ids',
  'removals',
  'tags',
  'outbox',
  'attempts',
  'delivery_memory',
  'networks',
  'arrivals',
  'auto_replies',
  'junk_words',
  'junk_trained',
  'quarantine',
  'rule_problems',
];

/** Rows of one table. */
export type LedgerRows = {
  [T in LedgerTable]: { readonly table: T; readonly rows: readonly z.infer<(typeof ledgerRowSchemas)[T]>[] };
}[LedgerTable];

export type LedgerRow<T extends LedgerTable> = z.infer<(typeof ledgerRowSchemas)[T]>;

/** Checks rows that come from outside. Throws a `ZodError`. */
export function parseLedgerRows(table: LedgerTable, rows: readonly unknown[]): LedgerRows {
  switch (table) {
    case 'unique_ids':
      return { table, rows: z.array(ledgerRowSchemas.unique_ids).parse(rows) };
    case 'removals':
      return { table, rows: z.array(ledgerRowSchemas.removals).parse(rows) };
    case 'tags':
      return { table, rows: z.array(ledgerRowSchemas.tags).parse(rows) };
    case 'outbox':
      return { table, rows: z.array(ledgerRowSchemas.outbox).parse(rows) };
    case 'attempts':
      return { table, rows: z.array(ledgerRowSchemas.attempts).parse(rows) };
    case 'delivery_memory':
      return { table, rows: z.array(ledgerRowSchemas.delivery_memory).parse(rows) };
    case 'networks':
      return { table, rows: z.array(ledgerRowSchemas.networks).parse(rows) };
    case 'arrivals':
      return { table, rows: z.array(ledgerRowSchemas.arrivals).parse(rows) };
    case 'auto_replies':
      return { table, rows: z.array(ledgerRowSchemas.auto_replies).parse(rows) };
    case 'junk_words':
      return { table, rows: z.array(ledgerRowSchemas.junk_words).parse(rows) };
    case 'junk_trained':
      return { table, rows: z.array(ledgerRowSchemas.junk_trained).parse(rows) };
    case 'quarantine':
      return { table, rows: z.array(ledgerRowSchemas.quarantine).parse(rows) };
    case 'rule_problems':
      return { table, rows: z.array(ledgerRowSchemas.rule_problems).parse(rows) };
  }
}
