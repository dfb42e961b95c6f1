import { z } from 'zod';
import { LocationId } from '../ids.ts';
import { AddressInput } from './address.ts';
import { Identity } from './identity.ts';
import { IncomingAccount, IncomingAccountView } from './incoming-account.ts';
import { OutgoingServer, OutgoingServerView } from './outgoing-server.ts';

export const Preferences = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  density: z.enum(['comfortable', 'compact']).default('comfortable'),
  language: z.string().default('system'),
  collectAtStart: z.boolean().default(true),
  notifyOfNewMail: z.boolean().default(true),
  markReadAfterSeconds: z.number().min(0).max(60).default(1),
  undoSendSeconds: z.number().int().min(0).max(60).default(10),
  sendingPaused: z.boolean().default(false),
  composeFormat: z.enum(['plain', 'rich']).default('plain'),
  /** Senders (mailboxes) whose remote pictures are shown without asking. */
  remoteContentFrom: z.array(z.string()).default([]),
});
export type Preferences = z.infer<typeof Preferences>;

export const Contact = AddressInput.extend({ note: z.string().max(500).default('') });
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
});
export type Settings = z.infer<typeof Settings>;

/** What the screens see: the same, plus whether a secret is stored. */
export const SettingsView = Settings.extend({
  accounts: z.array(IncomingAccountView),
  servers: z.array(OutgoingServerView),
});
export type SettingsView = z.infer<typeof SettingsView>;
