import type { CheckedEndpoint, CheckReport } from '#shared/job.ts';
import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { ServerInput } from '#shared/mail/outgoing-server.ts';
import type { MailErrorCode } from '#shared/mail-error.ts';
import { isOnThisMachine } from '../this-machine.ts';
import { type CheckContext, checkEndpoint, checkTimeouts, lookTimeouts } from './check-endpoint.ts';
import { type Findings, isUsable, judge } from './verdict.ts';

/** A port mail is submitted on. */
export type UsualPort = Pick<Endpoint, 'port' | 'security'>;

/** Best first (RFC 8314 §3.3 prefers TLS from the start). */
export const usualPorts: readonly UsualPort[] = [
  { port: 465, security: 'tls' },
  { port: 587, security: 'starttls' },
  { port: 2525, security: 'starttls' },
  { port: 25, security: 'starttls' },
];

/** What lies around a test: how it is told what fails here from what fails there. */
export interface Surroundings {
  isOnline(): Promise<boolean>;
  /** Other servers the user has, with a port each that should answer. */
  references(host: string): readonly Pick<Endpoint, 'host' | 'port'>[];
  /** Whether any name can be looked up. */
  namesAnswer(missing: string, signal: AbortSignal): Promise<boolean>;
  /** Whether something listens there; TCP only. */
  isReached(at: Pick<Endpoint, 'host' | 'port'>, signal: AbortSignal): Promise<boolean>;
}

export interface CheckServerOptions extends CheckContext {
  readonly server: ServerInput;
  readonly surroundings?: Surroundings;
  /** Of a saved server: how its mail fared, which a test without a message cannot find out. */
  readonly remembered?: Findings['remembered'];
  /** Nobody chose the ports, and nobody signs in. */
  readonly isLookAround?: boolean;
  /** Those that somebody set up or named, when it is not all of them. */
  readonly chosen?: readonly Endpoint[];
  readonly usual?: readonly UsualPort[];
}

/**
 * Tests every endpoint of a server live, step by step, without sending a message. Where one fails, the usual other ports of
 * the host are looked at, never with less security, and what else can be reached from here. Throws only when it is called off.
 */
export async function checkServer(options: CheckServerOptions): Promise<CheckReport> {
  const { server, signal } = options;
  const isLookAround = options.isLookAround === true;
  const manner = { timeouts: checkTimeouts, signsIn: !isLookAround };
  // Guessed ports are looked at together: most of them only cost time. Those chosen one by one, as they are used.
  const endpoints = isLookAround
    ? await Promise.all(server.endpoints.map((endpoint) => checkEndpoint(endpoint, options, manner)))
    : await inTurn(server.endpoints, (endpoint) => checkEndpoint(endpoint, options, manner), signal);
  signal.throwIfAborted();
  const failed = endpoints.filter((one) => !isUsable(one));
  const lookedAt = isLookAround ? [] : await lookAtOtherPorts(failed, options);
  const around = await lookAround(failed, options);
  signal.throwIfAborted();
  const findings: Findings = {
    endpoints,
    alternatives: bestOfEachPort(lookedAt.filter(isUsable)),
    hostsUp: new Set([...endpoints, ...lookedAt].filter(isUp).map(({ endpoint }) => endpoint.host)),
    chosen: new Set((options.chosen ?? server.endpoints).map(endpointName)),
    isLookAround,
    signsIn: server.auth.method !== 'none',
    remembered: options.remembered ?? {},
    ...around,
  };
  return { kind: 'check', ok: endpoints.some(isUsable), endpoints, ...judge(findings) };
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>, signal: AbortSignal): Promise<R[]> {
  const done: R[] = [];
  for (const item of items) {
    done.push(await work(item));
    signal.throwIfAborted();
  }
  return done;
}

/** Looks at other ports of the same hosts; never less secure than what was asked for, and without signing in. */
async function lookAtOtherPorts(
  failed: readonly CheckedEndpoint[],
  options: CheckServerOptions,
): Promise<CheckedEndpoint[]> {
  const { guard: _guard, ...unguarded } = options;
  const quiet = { ...unguarded, onProgress: () => undefined };
  // Where somebody stands in between, only encryption tells who it is.
  const isIntercepted = failed.some(({ error }) => error?.code === 'EINTERCEPTED');
  const hosts = new Map(
    failed.filter(({ error }) => isWorthLooking(error?.code)).map(({ endpoint }) => [endpoint.host, endpoint]),
  );
  const found: CheckedEndpoint[] = [];
  for (const [host, wanted] of hosts) {
    const known = options.server.endpoints.filter((endpoint) => endpoint.host === host);
    const isKnown = (other: UsualPort): boolean =>
      known.some(({ port, security }) => port === other.port && security === other.security);
    const usual = options.usual ?? usualPorts;
    const mayBeClear = [wanted, ...known].every(({ security }) => security === 'none') && !isIntercepted;
    const others = [...usual, ...(mayBeClear ? inClear(usual) : [])].filter((other) => !isKnown(other));
    const manner = { timeouts: lookTimeouts, signsIn: false };
    const checked = await Promise.all(others.map((other) => checkEndpoint({ host, ...other }, quiet, manner)));
    found.push(...checked);
  }
  return found;
}

function inClear(usual: readonly UsualPort[]): UsualPort[] {
  return usual.filter(({ security }) => security === 'starttls').map(({ port }) => ({ port, security: 'none' }));
}

/** They come with the encrypted ones first. */
function bestOfEachPort(checked: readonly CheckedEndpoint[]): CheckedEndpoint[] {
  return checked.filter(
    ({ endpoint }, index) =>
      checked.findIndex((other) => endpointName(other.endpoint) === endpointName(endpoint)) === index,
  );
}

function isUp({ endpoint, steps }: CheckedEndpoint): boolean {
  return endpoint.port !== 25 && steps.some(({ stage, outcome }) => stage === 'connect' && outcome === 'ok');
}

function isWorthLooking(code: MailErrorCode | undefined): boolean {
  return code !== 'EUNKNOWNHOST' && code !== 'EAUTH' && code !== 'ENEEDS_PASSWORD' && code !== 'ECANCELLED';
}

const mostReferences = 4;

/** Asks only as much as the failures leave open. */
async function lookAround(
  failed: readonly CheckedEndpoint[],
  { signal, surroundings }: CheckServerOptions,
): Promise<Pick<Findings, 'isOnline' | 'namesAnswer' | 'references'>> {
  const endedAt = (stage: string): CheckedEndpoint | undefined =>
    failed.find(({ steps, endpoint }) => steps.at(-1)?.stage === stage && !isOnThisMachine(endpoint.host));
  const unnamed = endedAt('resolve');
  const unreached = endedAt('connect');
  if (surroundings === undefined || (unnamed === undefined && unreached === undefined)) {
    return { isOnline: true, namesAnswer: undefined, references: [] };
  }
  const isOnline = await surroundings.isOnline();
  const namesAnswer =
    unnamed === undefined || !isOnline ? undefined : await surroundings.namesAnswer(unnamed.endpoint.host, signal);
  if (unreached === undefined || !isOnline) return { isOnline, namesAnswer, references: [] };
  const others = surroundings.references(unreached.endpoint.host).slice(0, mostReferences);
  const isAbout25 = failed.some(({ endpoint }) => endpoint.port === 25);
  const hosts = [...new Set(others.map(({ host }) => host))];
  const wanted = [
    ...others.filter(({ port }) => port !== 25 || !isAbout25),
    ...(isAbout25 ? hosts.map((host) => ({ host, port: 25 })) : []),
  ];
  const references = await Promise.all(
    wanted.map(async (at) => ({ port: at.port, isReached: await surroundings.isReached(at, signal) })),
  );
  return { isOnline, namesAnswer, references };
}
