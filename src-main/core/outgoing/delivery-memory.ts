import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { LocationId, ServerId } from '#shared/ids.ts';
import { endpointName, type Secret } from '#shared/mail/endpoint.ts';
import type { DeliveryMemoryEntry } from '#shared/mail/outbox.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import type { Rooms } from '../services.ts';
import type { Lesson } from './deliver.ts';
import {
  type Circumstances,
  learnNoPipelining,
  learnOffer,
  learnRecovery,
  learnRefusal,
  learnSlow,
  learnSuccess,
  type MemoryChange,
} from './memory.ts';

/** For whom and where a lesson was learned. */
export interface LessonContext {
  readonly sender: string;
  readonly octets: number;
  readonly needs?: Circumstances['needs'];
  readonly locationId: LocationId;
}

/** What is remembered, at hand for every plan, and kept in the ledger. */
export interface DeliveryMemory {
  /** Reads the ledger; later calls cost nothing. */
  load(): Promise<void>;
  entries(): DeliveryMemoryEntry[];
  /** Whether an entry of this key is believed now. */
  knows(key: string): boolean;
  learn(lesson: Lesson, context: LessonContext): void;
  /** A server offers all that such a message needs. */
  learnOffer(at: Lesson['at'], context: LessonContext): void;
  /** For what is learned besides lessons. */
  change(change: MemoryChange): void;
  forget(serverId: ServerId, keys?: readonly string[]): Promise<void>;
  /** Everything learned on one network. */
  forgetLocation(locationId: LocationId): Promise<void>;
  /** Puts back what was forgotten; what was learned since stays. */
  restore(entries: readonly DeliveryMemoryEntry[]): Promise<void>;
  /** Drops a failed sign-in when its server's settings or secret are no longer those that failed. */
  reviseSignIns(
    servers: readonly OutgoingServer[],
    secretOf: (id: ServerId) => Promise<Secret | undefined>,
  ): Promise<void>;
  /** Another address or sign-in is another acquaintance: what such servers refused before is forgotten. */
  reviseRefusals(servers: readonly OutgoingServer[]): void;
  /** The settings changed: sign-ins are looked at anew. */
  forgetMarks(): void;
  /** Told of the servers whose memory changed. */
  onChanged: ((serverId: ServerId) => void) | undefined;
  /** Waits until everything learned is in the ledger. */
  flush(): Promise<void>;
}

/** A success is written down again only after this long: it says the same every time. */
const rewriteSuccessAfterMs = 5 * 60_000;

export function createDeliveryMemory(rooms: Pick<Rooms, 'clock' | 'log' | 'store'>): DeliveryMemory {
  const { clock, log, store } = rooms;
  const known = new Map<string, DeliveryMemoryEntry>();
  const marks = new Map<ServerId, string>();
  /** How each server is reached and signed in to. */
  const ways = new Map<ServerId, string>();
  let loading: Promise<void> | undefined;
  let writing: Promise<void> = Promise.resolve();

  function apply({ entries, removedKeys }: MemoryChange): void {
    const gone = removedKeys.flatMap((key) => known.get(key) ?? []);
    const removed = removedKeys.filter((key) => known.delete(key));
    const written = entries.filter((entry) => isNews(known.get(entry.key), entry));
    for (const entry of entries) known.set(entry.key, entry);
    if (removed.length === 0 && written.length === 0) return;
    writing = writing
      .then(() => store.putDeliveryMemory(written, removed))
      .catch((error: unknown) => log.error('What was learned of a server could not be kept.', error));
    const told = [...written, ...gone].map((entry) => entry.serverId);
    for (const serverId of new Set(told)) memory.onChanged?.(serverId);
  }

  function whatOf({ server, endpoint }: Lesson['at'], context: LessonContext): Circumstances {
    const secretMark = marks.get(server.id);
    return { ...context, serverId: server.id, endpoint: endpointName(endpoint), now: clock.now(), secretMark };
  }

  const memory: DeliveryMemory = {
    load() {
      loading ??= store.deliveryMemory().then((entries) => {
        for (const entry of entries) known.set(entry.key, entry);
      });
      return loading;
    },
    entries: () => [...known.values()],
    knows(key) {
      const expiresAt = known.get(key)?.expiresAt;
      return expiresAt !== undefined && (expiresAt === null || expiresAt > clock.now());
    },
    learn: (lesson, context) => apply(changeFor(lesson, whatOf(lesson.at, context), memory.entries())),
    learnOffer: (at, context) => apply(learnOffer(memory.entries(), whatOf(at, context))),
    change: apply,
    async forget(serverId, keys) {
      const gone = memory
        .entries()
        .filter((entry) => entry.serverId === serverId && (keys?.includes(entry.key) ?? true));
      apply({ entries: [], removedKeys: gone.map(({ key }) => key) });
      await writing;
      memory.onChanged?.(serverId);
    },
    async forgetLocation(locationId) {
      const gone = memory.entries().filter((entry) => entry.locationId === locationId);
      apply({ entries: [], removedKeys: gone.map(({ key }) => key) });
      await writing;
      for (const serverId of new Set(gone.map((entry) => entry.serverId))) memory.onChanged?.(serverId);
    },
    async restore(entries) {
      apply({ entries: entries.filter(({ key }) => !known.has(key)), removedKeys: [] });
      await writing;
    },
    async reviseSignIns(servers, secretOf) {
      for (const server of servers) {
        // Until the settings change, a mark once made stays true.
        if (marks.has(server.id) && !known.has(`auth-failed|${server.id}`)) continue;
        const secret = await secretOf(server.id).catch(() => undefined);
        const failed = known.get(`auth-failed|${server.id}`);
        if (failed?.secretMark === undefined) {
          marks.set(server.id, makeMark(server, secret, randomBytes(6).toString('hex')));
        } else {
          const salt = failed.secretMark.split(':')[0] ?? '';
          const mark = makeMark(server, secret, salt);
          marks.set(server.id, mark);
          if (mark !== failed.secretMark) apply({ entries: [], removedKeys: [failed.key] });
        }
      }
    },
    reviseRefusals(servers) {
      const changed = servers.filter(({ id, ...server }) => {
        const before = ways.get(id);
        const way = JSON.stringify([server.auth, server.endpoints, server.proxy]);
        ways.set(id, way);
        return before !== undefined && before !== way;
      });
      const gone = memory
        .entries()
        .filter(({ kind, serverId }) => refusals.has(kind) && changed.some(({ id }) => id === serverId));
      apply({ entries: [], removedKeys: gone.map(({ key }) => key) });
    },
    forgetMarks: () => marks.clear(),
    onChanged: undefined,
    async flush() {
      await writing;
    },
  };
  return memory;
}

function changeFor(lesson: Lesson, what: Circumstances, entries: readonly DeliveryMemoryEntry[]): MemoryChange {
  switch (lesson.kind) {
    case 'success':
      return learnSuccess(entries, {
        ...what,
        durationMs: lesson.durationMs,
        acceptedDomains: lesson.recipientDomains,
      });
    case 'refusal':
      return learnRefusal(entries, lesson.remember, {
        ...what,
        text: lesson.text,
        ...lesson.lacks,
        ...(lesson.recipientDomain === undefined ? {} : { recipientDomain: lesson.recipientDomain }),
      });
    case 'slow':
      return learnSlow(entries, what);
    case 'recovered':
      return learnRecovery(entries, what);
    case 'no-pipelining':
      return learnNoPipelining(what);
  }
}

/** What depends on how one comes to a server. */
const refusals: ReadonlySet<DeliveryMemoryEntry['kind']> = new Set([
  'refused-sender',
  'refused-recipient-domain',
  'refused-relaying',
  'refused-size',
  'lacks-extension',
  'blocked',
]);

function isNews(before: DeliveryMemoryEntry | undefined, entry: DeliveryMemoryEntry): boolean {
  if (before === undefined || entry.kind !== 'success' || before.relayed !== entry.relayed) return true;
  return entry.learnedAt - before.learnedAt > rewriteSuccessAfterMs;
}

/**
 * Twelve bits of a salted digest: enough to notice that a password was changed, far too little to guess it from.
 */
function makeMark(server: OutgoingServer, secret: Secret | undefined, salt: string): string {
  const settings = createHash('sha256')
    .update(JSON.stringify([server.auth, server.endpoints, ...(server.proxy === undefined ? [] : [server.proxy])]))
    .digest('hex');
  const digest = createHmac('sha256', salt)
    .update(`${settings}|${JSON.stringify(secret ?? null)}`)
    .digest('hex');
  return `${salt}:${digest.slice(0, 3)}`;
}
