import type { LocationId, ServerId } from '#shared/ids.ts';
import { coolUntil, firstCoolDownMs, longestCoolDownMs } from '#shared/mail/cool-down.ts';
import type { DeliveryMemoryEntry, SmtpExtension } from '#shared/mail/outbox.ts';
import type { Remember } from './classify-reply.ts';
import { registrableDomain } from './diagnosis/registrable-domain.ts';

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
  'refused-relaying': day,
  'refused-size': 7 * day,
  'lacks-extension': 7 * day,
  'no-pipelining': 14 * day,
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
  /** Of the recipients it was taken for. */
  readonly acceptedDomains?: readonly string[];
  readonly octets: number;
  /** What the message needs of a server. */
  readonly needs?: readonly SmtpExtension[];
  /** Of a refusal for size: the most the server said it takes. */
  readonly limitOctets?: number;
  /** What the message needed and the server lacks. */
  readonly extension?: SmtpExtension;
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

/** The entries still believed: none of what was learned while the clock was wrong, far ahead of now. */
export function believed(memory: readonly DeliveryMemoryEntry[], now: number): DeliveryMemoryEntry[] {
  return memory.filter(({ expiresAt, learnedAt }) => expiresAt === null || (expiresAt > now && learnedAt - now < day));
}

/** A message was taken: the endpoint is well, and the doubts about it are gone. */
export function learnSuccess(memory: readonly DeliveryMemoryEntry[], what: Circumstances): MemoryChange {
  const relaying = learnAccepted(memory, what);
  const entry = makeEntry('success', what, successKey(what), {
    durationMs: what.durationMs,
    ...(relaying.hasRelayed ? { relayed: true } : {}),
  });
  const sender = what.sender.toLowerCase();
  const disproved = memory.filter(
    (known) =>
      known.serverId === what.serverId &&
      ((known.kind === 'cool-down' && known.endpoint === what.endpoint && isHere(known, what)) ||
        (known.kind === 'blocked' && isHere(known, what)) ||
        known.kind === 'auth-failed' ||
        (known.kind === 'refused-sender' && isHere(known, what) && known.sender === sender) ||
        (known.kind === 'refused-size' && (known.octets ?? 0) <= what.octets) ||
        isOffered(known, what)),
  );
  return {
    entries: [entry, ...relaying.entries],
    removedKeys: [...disproved.map(({ key }) => key), ...relaying.removedKeys],
  };
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
      return only(senderEntry(what));
    case 'refused-relaying':
      // One that passes mail on for others here has something against this sender.
      return only(hasRelayedHere(memory, what) ? senderEntry(what) : relayingEntry(memory, what));
    case 'refused-recipient-domain':
      // The second domain refused without a word about why: it is not about the domains.
      if (hasRefusedAnother(memory, what) && !hasRelayedHere(memory, what)) return only(relayingEntry(memory, what));
      return only(
        makeEntry(remember, what, key(remember, what, what.sender, what.recipientDomain ?? ''), {
          sender: what.sender.toLowerCase(),
          recipientDomain: what.recipientDomain ?? '',
        }),
      );
    case 'refused-size': {
      // Not by network: a limit belongs to the server. What it says it takes counts; else the smallest size refused.
      const sizeKey = `refused-size|${what.serverId}`;
      const { limitOctets } = what;
      if (limitOctets !== undefined)
        return only(
          makeEntry(remember, what, sizeKey, { octets: limitOctets + 1, limitOctets, locationId: undefined }),
        );
      const before = memory.find((entry) => entry.key === sizeKey)?.octets ?? Number.POSITIVE_INFINITY;
      return only(makeEntry(remember, what, sizeKey, { octets: Math.min(before, what.octets), locationId: undefined }));
    }
    case 'lacks-extension': {
      const { extension, serverId } = what;
      const lacksKey = `${remember}|${serverId}|${extension ?? ''}`;
      return only(makeEntry(remember, what, lacksKey, { extension, locationId: undefined }));
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

/**
 * Commands sent together were lost there, sent one by one they were not. On every network: going one by one costs little,
 * finding out again costs a long wait.
 */
export function learnNoPipelining(what: Circumstances): MemoryChange {
  return only(makeEntry('no-pipelining', what, noPipeliningKey(what), { locationId: undefined }));
}

/** It offers what this message needs: what it announced otherwise before no longer holds. */
export function learnOffer(memory: readonly DeliveryMemoryEntry[], what: Circumstances): MemoryChange {
  const disproved = memory.filter((known) => known.serverId === what.serverId && isOffered(known, what));
  return { entries: [], removedKeys: disproved.map(({ key }) => key) };
}

/** Said to be lacking, and not lacking now. A size refused in spite of what is announced is another matter. */
function isOffered(known: DeliveryMemoryEntry, { needs, octets }: Circumstances): boolean {
  if (known.kind === 'refused-size') return known.limitOctets !== undefined && known.limitOctets < octets;
  return known.kind === 'lacks-extension' && known.extension !== undefined && needs?.includes(known.extension) === true;
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

function senderEntry(what: Circumstances): DeliveryMemoryEntry {
  const sender = what.sender.toLowerCase();
  return makeEntry('refused-sender', what, key('refused-sender', what, sender), { sender });
}

function relayingEntry(memory: readonly DeliveryMemoryEntry[], what: Circumstances): DeliveryMemoryEntry {
  const localDomains = relayRefusal(memory, what)?.localDomains;
  return makeEntry('refused-relaying', what, key('refused-relaying', what), {
    sender: what.sender.toLowerCase(),
    recipientDomain: what.recipientDomain ?? '',
    ...(localDomains === undefined ? {} : { localDomains }),
  });
}

/** What is believed of this server's relaying from here. */
function relayRefusal(memory: readonly DeliveryMemoryEntry[], what: Circumstances): DeliveryMemoryEntry | undefined {
  const known = memory.find((entry) => entry.key === key('refused-relaying', what));
  return known === undefined || (known.expiresAt !== null && known.expiresAt <= what.now) ? undefined : known;
}

function hasRelayedHere(memory: readonly DeliveryMemoryEntry[], what: Circumstances): boolean {
  return memory.some(
    (entry) => entry.kind === 'success' && entry.serverId === what.serverId && isHere(entry, what) && entry.relayed,
  );
}

function hasRefusedAnother(memory: readonly DeliveryMemoryEntry[], what: Circumstances): boolean {
  return memory.some(
    (entry) =>
      entry.kind === 'refused-recipient-domain' &&
      entry.serverId === what.serverId &&
      isHere(entry, what) &&
      entry.sender === what.sender.toLowerCase() &&
      entry.recipientDomain !== what.recipientDomain,
  );
}

/**
 * What a taken message says of relaying. Where it was refused, a domain that is taken all the same is the server's own,
 * unless it is the very one that was refused: then it passes mail on again.
 */
function learnAccepted(
  memory: readonly DeliveryMemoryEntry[],
  what: Circumstances,
): MemoryChange & { hasRelayed: boolean } {
  const foreign = (what.acceptedDomains ?? []).filter((domain) => !isOwnDomain(domain, what.endpoint));
  const refusal = relayRefusal(memory, what);
  const isOver = refusal !== undefined && foreign.some((domain) => domain === refusal.recipientDomain);
  const hasRelayed = hasRelayedHere(memory, what) || ((refusal === undefined || isOver) && foreign.length > 0);
  if (refusal === undefined) return { entries: [], removedKeys: [], hasRelayed };
  if (isOver) return { entries: [], removedKeys: [refusal.key], hasRelayed };
  const localDomains = [...new Set([...(refusal.localDomains ?? []), ...foreign])];
  const isNews = localDomains.length > (refusal.localDomains?.length ?? 0);
  return { entries: isNews ? [{ ...refusal, localDomains }] : [], removedKeys: [], hasRelayed };
}

/** Whether a server of this name (`host:port`, or a host) takes mail for a domain because it is at home there. */
export function isOwnDomain(domain: string, endpoint: string): boolean {
  const own = registrableDomain(endpoint.replace(/:\d+$/, ''));
  return own !== null && registrableDomain(domain) === own;
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

export function noPipeliningKey(what: Pick<Circumstances, 'serverId' | 'endpoint'>): string {
  return `no-pipelining|${what.serverId}|${what.endpoint}`;
}

function key(kind: string, what: Circumstances, ...more: string[]): string {
  return [kind, what.serverId, what.locationId ?? '', ...more.map((part) => part.toLowerCase())].join('|');
}

function isHere(entry: DeliveryMemoryEntry, what: Circumstances): boolean {
  return entry.locationId === what.locationId;
}
