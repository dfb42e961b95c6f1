import type { Socket } from 'node:net';
import type { AttemptLog } from './attempt-log.ts';
import type { DeliveryPorts } from './deliver.ts';
import { meeting } from './diagnosis/place-guard.ts';
import { type Greeted, type GreetOptions, greet } from './greet.ts';
import type { PlannedAttempt } from './plan-route.ts';
import { reachEndpoint } from './reach-endpoint.ts';
import { type PoolKey, poolKey, type SessionPool } from './session-pool.ts';
import type { SmtpSession } from './smtp-session.ts';
import { StageFailure } from './stage-failure.ts';
import { effectiveTimeouts, tlsHandshakeMs } from './timeouts.ts';

/** A way to an endpoint: a session kept from before, or a fresh TCP connection. */
export type Opened = { readonly key: PoolKey } & (
  | { readonly kind: 'pooled'; readonly session: SmtpSession }
  | { readonly kind: 'fresh'; readonly socket: Socket }
);

/** A session unused for longer than this is asked whether it still lives before a message depends on it. */
const trustIdleMs = 2000;
const checkMs = 3000;

export interface OpenContext {
  readonly ports: Pick<DeliveryPorts, 'pool' | 'credentialsFor' | 'ehloName' | 'reach' | 'guard'>;
  readonly log: AttemptLog;
  readonly hasAlternative: boolean;
  readonly signal: AbortSignal;
}

/** The first half, which races: an idle session, or name and TCP. Throws `StageFailure`. */
export async function openAttempt(at: PlannedAttempt, context: OpenContext): Promise<Opened> {
  const key = poolKey(at.server, at.endpoint);
  const session = context.ports.pool.take(key);
  return session === undefined ? connectFresh(at, context) : { kind: 'pooled', key, session };
}

/** Name and TCP, or the proxy, without the pool. Throws `StageFailure`. */
export async function connectFresh(
  at: PlannedAttempt,
  { log, ports, hasAlternative, signal }: OpenContext,
): Promise<Opened> {
  const { server, endpoint } = at;
  const { connectMs } = effectiveTimeouts(server.timeouts, hasAlternative);
  const socket = await (ports.reach ?? reachEndpoint)(server, endpoint, { timeoutMs: connectMs, signal, log });
  return { kind: 'fresh', key: poolKey(server, endpoint), socket };
}

/** The second half, on one connection only: TLS, greeting, EHLO, sign-in; or the proof that a kept session lives. */
export async function readySession(opened: Opened, at: PlannedAttempt, context: OpenContext): Promise<SmtpSession> {
  const { log, ports, hasAlternative, signal } = context;
  let socket: Socket;
  if (opened.kind === 'pooled') {
    const isTrusted = opened.session.isClean && performance.now() - opened.session.idleSince < trustIdleMs;
    if (opened.session.isAlive && (isTrusted || (await opened.session.check(checkMs)))) return opened.session;
    // A kept session that died is nobody's failure: a new one takes its place.
    const fresh = await connectFresh(at, context);
    if (fresh.kind !== 'fresh') return fresh.session;
    socket = fresh.socket;
  } else socket = opened.socket;
  const { server, endpoint } = at;
  const timeouts = effectiveTimeouts(server.timeouts, hasAlternative);
  const ehloName = ports.ehloName(server, socket);
  const guard = at.isOpportunistic === true ? undefined : ports.guard;
  try {
    const credentials = await ports.credentialsFor(server);
    const tlsMs = Math.min(tlsHandshakeMs, timeouts.commandMs);
    const options = { ...timeouts, tlsMs, ehloName, log, signal };
    const greeted =
      at.isOpportunistic === true
        ? await greetAsOffered(socket, at, options, context)
        : await greet(socket, endpoint, options);
    const remoteAddress = server.proxy === undefined ? socket.remoteAddress : undefined;
    // Loaded by the first that gets so far: the library is large, and most commands send nothing.
    const { openSession } = await import('./smtp-session.ts');
    const session = await openSession(greeted, {
      endpoint,
      ehloName,
      credentials,
      timeouts,
      log,
      signal,
      // Between servers there is nobody to know again.
      ...(guard === undefined
        ? {}
        : { meet: (capabilities) => guard.meet(at, meeting(greeted, capabilities, remoteAddress, signal)) }),
    });
    ports.pool.admit(opened.key, session);
    return session;
  } catch (error) {
    socket.destroy();
    throw error instanceof StageFailure && guard !== undefined ? guard.suspect(at, error) : error;
  }
}

/** RFC 7435 §3: what would go in clear anyway is not kept back because the encryption on offer failed. */
async function greetAsOffered(
  socket: Socket,
  at: PlannedAttempt,
  options: GreetOptions,
  context: OpenContext,
): Promise<Greeted> {
  try {
    return await greet(socket, at.endpoint, { ...options, isOpportunistic: true });
  } catch (error) {
    if (!(error instanceof StageFailure) || error.stage !== 'tls' || options.signal.aborted) throw error;
    const again = await connectFresh(at, context);
    if (again.kind !== 'fresh') throw error;
    return greet(again.socket, at.endpoint, options);
  }
}

/** Nobody wanted it: a kept session goes back, a fresh connection is closed. */
export function closeConnection(opened: Opened, pool: SessionPool): void {
  if (opened.kind === 'pooled') pool.give(opened.key, opened.session);
  else opened.socket.destroy();
}
