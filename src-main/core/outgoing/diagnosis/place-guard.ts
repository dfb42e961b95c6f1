import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { LocationId, ServerId } from '#shared/ids.ts';
import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { DeliveryMemoryEntry } from '#shared/mail/outbox.ts';
import type { MailErrorCode } from '#shared/mail-error.ts';
import type { Clock } from '../../ports.ts';
import type { DeliveryMemory } from '../delivery-memory.ts';
import type { Greeted } from '../greet.ts';
import type { Capabilities } from '../smtp-session.ts';
import { noReply, type StageFailure } from '../stage-failure.ts';
import { nameIn, registrableDomain } from './registrable-domain.ts';
import { findKinship, type LookAgain } from './second-look.ts';
import {
  acceptedAt,
  alarmAt,
  compareSeen,
  domainsOf,
  isAccepted,
  isSeenElsewhere,
  learnInItsPlace,
  learnMoved,
  learnSeen,
  type Place,
  type Seen,
  seenAt,
} from './sightings.ts';

/** An endpoint of a saved server, met on a network. */
export interface At {
  readonly serverId: ServerId;
  readonly endpoint: Endpoint;
  readonly locationId: LocationId;
}

/** What stands at the other end, before anything was said about oneself. */
export interface Met {
  /** The greeting without its code. */
  readonly greeting: string;
  /** The first line of the reply to EHLO, without its code. */
  readonly ehlo: string;
  readonly offersStartTls: boolean;
  /** The connection is encrypted and its certificate held. */
  readonly isSecured: boolean;
  /** Undefined: through a proxy. */
  readonly remoteAddress: string | undefined;
  readonly signal: AbortSignal;
}

/** What a greeted connection and its EHLO show. */
export function meeting(
  { greeting, secured }: Pick<Greeted, 'greeting' | 'secured'>,
  capabilities: Pick<Capabilities, 'firstLine' | 'extensions'>,
  remoteAddress: string | undefined,
  signal: AbortSignal,
): Met {
  return {
    greeting: greeting.lines[0] ?? '',
    ehlo: capabilities.firstLine,
    offersStartTls: capabilities.extensions.has('STARTTLS'),
    isSecured: secured !== undefined,
    remoteAddress,
    signal,
  };
}

/** Notices when something else answers in the place of a server. */
export interface PlaceGuard {
  /**
   * Compares who answers with who was seen before, and remembers. The answer is a remark worth noting. Throws `StageFailure`
   * (EINTERCEPTED, at `ehlo`) where nothing must be sent.
   */
  meet(at: At, met: Met): Promise<string | undefined>;
  /** The failure with more to say, when what fails at this endpoint was well before. */
  suspect(at: At, failure: StageFailure): StageFailure;
}

/** What the name service says; tests hand in their own. */
export interface Lookups {
  addressesOf(name: string): Promise<string[]>;
  /** The name a host is an alias of. */
  aliasesOf(host: string): Promise<string[]>;
}

export function createPlaceGuard(rooms: {
  memory: Pick<DeliveryMemory, 'entries' | 'change'>;
  clock: Pick<Clock, 'now'>;
  /** Looked at anew: who was carried off a moment ago must not blame the network left behind. */
  whereNow: () => Promise<LocationId>;
  /** Without it, a face never seen is not asked after. */
  lookAgain?: LookAgain;
  lookups?: Lookups;
}): PlaceGuard {
  const { clock, lookAgain, lookups = systemLookups(), memory, whereNow } = rooms;
  /** Five messages at once meet the same face: it is asked after once. */
  const asked = new Map<string, ReturnType<typeof findKinship>>();

  /** Whether what contradicts is one more machine of the same server after all. */
  function kinshipOf(
    at: At,
    seen: Seen,
    known: readonly string[],
    signal: AbortSignal,
  ): ReturnType<typeof findKinship> {
    if (lookAgain === undefined || domainsOf(seen).length === 0) return Promise.resolve(null);
    const key = [at.serverId, endpointName(at.endpoint), at.locationId, ...domainsOf(seen)].join('|');
    const underWay = asked.get(key);
    if (underWay !== undefined) return underWay;
    const look = (security: 'none' | 'starttls'): Promise<Met | null> => lookAgain(at, security, signal);
    const answer = findKinship(seen, known, (met) => seenIn(met, at.endpoint), look)
      // Whoever calls it off, or cannot look: then it stays unknown.
      .catch(() => null)
      .finally(() => asked.delete(key));
    asked.set(key, answer);
    return answer;
  }

  return {
    async meet(at, met) {
      const { endpoint } = at;
      const place = placeOf(at);
      const seen = seenIn(met, endpoint);
      const entries = memory.entries();
      const facts = { now: clock.now(), text: met.greeting };
      if (met.isSecured) {
        // Nobody else can show that certificate: whatever name it gives is the server's own.
        memory.change(learnSeen(entries, seen, place, facts));
        return undefined;
      }
      const ofHost = facesOfHost(endpoint.host, at.serverId, entries);
      const comparison = compareSeen(seen, knownFaces(entries, place, ofHost), expectedDomains(endpoint.host, ofHost));
      if (comparison.kind === 'fits') {
        memory.change(learnSeen(entries, seen, place, facts));
        return undefined;
      }
      const here = comparison.kind === 'contradicts' ? { ...place, locationId: await whereNow() } : place;
      const accepted = acceptedAt(entries, here);
      if (accepted !== undefined && isAccepted(accepted, seen)) {
        if (accepted.seen === undefined) memory.change({ entries: [{ ...accepted, seen }], removedKeys: [] });
        return 'You accepted this network’s relay here.';
      }
      if (comparison.kind === 'first') {
        memory.change(learnSeen(entries, seen, place, facts));
        return remarkOnFirst(endpoint.host, seen);
      }
      // Who says nothing of itself may be anybody; where another one was caught, that is not good enough.
      if (comparison.kind === 'silent' && alarmAt(entries, here) === undefined) return undefined;
      if (isSeenElsewhere(entries, seen, here) && (await isItsOwnName(met, endpoint.host, seen))) {
        memory.change(learnMoved(memory.entries(), seen, here, facts));
        return 'It has a new name, on every network.';
      }
      const before = comparison.kind === 'contradicts' ? comparison.before : [];
      const kinship = await kinshipOf(at, seen, before, met.signal);
      if (kinship !== null) {
        const isCertificateValid = kinship === 'certificate' ? true : seen.isCertificateValid;
        memory.change(learnSeen(memory.entries(), { ...seen, isCertificateValid }, here, facts));
        return kinshipRemark(seen, before, kinship);
      }
      const text = wordsFor(endpoint, domainsOf(seen), before);
      memory.change(learnInItsPlace(memory.entries(), seen, here, { now: clock.now(), text }));
      throw noReply('ehlo', 'EINTERCEPTED', text);
    },

    suspect(at, failure) {
      const { failure: why } = failure;
      if (why.kind !== 'no-reply') return failure;
      const before = seenAt(memory.entries(), placeOf(at));
      if (!isTurnedBad(why.code, before)) return failure;
      return noReply(failure.stage, why.code, `${why.text} ${suspicion}`);
    },
  };

  /** That the name is that of the address we are connected to, or that of the host under another name. */
  async function isItsOwnName(met: Met, host: string, seen: Seen): Promise<boolean> {
    const names = domainsOf(seen);
    const { remoteAddress } = met;
    if (remoteAddress === undefined || names.length === 0) return false;
    const own = [met.greeting, met.ehlo].map(nameIn).filter((name) => registrableDomain(name) !== null);
    const [addresses, aliases] = await Promise.all([
      Promise.all(own.map((name) => lookups.addressesOf(name).catch(() => []))),
      lookups.aliasesOf(host).catch(() => []),
    ]);
    const isNamed = addresses.flat().some((address) => plainAddress(address) === plainAddress(remoteAddress));
    return isNamed || aliases.some((alias) => names.includes(registrableDomain(alias) ?? ''));
  }
}

/** Added to a failure that did not happen at this endpoint before. */
const suspicion = 'It did not fail so before: something else may answer in its place on this network.';

const foreignCertificate: ReadonlySet<MailErrorCode> = new Set([
  'ECERT_SELFSIGNED',
  'ECERT_HOST',
  'ECERT_UNTRUSTED',
  'ECERT_CHANGED',
]);

/** A certificate out of date is its owner's fault; another one than before, or none, is somebody else's. */
function isTurnedBad(code: MailErrorCode, before: readonly Seen[]): boolean {
  if (code === 'ENOSTARTTLS') return before.some(({ offersStartTls }) => offersStartTls);
  return foreignCertificate.has(code) && before.some(({ isCertificateValid }) => isCertificateValid === true);
}

function placeOf({ serverId, endpoint, locationId }: At): Place {
  return { serverId, endpoint: endpointName(endpoint), locationId };
}

function seenIn(met: Met, endpoint: Endpoint): Seen {
  return {
    greetingDomain: registrableDomain(nameIn(met.greeting)),
    ehloDomain: registrableDomain(nameIn(met.ehlo)),
    offersStartTls: met.offersStartTls || (met.isSecured && endpoint.security === 'starttls'),
    isCertificateValid: met.isSecured ? true : null,
  };
}

/** What was seen at any port of a host of a server. */
function facesOfHost(host: string, serverId: ServerId, memory: readonly DeliveryMemoryEntry[]): Seen[] {
  const name = endpointName({ host, port: 0 }).replace(/:0$/, '');
  return memory.flatMap(({ kind, serverId: whose, endpoint, seen }) =>
    kind === 'seen' && whose === serverId && endpoint?.replace(/:\d+$/, '') === name ? (seen ?? []) : [],
  );
}

/** An endpoint never seen before is compared with the other ports of its host, which may differ in what they offer. */
function knownFaces(memory: readonly DeliveryMemoryEntry[], place: Place, ofHost: readonly Seen[]): Seen[] {
  const own = seenAt(memory, place);
  return own.length > 0 ? own : ofHost.map((seen) => ({ ...seen, offersStartTls: false }));
}

/** Domains that are right whatever was seen: the host's own, and those that came with a certificate that held. */
function expectedDomains(host: string, ofHost: readonly Seen[]): string[] {
  const own = registrableDomain(domainToASCII(host) || host);
  const vouched = ofHost.filter(({ isCertificateValid }) => isCertificateValid === true).flatMap(domainsOf);
  return own === null ? vouched : [own, ...vouched];
}

/** Hosters greet with names of their own: no reason to stop, but worth a look. */
function remarkOnFirst(host: string, seen: Seen): string | undefined {
  const own = registrableDomain(host);
  const names = domainsOf(seen);
  if (own === null || names.length === 0 || names.includes(own)) return undefined;
  return `It calls itself ${names.join(' and ')}, not ${own}; it is remembered so.`;
}

function kinshipRemark(seen: Seen, before: readonly string[], kinship: 'certificate' | 'takes-turns'): string {
  const who = domainsOf(seen).join(' and ');
  return kinship === 'certificate'
    ? `It calls itself ${who} now, and showed the certificate of the host; it is remembered so.`
    : `It calls itself ${who}, and ${before.slice(0, 3).join(' or ')} answers in turn with it: one more machine of the same server; it is remembered so.`;
}

function wordsFor(endpoint: Endpoint, now: readonly string[], before: readonly string[]): string {
  const who = now.length === 0 ? 'It gives no name' : `It calls itself ${now.join(' and ')}`;
  const was = before.length === 0 ? '.' : `; before, it was ${before.slice(0, 3).join(' or ')}.`;
  return `Something else answers in the place of ${endpointName(endpoint)} on this network. ${who}${was}`;
}

function plainAddress(address: string): string {
  return address.replace(/^::ffff:/i, '').toLowerCase();
}

const lookupMs = 3000;

function systemLookups(): Lookups {
  const resolver = new Resolver({ timeout: lookupMs, tries: 1 });
  return {
    async addressesOf(name) {
      const found = await lookup(domainToASCII(name) || name, { all: true });
      return found.map(({ address }) => address);
    },
    aliasesOf: async (host) => (isIP(host) === 0 ? resolver.resolveCname(domainToASCII(host) || host) : []),
  };
}
