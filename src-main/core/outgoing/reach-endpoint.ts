import type { Socket } from 'node:net';
import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { AttemptLog } from './attempt-log.ts';
import { connectAddresses, resolveHost } from './connect-host.ts';
import { connectThroughProxy, proxyName, type Socks5Proxy } from './socks5.ts';
import { noReply, StageFailure } from './stage-failure.ts';

export interface ReachOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly log?: Pick<AttemptLog, 'enter' | 'note'>;
}

/**
 * The one way to an endpoint: name and TCP, or the server's proxy and never around it. The socket comes paused.
 * Throws `StageFailure` at `resolve` or `connect`.
 */
export async function reachEndpoint(
  { proxy }: { readonly proxy?: Socks5Proxy | undefined },
  endpoint: Pick<Endpoint, 'host' | 'port'>,
  options: ReachOptions,
): Promise<Socket> {
  if (proxy !== undefined) return reachThrough(proxy, endpoint, options);
  const { log } = options;
  log?.enter('resolve');
  const addresses = await resolveHost(endpoint.host, options);
  log?.note(addresses.join(', '));
  log?.enter('connect');
  const socket = await connectAddresses(addresses, endpoint.port, { ...options, name: endpointName(endpoint) });
  log?.note(`Connected to ${socket.remoteAddress ?? endpoint.host}.`);
  return socket;
}

async function reachThrough(
  proxy: Socks5Proxy,
  endpoint: Pick<Endpoint, 'host' | 'port'>,
  options: ReachOptions,
): Promise<Socket> {
  const { log } = options;
  const name = proxyName(proxy);
  log?.enter('resolve');
  const addresses = await resolveHost(proxy.host, options).catch((error: unknown) => {
    throw aboutTheProxy(error, name);
  });
  log?.note(`${name} looks up ${endpoint.host}.`);
  log?.enter('connect');
  const socket = await connectAddresses(addresses, proxy.port, { ...options, name });
  await connectThroughProxy(socket, proxy, endpoint, options);
  log?.note(`Connected through ${name.replace('The', 'the')}.`);
  return socket;
}

function aboutTheProxy(error: unknown, name: string): unknown {
  if (!(error instanceof StageFailure) || error.failure.kind !== 'no-reply') return error;
  const { code } = error.failure;
  if (code !== 'EUNKNOWNHOST' && code !== 'ETIMEOUT') return error;
  return noReply('resolve', code, `${name} could not be found: its name could not be looked up.`);
}
