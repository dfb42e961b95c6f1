import type { Socket } from 'node:net';
import { BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import { connectAddresses, resolveHost } from './connect-host.ts';
import type { ReachOptions, reachEndpoint } from './reach-endpoint.ts';
import { noReply } from './stage-failure.ts';

/**
 * To a server that a stranger's domain names: never to this machine itself, whatever the name leads to. Such a name is a
 * mistake or a trap (RFC 5321 §5.1), or the address with which a network answers for every name until one has paid.
 * Throws `StageFailure` at `resolve` or `connect`.
 */
export async function reachForeign(
  _server: Parameters<typeof reachEndpoint>[0],
  endpoint: Pick<Endpoint, 'host' | 'port'>,
  options: ReachOptions,
  resolve: typeof resolveHost = resolveHost,
): Promise<Socket> {
  const { log } = options;
  log?.enter('resolve');
  const all = await resolve(endpoint.host, options);
  const addresses = all.filter((address) => !isOwn(address));
  if (addresses.length === 0) {
    const text = `${endpoint.host} leads to this computer itself, which takes no mail; the name is wrong, or this network answers for it.`;
    throw noReply('resolve', 'EUNREACHABLE', text);
  }
  log?.note(addresses.join(', '));
  log?.enter('connect');
  const socket = await connectAddresses(addresses, endpoint.port, { ...options, name: endpointName(endpoint) });
  log?.note(`Connected to ${socket.remoteAddress ?? endpoint.host}.`);
  return socket;
}

const never = new BlockList();
// RFC 6890: this host, loopback, multicast and broadcast; link-local addresses mean nothing beyond one cable.
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  never.addSubnet(address, prefix, 'ipv4');
for (const [address, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  never.addSubnet(address, prefix, 'ipv6');

function isOwn(address: string): boolean {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (never.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4')) return true;
  return Object.values(networkInterfaces()).some((own) => own?.some((one) => one.address === plain) === true);
}
