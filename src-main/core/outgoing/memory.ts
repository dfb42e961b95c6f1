import type { LocationId, ServerId } from '#shared/ids.ts';
import { coolUntil, firstCoolDownMs, longestCoolDownMs } from '#shared/mail/cool-down.ts';
import type { DeliveryMemoryEntry } from '#shared/mail/outbox.ts';
import type { Remember } from './classify-reply.ts';

/**
 * What is remembered of the servers, as pure functions over entries. A cool-down stays after it is over, as *half-open*:
 * the endpoint may be used again but goes last, until it worked or a probe in the background found it well.
 */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export { coolUntil, firstCoolDownMs, longestCoolDownMs };

/** How long each kind is believed; `null`: until it is cleared. */
const lifetimeMs: Record<DeliveryMemoryEntry['kind'], number | null> = {
  success: 90 * day,
  'cool-down': day,
  'refused-sender': day,
  'refused-recipient-domain': day,
  'refused-size': 7 * day,
  blocked: 6 * hour,
  'auth-failed': null,
  seen: null,
  // Whoever is there is looked at anew each time anyway; this long it is not even asked.
  'something-in-its-place': 7 * day,
  'relay-accepted': null,
};

/** Where and for whom something was learned. */
export interface Circumstances {
  readonly serverId: ServerId;
  /** `host:port` */
  readonly endpoint: string;
  readonly locationId: LocationId | undefined;
  readonly sender: string;
  readonly recipientDomain?: string;
  readonly octets: number;
  readonly now: number;
  readonly durationMs?: number;
  /** The server's words, or ours. */
  readonly text?: string;
  /** Tells whether the sign-in settings are still those that failed. */
  readonly secretMark?: string;
}

export interface MemoryChange {
  readonly entries: DeliveryMemoryEntry[];
  readonly removedKeys: string[];
}

/** The entries still believed. */
export function believed(memory: readonly DeliveryMemoryEntry[], now: number): DeliveryMemoryEntry[] {
  return memory.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
}

/** A message was taken: the endpoint is well, and the doubts about it are gone. */
export function learnSuccess(memory: readonly DeliveryMemoryEntry[], what: Circumstances): MemoryChange {
  const entry = makeEntry('success', what, successKey(what), { durationMs: what.durationMs });
  const sender = what.sender.toLowerCase();
  const disproved = memory.filter(
    (known) =>
      known.serverId === what.serverId &&
      ((known.kind === 'cool-down' && known.endpoint === what.endpoint && isHere(known, what)) ||
        (known.kind === 'blocked' && isHere(known, what)) ||
        known.kind === 'auth-failed' ||
        (known.kind === 'refused-sender' && isHere(known, what) && known.sender === sender) ||
        (known.kind === 'refused-size' && (known.octets ?? 0) <= what.octets)),
  );
  return { entries: [entry], removedKeys: disproved.map(({ key }) => key) };
}

/** A server would not: what to believe about it from now on. */
export function learnRefusal(
  memory: readonly DeliveryMemoryEntry[],
  remember: Remember,
  what: Circumstances,
): MemoryChange {
  switch (remember) {
    case 'cool-down':
      return learnCoolDown(memory, what);
    case 'refused-sender':
      return only(makeEntry(remember, what, key(remember, what, what.sender), { sender: what.sender.toLowerCase() }));
    case 'refused-recipient-domain':
      return only(
        makeEntry(remember, what, key(remember, what, what.sender, what.recipientDomain ?? ''), {
          sender: what.sender.toLowerCase(),
          recipientDomain: what.recipientDomain ?? '',
        }),
      );
    case 'refused-size': {
      // Not by network: a limit belongs to the server. The smallest size refused counts.
      const sizeKey = `refused-size|${what.serverId}`;
      const before = memory.find((entry) => entry.key === sizeKey)?.octets ?? Number.POSITIVE_INFINITY;
      return only(makeEntry(remember, what, sizeKey, { octets: Math.min(before, what.octets), locationId: undefined }));
    }
    case 'blocked':
      return only(makeEntry(remember, what, key(remember, what), {}));
    case 'auth-failed':
      return only(
        makeEntry(remember, what, `auth-failed|${what.serverId}`, {
          locationId: undefined,
          secretMark: what.secretMark,
        }),
      );
  }
}

/** An endpoint that had not answered when another one was tried: it goes last until it is known how it ends. */
export function learnSlow(memory: readonly DeliveryMemoryEntry[], what: Circumstances): MemoryChange {
  const coolKey = coolDownKey(what);
  if (memory.some((entry) => entry.key === coolKey)) return { entries: [], removedKeys: [] };
  return only(makeEntry('cool-down', what, coolKey, { failures: 0 }));
}

/** A probe found the endpoint answering. */
export function learnRecovery(memory: readonly DeliveryMemoryEntry[], what: Circumstances): MemoryChange {
  const coolKey = coolDownKey(what);
  return { entries: [], removedKeys: memory.some((entry) => entry.key === coolKey) ? [coolKey] : [] };
}

function learnCoolDown(memory: readonly DeliveryMemoryEntry[], what: Circumstances): MemoryChange {
  const coolKey = coolDownKey(what);
  const before = memory.find((entry) => entry.key === coolKey);
  // Several messages may have met the same failure at once: that is one failure.
  const isSameFailure = before !== undefined && (before.failures ?? 0) > 0 && coolUntil(before) > what.now;
  const failures = isSameFailure ? (before.failures ?? 1) : (before?.failures ?? 0) + 1;
  return only(
    makeEntry('cool-down', what, coolKey, {
      failures,
      ...(isSameFailure ? { learnedAt: before.learnedAt } : {}),
    }),
  );
}

function only(entry: DeliveryMemoryEntry): MemoryChange {
  return { entries: [entry], removedKeys: [] };
}

/** One remembered fact with its lifetime. */
export function makeEntry(
  kind: DeliveryMemoryEntry['kind'],
  what: Pick<Circumstances, 'serverId' | 'endpoint' | 'locationId' | 'now' | 'text'>,
  entryKey: string,
  more: Partial<DeliveryMemoryEntry>,
): DeliveryMemoryEntry {
  const lifetime = lifetimeMs[kind];
  return {
    key: entryKey,
    kind,
    serverId: what.serverId,
    endpoint: what.endpoint,
    locationId: what.locationId,
    text: what.text?.slice(0, 500),
    learnedAt: what.now,
    expiresAt: lifetime === null ? null : what.now + lifetime,
    ...more,
  };
}

function successKey(what: Pick<Circumstances, 'serverId' | 'endpoint' | 'locationId'>): string {
  return `success|${what.serverId}|${what.endpoint}|${what.locationId ?? ''}`;
}

export function coolDownKey(what: Pick<Circumstances, 'serverId' | 'endpoint' | 'locationId'>): string {
  return `cool-down|${what.serverId}|${what.endpoint}|${what.locationId ?? ''}`;
}

function key(kind: string, what: Circumstances, ...more: string[]): string {
  return [kind, what.serverId, what.locationId ?? '', ...more.map((part) => part.toLowerCase())].join('|');
}

function isHere(entry: DeliveryMemoryEntry, what: Circumstances): boolean {
  return entry.locationId === what.locationId;
}
