import type { Socket } from 'node:net';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';

/**
 * What we call ourselves in EHLO (RFC 5321 §4.1.4): the name the user set; else an address literal (§4.1.3), since the
 * name of a laptop means nothing outside, and the domain of an identity would be a claim to be its mail server.
 *
 * To a relay it says `[127.0.0.1]`: the relay knows its customer by sign-in or network, and what is said here ends in a
 * Received field that every recipient reads; the address at home is nobody's business there. Receiving servers, asked
 * directly, see where the connection comes from anyway and look at this for honesty: they are told the address the
 * connection has here. Through a proxy nothing of this machine is told.
 */
export function ehloNameFor(
  { ehloName, kind, proxy }: Pick<OutgoingServer, 'ehloName' | 'kind' | 'proxy'>,
  socket: Pick<Socket, 'localAddress' | 'localFamily'>,
): string {
  if (ehloName !== undefined) return ehloName;
  if (kind === 'relay' || proxy !== undefined) return unspecific;
  return addressLiteral(socket) ?? unspecific;
}

const unspecific = '[127.0.0.1]';

function addressLiteral({ localAddress, localFamily }: Pick<Socket, 'localAddress' | 'localFamily'>): string | null {
  if (localAddress === undefined) return null;
  // Without the zone of a link-local address, which is a name of this machine's own.
  const address = localAddress.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return localFamily === 'IPv6' && address.includes(':') ? `[IPv6:${address}]` : `[${address}]`;
}
