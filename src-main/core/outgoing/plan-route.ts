import type { LocationId, ServerId } from '#shared/ids.ts';
import { domainOf } from '#shared/mail/address.ts';
import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { Identity } from '#shared/mail/identity.ts';
import type { DeliveryMemoryEntry, Skipped, SkipReason, SmtpExtension } from '#shared/mail/outbox.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import { inabilitiesOfAll, type NamedInability } from './inability.ts';
import { believed } from './memory.ts';
import { limitInWords, type ReachedLimit } from './rate-limits.ts';
import { type Remembered, remembers } from './remembered.ts';

/** What is known of the message a route is planned for. */
export interface PlannedMessage {
  readonly reversePath: string;
  /** Those still to be sent to. Empty when only asking in general. */
  readonly recipients: readonly string[];
  readonly sizeOctets: number;
  /** What it needs of a server, as far as that is known. */
  readonly needs?: readonly SmtpExtension[];
}

/** Where the machine is; `isOnline` false does not change a plan, only whether it is worth trying. */
export interface PlannedLocation {
  readonly locationId: LocationId;
  readonly isOnline: boolean;
}

export interface PlanInput {
  readonly message: PlannedMessage;
  /** Null: the From address belongs to no identity; any server that accepts it may be used. */
  readonly identity: Pick<Identity, 'route'> | null;
  /** In the user's own order. */
  readonly servers: readonly OutgoingServer[];
  readonly location: PlannedLocation;
  readonly memory: readonly DeliveryMemoryEntry[];
  readonly now: number;
  /** "Send now": what is remembered is not asked, only the rules. */
  readonly ignoreMemory?: boolean;
  /** For this message only: these servers, in this order, instead of the identity's route. */
  readonly serverIds?: readonly ServerId[];
  /** Servers that need a secret which is not there. */
  readonly lacksSecret?: ReadonlySet<ServerId>;
  /** Servers whose hourly or daily limit is reached, and which one. */
  readonly rateLimited?: ReadonlyMap<ServerId, Pick<ReachedLimit, 'figure' | 'freeAt'>>;
}

export interface PlannedAttempt {
  readonly server: OutgoingServer;
  readonly endpoint: Endpoint;
  /** In words: why it stands here. */
  readonly why: string;
  /** Encrypted where the server offers it, whoever it is: between servers there is nothing to check against (RFC 7435). */
  readonly isOpportunistic?: boolean;
}

export interface RoutePlan {
  readonly attempts: PlannedAttempt[];
  readonly skipped: Skipped[];
  /** Not one of the servers the rules allow takes such a message: what stands in the way at each. */
  readonly unable?: readonly NamedInability[];
}

interface Candidate {
  readonly server: OutgoingServer;
  readonly endpoint: Endpoint;
  /** The route, or the message, names this server. */
  readonly isNamed: boolean;
  /** Position in the order the user asked for. */
  readonly rank: number;
}

/** What is remembered, sorted once for the whole plan. */
interface Facts {
  readonly byServer: ReadonlyMap<ServerId, DeliveryMemoryEntry[]>;
  readonly signInFailed: ReadonlyMap<ServerId, DeliveryMemoryEntry>;
  /** Endpoints at which something else answers here, with what it was. */
  readonly intercepted: ReadonlyMap<string, DeliveryMemoryEntry>;
  /** Endpoints here with a cool-down, over or not. */
  readonly halfOpen: ReadonlySet<string>;
  /** Endpoints that took mail here: when last, epoch milliseconds. */
  readonly successes: ReadonlyMap<string, number>;
}

/**
 * Which endpoints to try for a message, in order, and why every other server was left out. Pure: the same input gives the
 * same plan. The rules (route, senders, networks, size, security) decide who may be tried at all; memory only orders,
 * and leaves out what is known to refuse. When memory alone would leave nobody, those it left out are tried in order.
 * Two things that were learned are rules all the same, which neither need nor “Send now” sets aside: a sign-in that was refused,
 * and something else that answers in the place of an endpoint in clear on this network. There only the user can say yes.
 */
export function planRoute(input: PlanInput): RoutePlan {
  const named = namedServers(input);
  const facts = sortMemory(input);
  const skipped = new Map<ServerId, Skipped>();
  const candidates: Candidate[] = [];
  for (const [server, rank] of inOrder(input, named)) {
    const ruledOut = ruleAgainst(server, rank, input, facts);
    if (ruledOut !== null) skipped.set(server.id, { serverId: server.id, ...ruledOut });
    else
      for (const endpoint of server.kind === 'direct-mx' ? [receivingServers] : server.endpoints)
        candidates.push({ server, endpoint, rank, isNamed: named?.includes(server.id) === true });
  }
  const secure = withoutWeaker(withoutUnnamedDirect(candidates, skipped), skipped);
  const { willing, unwilling } = askMemory(withoutIntercepted(secure, facts, skipped), facts, input);
  const chosen = willing.length > 0 ? willing : unwilling.map(({ candidate }) => candidate);
  if (willing.length > 0) {
    for (const { candidate, remembered } of unwilling) {
      const isTriedElsewhere = willing.some(({ server }) => server.id === candidate.server.id);
      if (!isTriedElsewhere && !skipped.has(candidate.server.id))
        skipped.set(candidate.server.id, { serverId: candidate.server.id, ...remembered });
    }
  }
  const ordered = withoutWeaker(order(chosen, facts, named !== null), skipped);
  const byMemoryAlone = willing.length === 0 && unwilling.length > 0;
  const inQuestion = input.servers.filter(({ id }) => !isForGood(skipped.get(id)?.reason));
  const unable = inabilitiesOfAll(inQuestion, input.message, facts.byServer);
  return {
    ...(unable === null ? {} : { unable }),
    attempts: ordered.map((candidate) => ({
      server: candidate.server,
      endpoint: candidate.endpoint,
      why: byMemoryAlone ? 'Tried again because no other server is left.' : explainPlace(candidate, facts, input),
    })),
    skipped: input.servers.flatMap(({ id }) => skipped.get(id) ?? []),
  };
}

/** Left out by what the user chose, not for the time being. */
function isForGood(reason: SkipReason | undefined): boolean {
  switch (reason) {
    case 'disabled':
    case 'route-forbids':
    case 'sender-not-accepted':
    case 'weaker-security':
    case 'no-endpoint':
    case 'not-supported':
      return true;
    default:
      return false;
  }
}

/** Stands in a plan for the servers of the recipients, which are looked up when their turn comes. */
const receivingServers: Endpoint = { host: 'mx', port: 25, security: 'none' };

/** Direct delivery promises no encryption and is usually refused from home networks: only for who asks for it by name. */
function withoutUnnamedDirect(candidates: Candidate[], skipped: Map<ServerId, Skipped>): Candidate[] {
  const kept = candidates.filter(({ server, isNamed }) => server.kind === 'relay' || isNamed);
  const isWeaker = kept[0] !== undefined && kept[0].endpoint.security !== 'none';
  for (const { server } of candidates) {
    if (kept.some((candidate) => candidate.server.id === server.id)) continue;
    skipped.set(server.id, {
      serverId: server.id,
      reason: isWeaker ? 'weaker-security' : 'route-forbids',
      detail: 'It sends straight to the receiving servers, which only a route that names it does.',
    });
  }
  return kept;
}

/** Null: none is named, any may be used. */
function namedServers({ identity, serverIds }: PlanInput): readonly ServerId[] | null {
  if (serverIds !== undefined && serverIds.length > 0) return serverIds;
  if (identity === null) return null;
  switch (identity.route.kind) {
    case 'only':
      return [identity.route.serverId];
    case 'prefer':
      return identity.route.serverIds;
    case 'any':
      return null;
  }
}

/** Every server with its rank; those the route does not name have none. */
function inOrder(
  { servers }: PlanInput,
  named: readonly ServerId[] | null,
): (readonly [server: OutgoingServer, rank: number])[] {
  const ranked = servers.map((server, index) => [server, named === null ? index : named.indexOf(server.id)] as const);
  return ranked.sort(([, a], [, b]) => a - b);
}

type Ruling = Omit<Skipped, 'serverId'>;

function ruleAgainst(server: OutgoingServer, rank: number, input: PlanInput, facts: Facts): Ruling | null {
  if (rank < 0) return { reason: 'route-forbids', detail: 'The route of this address names other servers.' };
  if (!server.enabled) return { reason: 'disabled', detail: 'It is switched off.' };
  if (server.kind === 'direct-mx' && server.proxy !== undefined)
    return { reason: 'not-supported', detail: 'Looking up the receiving servers cannot go through its proxy.' };
  if (server.kind === 'relay' && server.endpoints.length === 0)
    return { reason: 'no-endpoint', detail: 'It has no host and port.' };
  if (!acceptsSender(server, input.message.reversePath))
    return {
      reason: 'sender-not-accepted',
      detail: `It is set up for other senders than ${input.message.reversePath}.`,
    };
  if (!isAllowedHere(server, input.location.locationId))
    return { reason: 'network-not-allowed', detail: 'It is not to be used on this network.' };
  const limit = server.sizeLimitOctets;
  if (limit !== undefined && input.message.sizeOctets > limit)
    return { reason: 'too-large', detail: `It takes at most ${limit} octets.` };
  const reached = input.rateLimited?.get(server.id);
  if (reached !== undefined)
    return { reason: 'rate-limited', detail: `Its own limit: ${limitInWords(reached, input.now)}.` };
  if (input.lacksSecret?.has(server.id) === true)
    return { reason: 'needs-password', detail: 'Its password is missing.' };
  // Not memory that may be overridden by need: a password that was refused is never offered again by itself.
  const failed = facts.signInFailed.get(server.id);
  if (failed !== undefined)
    return { reason: 'auth-failed', detail: failed.text ?? 'It did not accept the user name or password.' };
  return null;
}

function sortMemory({ memory, ignoreMemory, now, location }: PlanInput): Facts {
  const byServer = new Map<ServerId, DeliveryMemoryEntry[]>();
  const signInFailed = new Map<ServerId, DeliveryMemoryEntry>();
  const intercepted = new Map<string, DeliveryMemoryEntry>();
  const halfOpen = new Set<string>();
  const successes = new Map<string, number>();
  for (const entry of believed(memory, now)) {
    const place = placeOf(entry.serverId, entry.endpoint ?? '');
    const isHere = entry.locationId === location.locationId;
    if (entry.kind === 'something-in-its-place') {
      if (isHere) intercepted.set(place, entry);
      continue;
    }
    if (ignoreMemory === true && !isPasswordJustRefused(entry, now)) continue;
    if (entry.kind === 'auth-failed') signInFailed.set(entry.serverId, entry);
    else if (entry.kind === 'success') {
      if (isHere) successes.set(place, Math.max(entry.learnedAt, successes.get(place) ?? 0));
    } else {
      if (entry.kind === 'cool-down' && isHere) halfOpen.add(place);
      const entries = byServer.get(entry.serverId);
      if (entries === undefined) byServer.set(entry.serverId, [entry]);
      else entries.push(entry);
    }
  }
  return { byServer, signInFailed, intercepted, halfOpen, successes };
}

/** “Send now” with ten messages must not offer a wrong password ten times: providers lock accounts for that. */
const passwordRestMs = 60_000;

function isPasswordJustRefused({ kind, learnedAt }: DeliveryMemoryEntry, now: number): boolean {
  return kind === 'auth-failed' && Math.abs(now - learnedAt) < passwordRestMs;
}

function placeOf(serverId: ServerId, endpoint: string): string {
  return `${serverId}|${endpoint}`;
}

/** Servers without a list take every sender; the null reverse-path is taken by all. */
export function acceptsSender(server: Pick<OutgoingServer, 'senders'>, reversePath: string): boolean {
  if (server.senders === undefined || server.senders.length === 0 || reversePath === '') return true;
  const sender = reversePath.toLowerCase();
  return server.senders.some((pattern) => {
    const wanted = pattern.toLowerCase();
    if (wanted === '*') return true;
    return wanted.startsWith('@') ? domainOf(sender) === wanted.slice(1) : sender === wanted;
  });
}

/** Whether the server's rule about networks lets it be used here. */
export function isAllowedHere({ networks }: Pick<OutgoingServer, 'networks'>, here: LocationId): boolean {
  if (networks === undefined || networks.rule === 'any') return true;
  const isListed = networks.locations.some((location) => location === here);
  return networks.rule === 'only' ? isListed : !isListed;
}

/**
 * Security never falls while cycling: a plan that begins encrypted passes over endpoints in clear, unless the route names
 * their server. What it begins with is judged by the user's order, so that a bad day of one server changes nothing.
 */
function withoutWeaker(candidates: Candidate[], skipped: Map<ServerId, Skipped>): Candidate[] {
  const first = candidates[0];
  if (first === undefined || first.endpoint.security === 'none') return candidates;
  const kept = candidates.filter(({ endpoint, isNamed }) => isNamed || endpoint.security !== 'none');
  for (const { server } of candidates) {
    const isKept = kept.some((candidate) => candidate.server.id === server.id);
    if (!isKept && !skipped.has(server.id)) {
      skipped.set(server.id, {
        serverId: server.id,
        reason: 'weaker-security',
        detail: 'It would send in clear, while the servers before it encrypt. Name it in the route to allow that.',
      });
    }
  }
  return kept;
}

/** What answers there is not the server, and would take the message (and a password) in clear. */
function withoutIntercepted(candidates: Candidate[], facts: Facts, skipped: Map<ServerId, Skipped>): Candidate[] {
  if (facts.intercepted.size === 0) return candidates;
  const alarmFor = ({ server, endpoint }: Candidate): DeliveryMemoryEntry | undefined =>
    endpoint.security === 'none' ? facts.intercepted.get(placeOf(server.id, endpointName(endpoint))) : undefined;
  const kept = candidates.filter((candidate) => alarmFor(candidate) === undefined);
  for (const candidate of candidates) {
    const { id } = candidate.server;
    const alarm = alarmFor(candidate);
    if (alarm === undefined || skipped.has(id) || kept.some(({ server }) => server.id === id)) continue;
    const detail = alarm.text ?? 'Something else answers in its place on this network.';
    skipped.set(id, { serverId: id, reason: 'something-in-its-place', detail });
  }
  return kept;
}

function askMemory(
  candidates: readonly Candidate[],
  facts: Facts,
  input: PlanInput,
): { willing: Candidate[]; unwilling: { candidate: Candidate; remembered: Remembered }[] } {
  const willing: Candidate[] = [];
  const unwilling: { candidate: Candidate; remembered: Remembered }[] = [];
  for (const candidate of candidates) {
    const remembered = remembers(facts.byServer.get(candidate.server.id) ?? [], candidate, input);
    if (remembered === null) willing.push(candidate);
    else unwilling.push({ candidate, remembered });
  }
  return { willing, unwilling };
}

/**
 * What worked last on this network first; a route that names its servers keeps its order among those that are well.
 * Half-open endpoints (failed, cool-down over) go last: no message pays for finding out.
 */
function order(candidates: Candidate[], facts: Facts, isNamed: boolean): Candidate[] {
  const known = candidates.map((candidate) => {
    const place = placeOf(candidate.server.id, endpointName(candidate.endpoint));
    return { candidate, isHalfOpen: facts.halfOpen.has(place), success: facts.successes.get(place) ?? 0 };
  });
  known.sort((a, b) => {
    if (a.isHalfOpen !== b.isHalfOpen) return a.isHalfOpen ? 1 : -1;
    if (isNamed && a.candidate.rank !== b.candidate.rank) return a.candidate.rank - b.candidate.rank;
    return b.success - a.success;
  });
  return known.map(({ candidate }) => candidate);
}

function explainPlace({ server, endpoint, rank }: Candidate, facts: Facts, input: PlanInput): string {
  const place = placeOf(server.id, endpointName(endpoint));
  if (facts.halfOpen.has(place)) return 'It failed lately, so it is tried after the others.';
  if (input.serverIds !== undefined && input.serverIds.length > 0) return 'Chosen for this message.';
  if (input.identity?.route.kind === 'only') return 'This address is sent only through this server.';
  if (input.identity?.route.kind === 'prefer')
    return rank === 0 ? 'First choice of this address.' : `Choice ${rank + 1} of this address.`;
  if (facts.successes.has(place)) return 'It took mail on this network before.';
  return 'Any allowed server, in your order.';
}
