import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import type { SmtpSession } from './smtp-session.ts';

/** Which sessions may stand in for each other: the same endpoint of the same server, on the same way, with the same sign-in. */
export type PoolKey = string;

export function poolKey(
  { id, proxy, auth }: Pick<OutgoingServer, 'id' | 'proxy' | 'auth'>,
  endpoint: Endpoint,
): PoolKey {
  const through = proxy === undefined ? '' : `${endpointName(proxy)}|${proxy.user ?? ''}`;
  const as = `${auth.method}|${auth.user ?? ''}`;
  return [id, endpointName(endpoint), endpoint.security, endpoint.pinnedCertificateSha256 ?? '', through, as].join('|');
}

/** Sessions kept open between messages. At most `sessionsPerEndpoint` are in use at one endpoint. */
export interface SessionPool {
  /** An idle session that looks alive, taken out of the pool; undefined when there is none. */
  take(key: PoolKey): SmtpSession | undefined;
  /** Back for the next message. */
  give(key: PoolKey, session: SmtpSession): void;
  /**
   * Waits until one more session may be used at this endpoint; the answer gives the place back. The first use is alone
   * until it signed in or ended: five messages at once must not offer a wrong password five times.
   */
  slot(key: PoolKey, signal: AbortSignal): Promise<() => void>;
  /** As `slot`; null when the first use falls silent meanwhile. */
  slotUnlessSilent(key: PoolKey, signal: AbortSignal): Promise<(() => void) | null>;
  /**
   * Since when the first use there has been known for having no answer, on the clock of `performance.now`: whoever can go
   * another way need not wait for it. Undefined: nobody waits there, or not for long.
   */
  silentSince(key: PoolKey): number | undefined;
  /** A session there is signed in: others may follow. */
  admit(key: PoolKey, session?: SmtpSession): void;
  /** Hangs up idle sessions now, and those in use as soon as they are given back: their circumstances are no more. */
  hangUp(): void;
  /** Breaks every connection, whatever it is waiting for. */
  cutOff(): void;
}

export const sessionsPerEndpoint = 5;
/** RFC 8305 §5 recommends 250 ms before the next address is tried: as long as most connections take, all over the world. */
const silentAfterMs = 250;
const idleMs = 20_000;

export function createSessionPool(): SessionPool {
  const idle = new Map<PoolKey, SmtpSession[]>();
  const inUse = new Map<PoolKey, number>();
  const waiting = new Map<PoolKey, Waiter[]>();
  const tried = new Set<PoolKey>();
  /** Every session that was signed in and may still live. */
  const open = new Set<SmtpSession>();
  /** First uses under way. */
  const trials = new Map<PoolKey, { silentSince: number | undefined; readonly timer: NodeJS.Timeout }>();
  let sweeper: NodeJS.Timeout | undefined;
  let hungUpAt = Number.NEGATIVE_INFINITY;

  function sweep(): void {
    sweeper = undefined;
    const now = performance.now();
    for (const [key, sessions] of idle) {
      const kept = sessions.filter((session) => session.isAlive && now - session.idleSince < idleMs);
      for (const session of sessions) if (!kept.includes(session)) session.quit();
      if (kept.length === 0) idle.delete(key);
      else idle.set(key, kept);
    }
    if (idle.size > 0) plan();
  }

  function plan(): void {
    if (sweeper !== undefined) return;
    sweeper = setTimeout(sweep, idleMs);
    sweeper.unref();
  }

  function release(key: PoolKey): void {
    inUse.set(key, Math.max(0, (inUse.get(key) ?? 0) - 1));
    admit(key);
    const isUnused = inUse.get(key) === 0 && (idle.get(key) ?? []).length === 0;
    if (isUnused) tried.delete(key);
  }

  function admit(key: PoolKey): void {
    tried.add(key);
    clearTimeout(trials.get(key)?.timer);
    trials.delete(key);
    const queue = waiting.get(key) ?? [];
    for (let used = inUse.get(key) ?? 0; used < sessionsPerEndpoint; used += 1) {
      const next = queue.shift();
      if (next === undefined) return;
      inUse.set(key, used + 1);
      next.enter(true);
    }
  }

  function beginTrial(key: PoolKey): void {
    const fallSilent = (): void => {
      const trial = trials.get(key);
      if (trial === undefined) return;
      trial.silentSince = performance.now();
      const queue = waiting.get(key) ?? [];
      waiting.set(
        key,
        queue.filter(({ canPass }) => !canPass),
      );
      for (const waiter of queue) if (waiter.canPass) waiter.enter(false);
    };
    trials.set(key, { silentSince: undefined, timer: setTimeout(fallSilent, silentAfterMs) });
  }

  async function takePlace(key: PoolKey, signal: AbortSignal, canPass: boolean): Promise<(() => void) | null> {
    signal.throwIfAborted();
    const used = inUse.get(key) ?? 0;
    if (used < (tried.has(key) ? sessionsPerEndpoint : 1)) {
      inUse.set(key, used + 1);
      if (!tried.has(key)) beginTrial(key);
    } else if (!(await turn(key, signal, canPass))) return null;
    let isReleased = false;
    return () => {
      if (!isReleased) release(key);
      isReleased = true;
    };
  }

  return {
    take(key) {
      const sessions = idle.get(key) ?? [];
      for (let session = sessions.pop(); session !== undefined; session = sessions.pop()) {
        if (session.isAlive) return session;
      }
      return undefined;
    },
    give(key, session) {
      if (!session.isAlive) return;
      if (session.openedAt <= hungUpAt) return session.quit();
      const sessions = idle.get(key);
      if (sessions === undefined) idle.set(key, [session]);
      else sessions.push(session);
      plan();
    },
    async slot(key, signal) {
      const release = await takePlace(key, signal, false);
      if (release === null) throw new Error('Only who can pass is passed over.');
      return release;
    },
    slotUnlessSilent: (key, signal) => takePlace(key, signal, true),
    silentSince: (key) => trials.get(key)?.silentSince,
    admit(key, session) {
      for (const one of open) if (!one.isAlive) open.delete(one);
      if (session !== undefined) open.add(session);
      admit(key);
    },
    cutOff() {
      for (const session of open) session.destroy();
      open.clear();
    },
    hangUp() {
      hungUpAt = performance.now();
      for (const session of [...idle.values()].flat()) session.quit();
      idle.clear();
      clearTimeout(sweeper);
      sweeper = undefined;
    },
  };

  /** False: the first use there has fallen silent. */
  function turn(key: PoolKey, signal: AbortSignal, canPass: boolean): Promise<boolean> {
    if (canPass && trials.get(key)?.silentSince !== undefined) return Promise.resolve(false);
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const waiter: Waiter = {
      canPass,
      enter(hasPlace) {
        signal.removeEventListener('abort', giveUp);
        resolve(hasPlace);
      },
    };
    const giveUp = (): void => {
      const queue = waiting.get(key) ?? [];
      const place = queue.indexOf(waiter);
      if (place >= 0) queue.splice(place, 1);
      reject(signal.reason);
    };
    const queue = waiting.get(key);
    if (queue === undefined) waiting.set(key, [waiter]);
    else queue.push(waiter);
    signal.addEventListener('abort', giveUp, { once: true });
    return promise;
  }
}

interface Waiter {
  readonly canPass: boolean;
  /** With a place, or without one: passed over. */
  enter(hasPlace: boolean): void;
}
