import type { MessageKey, OutboxId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { Attempt, OutboxItem, OutboxRecord } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Rooms } from '../services.ts';
import { toItem } from './outbox-item.ts';
import { heldUncertain } from './settle-record.ts';

/** A message of the outbox while this process looks after it. */
export interface Entry {
  record: OutboxRecord;
  /** Undefined: still in the ledger only. */
  attempts: Attempt[] | undefined;
  /** A pass over it is under way. */
  running: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  /** The caller runs the first pass: the schedule keeps its hands off. */
  isCallersTurn: boolean;
  /** Somebody works on it who is no pass: `inHand`. */
  hand?: Promise<void> | undefined;
  /** Of a message queued just now; see `takeBytes`. */
  bytes?: Uint8Array | undefined;
}

/** The active messages in memory, kept as the ledger has them. */
export interface Entries {
  /** Takes up what the ledger holds; whatever was on its way when an earlier process died becomes uncertain. */
  load(): Promise<void>;
  /** Files found in Outbox at `load` that no active message stands behind; each answered once. */
  takeStrays(): MessageKey[];
  /** Active messages that came into the ledger by another way: a restore. They wait for a person's word. */
  takeUp(): Promise<void>;
  all(): Iterable<Entry>;
  get(outboxId: OutboxId): Entry | undefined;
  /** What was filed, if it is still at hand, for its first pass: most messages go at once and need not be read again. */
  takeBytes(entry: Entry): Uint8Array | undefined;
  /** Takes up a message that is queued just now: `file` brings it into the ledger. Throws what that throws, if it did not. */
  coming(record: OutboxRecord, bytes: Uint8Array | undefined, file: () => Promise<unknown>): Promise<Entry>;
  /** Durable when it resolves; then every screen is told. */
  save(entry: Entry, record: OutboxRecord): Promise<void>;
  /** In memory only: the ledger's state says the same to a later process. */
  show(entry: Entry, record: OutboxRecord): void;
  remove(entry: Entry): Promise<void>;
  addAttempt(entry: Entry, attempt: Attempt): Promise<void>;
  item(entry: Entry): Promise<OutboxItem>;
  /** All of them, with one question to the ledger. */
  items(): Promise<OutboxItem[]>;
  /** Of messages already sent, too. Throws ENOTFOUND. */
  itemById(outboxId: OutboxId): Promise<OutboxItem>;
}

/** All messages together; beyond it they are read from their files when their turn comes. */
const mostOctetsAtHand = 16 * 1024 * 1024;

export function createEntries({ store, emit }: Pick<Rooms, 'store' | 'emit'>): Entries {
  const entries = new Map<OutboxId, Entry>();
  /** On their way into the ledger by `coming`, which takes them up itself. */
  const underWay = new Set<OutboxId>();
  let strays: MessageKey[] = [];
  let octetsAtHand = 0;
  let loading: Promise<void> | undefined;

  async function load(): Promise<void> {
    // Nobody queues before this has ended: a file without a record was left by an earlier process.
    const [records, files] = await Promise.all([store.activeOutbox(), store.listKeys(folder.outbox)]);
    const recorded = new Set(records.map(({ messageKey }) => messageKey));
    strays = files.filter((messageKey) => !recorded.has(messageKey));
    const revised = records.map(reviseAfterCrash);
    const changed = revised.filter((record, index) => record !== records[index]);
    if (changed.length > 0) await store.putOutbox(changed);
    for (const record of revised) {
      if (entries.has(record.outboxId)) continue;
      entries.set(record.outboxId, { record, attempts: undefined, running: undefined, isCallersTurn: false });
    }
  }

  function tell(entry: Entry): void {
    // Without attempts, which may be long: a screen that shows them asks (`outbox.get`).
    emit('outbox.changed', toItem(entry.record, []));
  }

  async function attemptsOf(entry: Entry): Promise<Attempt[]> {
    if (entry.attempts === undefined) {
      const kept = await store.attemptsOf(entry.record.outboxId);
      entry.attempts ??= kept;
    }
    return entry.attempts;
  }

  const self: Entries = {
    load() {
      loading ??= load();
      return loading;
    },
    takeStrays: () => strays.splice(0),
    async takeUp() {
      await self.load();
      // Known before the ledger is asked: by the time it answers they may have been sent, and must not come back.
      const known = new Set([...entries.keys(), ...underWay]);
      for (const record of await store.activeOutbox()) {
        const { outboxId } = record;
        if (known.has(outboxId) || entries.has(outboxId) || underWay.has(outboxId)) continue;
        const entry: Entry = { record, attempts: undefined, running: undefined, isCallersTurn: false };
        entries.set(record.outboxId, entry);
        tell(entry);
      }
    },
    all: () => entries.values(),
    get: (outboxId) => entries.get(outboxId),
    async coming(record, bytes, file) {
      const { outboxId } = record;
      underWay.add(outboxId);
      try {
        await file().catch(async (error: unknown) => {
          // Something failed after the ledger had it: it is queued all the same, and a caller who is told otherwise sends it again.
          if ((await store.outboxRecord(outboxId).catch(() => null)) === null) throw error;
        });
      } finally {
        underWay.delete(outboxId);
      }
      const entry: Entry = { record, attempts: [], running: undefined, isCallersTurn: false };
      if (bytes !== undefined && octetsAtHand + bytes.length <= mostOctetsAtHand) {
        entry.bytes = bytes;
        octetsAtHand += bytes.length;
      }
      entries.set(record.outboxId, entry);
      tell(entry);
      return entry;
    },
    takeBytes(entry) {
      const { bytes } = entry;
      octetsAtHand -= bytes?.length ?? 0;
      entry.bytes = undefined;
      return bytes;
    },
    async save(entry, record) {
      // A pass ends with it and nobody waits: it shares the commit that lets another message go. Until then the ledger
      // says what it said during the pass, so that a crash in between repeats what follows a delivery, not the delivery.
      await store.putOutbox([record], 'soon');
      entry.record = record;
      tell(entry);
      if (record.state === 'sent') {
        entries.delete(record.outboxId);
        emit('outbox.removed', { outboxId: record.outboxId });
      }
    },
    show(entry, record) {
      entry.record = record;
      tell(entry);
    },
    async remove(entry) {
      await store.removeOutbox(entry.record.outboxId);
      self.takeBytes(entry);
      entries.delete(entry.record.outboxId);
      emit('outbox.removed', { outboxId: entry.record.outboxId });
    },
    async addAttempt(entry, attempt) {
      const attempts = await attemptsOf(entry);
      attempts.push(attempt);
      emit('outbox.attempting', { outboxId: entry.record.outboxId, attempt });
      await store.appendAttempts(entry.record.outboxId, [attempt]);
    },
    async item(entry) {
      const isUntried = entry.record.state === 'queued' && entry.record.deferrals === 0;
      return toItem(entry.record, isUntried ? (entry.attempts ?? []) : await attemptsOf(entry));
    },
    async items() {
      const unread = [...entries.values()].filter(({ attempts }) => attempts === undefined);
      const kept = unread.length === 0 ? [] : await store.attemptsOfActive();
      const byMessage = new Map(kept.map(({ outboxId, attempts }) => [outboxId, attempts]));
      for (const entry of unread) entry.attempts ??= byMessage.get(entry.record.outboxId) ?? [];
      return [...entries.values()].map((entry) => toItem(entry.record, entry.attempts ?? []));
    },
    async itemById(outboxId) {
      const entry = entries.get(outboxId);
      if (entry !== undefined) return self.item(entry);
      const record = await store.outboxRecord(outboxId);
      if (record === null) throw new MailError('ENOTFOUND', 'That message is not in the outbox any more.');
      return toItem(record, await store.attemptsOf(outboxId));
    },
  };
  return self;
}

/** Promise 2: what may have left is never sent again by itself. Those of the same message that had not left go on. */
function reviseAfterCrash(record: OutboxRecord): OutboxRecord {
  const wasOnItsWay = record.recipients.some(({ state }) => state === 'dot-pending');
  if (!wasOnItsWay && record.state !== 'sending') return record;
  const recipients = record.recipients.map((recipient) =>
    recipient.state === 'dot-pending'
      ? { ...recipient, state: 'uncertain' as const, text: 'Postrider stopped while the server was answering.' }
      : recipient,
  );
  const { heldFor: _heldFor, ...base } = record;
  const isOpen = recipients.some(({ state }) => state === 'pending');
  const isAsked = recipients.some(({ state }) => state === 'uncertain');
  // Told as such from the start, also by a command that makes no pass.
  if (isAsked && !isOpen) return heldUncertain({ ...base, recipients });
  return { ...base, recipients, state: 'queued', explanation: 'Waiting to be sent.' };
}
