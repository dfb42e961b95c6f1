import { createSocket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { NetworkDescription } from '../core/ports.ts';

/** A gateway that is there answers ARP in a few milliseconds; a tunnel has none that could. */
const patienceMs = 600;
const lookAgainMs = 20;
/** The discard service (RFC 863): nothing has to listen there, only the way to it must be found. */
const discardPort = 9;

/**
 * A system learns the hardware address of its gateway with the first packet to it, so that a network just joined does not
 * tell it, and 192.168.1.1 here looks like 192.168.1.1 there. Where it is missing, `knock` makes the system find it, and
 * the network is described again until it is known or a moment has passed.
 */
export async function untilGatewayIsKnown(
  describe: () => Promise<NetworkDescription>,
  knock: (gatewayAddress: string) => Promise<void>,
  signal: AbortSignal,
): Promise<NetworkDescription> {
  let description = await describe();
  const giveUpAt = performance.now() + patienceMs;
  for (let isKnocked = false; performance.now() < giveUpAt && !signal.aborted; ) {
    const { gatewayAddress, gatewayMac } = description;
    if (gatewayAddress === null || gatewayMac !== null || !isIPv4(gatewayAddress)) break;
    if (!isKnocked) await knock(gatewayAddress);
    isKnocked = true;
    await wait(lookAgainMs);
    description = await describe();
  }
  return description;
}

/** Sends one empty datagram to a gateway. What becomes of it does not matter. */
export function knockAtGateway(gatewayAddress: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    // Where there is no descriptor left for it, `send` is never told.
    socket.on('error', resolve);
    socket.on('close', resolve);
    socket.send('', discardPort, gatewayAddress, () => socket.close());
  });
}
