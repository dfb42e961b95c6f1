import { z } from 'zod';
import { AccountId, FolderPath, MessageKey, ServerId } from '../ids.ts';
import { FolderSummary } from '../mail/folder.ts';
import { MessageSummary } from '../mail/message.ts';

export const HostCapabilities = z.object({
  host: z.enum(['electron', 'browser', 'command']),
  chooseFolder: z.boolean(),
  chooseFile: z.boolean(),
  openPath: z.boolean(),
  openExternal: z.boolean(),
  notify: z.boolean(),
  /** It can go on without a window, with an icon in the notification area. */
  tray: z.boolean().optional(),
  /** It can ask in a window of the system's, out of a page's reach. */
  confirm: z.boolean().optional(),
});
export type HostCapabilities = z.infer<typeof HostCapabilities>;

/** Something the user has to know about the profile: shown as a quiet bar until dismissed. */
export const Notice = z.object({
  id: z.string(),
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
  action: z
    .enum([
      'open-outbox',
      'open-settings',
      'open-rules',
      'open-mail-folder',
      'open-backup',
      'open-quarantine',
      'look-first',
      'none',
    ])
    .default('none'),
  /** The account it is about, for `look-first`. */
  accountId: AccountId.optional(),
});
export type Notice = z.infer<typeof Notice>;

export const AppInfo = z.object({
  version: z.string(),
  storeId: z.string(),
  revision: z.number().int(),
  profileDir: z.string(),
  mailFolder: z.string(),
  /** Where secrets are kept, in words a person understands. */
  secretsKeptIn: z.string(),
  /** Others can read them there. */
  secretsOpenToOthers: z.boolean().optional(),
  capabilities: HostCapabilities,
  notices: z.array(Notice),
  /** Where exports go unless told otherwise. */
  defaultExportFolder: z.string(),
});
export type AppInfo = z.infer<typeof AppInfo>;

export const MessagePage = z.object({
  rows: z.array(MessageSummary),
  total: z.number().int(),
  unread: z.number().int(),
  revision: z.number().int(),
});
export type MessagePage = z.infer<typeof MessagePage>;

/** What one commit of the store changed. `folders` holds the new counts of every folder it touched. */
export const StoreChange = z.object({
  storeId: z.string(),
  fromRevision: z.number().int(),
  toRevision: z.number().int(),
  added: z.array(MessageSummary),
  updated: z.array(MessageSummary),
  removed: z.array(z.object({ messageKey: MessageKey, folder: FolderPath })),
  folders: z.array(FolderSummary),
  /** Folders that are no more, or have another name. */
  goneFolders: z.array(FolderPath).optional(),
  /** These folders have another name, given here or by another program; each one is named. */
  renamedFolders: z.array(z.object({ from: FolderPath, to: FolderPath })).optional(),
  /** One of so many that messages are not named: whoever shows some asks for them again. */
  isLarge: z.boolean().optional(),
});
export type StoreChange = z.infer<typeof StoreChange>;

export const ContactFormat = z.enum(['vcard', 'vcard4', 'csv']);
export type ContactFormat = z.infer<typeof ContactFormat>;

export const ExportFormat = z.enum(['mbox', 'eml', 'maildir', 'zip']);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** How to send this one message. */
export const SendOptions = z.object({
  /** Only these servers, in this order, for this message. */
  serverIds: z.array(ServerId).optional(),
  /** Epoch milliseconds: not before. */
  sendAt: z.number().optional(),
  /** Skip the undo time of the preferences. */
  immediately: z.boolean().optional(),
});
export type SendOptions = z.infer<typeof SendOptions>;
