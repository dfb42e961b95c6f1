import type { LocationId } from '#shared/ids.ts';
import type { DeliveryMemoryEntry, SeenNetwork } from '#shared/mail/outbox.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';

type Bindable = Pick<OutgoingServerView, 'id' | 'label' | 'networks'>;

export interface Binding {
  readonly server: Bindable;
  readonly rule: 'only' | 'never';
}

/** The servers whose rule names this network. */
export function boundTo(locationId: LocationId, servers: readonly Bindable[]): Binding[] {
  return servers.flatMap((server) => {
    const { networks } = server;
    if (networks === undefined || networks.rule === 'any' || !networks.locations.includes(locationId)) return [];
    return [{ server, rule: networks.rule }];
  });
}

export interface RememberedAt {
  readonly server: Pick<OutgoingServerView, 'id' | 'label'>;
  readonly entries: DeliveryMemoryEntry[];
}

/** What is remembered on this network, server by server in the user's order. What has expired is left out. */
export function rememberedAt(
  locationId: LocationId,
  memory: readonly DeliveryMemoryEntry[],
  servers: readonly Pick<OutgoingServerView, 'id' | 'label'>[],
  now: number,
): RememberedAt[] {
  const here = memory.filter(
    (entry) => entry.locationId === locationId && (entry.expiresAt === null || entry.expiresAt > now),
  );
  return servers.flatMap((server) => {
    const entries = here.filter(({ serverId }) => serverId === server.id);
    return entries.length === 0 ? [] : [{ server, entries }];
  });
}

/** Where we are first, then what has a name, then the rest, the latest first within each. */
export function inOrderOfUse(networks: readonly SeenNetwork[]): SeenNetwork[] {
  return [...networks].sort(
    (a, b) =>
      Number(b.isCurrent) - Number(a.isCurrent) ||
      Number(b.isNamed) - Number(a.isNamed) ||
      (b.lastSeenAt ?? '').localeCompare(a.lastSeenAt ?? ''),
  );
}
