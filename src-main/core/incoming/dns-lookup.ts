import { Resolver } from 'node:dns/promises';

export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** Questions to DNS whose answer may be missing: nothing found, no answer in time, and offline all look the same. */
export interface DnsLookup {
  srv(name: string): Promise<SrvRecord[]>;
  /** Mail exchangers, the preferred first. */
  mx(domain: string): Promise<string[]>;
  /** Whether the name has an address. */
  exists(name: string): Promise<boolean>;
}

/** Somebody is waiting before an empty form: two quick tries, then the usual names have to do. */
const limits = { timeout: 1500, tries: 2, maxTimeout: 1500 };

export function createDnsLookup(resolver = new Resolver(limits)): DnsLookup {
  return {
    srv: (name) => orNothing(() => resolver.resolveSrv(name)),
    async mx(domain) {
      const records = await orNothing(() => resolver.resolveMx(domain));
      return records.sort((a, b) => a.priority - b.priority).map(({ exchange }) => exchange);
    },
    async exists(name) {
      const [four, six] = await Promise.all([
        orNothing(() => resolver.resolve4(name)),
        orNothing(() => resolver.resolve6(name)),
      ]);
      return four.length + six.length > 0;
    },
  };
}

async function orNothing<T>(ask: () => Promise<T[]>): Promise<T[]> {
  try {
    return await ask();
  } catch {
    return [];
  }
}
