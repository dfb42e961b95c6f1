import type { MxRecord } from 'node:dns';
import type { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import { deliverAlong } from '../deliver-along.ts';
import type { MailResolver } from '../mail-exchangers.ts';
import { reachEndpoint } from '../reach-endpoint.ts';
import { harness, message } from './delivery-harness.ts';
import { here, serverAt } from './servers.ts';

/** Direct delivery, as a server of the user's. */
export const direct = serverAt('direct', [], { kind: 'direct-mx' });

export interface Zone {
  mx?: Record<string, (readonly [priority: number, exchange: string])[] | string>;
  /** Domains that have an address and no MX. */
  addresses?: string[];
  /** Denies whatever it is asked: the name service of a network that leads nowhere. */
  isDead?: boolean;
}

/** A name service that knows these, and says so as c-ares does. */
export function zone({ mx = {}, addresses = [], isDead = false }: Zone): MailResolver & { asked: string[] } {
  const asked: string[] = [];
  const failWith = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
  const resolveAddress = (name: string): Promise<string[]> => {
    asked.push(`A ${name}`);
    if (addresses.includes(name)) return Promise.resolve(['192.0.2.1']);
    return failWith(name in mx ? 'ENODATA' : 'ENOTFOUND');
  };
  return {
    asked,
    resolve4: resolveAddress,
    resolve6: (name) => failWith(addresses.includes(name) || name in mx ? 'ENODATA' : 'ENOTFOUND'),
    resolveNs: (name) =>
      !isDead && (name === '.' || name === 'example') ? Promise.resolve(['ns.example']) : failWith('ENOTFOUND'),
    resolveMx(name): Promise<MxRecord[]> {
      asked.push(`MX ${name}`);
      const found = mx[name];
      if (typeof found === 'string') return failWith(found);
      if (found !== undefined) return Promise.resolve(found.map(([priority, exchange]) => ({ priority, exchange })));
      return failWith(addresses.includes(name) ? 'ENODATA' : 'ENOTFOUND');
    },
  };
}

/** Delivers along a plan with a name service and hosts of the test’s own. */
export function alongHarness(resolver: MailResolver, hosts: Record<string, number>) {
  const made = harness({ direct: 'secret' });
  const reached: string[] = [];
  const reach: typeof reachEndpoint = (server, endpoint, options) => {
    reached.push(`${endpoint.host}:${endpoint.port}`);
    const port = hosts[endpoint.host];
    return reachEndpoint(server, port === undefined ? endpoint : { host: '127.0.0.1', port }, options);
  };
  const runWith = (
    more: { reach?: typeof reachEndpoint },
    to: string[],
    plan: OutgoingServer[] = [direct],
    signal = new AbortController().signal,
  ) =>
    deliverAlong(
      {
        reversePath: 'a@a.example',
        recipients: to,
        bytes: message,
        isEightBit: false,
        envelopeId: 'x',
        plan: plan.map((server) => ({
          server,
          endpoint: server.endpoints[0] ?? { host: 'mx', port: 25, security: 'none' },
          why: '',
        })),
        locationId: here,
        signal,
      },
      { ...made.ports, resolver, ...more },
    );
  const run = (to: string[], plan?: OutgoingServer[], signal?: AbortSignal) => runWith({ reach }, to, plan, signal);
  /** With its own way of reaching servers. */
  const runAsSet = (to: string[]) => runWith({}, to);
  return { ...made, run, runAsSet, reached };
}
