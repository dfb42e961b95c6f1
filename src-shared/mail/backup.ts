import { z } from 'zod';
import { FolderPath, MessageKey } from '../ids.ts';
import { MailErrorData } from '../mail-error.ts';
import { Flag } from './message.ts';

/** `full`: every message. `incremental`: those an earlier backup does not hold; it needs that one to be restored. */
export const BackupKind = z.enum(['full', 'incremental']);
export type BackupKind = z.infer<typeof BackupKind>;

/** When backups are made by themselves, and where. */
export const BackupSchedule = z.object({
  /** A full path; '' until the user chose one. */
  folder: z.string().max(4096).default(''),
  /** 0: only on demand. */
  everyDays: z.number().int().min(0).max(365).default(0),
  kind: BackupKind.default('incremental'),
  /** So many of the schedule's backups stay, and what they need. */
  keep: z.number().int().min(1).max(100).default(5),
});
export type BackupSchedule = z.infer<typeof BackupSchedule>;

/** One backup that was made. */
export const BackupMade = z.object({
  file: z.string(),
  kind: BackupKind,
  /** ISO 8601 UTC. */
  createdAt: z.string(),
  /** Messages that come back by it, and those whose bytes are in this very file. */
  messages: z.number().int().nonnegative(),
  added: z.number().int().nonnegative(),
  /** Of the file. */
  octets: z.number().int().nonnegative(),
  /** Of the whole file, as its trailer says, hex. */
  sha256: z.string(),
  problems: z.array(z.string()),
  bySchedule: z.boolean(),
});
export type BackupMade = z.infer<typeof BackupMade>;

export const BackupStatus = z.object({
  schedule: BackupSchedule,
  /** Where backups go unless the user chose a folder. */
  defaultFolder: z.string(),
  /** Newest first; those whose file is gone are left out. */
  made: z.array(BackupMade),
  /** ISO 8601 UTC; null without a schedule. */
  nextAt: z.string().nullable(),
  /** Why the last try of the schedule failed; null when it did not. */
  failure: z.object({ at: z.string(), error: MailErrorData }).nullable(),
});
export type BackupStatus = z.infer<typeof BackupStatus>;

/** A folder of a backup that is not here (any more). */
export const GoneFolder = z.object({
  folder: FolderPath,
  /** Of its messages, how many are nowhere here. */
  missing: z.number().int().nonnegative(),
  /** And how many are here in other folders, where they stay. */
  elsewhere: z.number().int().nonnegative(),
  /** Those folders: a few, the one with most first. */
  elsewhereIn: z.array(FolderPath),
  /** Whether restoring everything brings it back. */
  comesBack: z.boolean(),
});
export type GoneFolder = z.infer<typeof GoneFolder>;

/** What a backup holds, by its manifest. */
export const BackupContents = z.object({
  file: z.string(),
  kind: BackupKind,
  createdAt: z.string(),
  appVersion: z.string(),
  messages: z.number().int().nonnegative(),
  folders: z.array(
    z.object({
      folder: FolderPath,
      messages: z.number().int().nonnegative(),
      octets: z.number().int().nonnegative(),
    }),
  ),
  hasSecrets: z.boolean(),
  /** The earlier backups it needs, nearest first. */
  needs: z.array(z.object({ file: z.string(), createdAt: z.string() })),
  /** The name of an earlier backup that is needed and not there; null when all are. */
  missing: z.string().nullable(),
  /** Folders of it that are not here (any more). */
  gone: z.array(GoneFolder).optional(),
});
export type BackupContents = z.infer<typeof BackupContents>;

/** One message of a backup, as a list shows it. */
export const BackupRow = z.object({
  messageKey: MessageKey,
  folder: FolderPath,
  subject: z.string(),
  from: z.string(),
  /** ISO 8601 UTC. */
  date: z.string(),
  sizeOctets: z.number().int().nonnegative(),
  flags: z.array(Flag),
});
export type BackupRow = z.infer<typeof BackupRow>;

/**
 * `if-empty`: accounts, servers, identities and preferences are taken when this profile has none. `add`: those that are
 * missing are added, those that are here stay as they are. `leave`: none.
 */
export const RestoreSettings = z.enum(['if-empty', 'add', 'leave']);
export type RestoreSettings = z.infer<typeof RestoreSettings>;
