import { randomUUID } from 'node:crypto';
import { OutboxId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { OutboxItem, OutboxRecipient, OutboxRecord } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import type { BuiltMessage, EnqueueOptions, HandlersOf, OutboxService, Rooms, TakenBack } from '../services.ts';
import { createDelayWatch } from './delay-watch.ts';
import type { DeliveryMemory } from './delivery-memory.ts';
import { inHand } from './in-hand.ts';
import type { LocationService } from './network-location.ts';
import { createEntries, type Entry } from './outbox-entries.ts';
import { createOutboxFiler } from './outbox-filer.ts';
import { toItem } from './outbox-item.ts';
import { type PassRooms, runPass } from './outbox-pass.ts';
import { createPassRunner } from './pass-runner.ts';
import { mayBeTaken } from './plan-input.ts';
import { rerouteEntry, resolveEntry } from './resolve-entry.ts';
import { createSentFiler } from './sent-filer.ts';
import { isServerGone } from './settle-record.ts';
import { putStraysAway, straysInWords } from './strays.ts';
import { takeBack } from './take-back.ts';

export type OutboxRooms = Pick<Rooms, 'clock' | 'log' | 'emit' | 'store' | 'settings' | 'jobs'> &
  Omit<PassRooms, 'entries' | 'sentFiler'> & {
    readonly location: LocationService;
    readonly memory: DeliveryMemory;
    /** Told when mail was found in Outbox that a crash had kept from being queued. */
    readonly onStrays?: (text: string) => void;
  };

export type OutboxMethods =
  | 'outbox.list'
  | 'outbox.get'
  | 'outbox.knows'
  | 'outbox.flush'
  | 'outbox.resolve'
  | 'outbox.reroute'
  | 'message.attempts';

/** The outbox with the part of the contract that is all its own. */
export interface Outbox extends OutboxService {
  readonly handlers: HandlersOf<OutboxMethods>;
  /** Something that may let waiting messages go has changed: network, settings. */
  reconsider(what: ReconsiderReason): void;
  /** Another network, or the computer slept: what is on its way would wait for replies that cannot come. */
  startOver(): void;
}

/** `hour`: nothing changed that is known of. `settings`: also those of a preference or a secret. */
export type ReconsiderReason = 'network' | 'settings' | 'hour';

/** What is under way when the app closes gets this long to hear the reply to its final dot. */
const closingPatienceMs = 10_000;

/** A message up to this size is kept at hand until its first pass. */
const keptOctets = 64 * 1024;

/** Makes the outbox. Nothing is sent before `startSchedule` or `flush`. */
export function createOutbox(rooms: OutboxRooms): Outbox {
  const { clock, log, store, settings, jobs, emit } = rooms;
  const entries = createEntries({ store, emit });
  const filer = createOutboxFiler(store);
  const sentFiler = createSentFiler(store, () => runner.isDelivering());
  const passRooms: PassRooms = { ...rooms, entries, sentFiler };
  const delays = createDelayWatch({ ...rooms, entries });
  const runner = createPassRunner({
    clock,
    log,
    entries,
    isPaused: () => settings.current().preferences.sendingPaused,
    runPass: (entry, options) => runPass(passRooms, entry, options),
    cutOff: () => rooms.pool.cutOff(),
  });

  async function entryOf(outboxId: OutboxId): Promise<Entry> {
    await entries.load();
    const entry = entries.get(outboxId);
    if (entry === undefined) throw new MailError('ENOTFOUND', 'That message is not in the outbox any more.');
    return entry;
  }

  async function enqueue(message: BuiltMessage, options: EnqueueOptions): Promise<OutboxItem> {
    await entries.load();
    const record = newRecord(message, options, clock.now(), await store.newMessageKey(message.bytes));
    const { messageKey } = record;
    const isSmall = message.bytes.length <= keptOctets;
    const bytes = isSmall ? message.bytes.slice() : undefined;
    // The file first, then the record: a record always finds its message. A file without one is a message in Outbox the user can see.
    const request = {
      folder: folder.outbox,
      messageKey,
      bytes: message.bytes,
      flags: ['seen' as const],
      outbox: record,
    };
    const entry = await entries.coming(record, bytes, () => filer.file(request));
    entry.isCallersTurn = options.waitForFlush === true;
    runner.wake();
    return entries.item(entry);
  }

  async function cancel<T>(outboxId: OutboxId, fileDraft: (taken: TakenBack) => Promise<T>): Promise<T> {
    return takenInHand(outboxId, runner.stop, (entry) => takeBack(passRooms, entry, fileDraft));
  }

  /** Once a pass under way has ended: `end` waits for that, or calls it off. */
  async function takenInHand<T>(
    outboxId: OutboxId,
    end: (entry: Entry) => Promise<void>,
    work: (entry: Entry) => Promise<T>,
  ): Promise<T> {
    const entry = await entryOf(outboxId);
    try {
      return await inHand(entry, async () => {
        await end(entry);
        // Sent meanwhile, it is told as such by who asks; taken back meanwhile, it is not there any more.
        return work(entry.record.state === 'sent' ? entry : await entryOf(outboxId));
      });
    } finally {
      runner.wake();
    }
  }

  const service: OutboxService = {
    enqueue,
    cancel,
    async flush({ now, outboxIds, signal, onProgress }) {
      await entries.load();
      // Another process may have changed the settings.
      await releaseAble();
      return runner.flush({ now, outboxIds, signal, onProgress });
    },
    async item(outboxId) {
      await entries.load();
      return entries.itemById(outboxId);
    },
    async startSchedule() {
      await entries.load();
      // The settings may have been changed while nobody looked.
      for (const entry of entries.all()) releaseHold(entry, 'settings');
      await releaseAble().catch(notLooked);
      await putAwayStrays().catch((error: unknown) => log.error('The Outbox could not be tidied up.', error));
      runner.startSchedule();
      delays.start();
    },
    takeUpRestored: () => entries.takeUp(),
    location: () => rooms.location.current(),
    async close() {
      delays.close();
      await runner.close(closingPatienceMs);
      rooms.pool.hangUp();
      await rooms.memory.flush();
    },
  };

  async function putAwayStrays(): Promise<void> {
    const words = straysInWords(await putStraysAway({ store, log }, entries.takeStrays()));
    if (words !== null) rooms.onStrays?.(words);
  }

  /** What no server took goes again once one may take it: asked without that, each would say what it said before. */
  async function releaseAble(): Promise<void> {
    for (const entry of entries.all()) {
      const isHeld = (): boolean => entry.record.heldFor === 'server-limits' && entry.running === undefined;
      if (!isHeld()) continue;
      const mayGo = await mayBeTaken(rooms, entry.record, await rooms.location.current());
      if (mayGo && isHeld()) releaseNow(entry);
    }
  }

  const notLooked = (error: unknown): void => log.error('The Outbox could not be looked through.', error);

  function releaseAfter(entry: Entry, what: ReconsiderReason): void {
    releaseHold(entry, what);
    runner.wake();
  }

  return {
    ...service,
    startOver: () => runner.startOver(),
    reconsider(what) {
      if (what === 'settings') {
        rooms.credentials.reset();
        rooms.memory.forgetMarks();
      }
      const { servers } = rooms.settings.current();
      for (const entry of entries.all()) {
        // Told at once, not when its time comes.
        if (entry.record.state === 'deferred' && isServerGone(entry.record, servers)) releaseNow(entry);
        releaseHold(entry, what);
        // A pass under way began before the change and may end as if it had not been.
        if (entry.running !== undefined) void entry.running.ended.finally(() => releaseAfter(entry, what));
      }
      if (what === 'settings') releaseAble().then(runner.wake, notLooked);
      runner.wake();
    },
    handlers: {
      'outbox.list': async ({ light }) => {
        await entries.load();
        return light ? [...entries.all()].map(({ record }) => toItem(record, [])) : entries.items();
      },
      'outbox.get': ({ outboxId }) => service.item(outboxId),
      'outbox.knows': async ({ messageId }) => ({ isKnown: await store.knowsMessageId(messageId) }),
      'outbox.flush': async ({ now, outboxIds }) => ({
        jobId: jobs.start({
          jobKind: 'flush',
          label: 'Sending',
          work: async ({ signal, report }) => {
            const onProgress = (done: number, total: number): void => report({ phase: 'sending', done, total });
            return { kind: 'flush', ...(await service.flush({ now, outboxIds, signal, onProgress })) };
          },
        }),
      }),
      'outbox.resolve': async ({ outboxId, resolution }) => {
        const end = resolution === 'discard' ? runner.stop : runner.settled;
        return takenInHand(outboxId, end, (entry) => resolveEntry(passRooms, entry, resolution));
      },
      'outbox.reroute': async ({ outboxId, serverIds }) =>
        takenInHand(outboxId, runner.stop, (entry) => rerouteEntry(passRooms, entry, serverIds)),
      'message.attempts': async ({ messageKey }) => {
        const record = await store.outboxOfMessage(messageKey);
        return { item: record === null ? null : await service.item(record.outboxId) };
      },
    },
  };
}

/** What a change lets go again; the next pass decides anew. What a server put off keeps its time. */
function releaseHold(entry: Entry, what: ReconsiderReason): void {
  const { record } = entry;
  const isReleased =
    record.state === 'held' &&
    (record.heldFor === 'offline' ||
      (what === 'settings' && (record.heldFor === 'needs-password' || record.heldFor === 'server-gone')));
  const isWoken = record.state === 'deferred' && record.wakesOn !== undefined && isCause(what, record.wakesOn);
  if (isReleased || isWoken) releaseNow(entry);
}

function releaseNow(entry: Entry): void {
  const { heldFor: _heldFor, dueAt: _dueAt, ...rest } = entry.record;
  entry.record = { ...rest, state: 'queued', explanation: 'Waiting to be sent.' };
}

/** Another network may have another server behind another door; where no server may be asked, the settings may allow one. */
function isCause(what: ReconsiderReason, wakesOn: NonNullable<OutboxRecord['wakesOn']>): boolean {
  return what === 'network' || (what === 'settings' && wakesOn === 'settings');
}

function newRecord(
  message: BuiltMessage,
  options: EnqueueOptions,
  now: number,
  messageKey: OutboxRecord['messageKey'],
): OutboxRecord {
  const mailboxes = [...new Set(message.forwardPaths)];
  if (mailboxes.length === 0) throw new MailError('EINVALID', 'This message has no recipient. Nothing was queued.');
  const isLater = options.sendAt !== undefined && options.sendAt > now;
  const dueAt = isLater ? options.sendAt : options.undoMs > 0 ? now + options.undoMs : undefined;
  const base = {
    outboxId: OutboxId.parse(randomUUID()),
    messageKey,
    messageId: message.messageId,
    identityId: options.identityId,
    reversePath: message.reversePath,
    subject: message.subject,
    sizeOctets: message.bytes.length,
    recipients: mailboxes.map((mailbox): OutboxRecipient => ({ mailbox, state: 'pending' })),
    queuedAt: now,
    deferrals: 0,
    skipped: [],
    delayNoticeSent: false,
    ...(options.serverIds === undefined || options.serverIds.length === 0 ? {} : { serverIds: options.serverIds }),
    ...(options.source === undefined ? {} : { source: options.source }),
    ...(isLater ? { sendAt: options.sendAt } : {}),
    ...(options.isComposed === true ? { isComposed: true } : {}),
  };
  if (dueAt === undefined) return { ...base, state: 'queued', explanation: 'Waiting to be sent.' };
  return isLater
    ? { ...base, dueAt, state: 'held', heldFor: 'send-later', explanation: 'It goes at the time you chose.' }
    : {
        ...base,
        dueAt,
        state: 'held',
        heldFor: 'undo',
        explanation: 'It goes in a moment. You can still take it back.',
      };
}
