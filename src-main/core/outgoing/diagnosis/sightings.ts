import type { LocationId, ServerId } from '#shared/ids.ts';
import type { DeliveryMemoryEntry } from '#shared/mail/outbox.ts';
import { type MemoryChange, makeEntry } from '../memory.ts';

/** What a server showed of itself. */
export type Seen = NonNullable<DeliveryMemoryEntry['seen']>;

/** An endpoint of a server on a network. */
export interface Place {
  readonly serverId: ServerId;
  /** `host:port` */
  readonly endpoint: string;
  readonly locationId: LocationId;
}

export type Comparison =
  /** `isNews`: it shows something that is worth remembering. */
  | { readonly kind: 'fits'; readonly isNews: boolean }
  /** Nobody can say: there was nothing to compare with, or it now tells nothing. */
  | { readonly kind: 'first' | 'silent' }
  | { readonly kind: 'contradicts'; readonly before: readonly string[]; readonly now: readonly string[] };

/** More than this many faces of one endpoint are not kept: the oldest make room. */
const mostFaces = 8;

/**
 * Compares what answers with what was seen at this endpoint before, on any network. Names are compared by registrable domain,
 * since pools vary. Only a contradiction counts, never that something is not said: `expected` holds domains that are right
 * whatever was seen (the host's own, and those its certificate vouched for).
 */
export function compareSeen(now: Seen, before: readonly Seen[], expected: readonly string[]): Comparison {
  if (before.length === 0) return { kind: 'first' };
  const known = new Set(before.flatMap(domainsOf));
  const names = domainsOf(now);
  const isNews = !before.some((seen) => isSame(seen, now));
  if (names.some((name) => known.has(name) || expected.includes(name))) return { kind: 'fits', isNews };
  // Where one of them names nothing there is no contradiction, unless STARTTLS is gone at the same time.
  const hasLostTls = before.every(({ offersStartTls }) => offersStartTls) && !now.offersStartTls;
  if (hasLostTls || (known.size > 0 && names.length > 0))
    return { kind: 'contradicts', before: [...known], now: names };
  return known.size === 0 ? { kind: 'fits', isNews } : { kind: 'silent' };
}

/** The registrable domains it names, each once. */
export function domainsOf({ greetingDomain, ehloDomain }: Seen): string[] {
  return [...new Set([greetingDomain, ehloDomain].filter((domain) => domain !== null))];
}

/** What was seen at an endpoint, on any network. */
export function seenAt(
  memory: readonly DeliveryMemoryEntry[],
  { serverId, endpoint }: Omit<Place, 'locationId'>,
): Seen[] {
  return facesAt(memory, { serverId, endpoint }).flatMap(({ seen }) => seen ?? []);
}

function facesAt(
  memory: readonly DeliveryMemoryEntry[],
  { serverId, endpoint }: Omit<Place, 'locationId'>,
): DeliveryMemoryEntry[] {
  return memory.filter((entry) => entry.kind === 'seen' && entry.serverId === serverId && entry.endpoint === endpoint);
}

/** What answers is (still) the server: remembered when it says something new, and doubts about it here are gone. */
export function learnSeen(
  memory: readonly DeliveryMemoryEntry[],
  seen: Seen,
  place: Place,
  facts: { now: number; text: string },
): MemoryChange {
  const doubt = alarmKey(place);
  const removedKeys = memory.some(({ key }) => key === doubt) ? [doubt] : [];
  const faces = facesAt(memory, place);
  if (faces.some((face) => face.seen !== undefined && isSame(face.seen, seen))) return { entries: [], removedKeys };
  const key = `seen|${place.serverId}|${place.endpoint}|${seen.greetingDomain ?? ''}|${seen.ehloDomain ?? ''}`;
  const same = faces.find((face) => face.key === key)?.seen;
  const entry = makeEntry('seen', { ...place, ...facts }, key, {
    // Not by network: what it is called belongs to the server.
    locationId: undefined,
    seen: {
      ...seen,
      // What it could once, it can: that it does not now is what is to be noticed.
      offersStartTls: seen.offersStartTls || same?.offersStartTls === true,
      isCertificateValid: same?.isCertificateValid === true ? true : seen.isCertificateValid,
    },
  });
  const others = faces.filter((face) => face.key !== key).sort((a, b) => a.learnedAt - b.learnedAt);
  const tooMany = others.slice(0, Math.max(0, others.length + 1 - mostFaces));
  return { entries: [entry], removedKeys: [...removedKeys, ...tooMany.map((face) => face.key)] };
}

/** Something else answers here: not used on this network until it is the server again, or the user accepts it. */
export function learnInItsPlace(
  memory: readonly DeliveryMemoryEntry[],
  seen: Seen,
  place: Place,
  facts: { now: number; text: string },
): MemoryChange {
  const key = alarmKey(place);
  const before = memory.find((entry) => entry.key === key);
  const isKnown = before?.seen !== undefined && isSame(before.seen, seen) && before.text === facts.text;
  // Told anew when it is old, so that it does not lapse while it goes on.
  if (isKnown && facts.now - before.learnedAt < renewAlarmAfterMs) return { entries: [], removedKeys: [] };
  return { entries: [makeEntry('something-in-its-place', { ...place, ...facts }, key, { seen })], removedKeys: [] };
}

const renewAlarmAfterMs = 24 * 3_600_000;

/** The user said yes to what answers here. `seen` is undefined when nobody has looked yet. */
export function learnAccepted(
  place: Place,
  seen: Seen | undefined,
  facts: { now: number; text: string },
): MemoryChange {
  const more = seen === undefined ? {} : { seen };
  return {
    entries: [makeEntry('relay-accepted', { ...place, ...facts }, acceptedKey(place), more)],
    removedKeys: [alarmKey(place)],
  };
}

/** The provider itself shows another face now: the old ones, and every alarm about the new one, are forgotten. */
export function learnMoved(
  memory: readonly DeliveryMemoryEntry[],
  seen: Seen,
  place: Place,
  facts: { now: number; text: string },
): MemoryChange {
  const old = memory.filter(
    (entry) =>
      (entry.kind === 'seen' || entry.kind === 'something-in-its-place') &&
      entry.serverId === place.serverId &&
      entry.endpoint === place.endpoint,
  );
  const { entries } = learnSeen([], seen, place, facts);
  return { entries, removedKeys: old.map(({ key }) => key) };
}

/** The alarm at this place, if there is one. */
export function alarmAt(memory: readonly DeliveryMemoryEntry[], place: Place): DeliveryMemoryEntry | undefined {
  const key = alarmKey(place);
  return memory.find((entry) => entry.key === key);
}

/** What the user accepted at this place, if they did. */
export function acceptedAt(memory: readonly DeliveryMemoryEntry[], place: Place): DeliveryMemoryEntry | undefined {
  const key = acceptedKey(place);
  return memory.find((entry) => entry.key === key);
}

/** Whether this face raised the alarm on another network too. */
export function isSeenElsewhere(memory: readonly DeliveryMemoryEntry[], seen: Seen, place: Place): boolean {
  const names = domainsOf(seen);
  return memory.some(
    (entry) =>
      entry.kind === 'something-in-its-place' &&
      entry.serverId === place.serverId &&
      entry.endpoint === place.endpoint &&
      entry.locationId !== place.locationId &&
      entry.seen !== undefined &&
      domainsOf(entry.seen).some((name) => names.includes(name)),
  );
}

/** Whether what answers is what was accepted. */
export function isAccepted(accepted: DeliveryMemoryEntry, seen: Seen): boolean {
  if (accepted.seen === undefined) return true;
  const names = domainsOf(seen);
  const granted = domainsOf(accepted.seen);
  return granted.length === 0 ? names.length === 0 : names.some((name) => granted.includes(name));
}

function isSame(a: Seen, b: Seen): boolean {
  return (
    a.greetingDomain === b.greetingDomain &&
    a.ehloDomain === b.ehloDomain &&
    // Less than before is no news: pools vary in what they offer.
    (a.offersStartTls || !b.offersStartTls) &&
    (a.isCertificateValid === true || b.isCertificateValid !== true)
  );
}

function alarmKey({ serverId, endpoint, locationId }: Place): string {
  return `something-in-its-place|${serverId}|${endpoint}|${locationId}`;
}

function acceptedKey({ serverId, endpoint, locationId }: Place): string {
  return `relay-accepted|${serverId}|${endpoint}|${locationId}`;
}
