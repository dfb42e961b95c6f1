import { z } from 'zod';
import { FolderPath } from '../ids.ts';
import { Endpoint } from './endpoint.ts';

/** What mail from elsewhere is kept as. */
export const MailSourceKind = z.enum([
  'thunderbird',
  'takeout',
  'apple-mail',
  'maildir',
  'mbox',
  'files',
  'archive',
  'backup',
  'contacts',
]);
export type MailSourceKind = z.infer<typeof MailSourceKind>;

/** Mail of another program that was found where that program keeps it on this computer. */
export const MailPlace = z.object({
  kind: z.enum(['thunderbird', 'apple-mail', 'maildir', 'mbox', 'evolution', 'kmail']),
  path: z.string(),
  /** What tells it from others of its kind: a profile's name, a path. */
  name: z.string(),
  /** Epoch milliseconds: when it was last written to. */
  usedAt: z.number(),
});
export type MailPlace = z.infer<typeof MailPlace>;

/** A folder of the other program's. */
export const SourceFolder = z.object({
  /** Names it to `import.start` and `import.count`. */
  id: z.string(),
  /** The account it belongs to, where folders are kept by account. */
  account: z.string().nullable(),
  /** As the other program calls it, segments joined by `/`. */
  name: z.string(),
  /** Where it goes here when folders are kept. */
  folder: FolderPath,
  octets: z.number().int().nonnegative(),
  /** Null: not counted yet. */
  messages: z.number().int().nonnegative().nullable(),
  /** Most people want it: not Trash, not Junk, no feeds. */
  isSuggested: z.boolean(),
});
export type SourceFolder = z.infer<typeof SourceFolder>;

/** A tag of the other program's. */
const SourceTag = z.object({ name: z.string(), colour: z.string().nullable() });
export type SourceTag = z.infer<typeof SourceTag>;

/** An account of the other program's, as far as its settings tell it. Never a password. */
export const SourceAccount = z.object({
  displayName: z.string(),
  address: z.string(),
  /** Only where it collects by POP3. */
  incoming: Endpoint.extend({ user: z.string() }).nullable(),
  outgoing: Endpoint.extend({ user: z.string() }).nullable(),
});
export type SourceAccount = z.infer<typeof SourceAccount>;

/** An address book of the other program's. */
export const SourceBook = z.object({
  /** Names it to `import.start`. */
  id: z.string(),
  name: z.string(),
  /** How many addresses stand in it; null: it could not be read. */
  addresses: z.number().int().nonnegative().nullable(),
  /** Most people want it: not what was collected by itself. */
  isSuggested: z.boolean(),
});
export type SourceBook = z.infer<typeof SourceBook>;

/** What lies at a path, before anything is taken. */
export const MailSourceView = z.object({
  path: z.string(),
  kind: MailSourceKind,
  folders: z.array(SourceFolder),
  tags: z.array(SourceTag),
  accounts: z.array(SourceAccount),
  books: z.array(SourceBook).optional(),
  /** In sentences: what to know before. */
  notes: z.array(z.string()),
});
export type MailSourceView = z.infer<typeof MailSourceView>;

/** How many messages a folder holds; an estimate where it is large. */
export const SourceCount = z.object({ id: z.string(), messages: z.number().int().nonnegative(), isExact: z.boolean() });
export type SourceCount = z.infer<typeof SourceCount>;

/**
 * What to import. With `folder` alone everything goes into that one folder; with `keepFolders` the source's folders stay
 * apart, each in its own place here (Inbox to Inbox), or below `folder`.
 */
export const ImportRequest = z.object({
  path: z.string().min(1),
  folder: FolderPath.optional(),
  keepFolders: z.boolean().optional(),
  /** Only these folders of the source; none given: all. */
  sources: z.array(z.string()).max(100_000).optional(),
  /** Messages that would go there are left out. */
  leaveOut: z.array(FolderPath).max(100).optional(),
  /** Only these address books, none where it is empty; not given: all that are suggested. */
  books: z.array(z.string()).max(1000).optional(),
});
export type ImportRequest = z.infer<typeof ImportRequest>;

/** An import that did not come to its end: it was broken off, or the program was. */
export const UnfinishedImport = z.object({
  request: ImportRequest,
  /** ISO 8601 UTC. */
  startedAt: z.string(),
});
export type UnfinishedImport = z.infer<typeof UnfinishedImport>;
