import type { LocationId, ServerId } from '#shared/ids.ts';
import type { Attempt, ServerCondition } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import type { HandlersOf, OutboxService, Rooms } from '../services.ts';
import type { Store } from '../store/store-api.ts';
import { conditionOf, recentAttemptLimit } from './conditions.ts';
import { createCredentials } from './credentials.ts';
import { createDeliveryMemory } from './delivery-memory.ts';
import { createBackgroundProbe } from './diagnosis/background-probe.ts';
import { createDiagnosis, type DiagnosisMethods } from './diagnosis/diagnosis.ts';
import { createPlaceGuard } from './diagnosis/place-guard.ts';
import { createLookAgain } from './diagnosis/second-look.ts';
import { explainRoute } from './explain.ts';
import { createKicks, type SortArrival } from './kick/kicks.ts';
import { createLocationService, type LocationNews } from './network-location.ts';
import { createNetworks } from './networks.ts';
import { createOutbox, type OutboxMethods } from './outbox.ts';
import { planInput } from './plan-input.ts';
import { createRateLimits } from './rate-limits.ts';
import { createSessionPool } from './session-pool.ts';

export type OutgoingRooms = Pick<
  Rooms,
  'clock' | 'log' | 'emit' | 'store' | 'settings' | 'network' | 'jobs' | 'tokenSourceFor'
> & {
  /** Where mail that a kick brings is filed; the Inbox unless given. */
  readonly sortArrival?: SortArrival;
  /** Told when mail was found in Outbox that a crash had kept from being queued. */
  readonly onStrays?: (text: string) => void;
  /** How mail that was handed over is filed. */
  readonly fileArrivals?: Store['file'];
  readonly arrivalsSettled?: () => Promise<void>;
  /** Postrider's, for the log in a notice. */
  readonly version?: string;
};

export type OutgoingMethods =
  | OutboxMethods
  | 'route.explain'
  | 'server.conditions'
  | 'server.forget'
  | 'server.memory'
  | 'server.kick'
  | 'network.location'
  | 'network.name'
  | 'network.list'
  | 'network.forget'
  | 'network.restore'
  | DiagnosisMethods;

export interface Outgoing {
  readonly outbox: OutboxService;
  readonly handlers: HandlersOf<OutgoingMethods>;
  close(): Promise<void>;
}

const probeEveryMs = 30_000;
const tellAfterMs = 200;
/** While mail goes on and on: each look asks the ledger, which writes down at once what could have waited. */
const tellAgainAfterMs = 1000;
const lookTwiceAfterMs = 2000;

/** The outgoing-server manager: the outbox, what is known of the servers, and the answers about both. */
export function createOutgoing(rooms: OutgoingRooms): Outgoing {
  const { clock, log, emit, store, settings } = rooms;
  const memory = createDeliveryMemory(rooms);
  const location = createLocationService(rooms);
  const networks = createNetworks({ clock, store, settings, location, memory });
  const pool = createSessionPool();
  const credentials = createCredentials(rooms);
  const limits = createRateLimits(rooms);
  const whereNow = async (): Promise<LocationId> => (await location.current({ fresh: true })).locationId;
  const guard = createPlaceGuard({ memory, clock, whereNow, lookAgain: createLookAgain(rooms) });
  const outbox = createOutbox({
    ...rooms,
    memory,
    location,
    pool,
    credentials,
    limits,
    guard,
    onAttempt: ({ serverId }) => tellSoon(serverId),
  });
  const kicks = createKicks({ ...rooms, memory, location, guard, credentials, outbox, onKicked: tellSoon });
  /** Once more a moment later: a pass that was under way may have been planned before. */
  const letWaitingGo = (): void => {
    outbox.reconsider('network');
    clock.after(lookTwiceAfterMs, () => {
      if (!closing.signal.aborted) outbox.reconsider('network');
    });
  };
  const diagnosis = createDiagnosis({ ...rooms, memory, location, guard, reconsider: letWaitingGo });
  const background = createBackgroundProbe({ ...rooms, memory, location, guard, onRecovered: letWaitingGo });
  const closing = new AbortController();
  let isScheduled = false;
  let cancelProbe: (() => void) | undefined;
  const changed = new Set<ServerId>();
  let cancelTelling: (() => void) | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;

  memory.onChanged = tellSoon;
  memory.reviseRefusals(settings.current().servers);

  /** Attempts come in rows: one look after a breath tells of all of them. */
  function tellSoon(serverId: ServerId): void {
    changed.add(serverId);
    const waitMs = Math.max(tellAfterMs, toldAt + tellAgainAfterMs - performance.now());
    cancelTelling ??= clock.after(waitMs, () => {
      cancelTelling = undefined;
      toldAt = performance.now();
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
    const { locationId } = await location.current();
    const condition = conditionOf(server, await recent(), memory.entries(), clock.now(), locationId);
    emit('server.conditionChanged', withKick(condition));
  }

  function withKick(condition: ServerCondition): ServerCondition {
    const kick = kicks.last(condition.serverId);
    return kick === undefined ? condition : { ...condition, kick };
  }

  const recent = (): Promise<Attempt[]> => store.recentAttempts(recentAttemptLimit);

  const stopListening = settings.onChanged(() => {
    pool.hangUp();
    memory
      .load()
      .then(() => memory.reviseRefusals(settings.current().servers))
      .catch((error: unknown) => log.error('What was refused could not be looked through.', error))
      .finally(() => outbox.reconsider('settings'));
  });

  function scheduleProbe(): void {
    cancelProbe = clock.after(probeEveryMs, () => {
      background
        .probe(closing.signal)
        .catch((error: unknown) => log.error('A server could not be probed.', error))
        .finally(() => {
          if (!closing.signal.aborted) scheduleProbe();
        });
    });
  }

  function noteHere(): void {
    networks.noteHere().catch((error: unknown) => log.error('The network could not be written down.', error));
  }

  /** After a move, a change of addresses or a sleep no connection lives; on the hour nothing happened that we know of. */
  function followNetwork({ kind, location: now }: LocationNews): void {
    emit('network.changed', now);
    // Who answers in a server's place does so on one network: its condition is another one here.
    for (const entry of memory.entries()) if (entry.kind === 'something-in-its-place') tellSoon(entry.serverId);
    if (kind !== 'hour') pool.hangUp();
    if (kind === 'moved' || kind === 'resumed') outbox.startOver();
    outbox.reconsider(kind === 'hour' ? 'hour' : 'network');
    if (!isScheduled) return;
    noteHere();
    if (kind !== 'hour') kickHere();
  }

  location.follow(followNetwork);

  function kickHere(): void {
    location
      .current()
      .then((here) => kicks.cameOnto(here))
      .catch((error: unknown) => log.error('A kick could not be started.', error));
  }

  const service: OutboxService = {
    ...outbox,
    async startSchedule() {
      await memory.load();
      isScheduled = true;
      location.watch();
      noteHere();
      scheduleProbe();
      await outbox.startSchedule();
      kickHere();
    },
  };

  return {
    outbox: service,
    handlers: {
      ...outbox.handlers,
      ...kicks.handlers,
      ...diagnosis,
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
        const { locationId } = await location.current();
        return settings
          .current()
          .servers.map((server) => withKick(conditionOf(server, attempts, memory.entries(), now, locationId)));
      },
      'server.forget': async ({ serverId, keys }) => {
        await memory.load();
        await memory.forget(serverId, keys);
        // An accepted relay that is accepted no more must not be used through a session kept from before.
        pool.hangUp();
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
      'network.list': () => networks.list(),
      'network.forget': async ({ locationId }) => {
        await networks.forget(locationId);
        emit('network.changed', await location.current());
        return {};
      },
      'network.restore': async ({ locationId }) => {
        await networks.restore(locationId);
        emit('network.changed', await location.current());
        return {};
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
