import type { HandlersOf, SettingsService } from '../services.ts';

export type SettingsHandlers = HandlersOf<
  | 'settings.get'
  | 'settings.setPreferences'
  | 'account.add'
  | 'account.set'
  | 'account.list'
  | 'account.remove'
  | 'server.add'
  | 'server.set'
  | 'server.list'
  | 'server.remove'
  | 'server.reorder'
  | 'identity.add'
  | 'identity.set'
  | 'identity.list'
  | 'identity.remove'
  | 'contact.list'
  | 'contact.put'
  | 'contact.remove'
>;

/** The part of the contract that the settings answer for. */
export function settingsHandlers(settings: SettingsService): SettingsHandlers {
  return {
    'settings.get': () => settings.view(),
    'settings.setPreferences': (patch) => settings.setPreferences(patch),
    'account.add': async (input) => ({ id: await settings.addAccount(input) }),
    'account.set': ({ id, patch }) => settings.setAccount(id, patch),
    'account.list': async () => (await settings.view()).accounts,
    'account.remove': ({ id }) => done(settings.removeAccount(id)),
    'server.add': async (input) => ({ id: await settings.addServer(input) }),
    'server.set': ({ id, patch }) => settings.setServer(id, patch),
    'server.list': async () => (await settings.view()).servers,
    'server.remove': ({ id }) => done(settings.removeServer(id)),
    'server.reorder': ({ ids }) => done(settings.reorderServers(ids)),
    'identity.add': async (input) => ({ id: await settings.addIdentity(input) }),
    'identity.set': ({ id, patch }) => settings.setIdentity(id, patch),
    'identity.list': async () => settings.current().identities,
    'identity.remove': ({ id }) => done(settings.removeIdentity(id)),
    'contact.list': async () => settings.current().contacts,
    'contact.put': (contact) => done(settings.putContact(contact)),
    'contact.remove': ({ mailbox }) => done(settings.removeContact(mailbox)),
  };
}

async function done(work: Promise<void>): Promise<Record<string, never>> {
  await work;
  return {};
}
