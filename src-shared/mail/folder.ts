import { z } from 'zod';
import { FolderPath } from '../ids.ts';

/** Folders every profile has, in the order they are shown. Their paths are the same in every language; labels are translated. */
export const fixedFolders = ['Inbox', 'Drafts', 'Outbox', 'Sent', 'Archive', 'Junk', 'Trash'] as const;
export type FixedFolder = (typeof fixedFolders)[number];

export const folder = {
  inbox: FolderPath.parse('Inbox'),
  drafts: FolderPath.parse('Drafts'),
  outbox: FolderPath.parse('Outbox'),
  sent: FolderPath.parse('Sent'),
  archive: FolderPath.parse('Archive'),
  junk: FolderPath.parse('Junk'),
  trash: FolderPath.parse('Trash'),
  /** Made when something has to lie there; not every profile has it. */
  quarantine: FolderPath.parse('Quarantine'),
} as const;

export const FolderSummary = z.object({
  folder: FolderPath,
  total: z.number().int().nonnegative(),
  unread: z.number().int().nonnegative(),
});
export type FolderSummary = z.infer<typeof FolderSummary>;
