import { endpointName } from '#shared/mail/endpoint.ts';
import { type Attempt, attemptStages, type NetworkLocation, type OutboxRecord } from '#shared/mail/outbox.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import { removeBcc } from '../message/remove-bcc.ts';
import type { Rooms } from '../services.ts';
import type { CredentialsService } from './credentials.ts';
import type { Delivery, DeliveryEnd, DeliveryPorts } from './deliver.ts';
import { deliverAlong } from './deliver-along.ts';
import type { DeliveryMemory, LessonContext } from './delivery-memory.ts';
import type { At, PlaceGuard } from './diagnosis/place-guard.ts';
import { ehloNameFor } from './ehlo-name.ts';
import { isEightBit } from './envelope-address.ts';
import { noPipeliningKey } from './memory.ts';
import type { LocationService } from './network-location.ts';
import { fileDelayNotice, fileFailureNotice } from './notices.ts';
import type { Entries, Entry } from './outbox-entries.ts';
import { lookAhead, needsOf, type Outlook, pendingOf, planInput } from './plan-input.ts';
import { type PlannedAttempt, planRoute, type RoutePlan } from './plan-route.ts';
import type { RateLimits } from './rate-limits.ts';
import { delayNoticeAfterMs } from './retry-schedule.ts';
import type { SentFiler } from './sent-filer.ts';
import { poolKey, type SessionPool } from './session-pool.ts';
import { isServerGone, settleRecord } from './settle-record.ts';
import { isOnThisMachine } from './this-machine.ts';

/** What a pass works with. */
export interface PassRooms extends Pick<Rooms, 'clock' | 'log' | 'store' | 'settings'> {
  readonly entries: Entries;
  readonly memory: DeliveryMemory;
  readonly limits: RateLimits;
  readonly pool: SessionPool;
  readonly location: LocationService;
  readonly credentials: CredentialsService;
  readonly sentFiler: SentFiler;
  readonly guard: PlaceGuard;
  /** Postrider's, for the log in a notice. */
  readonly version?: string;
  /** An attempt stands in the ledger. */
  readonly onAttempt?: (attempt: Attempt) => void;
}

/**
 * One pass over one message: plans, delivers, settles. Afterwards the ledger says where the message stands. Throws what the
 * store throws; the message is then as the ledger last had it.
 */
export async function runPass(
  rooms: PassRooms,
  entry: Entry,
  options: { ignoreMemory: boolean; signal: AbortSignal; onDelivered?: () => void },
): Promise<void> {
  const { entries, clock } = rooms;
  const hasPending = entry.record.recipients.some(({ state }) => state === 'pending');
  let end: DeliveryEnd | null = null;
  let outlook: Outlook = { stuckOn: null };
  let isOffline = false;
  if (hasPending) {
    const early = readEarly(rooms, entry);
    const { here, plan, attempts, lane } = await planInTurn(rooms, entry.record, options);
    isOffline = !here.isOnline && attempts.length === 0 && plan.attempts.length > 0;
    if (lane !== undefined) {
      entries.show(entry, {
        ...withoutHold(entry.record),
        state: 'sending',
        skipped: plan.skipped,
        explanation: 'On its way.',
      });
      end = await deliverEntry(rooms, entry, { here, plan, attempts, lane }, early, options.signal);
    } else entry.record = { ...entry.record, skipped: plan.skipped };
    if (end === null || end.pending.length > 0) outlook = await lookAhead(rooms, entry.record, here);
    // What this pass found out counts: the screens offer what would help by it.
    if (outlook.stuckOn !== null) entry.record = { ...entry.record, skipped: outlook.stuckOn.skipped };
  }
  const settled = settleRecord(entry.record, {
    now: clock.now(),
    isContentRefused: end?.isContentRefused ?? false,
    isCancelled: options.signal.aborted,
    isOffline,
    isServerGone: isServerGone(entry.record, rooms.settings.current().servers),
    isPutOff: end?.attempts.some(isPutOff) ?? false,
    ...lastWordsOf(end?.attempts ?? []),
    ...(end?.ownFault === undefined ? {} : { ownFault: end.ownFault }),
    stuckOn: outlook.stuckOn?.skipped ?? null,
    limits: outlook.stuckOn?.limits ?? [],
    ...(outlook.unable === undefined ? {} : { unable: outlook.unable }),
  });
  options.onDelivered?.();
  await conclude(rooms, entry, settled);
}

/** A server that answered says more than one that did not. */
function lastWordsOf(attempts: readonly Attempt[]): { lastWords?: Attempt } {
  const lastWords = attempts.findLast(({ replyCode }) => replyCode !== undefined) ?? attempts.at(-1);
  return lastWords === undefined ? {} : { lastWords };
}

/** A 4yz once the message was spoken of; before that, the server did not want to talk to anybody. */
function isPutOff({ outcome, stage }: Attempt): boolean {
  return outcome === 'transient' && attemptStages.indexOf(stage) >= attemptStages.indexOf('mail');
}

/** A small message is read while it waits for its turn; a large one only when it has it, for the memory's sake. */
function readEarly({ entries, store }: PassRooms, entry: Entry): Promise<Uint8Array> | undefined {
  const { record } = entry;
  const bytes = entries.takeBytes(entry);
  if (bytes !== undefined) return Promise.resolve(bytes);
  if (record.sizeOctets > readEarlyOctets) return undefined;
  const reading = store.read(record.messageKey);
  // It may never be asked for: then its failure is nobody's business.
  reading.catch(() => undefined);
  return reading;
}

const readEarlyOctets = 256 * 1024;

interface Turn {
  readonly here: NetworkLocation;
  readonly plan: RoutePlan;
  /** Those that can be tried from here. */
  readonly attempts: PlannedAttempt[];
  /** A place at the first of them; undefined when there is none. */
  readonly lane: NonNullable<Delivery['lane']> | undefined;
}

/**
 * Plans when there is a place at the plan's first endpoint: what was learned while waiting counts, so that a message does
 * not find out for itself what those before it have found out.
 */
async function planInTurn(
  rooms: PassRooms,
  record: OutboxRecord,
  options: { ignoreMemory: boolean; signal: AbortSignal },
): Promise<Turn> {
  for (let lane: NonNullable<Delivery['lane']> | undefined; ; ) {
    const here = await rooms.location.current();
    const plan = planRoute(await planInput(rooms, record, here, options.ignoreMemory));
    const possible = here.isOnline
      ? plan.attempts
      : plan.attempts.filter(({ endpoint }) => isOnThisMachine(endpoint.host));
    const attempts = silentLast(possible, rooms.pool);
    const [first] = attempts;
    const key = first === undefined ? undefined : keyOf(first);
    if (lane?.key === key) return { here, plan, attempts, lane };
    lane?.release();
    if (key === undefined) return { here, plan, attempts, lane: undefined };
    try {
      const isSilent = rooms.pool.silentSince(key) !== undefined;
      const release = await (isSilent
        ? rooms.pool.slot(key, options.signal)
        : rooms.pool.slotUnlessSilent(key, options.signal));
      lane = release === null ? undefined : { key, release };
    } catch {
      return { here, plan, attempts: [], lane: undefined };
    }
  }
}

const keyOf = ({ server, endpoint }: PlannedAttempt): string => poolKey(server, endpoint);

/** One message is finding out whether they answer at all; the others ask elsewhere first, and last where it was silent longest. */
function silentLast(attempts: readonly PlannedAttempt[], pool: SessionPool): PlannedAttempt[] {
  const since = (at: PlannedAttempt): number => pool.silentSince(keyOf(at)) ?? Number.POSITIVE_INFINITY;
  return attempts.toSorted((one, other) => (since(one) === since(other) ? 0 : since(other) - since(one)));
}

function withoutHold(record: OutboxRecord): OutboxRecord {
  const { heldFor: _heldFor, dueAt: _dueAt, ...rest } = record;
  return rest;
}

async function deliverEntry(
  rooms: PassRooms,
  entry: Entry,
  { here, attempts, lane }: Turn,
  early: Promise<Uint8Array> | undefined,
  signal: AbortSignal,
): Promise<DeliveryEnd> {
  const { record } = entry;
  const stopLooking = lookWhileWaiting(rooms);
  try {
    const bytes = removeBcc(await (early ?? rooms.store.read(record.messageKey)));
    const isOfEightBits = isEightBit(bytes);
    if (isOfEightBits) entry.record = { ...entry.record, isEightBit: true };
    return await deliverAlong(
      {
        reversePath: record.reversePath,
        recipients: pendingOf(record),
        bytes,
        isEightBit: isOfEightBits,
        envelopeId: record.outboxId,
        plan: attempts,
        locationId: here.locationId,
        signal,
        ...(lane === undefined ? {} : { lane }),
      },
      portsFor(rooms, entry, here),
    );
  } finally {
    stopLooking();
    lane?.release();
    rooms.limits.settle(record.outboxId);
  }
}

/** A reply may be waited for on a network that is gone, with the addresses we had there: looked at anew, ever less often. */
function lookWhileWaiting({ clock, location, log }: PassRooms): () => void {
  let stop = (): void => undefined;
  const plan = (afterMs: number): void => {
    stop = clock.after(afterMs, () => {
      location
        .current({ fresh: true })
        .catch((error: unknown) => log.error('The network could not be looked at.', error));
      plan(Math.min(2 * afterMs, longestUnseenMs));
    });
  };
  plan(firstLookMs);
  return () => stop();
}

const firstLookMs = 2000;
const longestUnseenMs = 60_000;

function portsFor(rooms: PassRooms, entry: Entry, here: NetworkLocation): DeliveryPorts {
  const { clock, credentials, entries, guard, limits, location, log, memory, pool, store } = rooms;
  const { outboxId, reversePath, sizeOctets } = entry.record;
  const placeOf = ({ server, endpoint }: PlannedAttempt): At => ({
    serverId: server.id,
    endpoint,
    locationId: here.locationId,
  });
  const contextNow = (): LessonContext => ({
    sender: reversePath,
    octets: sizeOctets,
    needs: needsOf(entry.record),
    locationId: here.locationId,
  });
  /** Taken away once the ledger has what became of these recipients. */
  const notes: (() => void)[] = [];
  return {
    now: () => clock.now(),
    pool,
    ehloName: ehloNameFor,
    credentialsFor: (server) => credentials.forServer(server),
    losesTogether: ({ server, endpoint }) =>
      memory.knows(noPipeliningKey({ serverId: server.id, endpoint: endpointName(endpoint) })),
    claim: (server: OutgoingServer) => limits.claim(server, outboxId),
    beforeLastOctets: async (server, mailboxes) => {
      const recipients = entry.record.recipients.map((recipient) =>
        recipient.state === 'pending' && mailboxes.includes(recipient.mailbox)
          ? { ...recipient, state: 'dot-pending' as const, serverId: server.id }
          : recipient,
      );
      entry.record = { ...entry.record, recipients };
      notes.push(await store.noteLeaving(entry.record, { outboxId, serverId: server.id, mailboxes: [...mailboxes] }));
      // A server that answers soon needs no word about it.
      clock.after(tellDotAfterMs, () => {
        const { record, running } = entry;
        const isAtDot = record.recipients.some(({ state }) => state === 'dot-pending');
        if (isAtDot && running !== undefined) entries.show(entry, { ...record, explanation: atFinalDot });
      });
    },
    settled: async (recipients) => {
      const byMailbox = new Map(recipients.map((recipient) => [recipient.mailbox, recipient]));
      // Joins the commit that lets the next message go. Lost in a crash, these are `dot-pending` still, and that is taken
      // for uncertain: a person is asked about something that was known, but nothing is ever sent again by itself. Where
      // no last octets left, they are `pending` in the ledger, and nobody has the message.
      const settledNotes = notes.splice(0);
      entry.record = {
        ...entry.record,
        recipients: entry.record.recipients.map((recipient) => byMailbox.get(recipient.mailbox) ?? recipient),
      };
      await store.putOutbox([entry.record], 'soon');
      for (const remove of settledNotes) remove();
    },
    attempted: (attempt) => {
      entries
        .addAttempt(entry, attempt)
        .then(() => rooms.onAttempt?.(attempt))
        .catch((error: unknown) => log.error('An attempt could not be written down.', error));
    },
    guard: {
      meet: (at, met) => guard.meet(placeOf(at), met),
      suspect: (at, failure) => guard.suspect(placeOf(at), failure),
    },
    isSamePlace: async () => (await location.current({ fresh: true })).locationId === here.locationId,
    learn: (lesson) => memory.learn(lesson, contextNow()),
    offered: (at) => memory.learnOffer(at, contextNow()),
  };
}

const tellDotAfterMs = 1000;
const atFinalDot =
  'The whole message has left; the server has yet to say that it has it. It cannot be stopped any more.';

/** Writes the new state down, after what it stands for has been done. */
async function conclude(rooms: PassRooms, entry: Entry, settled: OutboxRecord): Promise<void> {
  const { entries, store, log, clock } = rooms;
  let record = settled;
  if (record.state === 'sent') {
    // The file first: found in `sent` with the file still in Outbox, nobody would look for it again.
    await fileAsSent(rooms, record);
  }
  const told = { now: clock.now(), servers: rooms.settings.current().servers, version: rooms.version ?? '' };
  const waitedMs = told.now - (record.waitingSince ?? told.now);
  if (record.state === 'deferred' && waitedMs >= delayNoticeAfterMs && !record.delayNoticeSent) {
    const { attempts } = await entries.item(entry);
    await fileDelayNotice(store, record, attempts, told).catch((error: unknown) =>
      log.error('No delay notice.', error),
    );
    record = { ...record, delayNoticeSent: true };
  }
  const hasRefused = record.recipients.some(({ state }) => state === 'refused');
  if ((record.state === 'failed' || record.state === 'sent') && hasRefused) {
    const { attempts } = await entries.item(entry);
    await fileFailureNotice(store, record, attempts, told).catch((error: unknown) =>
      log.error('No failure notice.', error),
    );
  }
  await entries.save(entry, record);
}

async function fileAsSent({ store, log, sentFiler }: PassRooms, record: OutboxRecord): Promise<void> {
  await sentFiler.file(record.messageKey);
  const { source } = record;
  if (source === undefined) return;
  await store
    .setFlags([source.messageKey], [source.kind === 'reply' ? 'answered' : 'forwarded'], [])
    .catch((error: unknown) => log.warn('The answered message is gone.', { error: String(error) }));
}
