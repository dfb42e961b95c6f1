import type { LocationId } from '#shared/ids.ts';
import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { DeliveryMemoryEntry } from '#shared/mail/outbox.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import type { Rooms } from '../../services.ts';
import type { DeliveryMemory } from '../delivery-memory.ts';
import { coolUntil } from '../memory.ts';
import type { LocationService } from '../network-location.ts';
import { reachEndpoint } from '../reach-endpoint.ts';
import { checkEndpoint, lookTimeouts } from './check-endpoint.ts';
import type { PlaceGuard } from './place-guard.ts';

export interface ProbeRooms extends Pick<Rooms, 'clock' | 'settings' | 'tokenSourceFor'> {
  readonly memory: DeliveryMemory;
  readonly location: LocationService;
  readonly guard: PlaceGuard;
  /** The server itself answers again: what waits may go. */
  readonly onRecovered: () => void;
}

const probeMs = 10_000;
/** Whether the server itself is back is asked this often. */
const lookAgainMs = 3 * 60_000;

/**
 * Looks after endpoints that are left alone: those half-open after a cool-down, and those at which something else answered.
 * In the background, so that no message pays for finding out. `probe` goes over them once; it rejects only on faults of ours.
 */
export function createBackgroundProbe(rooms: ProbeRooms): { probe(signal: AbortSignal): Promise<void> } {
  const { clock, guard, location, memory, settings } = rooms;
  const lookedAt = new Map<string, number>();

  async function probeHalfOpen(at: At, locationId: LocationId, signal: AbortSignal): Promise<void> {
    const context = { sender: '', octets: 0, locationId };
    const planned = { ...at, why: '' };
    try {
      const socket = await reachEndpoint(at.server, at.endpoint, { timeoutMs: probeMs, signal });
      socket.on('error', () => undefined).destroy();
      memory.learn({ kind: 'recovered', at: planned }, context);
    } catch (error) {
      if (signal.aborted) return;
      const text = error instanceof Error ? error.message : '';
      memory.learn({ kind: 'refusal', at: planned, remember: 'cool-down', text }, context);
    }
  }

  /** Says EHLO and compares: the guard clears the alarm, or renews it. */
  async function lookAgain({ server, endpoint }: At, locationId: LocationId, signal: AbortSignal): Promise<void> {
    const { id: serverId } = server;
    const checked = await checkEndpoint(
      endpoint,
      {
        server,
        secret: undefined,
        signal,
        tokenSourceFor: rooms.tokenSourceFor,
        onProgress: () => undefined,
        guard: {
          meet: (_endpoint, met) => guard.meet({ serverId, endpoint, locationId }, met),
          suspect: (_endpoint, failure) => failure,
        },
      },
      { timeouts: lookTimeouts, signsIn: false },
    );
    if (checked.error === undefined) rooms.onRecovered();
  }

  function isDue(entry: DeliveryMemoryEntry): boolean {
    const now = clock.now();
    if (now - Math.max(entry.learnedAt, lookedAt.get(entry.key) ?? 0) < lookAgainMs) return false;
    lookedAt.set(entry.key, now);
    return true;
  }

  return {
    async probe(signal) {
      const { locationId, isOnline } = await location.current();
      if (!isOnline) return;
      const { servers } = settings.current();
      for (const entry of memory.entries()) {
        if (signal.aborted) return;
        const isHalfOpen = entry.kind === 'cool-down' && coolUntil(entry) <= clock.now();
        const isAlarm = entry.kind === 'something-in-its-place';
        if (entry.locationId !== locationId || !(isHalfOpen || isAlarm)) continue;
        const at = endpointOf(entry, servers);
        if (at === undefined) continue;
        if (isHalfOpen) await probeHalfOpen(at, locationId, signal);
        else if (isDue(entry)) await lookAgain(at, locationId, signal);
      }
    },
  };
}

interface At {
  readonly server: OutgoingServer;
  readonly endpoint: Endpoint;
}

function endpointOf(entry: DeliveryMemoryEntry, servers: readonly OutgoingServer[]): At | undefined {
  const server = servers.find(({ id }) => id === entry.serverId);
  const endpoint = server?.endpoints.find((candidate) => endpointName(candidate) === entry.endpoint);
  return server?.enabled !== true || endpoint === undefined ? undefined : { server, endpoint };
}
