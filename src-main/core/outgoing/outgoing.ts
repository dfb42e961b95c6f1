import type { ServerId } from '#shared/ids.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import type { Attempt } from '#shared/mail/outbox.ts';
import type { OutgoingServer, ServerInput } from '#shared/mail/outgoing-server.ts';
import { MailError } from '#shared/mail-error.ts';
import type { HandlersOf, OutboxService, Rooms } from '../services.ts';
import { checkServer } from './check-server.ts';
import { conditionOf, recentAttemptLimit } from './conditions.ts';
import { createCredentials } from './credentials.ts';
import { createDeliveryMemory } from './delivery-memory.ts';
import { explainRoute } from './explain.ts';
import { coolUntil } from './memory.ts';
import { createLocationService } from './network-location.ts';
import { createOutbox, type OutboxMethods } from './outbox.ts';
import { planInput } from './outbox-pass.ts';
import { createRateLimits } from './rate-limits.ts';
import { reachEndpoint } from './reach-endpoint.ts';
import { createSessionPool } from './session-pool.ts';

export type OutgoingRooms = Pick<
  Rooms,
  'clock' | 'log' | 'emit' | 'store' | 'settings' | 'network' | 'jobs' | 'tokenSourceFor'
>;

export type OutgoingMethods =
  | OutboxMethods
  | 'route.explain'
  | 'server.conditions'
  | 'server.forget'
  | 'server.memory'
  | 'network.location'
  | 'network.name'
  | 'check.server';

export interface Outgoing {
  readonly outbox: OutboxService;
  readonly handlers: HandlersOf<OutgoingMethods>;
  close(): Promise<void>;
}

const probeEveryMs = 30_000;
const probeMs = 10_000;
const tellAfterMs = 200;

/** The outgoing-server manager: the outbox, what is known of the servers, and the answers about both. */
export function createOutgoing(rooms: OutgoingRooms): Outgoing {
  const { clock, log, emit, store, settings, jobs } = rooms;
  const memory = createDeliveryMemory(rooms);
  const location = createLocationService(rooms);
  const pool = createSessionPool();
  const credentials = createCredentials(rooms);
  const limits = createRateLimits(rooms);
  const outbox = createOutbox({
    ...rooms,
    memory,
    location,
    pool,
    credentials,
    limits,
    onAttempt: ({ serverId }) => tellSoon(serverId),
  });
  const closing = new AbortController();
  let cancelProbe: (() => void) | undefined;
  const changed = new Set<ServerId>();
  let cancelTelling: (() => void) | undefined;

  memory.onChanged = tellSoon;

  /** Attempts come in rows: one look after a breath tells of all of them. */
  function tellSoon(serverId: ServerId): void {
    changed.add(serverId);
    cancelTelling ??= clock.after(tellAfterMs, () => {
      cancelTelling = undefined;
      const serverIds = [...changed];
      changed.clear();
      Promise.all(serverIds.map(tellCondition)).catch((error: unknown) =>
        log.error('The condition of a server could not be told.', error),
      );
    });
  }

  async function tellCondition(serverId: ServerId): Promise<void> {
    const server = settings.server(serverId);
    if (server === undefined || closing.signal.aborted) return;
    emit('server.conditionChanged', conditionOf(server, await recent(), memory.entries(), clock.now()));
  }

  const recent = (): Promise<Attempt[]> => store.recentAttempts(recentAttemptLimit);

  const stopListening = settings.onChanged(() => {
    pool.hangUp();
    outbox.reconsider('settings');
  });

  /** Half-open endpoints are tried in the background, so that no message pays for finding out. */
  async function probe(): Promise<void> {
    const { locationId, isOnline } = await location.current();
    if (!isOnline) return;
    const { servers } = settings.current();
    for (const entry of memory.entries()) {
      const isHalfOpen =
        entry.kind === 'cool-down' && entry.locationId === locationId && coolUntil(entry) <= clock.now();
      const server = servers.find(({ id }) => id === entry.serverId);
      const endpoint = server?.endpoints.find((candidate) => endpointName(candidate) === entry.endpoint);
      if (!isHalfOpen || server?.enabled !== true || endpoint === undefined) continue;
      const at = { server, endpoint, why: '' };
      const context = { sender: '', octets: 0, locationId };
      const options = { timeoutMs: probeMs, signal: closing.signal };
      try {
        const socket = await reachEndpoint(server, endpoint, options);
        socket.on('error', () => undefined).destroy();
        memory.learn({ kind: 'recovered', at }, context);
      } catch (error) {
        if (closing.signal.aborted) return;
        const text = error instanceof Error ? error.message : '';
        memory.learn({ kind: 'refusal', at, remember: 'cool-down', text }, context);
      }
    }
  }

  function scheduleProbe(): void {
    cancelProbe = clock.after(probeEveryMs, () => {
      probe()
        .catch((error: unknown) => log.error('A server could not be probed.', error))
        .finally(() => {
          if (!closing.signal.aborted) scheduleProbe();
        });
    });
  }

  const service: OutboxService = {
    ...outbox,
    async startSchedule() {
      await memory.load();
      location.watch((now) => {
        emit('network.changed', now);
        pool.hangUp();
        outbox.reconsider('network');
      });
      scheduleProbe();
      await outbox.startSchedule();
    },
  };

  return {
    outbox: service,
    handlers: {
      ...outbox.handlers,
      'route.explain': async ({ from, to, sizeOctets }) => {
        const here = await location.current({ fresh: true });
        const question = {
          reversePath: from,
          recipients: to.map((mailbox) => ({ mailbox, state: 'pending' as const })),
          sizeOctets,
          identityId: settings.identityFor(from)?.id ?? null,
        };
        const input = await planInput({ settings, memory, limits, credentials, clock }, question, here, false);
        return explainRoute(input, here);
      },
      'server.conditions': async () => {
        await memory.load();
        const attempts = await recent();
        const now = clock.now();
        return settings.current().servers.map((server) => conditionOf(server, attempts, memory.entries(), now));
      },
      'server.forget': async ({ serverId, keys }) => {
        await memory.load();
        await memory.forget(serverId, keys);
        outbox.reconsider('settings');
        return {};
      },
      'server.memory': async () => {
        await memory.load();
        return memory.entries();
      },
      'network.location': () => location.current({ fresh: true }),
      'network.name': async ({ locationId, name }) => {
        await settings.nameLocation({ locationId, name });
        emit('network.changed', await location.current());
        return {};
      },
      'check.server': async ({ server, serverId }) => {
        const kept = serverId === undefined ? undefined : await settings.serverSecret(serverId);
        const stored = serverId === undefined ? undefined : settings.server(serverId);
        const jobId = jobs.start({
          jobKind: 'check',
          label: server.label,
          work: async ({ jobId: own, signal, report }) => {
            if (server.kind === 'direct-mx') throw new MailError('EINVALID', 'Direct delivery cannot be tested yet.');
            return checkServer({
              server: withKeptProxyPassword(server, stored),
              secret: server.auth.secret ?? kept,
              signal,
              tokenSourceFor: rooms.tokenSourceFor,
              onProgress: (endpoint) => {
                emit('check.progress', { jobId: own, endpoint });
                report({ phase: endpoint.steps.at(-1)?.stage ?? 'testing', done: 0, total: null });
              },
            });
          },
        });
        return { jobId };
      },
    },
    async close() {
      closing.abort(new MailError('ECANCELLED', 'Postrider is closing.'));
      cancelProbe?.();
      cancelTelling?.();
      stopListening();
      location.close();
      await outbox.close();
    },
  };
}

/** The editor never shows the password of a proxy; as long as it is the same proxy, the kept one is meant. */
function withKeptProxyPassword(server: ServerInput, stored: OutgoingServer | undefined): ServerInput {
  const { proxy } = server;
  const kept = stored?.proxy;
  if (proxy?.user === undefined || proxy.password !== undefined || kept?.password === undefined) return server;
  const isSame = kept.host === proxy.host && kept.port === proxy.port && kept.user === proxy.user;
  return isSame ? { ...server, proxy: { ...proxy, password: kept.password } } : server;
}
