import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { domainOf, MailboxText } from '#shared/mail/address.ts';
import { Endpoint } from '#shared/mail/endpoint.ts';
import type { SetupProposal } from '#shared/mail/setup.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Log, Resources } from '../ports.ts';
import { createDnsLookup, type DnsLookup, type SrvRecord } from './dns-lookup.ts';

const Provider = z.object({
  name: z.string(),
  /** Domains of its addresses. */
  domains: z.array(z.string()),
  /** Its mail exchangers end in one of these: domains of others that it hosts. */
  mx: z.array(z.string()).default([]),
  incoming: z.array(Endpoint),
  outgoing: z.array(Endpoint),
  /** What to sign in with. */
  user: z.enum(['address', 'local-part']).default('address'),
  note: z.string().optional(),
  /** A public provider with a policy against others sending its addresses. */
  isBigProvider: z.boolean().default(true),
});
type Provider = z.infer<typeof Provider>;

export interface ProposeRooms {
  readonly log: Log;
  readonly resources: Resources;
  readonly dns?: DnsLookup;
}

type Found = Omit<SetupProposal, 'domain' | 'user' | 'isBigProvider'> & Partial<SetupProposal>;

/** Finds the servers of an address without any password: the built-in table, then DNS, then the usual names. Works offline. */
export function createProposer({ log, resources, dns = createDnsLookup() }: ProposeRooms) {
  let table: Promise<Provider[]> | null = null;

  async function providers(): Promise<Provider[]> {
    table ??= readFile(resources.asset('providers.json'), 'utf8').then((text) =>
      Provider.array().parse(JSON.parse(text)),
    );
    try {
      return await table;
    } catch (error) {
      table = null;
      log.error('The table of providers could not be read.', error);
      return [];
    }
  }

  return async (address: string): Promise<SetupProposal> => {
    const mailbox = MailboxText.safeParse(address);
    const domain = mailbox.success ? domainOf(mailbox.data) : '';
    if (!mailbox.success || domain === '')
      throw new MailError('EINVALID', 'This is not a complete address (name@example.com).');
    const known = await providers();
    const provider = known.find(({ domains }) => domains.includes(domain));
    if (provider !== undefined) return fromProvider(provider, mailbox.data, 'provider-table');
    const [services, host] = await Promise.all([fromServiceRecords(domain, dns), hostOf(domain, known, dns)]);
    const found = services ?? (host === undefined ? await guess(domain, dns) : null);
    if (found !== null) return { user: mailbox.data, isBigProvider: false, ...found, domain };
    return host === undefined
      ? { user: mailbox.data, isBigProvider: false, ...usualNames(domain), domain }
      : { ...fromProvider(host, mailbox.data, 'dns'), isBigProvider: false };
  };
}

function fromProvider(provider: Provider, mailbox: string, source: SetupProposal['source']): SetupProposal {
  const { name, note, incoming, outgoing, isBigProvider } = provider;
  const user = provider.user === 'local-part' ? mailbox.slice(0, mailbox.lastIndexOf('@')) : mailbox;
  return { domain: domainOf(mailbox), source, providerName: name, note, incoming, outgoing, user, isBigProvider };
}

/** RFC 6186 and RFC 8314 §5.1: the domain itself says where its services are. Null when it names no way to collect. */
async function fromServiceRecords(domain: string, dns: DnsLookup): Promise<Found | null> {
  const [pop3s, pop3, submissions, submission] = await Promise.all(
    ['_pop3s', '_pop3', '_submissions', '_submission'].map((service) => dns.srv(`${service}._tcp.${domain}`)),
  );
  const incoming = [...endpointsOf(pop3s, 'tls'), ...endpointsOf(pop3, 'starttls')];
  if (incoming.length === 0) return null;
  const outgoing = [...endpointsOf(submissions, 'tls'), ...endpointsOf(submission, 'starttls')];
  return { source: 'dns', incoming, outgoing: outgoing.length > 0 ? outgoing : usualNames(domain).outgoing };
}

function endpointsOf(records: readonly SrvRecord[] | undefined, security: Endpoint['security']): Endpoint[] {
  return [...(records ?? [])]
    .sort((a, b) => a.priority - b.priority || b.weight - a.weight)
    .flatMap(({ name, port }) => {
      // RFC 2782: a target of "." says that the service is decidedly not there.
      const parsed = Endpoint.safeParse({ host: name.replace(/\.$/, ''), port, security });
      return parsed.success ? [parsed.data] : [];
    });
}

/** The provider whose mail exchangers take this domain's mail. */
async function hostOf(domain: string, known: readonly Provider[], dns: DnsLookup): Promise<Provider | undefined> {
  const [exchange] = await dns.mx(domain);
  if (exchange === undefined) return undefined;
  const name = exchange.toLowerCase().replace(/\.$/, '');
  return known.find(({ mx }) => mx.some((suffix) => name === suffix || name.endsWith(`.${suffix}`)));
}

const incomingNames = ['pop', 'pop3', 'mail', 'imap'];
const outgoingNames = ['smtp', 'mail', 'smtpout'];

/** Which of the usual names there are; null when none is, or the machine is offline. */
async function guess(domain: string, dns: DnsLookup): Promise<Found | null> {
  const names = [...new Set([...incomingNames, ...outgoingNames])];
  const exists = new Map(
    await Promise.all(names.map(async (name) => [name, await dns.exists(`${name}.${domain}`)] as const)),
  );
  const first = (candidates: readonly string[]) => candidates.find((name) => exists.get(name) === true);
  const incoming = first(incomingNames);
  const outgoing = first(outgoingNames);
  if (incoming === undefined && outgoing === undefined) return null;
  return {
    source: 'guess',
    incoming: incomingAt(`${incoming ?? outgoing ?? 'mail'}.${domain}`),
    outgoing: outgoingAt(`${outgoing ?? incoming ?? 'mail'}.${domain}`),
  };
}

function usualNames(domain: string): Found {
  return { source: 'guess', incoming: incomingAt(`pop.${domain}`), outgoing: outgoingAt(`smtp.${domain}`) };
}

function incomingAt(host: string): Endpoint[] {
  return [
    { host, port: 995, security: 'tls' },
    { host, port: 110, security: 'starttls' },
  ];
}

function outgoingAt(host: string): Endpoint[] {
  return [
    { host, port: 465, security: 'tls' },
    { host, port: 587, security: 'starttls' },
    { host, port: 25, security: 'starttls' },
    { host, port: 2525, security: 'starttls' },
  ];
}
