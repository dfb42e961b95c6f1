import { randomUUID } from 'node:crypto';
import { AccountId, IdentityId, LocationId, ServerId } from '#shared/ids.ts';
import type { Secret } from '#shared/mail/endpoint.ts';
import { IdentityInput } from '#shared/mail/identity.ts';
import { AccountInput, type IncomingAccount, type IncomingAccountView } from '#shared/mail/incoming-account.ts';
import type { NameUse } from '#shared/mail/name-use.ts';
import { type OutgoingServer, type OutgoingServerView, ServerInput } from '#shared/mail/outgoing-server.ts';
import { NamedLocation, type Settings, type SettingsView } from '#shared/mail/settings.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Rooms, SettingsService } from '../services.ts';
import { type MergedContacts, withContact, withContacts } from './add-contacts.ts';
import { type SettingsHandlers, settingsHandlers } from './handlers.ts';
import {
  authPatchIn,
  proxySecretName,
  type SecretChange,
  secretChangeIn,
  withoutProxyPassword,
  withProxyPasswords,
  withSecrets,
} from './kept-secrets.ts';
import { type Renamed, usesOfFolders, usesOfTag, withFolderRenamed, withTagRenamed } from './names-used.ts';
import { applyPatch } from './patch.ts';
import { mergeRestored, secretsToTake } from './restore-settings.ts';
import { checkReferences, findIdentity, inOrder, withoutAccount, withoutServer } from './routes.ts';
import { type BrokenSettings, loadSettings, saveSettings } from './settings-file.ts';

export type SettingsOptions = Pick<Rooms, 'profileDir' | 'secrets' | 'log' | 'clock' | 'emit'> & {
  /** Kept aside unless given: a screen that will not open helps nobody, but a command is read by no one who could ask. */
  readonly brokenSettings?: BrokenSettings;
};

/** What the parts of the service share: the settings in memory and the one way to change them. */
interface Kept {
  readonly options: SettingsOptions;
  current(): Settings;
  view(): Promise<SettingsView>;
  /** One change at a time: secrets, then the file, then memory, then whoever listens. `decide` sees the newest settings and may throw. */
  change(decide: (settings: Settings) => Change): Promise<void>;
}

interface Change {
  readonly settings: Settings;
  readonly secrets?: Readonly<Record<string, SecretChange>>;
}

/**
 * Opens `profileDir/settings.json` (made when first changed) and the secrets beside it. What was wrong with the file
 * is in `problem`. Throws ESETTINGS when it was written by a newer program.
 */
export async function createSettings(
  options: SettingsOptions,
): Promise<SettingsService & { handlers: SettingsHandlers }> {
  const loaded = await loadSettings(options.profileDir, options.clock, options.brokenSettings);
  if (loaded.problem !== null) options.log.warn(loaded.problem);
  const listeners = new Set<(settings: Settings) => void>();
  const kept = keep(options, await withProxyPasswords(loaded.settings, options.secrets, options.log), listeners);

  const service: SettingsService = {
    current: kept.current,
    view: kept.view,
    problem: loaded.problem,
    account: (id) => kept.current().accounts.find((account) => account.id === id),
    server: (id) => kept.current().servers.find((server) => server.id === id),
    identity: (id) => kept.current().identities.find((identity) => identity.id === id),
    identityFor: (mailbox) => findIdentity(kept.current().identities, mailbox),
    accountSecret: (id) => options.secrets.get(accountSecretName(id)),
    serverSecret: (id) => options.secrets.get(serverSecretName(id)),
    onChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...accountMethods(kept),
    ...serverMethods(kept),
    ...identityMethods(kept),
    ...otherMethods(kept),
    restore: (restored, how, secrets) => takeRestored(kept, restored, how, secrets),
  };
  return { ...service, handlers: settingsHandlers(service) };
}

function keep(options: SettingsOptions, initial: Settings, listeners: Set<(settings: Settings) => void>): Kept {
  const { profileDir, secrets, log, emit } = options;
  let settings = initial;
  let tail: Promise<void> = Promise.resolve();

  async function perform(decide: (settings: Settings) => Change): Promise<void> {
    const change = decide(settings);
    const onDisk = { ...change.settings, servers: change.settings.servers.map(withoutProxyPassword) };
    await withSecrets(secrets, change.secrets ?? {}, () => saveSettings(profileDir, onDisk));
    settings = change.settings;
    for (const listener of listeners) {
      try {
        listener(settings);
      } catch (error) {
        log.error('A listener to the settings failed.', error);
      }
    }
    emit('settings.changed', await viewOf(settings, options));
  }

  return {
    options,
    current: () => settings,
    view: () => viewOf(settings, options),
    change(decide) {
      const work = tail.then(() => perform(decide));
      tail = work.catch(() => undefined);
      return work;
    },
  };
}

async function viewOf(settings: Settings, { secrets }: SettingsOptions): Promise<SettingsView> {
  const [accounts, servers] = await Promise.all([
    Promise.all(
      settings.accounts.map(async (account) => ({
        ...account,
        hasSecret: await secrets.has(accountSecretName(account.id)),
      })),
    ),
    Promise.all(
      settings.servers.map(async (server) => ({
        ...withoutProxyPassword(server),
        hasSecret: await secrets.has(serverSecretName(server.id)),
      })),
    ),
  ]);
  return { ...settings, accounts, servers };
}

const accountSecretName = (id: AccountId): string => `account:${id}`;
const serverSecretName = (id: ServerId): string => `server:${id}`;

async function takeRestored(
  { change, current, options }: Kept,
  restored: Settings,
  how: 'if-empty' | 'add',
  given: Readonly<Record<string, Secret>>,
): Promise<boolean> {
  const before = current();
  const merged = mergeRestored(before, restored, how);
  const taken = await secretsToTake(merged, given, options.secrets);
  if (merged === before && Object.keys(taken.secrets).length === 0) return false;
  await change((settings) => {
    // Whoever changed something meanwhile keeps what was set.
    if (settings !== before) throw new MailError('EINVALID', 'The settings were changed meanwhile. Restore again.');
    return taken;
  });
  return true;
}

type AccountMethods = Pick<SettingsService, 'addAccount' | 'setAccount' | 'removeAccount'>;

function accountMethods({ change, options }: Kept): AccountMethods {
  return {
    async addAccount({ secret, ...fields }) {
      const id = AccountId.parse(randomUUID());
      await change((settings) => ({
        settings: { ...settings, accounts: [...settings.accounts, { id, ...fields }] },
        secrets: { [accountSecretName(id)]: secret },
      }));
      return id;
    },
    async setAccount(id, patch): Promise<IncomingAccountView> {
      let stored: IncomingAccount | undefined;
      await change((settings) => {
        const before = settings.accounts.find((account) => account.id === id);
        if (before === undefined) throw notThere('account', id);
        const { secret, ...fields } = applyPatch(AccountInput, before, patch);
        const after: IncomingAccount = { id, ...fields };
        stored = after;
        return {
          settings: { ...settings, accounts: replaced(settings.accounts, after) },
          secrets: { [accountSecretName(id)]: secretChangeIn(patch, secret) },
        };
      });
      if (stored === undefined) throw notThere('account', id);
      return { ...stored, hasSecret: await options.secrets.has(accountSecretName(id)) };
    },
    async removeAccount(id) {
      await change((settings) => {
        if (!settings.accounts.some((account) => account.id === id)) throw notThere('account', id);
        const accounts = settings.accounts.filter((account) => account.id !== id);
        return { settings: { ...settings, accounts, identities: withoutAccount(settings.identities, id) } };
      });
      // Only now: had saving failed, the account would still need it.
      await options.secrets.remove(accountSecretName(id));
    },
  };
}

type ServerMethods = Pick<SettingsService, 'addServer' | 'setServer' | 'removeServer' | 'reorderServers'>;

function serverMethods({ change, options }: Kept): ServerMethods {
  return {
    async addServer({ auth: { secret, ...auth }, ...fields }) {
      const id = ServerId.parse(randomUUID());
      const server: OutgoingServer = { id, ...fields, auth };
      checkEndpoints(server);
      await change((settings) => ({
        settings: { ...settings, servers: [...settings.servers, server] },
        secrets: { [serverSecretName(id)]: secret, [proxySecretName(id)]: server.proxy?.password },
      }));
      return id;
    },
    async setServer(id, patch): Promise<OutgoingServerView> {
      let stored: OutgoingServer | undefined;
      await change((settings) => {
        const before = settings.servers.find((server) => server.id === id);
        if (before === undefined) throw notThere('outgoing server', id);
        const { auth: authInput, ...fields } = applyPatch(ServerInput, before, patch);
        const { secret, ...auth } = authInput;
        const after: OutgoingServer = { id, ...fields, auth };
        checkEndpoints(after);
        stored = after;
        const password = after.proxy?.password;
        return {
          settings: { ...settings, servers: replaced(settings.servers, after) },
          secrets: {
            [serverSecretName(id)]: secretChangeIn(authPatchIn(patch), secret),
            [proxySecretName(id)]: password === before.proxy?.password ? undefined : (password ?? null),
          },
        };
      });
      if (stored === undefined) throw notThere('outgoing server', id);
      return { ...withoutProxyPassword(stored), hasSecret: await options.secrets.has(serverSecretName(id)) };
    },
    async removeServer(id) {
      await change((settings) => {
        if (!settings.servers.some((server) => server.id === id)) throw notThere('outgoing server', id);
        const servers = settings.servers.filter((server) => server.id !== id);
        return { settings: { ...settings, servers, identities: withoutServer(settings.identities, id) } };
      });
      await options.secrets.remove(serverSecretName(id));
      await options.secrets.remove(proxySecretName(id));
    },
    reorderServers: (ids) =>
      change((settings) => ({
        settings: { ...settings, servers: inOrder(settings.servers, ids, 'outgoing server') },
      })),
  };
}

function checkEndpoints(server: OutgoingServer): void {
  if (server.kind === 'relay' && server.endpoints.length === 0)
    throw new MailError('EINVALID', 'endpoints: Give the server a host, a port and its security.');
}

type IdentityMethods = Pick<SettingsService, 'addIdentity' | 'setIdentity' | 'removeIdentity'>;

function identityMethods({ change, current }: Kept): IdentityMethods {
  return {
    async addIdentity(input) {
      const id = IdentityId.parse(randomUUID());
      await change((settings) => {
        checkReferences(input, settings);
        return { settings: { ...settings, identities: [...settings.identities, { id, ...input }] } };
      });
      return id;
    },
    async setIdentity(id, patch) {
      await change((settings) => {
        const before = settings.identities.find((identity) => identity.id === id);
        if (before === undefined) throw notThere('identity', id);
        const after = { id, ...applyPatch(IdentityInput, before, patch) };
        checkReferences(after, settings);
        return { settings: { ...settings, identities: replaced(settings.identities, after) } };
      });
      const stored = current().identities.find((identity) => identity.id === id);
      if (stored === undefined) throw notThere('identity', id);
      return stored;
    },
    removeIdentity: (id) =>
      change((settings) => {
        if (!settings.identities.some((identity) => identity.id === id)) throw notThere('identity', id);
        const identities = settings.identities.filter((identity) => identity.id !== id);
        const autoReplies = settings.autoReplies.filter(({ identityId }) => identityId !== id);
        return { settings: { ...settings, identities, autoReplies } };
      }),
  };
}

type OtherMethods = Pick<
  SettingsService,
  | 'setPreferences'
  | 'putContact'
  | 'addContacts'
  | 'removeContact'
  | 'nameLocation'
  | 'forgetLocation'
  | 'changeMailRules'
  | 'followFolder'
  | 'followTag'
  | 'usesOfFolders'
  | 'usesOfTag'
>;

function otherMethods({ change, current, options }: Kept): OtherMethods {
  return {
    async setPreferences(patch) {
      await change((settings) => ({ settings: { ...settings, preferences: { ...settings.preferences, ...patch } } }));
      return current().preferences;
    },
    putContact: (contact) =>
      change((settings) => ({ settings: { ...settings, contacts: withContact(settings.contacts, contact) } })),
    async addContacts(contacts) {
      let merged: MergedContacts | undefined;
      await change((settings) => {
        merged = withContacts(settings.contacts, contacts);
        return { settings: { ...settings, contacts: merged.contacts } };
      });
      return { added: merged?.added ?? 0, known: merged?.known ?? 0 };
    },
    removeContact: (mailbox) =>
      change((settings) => {
        const contacts = settings.contacts.filter((contact) => !isSameMailbox(contact.mailbox, mailbox));
        if (contacts.length === settings.contacts.length)
          throw new MailError('ENOTFOUND', `${mailbox} is not in the address book.`);
        return { settings: { ...settings, contacts } };
      }),
    followFolder: (rename, folders) => follow(change, (settings) => withFolderRenamed(settings, rename, folders)),
    followTag: (from, to) => follow(change, (settings) => withTagRenamed(settings, from, to)),
    usesOfFolders: (wanted, folders) => usesOfFolders(current(), wanted, folders),
    usesOfTag: (tag) => usesOfTag(current(), tag),
    changeMailRules: (decide) => change((settings) => ({ settings: { ...settings, ...decide(settings) } })),
    nameLocation: ({ locationId, name }) =>
      change((settings) => {
        const named = NamedLocation.safeParse({ locationId, name, lastSeenAt: options.clock.now() });
        if (!named.success) throw new MailError('EINVALID', 'Give the network a name of up to 100 characters.');
        const others = settings.locations.filter((location) => location.locationId !== LocationId.parse(locationId));
        return { settings: { ...settings, locations: [...others, named.data] } };
      }),
    async forgetLocation(locationId) {
      const isOther = (location: NamedLocation): boolean => location.locationId !== locationId;
      if (current().locations.every(isOther)) return;
      await change((settings) => ({ settings: { ...settings, locations: settings.locations.filter(isOther) } }));
    },
  };
}

async function follow(change: Kept['change'], rename: (settings: Settings) => Renamed): Promise<NameUse[]> {
  let uses: readonly NameUse[] = [];
  await change((settings) => {
    const renamed = rename(settings);
    uses = renamed.uses;
    return { settings: renamed.settings };
  });
  return [...uses];
}

function isSameMailbox(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

function replaced<T extends { id: string }>(items: readonly T[], item: T): T[] {
  return items.map((other) => (other.id === item.id ? item : other));
}

function notThere(what: string, id: string): MailError {
  return new MailError('ENOTFOUND', `There is no ${what} “${id}”.`);
}
