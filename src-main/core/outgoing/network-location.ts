import { createHash } from 'node:crypto';
import { LocationId } from '#shared/ids.ts';
import type { NetworkLocation } from '#shared/mail/outbox.ts';
import type { NetworkDescription } from '../ports.ts';
import type { Rooms } from '../services.ts';

/** Where the machine is connected, known again when it comes back. */
export interface LocationService {
  /** Taken anew only after a change of the interfaces, or when asked to. */
  current(options?: { fresh: boolean }): Promise<NetworkLocation>;
  /** Begins to watch for changes. */
  watch(onChanged: (location: NetworkLocation) => void): void;
  close(): void;
}

type Interfaces = ReturnType<Rooms['network']['interfaces']>;

export const offlineLocation = LocationId.parse('offline');
const lookEveryMs = 2000;
const describeMs = 5000;

/**
 * The key of a network: its gateway by hardware address, which tells one 192.168.1.1 from another; by address and DNS
 * suffix where the hardware address is not known. Never by Wi-Fi name, which may be hidden from us.
 */
export function fingerprint(description: NetworkDescription, interfaces: Interfaces): LocationId {
  const { gatewayAddress, gatewayMac, dnsSuffix } = description;
  if (gatewayMac !== null) return digest(`mac ${gatewayMac.toLowerCase()} ${gatewayAddress ?? ''}`);
  if (gatewayAddress !== null) return digest(`gateway ${gatewayAddress} ${dnsSuffix ?? ''}`);
  const own = externalAddresses(interfaces);
  if (own.length === 0) return offlineLocation;
  // No gateway, but a network: machines on one cable.
  return digest(`link ${own.map((address) => address.replace(/[.:][^.:]*$/, '')).join(' ')} ${dnsSuffix ?? ''}`);
}

function digest(text: string): LocationId {
  return LocationId.parse(createHash('sha256').update(text).digest('hex').slice(0, 16));
}

/** Sorted, without loopback and link-local addresses. */
function externalAddresses(interfaces: Interfaces): string[] {
  return Object.values(interfaces)
    .flat()
    .filter(({ internal, address }) => !internal && !/^fe80:|^169\.254\./i.test(address))
    .map(({ address }) => address)
    .sort();
}

/** Makes the service. Describing the network may take a while; looking whether it changed takes none. */
export function createLocationService(rooms: Pick<Rooms, 'clock' | 'log' | 'network' | 'settings'>): LocationService {
  const { clock, log, network, settings } = rooms;
  let seen = '';
  let known:
    | Promise<{ location: Omit<NetworkLocation, 'name' | 'isNamed'>; description: NetworkDescription }>
    | undefined;
  let gatewayBefore: { address: string; locationId: LocationId } | undefined;
  let cancelLook: (() => void) | undefined;
  let isClosed = false;

  async function take(): Promise<NonNullable<Awaited<typeof known>>> {
    const interfaces = network.interfaces();
    const description = await network.describe(AbortSignal.timeout(describeMs)).catch((error: unknown) => {
      log.warn('The network could not be described.', { reason: error instanceof Error ? error.message : 'unknown' });
      return unknownNetwork;
    });
    let locationId = fingerprint(description, interfaces);
    // A gateway not yet in the neighbour table is still the gateway seen a moment ago.
    if (description.gatewayMac === null && description.gatewayAddress === gatewayBefore?.address) {
      locationId = gatewayBefore?.locationId ?? locationId;
    }
    if (description.gatewayAddress !== null && description.gatewayMac !== null) {
      gatewayBefore = { address: description.gatewayAddress, locationId };
    }
    const isOnline = description.isOnline || externalAddresses(interfaces).length > 0;
    return { location: { locationId: isOnline ? locationId : offlineLocation, isOnline }, description };
  }

  async function current(options?: { fresh: boolean }): Promise<NetworkLocation> {
    const looks = JSON.stringify(externalAddresses(network.interfaces()));
    if (known === undefined || looks !== seen || options?.fresh === true) {
      seen = looks;
      known = take();
    }
    const { location, description } = await known;
    const named = settings.current().locations.find(({ locationId }) => locationId === location.locationId);
    return { ...location, name: named?.name ?? describeInWords(location, description), isNamed: named !== undefined };
  }

  function look(onChanged: (location: NetworkLocation) => void, before: string): void {
    cancelLook = clock.after(lookEveryMs, () => {
      const looks = JSON.stringify(externalAddresses(network.interfaces()));
      if (looks === before) {
        look(onChanged, before);
        return;
      }
      current({ fresh: true })
        .then((location) => {
          if (!isClosed) onChanged(location);
        })
        .catch((error: unknown) => log.error('The change of network could not be followed.', error))
        .finally(() => {
          if (!isClosed) look(onChanged, looks);
        });
    });
  }

  return {
    current,
    watch(onChanged) {
      cancelLook?.();
      look(onChanged, JSON.stringify(externalAddresses(network.interfaces())));
    },
    close() {
      isClosed = true;
      cancelLook?.();
    },
  };
}

const unknownNetwork: NetworkDescription = {
  gatewayAddress: null,
  gatewayMac: null,
  dnsSuffix: null,
  interfaceKind: null,
  wifiName: null,
  isOnline: false,
};

function describeInWords(
  { isOnline }: { isOnline: boolean },
  { gatewayAddress, wifiName }: NetworkDescription,
): string {
  if (!isOnline) return 'Offline';
  if (wifiName !== null && wifiName !== '') return wifiName;
  return gatewayAddress === null ? 'Network without a gateway' : `Network at ${gatewayAddress}`;
}
