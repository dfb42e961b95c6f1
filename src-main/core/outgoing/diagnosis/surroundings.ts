import type { Endpoint } from '#shared/mail/endpoint.ts';
import type { Settings } from '#shared/mail/settings.ts';
import type { LocationService } from '../network-location.ts';
import { reachEndpoint } from '../reach-endpoint.ts';
import { isOnThisMachine } from '../this-machine.ts';
import type { Surroundings } from './check-server.ts';
import { isNameServiceAnswering } from './name-service.ts';

const reachMs = 4000;

/** The network as it is, and the user's other servers as what is known to work. */
export function surroundingsOf(
  settings: { current(): Pick<Settings, 'servers' | 'accounts'> },
  location: Pick<LocationService, 'current'>,
): Surroundings {
  const references = (host: string): Pick<Endpoint, 'host' | 'port'>[] => {
    const { accounts, servers } = settings.current();
    // What a proxy reaches says nothing of this network.
    const relays = servers.filter(({ enabled, proxy }) => enabled && proxy === undefined);
    const all = [...relays.flatMap(({ endpoints }) => endpoints), ...accounts];
    const own = host.toLowerCase();
    return all
      .filter((at) => at.host.toLowerCase() !== own && !isOnThisMachine(at.host))
      .map(({ host: name, port }) => ({ host: name, port }))
      .filter(
        (at, index, list) => list.findIndex((other) => other.host === at.host && other.port === at.port) === index,
      );
  };
  return {
    references,
    async isOnline() {
      const { isOnline } = await location.current({ fresh: true });
      return isOnline;
    },
    namesAnswer: (missing, signal) =>
      isNameServiceAnswering({ known: references(missing).map(({ host }) => host), missing, signal }),
    async isReached(at, signal) {
      try {
        const socket = await reachEndpoint({}, at, { timeoutMs: reachMs, signal });
        socket.on('error', () => undefined).destroy();
        return true;
      } catch {
        return false;
      }
    },
  };
}
