import type { ServerId } from '#shared/ids.ts';
import type { Identity } from '#shared/mail/identity.ts';
import type { IncomingAccountView } from '#shared/mail/incoming-account.ts';
import type { DeliveryMemoryEntry } from '#shared/mail/outbox.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import type { AutoReply, Rule } from '#shared/mail/rule.ts';
import type { Contact, NamedLocation, SavedSearch } from '#shared/mail/settings.ts';
import { useConditions, useSettings } from './stores.ts';

// One empty list each: a selector that made a new one would never be done.
const noServers: readonly OutgoingServerView[] = [];
const noIdentities: readonly Identity[] = [];
const noAccounts: readonly IncomingAccountView[] = [];
const noLocations: readonly NamedLocation[] = [];
const noContacts: readonly Contact[] = [];
const noSearches: readonly SavedSearch[] = [];
const noAutoReplies: readonly AutoReply[] = [];
const noRules: readonly Rule[] = [];
const noMemory: readonly DeliveryMemoryEntry[] = [];

/** The outgoing servers in the user's order; none until loaded. */
export function useServers(): readonly OutgoingServerView[] {
  return useSettings((state) => state.settings?.servers ?? noServers);
}

export function useIdentities(): readonly Identity[] {
  return useSettings((state) => state.settings?.identities ?? noIdentities);
}

export function useAccounts(): readonly IncomingAccountView[] {
  return useSettings((state) => state.settings?.accounts ?? noAccounts);
}

export function useNamedLocations(): readonly NamedLocation[] {
  return useSettings((state) => state.settings?.locations ?? noLocations);
}

export function useContacts(): readonly Contact[] {
  return useSettings((state) => state.settings?.contacts ?? noContacts);
}

export function useSavedSearches(): readonly SavedSearch[] {
  return useSettings((state) => state.settings?.preferences.savedSearches ?? noSearches);
}

/** In the order they are asked. */
export function useRules(): readonly Rule[] {
  return useSettings((state) => state.settings?.rules ?? noRules);
}

export function useAutoReplies(): readonly AutoReply[] {
  return useSettings((state) => state.settings?.autoReplies ?? noAutoReplies);
}

/** What is remembered about one server. */
export function useServerMemory(id: ServerId): readonly DeliveryMemoryEntry[] {
  return useConditions((state) => state.byServer[id]?.memory ?? noMemory);
}
