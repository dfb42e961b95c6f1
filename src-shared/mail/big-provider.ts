import { domainOf } from './address.ts';
import type { OutgoingServer } from './outgoing-server.ts';

/** As much of a server as says whose it is. */
export type KnownServer = Pick<OutgoingServer, 'id' | 'endpoints'>;

/** The first server that belongs to the provider of an address. */
export function serverOfProvider<S extends KnownServer>(address: string, servers: readonly S[]): S | undefined {
  const domain = domainOf(address.trim());
  const hosts = providerHosts[domain] ?? [domain];
  return servers.find(({ endpoints }) =>
    endpoints.some(({ host }) => hosts.some((own) => host === own || host.toLowerCase().endsWith(`.${own}`))),
  );
}

/** Where the servers of a provider are not called as its addresses are. */
const providerHosts: Readonly<Record<string, readonly string[]>> = {
  'googlemail.com': ['gmail.com', 'googlemail.com'],
  'gmail.com': ['gmail.com', 'googlemail.com'],
  'outlook.com': ['outlook.com', 'office365.com', 'hotmail.com', 'live.com'],
  'hotmail.com': ['outlook.com', 'office365.com', 'hotmail.com', 'live.com'],
  'live.com': ['outlook.com', 'office365.com', 'hotmail.com', 'live.com'],
  'msn.com': ['outlook.com', 'office365.com', 'hotmail.com', 'live.com'],
  'ymail.com': ['yahoo.com'],
  'icloud.com': ['me.com', 'icloud.com'],
  'me.com': ['me.com', 'icloud.com'],
  'mac.com': ['me.com', 'icloud.com'],
  'gmx.de': ['gmx.net'],
  'gmx.at': ['gmx.net'],
  'gmx.ch': ['gmx.net'],
  'wanadoo.fr': ['orange.fr', 'wanadoo.fr'],
  'virgilio.it': ['libero.it', 'virgilio.it'],
};

/** Domains whose owners publish that nobody else may send for them (SPF -all or DMARC reject and quarantine). */
const bigProviders = new Set(
  'gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com aol.com icloud.com me.com mac.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de mail.ru yandex.ru yandex.com proton.me protonmail.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it comcast.net att.net verizon.net qq.com 163.com 126.com zoho.com fastmail.com mail.com'.split(
    ' ',
  ),
);

/** Another server would break SPF and DMARC for this address, and the mail would land in junk. */
export function isOfBigProvider(address: string): boolean {
  return bigProviders.has(domainOf(address.trim()));
}
