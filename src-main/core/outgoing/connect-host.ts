import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { domainToASCII } from 'node:url';
import { noReply, socketFailure, stopped } from './stage-failure.ts';

/** RFC 8305 §5: how long an address has before the next one is tried beside it. */
const nextAddressMs = 250;

/** The addresses of a host, in the system's order of preference. Throws `StageFailure` at `resolve`. */
export async function resolveHost(
  host: string,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  const asciiHost = domainToASCII(host) || host;
  const answer = lookup(asciiHost, { all: true, order: 'verbatim' }).then(
    (found) => found.map(({ address }) => address),
    (error: unknown) => {
      throw socketFailure('resolve', error, host);
    },
  );
  const late = () => noReply('resolve', 'ETIMEOUT', `The name ${host} could not be looked up in time.`);
  return within(answer, options, late, () => stopped('resolve', options.signal));
}

async function within<T>(
  work: Promise<T>,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  onTimeout: () => Error,
  onAbort: () => Error,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(onTimeout()), timeoutMs);
  const abort = (): void => reject(onAbort());
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/**
 * Connects to the first address that answers: each gets a moment's start before the next is tried beside it (RFC 8305).
 * The socket comes paused, without listeners of ours. Throws `StageFailure` at `connect`.
 */
export function connectAddresses(
  addresses: readonly string[],
  port: number,
  options: { name: string; timeoutMs: number; signal: AbortSignal },
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const sockets = new Set<Socket>();
  const waiting = [...interleave(addresses)];
  let lastError: unknown = null;
  let nextTimer: NodeJS.Timeout | undefined;

  const finish = (winner: Socket | null, error: unknown): void => {
    clearTimeout(nextTimer);
    clearTimeout(timer);
    options.signal.removeEventListener('abort', abort);
    for (const socket of sockets) if (socket !== winner) socket.destroy();
    sockets.clear();
    if (winner === null) reject(socketFailure('connect', error, options.name));
    else resolve(winner);
  };
  const abort = (): void => finish(null, stopped('connect', options.signal));
  const timer = setTimeout(
    () => finish(null, noReply('connect', 'ETIMEOUT', `${options.name} did not answer in time.`)),
    options.timeoutMs,
  );
  const tryNext = (): void => {
    clearTimeout(nextTimer);
    const address = waiting.shift();
    if (address === undefined) {
      if (sockets.size === 0) finish(null, lastError);
      return;
    }
    const socket = connect({ host: address, port, noDelay: true });
    sockets.add(socket);
    const onError = (error: Error): void => {
      if (!sockets.delete(socket)) return;
      lastError = error;
      tryNext();
    };
    socket.on('error', onError);
    socket.once('connect', () => {
      if (!sockets.has(socket)) return;
      socket.off('error', onError);
      socket.pause();
      finish(socket, null);
    });
    if (waiting.length > 0) nextTimer = setTimeout(tryNext, nextAddressMs);
  };

  options.signal.addEventListener('abort', abort, { once: true });
  if (options.signal.aborted) abort();
  else tryNext();
  return promise;
}

/** RFC 8305 §4: families by turns, beginning with the preferred one. */
function* interleave(addresses: readonly string[]): Generator<string> {
  const first = isIP(addresses[0] ?? '');
  const preferred = addresses.filter((address) => isIP(address) === first);
  const others = addresses.filter((address) => isIP(address) !== first);
  for (let index = 0; index < Math.max(preferred.length, others.length); index += 1) {
    const one = preferred[index];
    const other = others[index];
    if (one !== undefined) yield one;
    if (other !== undefined) yield other;
  }
}
