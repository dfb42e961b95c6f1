import type { LocationId } from '#shared/ids.ts';
import type { DeliveryMemoryEntry, NetworkRecord, SeenNetwork } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Rooms } from '../services.ts';
import type { DeliveryMemory } from './delivery-memory.ts';
import type { LocationService, Sighting } from './network-location.ts';
import { describeInWords, factsInWords } from './network-words.ts';

/** The networks this computer has been on: a record each in the ledger, their names in the settings. */
export interface Networks {
  /** The present one first, then the latest; named ones that were never seen last. */
  list(): Promise<SeenNetwork[]>;
  /** Writes down that we are here: when first seen, and then at most once an hour. */
  noteHere(): Promise<void>;
  forget(locationId: LocationId): Promise<void>;
  /** Takes `forget` back, while this process lives. Throws ENOTFOUND. */
  restore(locationId: LocationId): Promise<void>;
}

type NetworkRooms = Pick<Rooms, 'clock' | 'store' | 'settings'> & {
  readonly location: LocationService;
  readonly memory: DeliveryMemory;
};

const noteEveryMs = 3_600_000;

interface Forgotten {
  readonly record: NetworkRecord | undefined;
  readonly name: string | undefined;
  readonly memory: DeliveryMemoryEntry[];
}

export function createNetworks(rooms: NetworkRooms): Networks {
  const { clock, store, settings, location, memory } = rooms;
  const forgotten = new Map<LocationId, Forgotten>();
  let known: Map<LocationId, NetworkRecord> | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function records(): Promise<Map<LocationId, NetworkRecord>> {
    known ??= new Map((await store.networks()).map((record) => [record.locationId, record]));
    return known;
  }

  async function noteHere(): Promise<void> {
    const here = await location.sighting();
    // What is known for a moment only, while a cable is plugged in, is no network of its own.
    if (!here.isOnline || !here.isSettled) return;
    const all = await records();
    const before = all.get(here.locationId);
    const now = clock.now();
    if (before !== undefined && now - before.lastSeenAt < noteEveryMs) return writing;
    const { gatewayAddress, dnsSuffix, interfaceKind, wifiName } = here.description;
    const record: NetworkRecord = {
      locationId: here.locationId,
      gatewayAddress,
      dnsSuffix,
      interfaceKind,
      // A name once known stays, although today's leave to read it may be missing.
      wifiName: wifiName ?? before?.wifiName ?? null,
      firstSeenAt: before?.firstSeenAt ?? now,
      lastSeenAt: now,
    };
    all.set(record.locationId, record);
    writing = store.putNetwork(record);
    await writing;
  }

  async function list(): Promise<SeenNetwork[]> {
    await noteHere();
    const here = await location.sighting();
    const names = new Map(settings.current().locations.map((named) => [named.locationId, named]));
    const all = await records();
    const seen = withHere(all, here).map((record): SeenNetwork => {
      const name = names.get(record.locationId)?.name;
      return {
        locationId: record.locationId,
        name: name ?? describeInWords({ isOnline: true }, record),
        isNamed: name !== undefined,
        isCurrent: record.locationId === here.locationId,
        description: factsInWords(record),
        firstSeenAt: new Date(record.firstSeenAt).toISOString(),
        lastSeenAt: new Date(record.lastSeenAt).toISOString(),
      };
    });
    const shown = new Set<string>(seen.map(({ locationId }) => locationId));
    const onlyNamed = [...names.values()].filter(({ locationId }) => !shown.has(locationId));
    return [
      ...seen,
      ...onlyNamed.map(({ locationId, name, lastSeenAt }) => ({
        locationId,
        name,
        isNamed: true,
        isCurrent: locationId === here.locationId,
        description: '',
        firstSeenAt: null,
        lastSeenAt: lastSeenAt === undefined ? null : new Date(lastSeenAt).toISOString(),
      })),
    ].sort(
      (a, b) => Number(b.isCurrent) - Number(a.isCurrent) || (b.lastSeenAt ?? '').localeCompare(a.lastSeenAt ?? ''),
    );
  }

  /** Where we are is in the list, though it is not yet sure enough to be written down. */
  function withHere(all: ReadonlyMap<LocationId, NetworkRecord>, here: Sighting): NetworkRecord[] {
    const rows = [...all.values()];
    if (!here.isOnline || all.has(here.locationId)) return rows;
    const now = clock.now();
    return [...rows, { ...here.description, locationId: here.locationId, firstSeenAt: now, lastSeenAt: now }];
  }

  return {
    list,
    noteHere,
    async forget(locationId) {
      const all = await records();
      await memory.load();
      const record = all.get(locationId);
      const name = settings.current().locations.find((named) => named.locationId === locationId)?.name;
      const learned = memory.entries().filter((entry) => entry.locationId === locationId);
      if (record === undefined && name === undefined && learned.length === 0)
        throw new MailError('ENOTFOUND', 'That network is not in the list any more.');
      forgotten.set(locationId, { record, name, memory: learned });
      all.delete(locationId);
      await settings.forgetLocation(locationId);
      await memory.forgetLocation(locationId);
      await store.removeNetwork(locationId);
    },
    async restore(locationId) {
      const kept = forgotten.get(locationId);
      if (kept === undefined)
        throw new MailError('ENOTFOUND', 'That network was forgotten too long ago to bring it back.');
      forgotten.delete(locationId);
      if (kept.name !== undefined) await settings.nameLocation({ locationId, name: kept.name });
      if (kept.record !== undefined) {
        (await records()).set(locationId, kept.record);
        await store.putNetwork(kept.record);
      }
      await memory.restore(kept.memory);
    },
  };
}
