import { createHash } from 'node:crypto';
import { LocationId } from '#shared/ids.ts';
import type { NetworkLocation } from '#shared/mail/outbox.ts';
import { sharedRun } from '#shared/shared-run.ts';
import type { NetworkDescription } from '../ports.ts';
import type { Rooms } from '../services.ts';
import { describeInWords } from './network-words.ts';

/** Where the machine is connected, known again when it comes back. */
export interface LocationService {
  /** Taken anew only after a change of the interfaces, or when asked to. */
  current(options?: { fresh: boolean }): Promise<NetworkLocation>;
  /** The same with what it was recognised by. */
  sighting(options?: { fresh: boolean }): Promise<Sighting>;
  /** Told of a move that whoever asked found out: a failed send may be the first to notice. */
  follow(onNews: (news: LocationNews) => void): void;
  /** Begins to look by itself: for changes, for a computer that slept, and for the hour. Told as `follow` says. */
  watch(): void;
  close(): void;
}

export interface Sighting {
  readonly locationId: LocationId;
  readonly isOnline: boolean;
  readonly description: NetworkDescription;
  /** False while a network just joined may still tell its gateway's hardware address: what it is called may change. */
  readonly isSettled: boolean;
}

/**
 * `moved`: another network, or on and off it. `changed`: the same network with other addresses, or a tunnel on top.
 * `resumed`: the computer slept. `hour`: nothing happened; the hour struck.
 */
export interface LocationNews {
  readonly kind: 'moved' | 'changed' | 'resumed' | 'hour';
  readonly location: NetworkLocation;
}

type Interfaces = ReturnType<Rooms['network']['interfaces']>;

export const offlineLocation = LocationId.parse('offline');
const lookEveryMs = 2000;
/** Asking the system for its addresses costs as much as planning ten routes: a hundred messages in a row ask once. */
const lookAgainMs = 100;
const longestDescribeMs = 5000;
/** A look that comes so much too late: the computer slept, and may wake up anywhere. */
const sleptMs = 90_000;
const hourMs = 3_600_000;
/** After a change the route and the gateway's hardware address come a moment later than our own address. */
const settlingLooks = 5;
/** Where there is no gateway, one is looked for at each look of so many: a route may come long after the address. */
const lateGatewayLooks = 15;

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
  // No gateway, but a network: machines on one cable, or a tunnel.
  return digest(`link ${[...new Set(own.map(networkPart))].join(' ')} ${dnsSuffix ?? ''}`);
}

/** Without what is the machine's own, and what privacy extensions (RFC 8981) change daily: the last octet, or all past the /64. */
function networkPart(address: string): string {
  if (!address.includes(':')) return address.replace(/\.[^.]*$/, '');
  const [head = '', tail = ''] = address.split('::');
  const groups = head.split(':');
  const missing = address.includes('::') ? Math.max(0, 8 - groups.length - tail.split(':').length) : 0;
  return [...groups, ...Array<string>(missing).fill('0')].slice(0, 4).join(':');
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

type LocationRooms = Pick<Rooms, 'clock' | 'log' | 'network'> & {
  /** Only the names of places are asked of it. */
  readonly settings: { current(): Pick<ReturnType<Rooms['settings']['current']>, 'locations'> };
  /** How long the system may take to describe the network; a few seconds unless given. */
  readonly describeMs?: number;
};

/** Makes the service. Describing the network may take a while; looking whether it changed takes none. */
export function createLocationService(rooms: LocationRooms): LocationService {
  const { clock, log, network, settings, describeMs = longestDescribeMs } = rooms;
  let seen = '';
  let lastLooks = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  let known: Promise<Sighting> | undefined;
  /** The gateway whose hardware address was known last, and our addresses then. */
  let gatewayBefore: { address: string; locationId: LocationId; own: readonly string[] } | undefined;
  let onNews: ((news: LocationNews) => void) | undefined;
  /** What was told last; undefined: nobody has looked yet. */
  let before: Sighting | undefined;
  let isWatching = false;
  let cancelLook: (() => void) | undefined;
  /** How many more looks a network just joined is given to tell its gateway's hardware address. */
  let patience = settlingLooks;
  let looksWithoutGateway = 0;

  async function take(): Promise<Sighting> {
    const interfaces = network.interfaces();
    const own = externalAddresses(interfaces);
    const description = await withinTime(describeMs, (signal) => network.describe(signal)).catch((error: unknown) => {
      log.warn('The network could not be described.', { reason: error instanceof Error ? error.message : 'unknown' });
      return unknownNetwork;
    });
    const { gatewayAddress, gatewayMac } = description;
    let locationId = fingerprint(description, interfaces);
    // A gateway not yet in the neighbour table is still the gateway seen a moment ago, as long as we have an address of then.
    const isBefore = gatewayAddress !== null && gatewayBefore?.address === gatewayAddress;
    if (gatewayMac === null && isBefore && own.some((address) => gatewayBefore?.own.includes(address))) {
      locationId = gatewayBefore?.locationId ?? locationId;
    }
    if (gatewayAddress !== null && gatewayMac !== null) gatewayBefore = { address: gatewayAddress, locationId, own };
    const isOnline = description.isOnline || own.length > 0;
    return {
      locationId: isOnline ? locationId : offlineLocation,
      isOnline,
      description,
      isSettled: !isOnline || gatewayMac !== null || patience === 0,
    };
  }

  const takeAnew = sharedRun(take);

  function looksNow(): string {
    lookedAt = clock.now();
    lastLooks = JSON.stringify(externalAddresses(network.interfaces()));
    return lastLooks;
  }

  async function sighting(options?: { fresh: boolean }): Promise<Sighting> {
    const isFresh = options?.fresh === true;
    const sinceMs = clock.now() - lookedAt;
    const looks = isFresh || sinceMs < 0 || sinceMs >= lookAgainMs ? looksNow() : lastLooks;
    if (known === undefined || looks !== seen || isFresh) {
      seen = looks;
      known = takeAnew();
    }
    const mine = known;
    const found = await mine;
    if (mine === known) tellIfMoved(found);
    return found;
  }

  function toLocation({ locationId, isOnline, description }: Sighting): NetworkLocation {
    const named = settings.current().locations.find((location) => location.locationId === locationId);
    return {
      locationId,
      isOnline,
      name: named?.name ?? describeInWords({ isOnline }, description),
      isNamed: named !== undefined,
    };
  }

  function tellIfMoved(found: Sighting): void {
    const last = before;
    before = found;
    if (last === undefined) return;
    const isMoved = last.locationId !== found.locationId || last.isOnline !== found.isOnline;
    if (isMoved) onNews?.({ kind: 'moved', location: toLocation(found) });
  }

  /** Takes the full fingerprint and tells, as a move where it is one. */
  async function tell(kind: LocationNews['kind']): Promise<Sighting> {
    const last = before?.locationId;
    const found = await sighting({ fresh: true });
    if (last === undefined || last === found.locationId) onNews?.({ kind, location: toLocation(found) });
    return found;
  }

  function look(looked: string): void {
    const planned = clock.now() + lookEveryMs;
    const nextHour = (Math.floor(clock.now() / hourMs) + 1) * hourMs;
    cancelLook = clock.after(lookEveryMs, () => {
      const now = clock.now();
      const looks = looksNow();
      // Somebody who asked in between may have found us gone, and now we are back with the address we had.
      const isChanged = looks !== looked || looks !== seen;
      if (isChanged) patience = settlingLooks;
      const kind = isChanged ? 'changed' : now - planned > sleptMs ? 'resumed' : now >= nextHour ? 'hour' : null;
      followUp(kind)
        .catch((error: unknown) => log.error('The change of network could not be followed.', error))
        .finally(() => {
          if (isWatching) look(looks);
        });
    });
  }

  async function isToBeSeenAgain(seenBefore: Promise<Sighting>): Promise<boolean> {
    const { isSettled, isOnline, description } = await seenBefore;
    if (!isSettled) patience -= 1;
    looksWithoutGateway = isOnline && description.gatewayAddress === null ? looksWithoutGateway + 1 : 0;
    return !isSettled || (looksWithoutGateway > 0 && looksWithoutGateway % lateGatewayLooks === 0);
  }

  async function followUp(kind: LocationNews['kind'] | null): Promise<void> {
    if (kind !== null) await tell(kind);
    else if (known !== undefined && (await isToBeSeenAgain(known))) await sighting({ fresh: true });
  }

  return {
    sighting,
    current: async (options) => toLocation(await sighting(options)),
    follow(listener) {
      onNews = listener;
    },
    watch() {
      cancelLook?.();
      isWatching = true;
      sighting().catch((error: unknown) => log.error('The network could not be looked at.', error));
      look(looksNow());
    },
    close() {
      isWatching = false;
      onNews = undefined;
      cancelLook?.();
    },
  };
}

/** Whether or not it heeds the signal: nobody waits for it longer, since everything that is sent waits for this. */
function withinTime<T>(timeoutMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = new AbortController();
  const timer = setTimeout(() => {
    const tooLong = new Error('It took too long.');
    abort.abort(tooLong);
    reject(tooLong);
  }, timeoutMs);
  return Promise.race([run(abort.signal), promise]).finally(() => clearTimeout(timer));
}

const unknownNetwork: NetworkDescription = {
  gatewayAddress: null,
  gatewayMac: null,
  dnsSuffix: null,
  interfaceKind: null,
  wifiName: null,
  isOnline: false,
};
