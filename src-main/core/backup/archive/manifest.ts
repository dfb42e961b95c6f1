import { z } from 'zod';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import { BackupKind } from '#shared/mail/backup.ts';
import { type LedgerTable, ledgerTables } from '../../store/ledger-rows.ts';

/**
 * What a backup holds. `manifest.json` is its last entry: who made it, when, from what, every folder, and every other
 * entry that is not a message with its size and SHA-256. The messages stand in parts of some hundred lines each
 * (`messages` parts), one JSON object a line, so that neither writing nor reading needs all of them at once; the ledger
 * likewise, one row a line.
 *
 * The ledger goes as rows of JSON and not as a copy of the database: anybody can read it, another version of the
 * program can check and take it row by row, and one folder or one message can be restored with what belongs to it.
 */

export const manifestName = 'manifest.json';
export const formatVersion = 1;

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A name within the archive. Nobody uses it as a path; a file that says otherwise was not made by this program. */
export const EntryName = z
  .string()
  .min(1)
  .max(4000)
  .refine(
    (name) =>
      !/[\\\p{Cc}]/u.test(name) && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'This is no name of an entry.',
  );

const partFields = { name: EntryName, sha256: Sha256, sizeOctets: z.number().int().nonnegative() };

const tableNames: readonly LedgerTable[] = ledgerTables;
export const Table = z.string().refine((name): name is LedgerTable => tableNames.some((table) => table === name));

export const Part = z.discriminatedUnion('holds', [
  z.object({ holds: z.literal('note'), ...partFields }),
  z.object({
    holds: z.literal('messages'),
    folder: FolderPath,
    messages: z.number().int().positive(),
    ...partFields,
  }),
  z.object({ holds: z.literal('ledger'), table: Table, rows: z.number().int().positive(), ...partFields }),
  z.object({ holds: z.literal('settings'), ...partFields }),
  z.object({ holds: z.literal('secrets'), ...partFields }),
]);
export type Part = z.infer<typeof Part>;

/** How the passwords were encrypted. The bounds keep a foreign file from asking for all memory there is. */
export const SecretsHeader = z.object({
  kdf: z.literal('scrypt'),
  n: z
    .number()
    .int()
    .min(2)
    .max(1 << 20),
  r: z.number().int().min(1).max(16),
  p: z.number().int().min(1).max(4),
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  cipher: z.literal('aes-256-gcm'),
  iv: z.string().regex(/^[0-9a-f]{24}$/),
  tag: z.string().regex(/^[0-9a-f]{32}$/),
  /** Whose they are; authenticated with the rest. */
  names: z.array(z.string().max(200)).max(100_000),
});
export type SecretsHeader = z.infer<typeof SecretsHeader>;

export const Manifest = z.object({
  format: z.literal('postrider-backup'),
  formatVersion: z.literal(formatVersion),
  appVersion: z.string().max(100),
  storeId: z.string().max(100),
  /** ISO 8601 UTC: the moment it shows. */
  createdAt: z.iso.datetime(),
  kind: BackupKind,
  /** The backup this one needs: its name when it was used, and its SHA-256 by which it is found. */
  base: z.object({ file: z.string().min(1).max(1000), sha256: Sha256, createdAt: z.iso.datetime() }).nullable(),
  messages: z.number().int().nonnegative(),
  /** Of those, how many have their bytes in this very file. */
  added: z.number().int().nonnegative(),
  /** Every folder, the empty ones too; `path` is where its messages stand in the archive. */
  folders: z.array(
    z.object({
      folder: FolderPath,
      path: EntryName,
      messages: z.number().int().nonnegative(),
      octets: z.number().int().nonnegative(),
    }),
  ),
  parts: z.array(Part),
  secrets: SecretsHeader.nullable(),
  /** What could not be taken in, in sentences. */
  problems: z.array(z.string()),
});
export type Manifest = z.infer<typeof Manifest>;

/** The last moment a `Date` can hold. */
const latestMs = 8.64e15;

/** One message. Without `path` its bytes are in an earlier backup. */
export const MessageLine = z.object({
  key: MessageKey,
  folder: FolderPath,
  path: EntryName.optional(),
  sizeOctets: z.number().int().nonnegative(),
  sha256: Sha256,
  /** `new` or `cur` of the Maildir, and the flags as letters: of ours D F P R S T, small ones of other programs. */
  sub: z.enum(['new', 'cur']),
  letters: z.string().regex(/^[A-Za-z]{0,60}$/),
  tags: z.array(z.string().min(1).max(64)),
  /** Epoch milliseconds: the time of the file. */
  receivedAt: z.number().int().min(0).max(latestMs),
  // For looking inside.
  subject: z.string(),
  from: z.string(),
  date: z.number().min(-latestMs).max(latestMs),
});
export type MessageLine = z.infer<typeof MessageLine>;

export const noteName = 'READ ME.txt';
export const noteText = `This is a backup made by Postrider. It is an ordinary zip file.

mail/        every message as it was received or sent, byte for byte, by folder.
             Any mail program can open these files; nothing of Postrider is needed.
postrider/   flags, tags, what was collected and sent, and the settings, as text.
             Passwords are left out, or encrypted where they were asked for.
manifest.json  what is in here, with the SHA-256 of each file.

To put it all back: postrider backup restore FILE
An incremental backup holds only what an earlier one does not; keep both together.
The last 64 characters of this file are the SHA-256 of everything before them.
`.replaceAll('\n', '\r\n');
