import { z } from 'zod';
import { FolderPath, LocationId } from '../ids.ts';
import { AddressInput, HeaderText } from './address.ts';
import { BackupSchedule } from './backup.ts';
import { Identity } from './identity.ts';
import { IncomingAccount, IncomingAccountView } from './incoming-account.ts';
import { OutgoingServer, OutgoingServerView } from './outgoing-server.ts';
import { ScannerSettings } from './quarantine.ts';
import { AutoReply, JunkSettings, Rule } from './rule.ts';
import { Tag } from './tag.ts';

/** A search kept under a name, shown below the folders. */
export const SavedSearch = z.object({
  name: z.string().trim().min(1).max(100),
  query: z.string().trim().min(1).max(1000),
});
export type SavedSearch = z.infer<typeof SavedSearch>;

const preferenceFields = {
  theme: z.enum(['system', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  language: z.string(),
  collectAtStart: z.boolean(),
  notifyOfNewMail: z.boolean(),
  markReadAfterSeconds: z.number().min(0).max(60),
  undoSendSeconds: z.number().int().min(0).max(60),
  sendingPaused: z.boolean(),
  /** Closing the window does not end the app, where the host has a notification area. */
  keepRunning: z.boolean(),
  composeFormat: z.enum(['plain', 'rich']),
  /** Senders (mailboxes) whose remote pictures are shown without asking. */
  remoteContentFrom: z.array(z.string()),
  savedSearches: z.array(SavedSearch).max(200),
  /** The tags the user set up, in their order. */
  tags: z.array(Tag).max(500),
  /** Folders shown as conversations. */
  threadedFolders: z.array(FolderPath).max(10_000),
  backup: BackupSchedule,
};

/** Some of the preferences. Made from fields without defaults: zod fills a default in even where `partial()` was said. */
export const PreferencesPatch = z.object(preferenceFields).partial();
export type PreferencesPatch = z.infer<typeof PreferencesPatch>;

export const Preferences = z.object({
  theme: preferenceFields.theme.default('system'),
  density: preferenceFields.density.default('comfortable'),
  language: preferenceFields.language.default('system'),
  collectAtStart: preferenceFields.collectAtStart.default(true),
  notifyOfNewMail: preferenceFields.notifyOfNewMail.default(true),
  markReadAfterSeconds: preferenceFields.markReadAfterSeconds.default(1),
  undoSendSeconds: preferenceFields.undoSendSeconds.default(10),
  sendingPaused: preferenceFields.sendingPaused.default(false),
  keepRunning: preferenceFields.keepRunning.default(false),
  composeFormat: preferenceFields.composeFormat.default('plain'),
  remoteContentFrom: preferenceFields.remoteContentFrom.default([]),
  savedSearches: preferenceFields.savedSearches.default([]),
  tags: preferenceFields.tags.default([
    { name: 'Important', colour: 'red' },
    { name: 'To do', colour: 'orange' },
    { name: 'Waiting', colour: 'blue' },
    { name: 'Personal', colour: 'green' },
    { name: 'Work', colour: 'violet' },
  ]),
  threadedFolders: preferenceFields.threadedFolders.default([]),
  backup: preferenceFields.backup.default(BackupSchedule.parse({})),
});
export type Preferences = z.infer<typeof Preferences>;

/** What a number is for; a fax machine at work is both. */
export const PhoneKind = z.enum(['mobile', 'work', 'home', 'fax', 'pager', 'main']);
export type PhoneKind = z.infer<typeof PhoneKind>;

/** An address of the address book. A person with several is in it once for each. */
export const Contact = AddressInput.extend({
  note: z.string().max(500).default(''),
  /** Completes the address too. */
  nickname: HeaderText.max(200).optional(),
  phones: z.array(HeaderText.min(1).max(60)).max(20).optional(),
  /** By the number, where it is known. */
  phoneKinds: z.record(z.string().max(60), z.array(PhoneKind).max(6)).optional(),
  /** The SHA-256 of their picture, by which it is asked for. */
  photo: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** The same at every address of one person, where there are several. */
  person: z.string().max(100).optional(),
});
export type Contact = z.infer<typeof Contact>;

export const NamedLocation = z.object({
  locationId: LocationId,
  name: z.string().trim().min(1).max(100),
  lastSeenAt: z.number().optional(),
});
export type NamedLocation = z.infer<typeof NamedLocation>;

/** `settings.json`, version 1: everything the user set, no secrets. Order of servers and identities is the user's own. */
export const Settings = z.object({
  version: z.literal(1),
  accounts: z.array(IncomingAccount),
  identities: z.array(Identity),
  servers: z.array(OutgoingServer),
  contacts: z.array(Contact),
  locations: z.array(NamedLocation),
  preferences: Preferences,
  /** In the order they are asked. */
  rules: z.array(Rule).max(1000).default([]),
  junk: JunkSettings.default(JunkSettings.parse({})),
  autoReplies: z.array(AutoReply).max(200).default([]),
  scanner: ScannerSettings.default(ScannerSettings.parse({})),
});
export type Settings = z.infer<typeof Settings>;

/** What the screens see: the same, plus whether a secret is stored. */
export const SettingsView = Settings.extend({
  accounts: z.array(IncomingAccountView),
  servers: z.array(OutgoingServerView),
});
export type SettingsView = z.infer<typeof SettingsView>;
