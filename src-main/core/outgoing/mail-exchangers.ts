import type { MxRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { noReply, stopped, systemCode } from './stage-failure.ts';

/** Where direct delivery asks for the servers of a domain. Rejects as `node:dns` does. */
export interface MailResolver {
  resolveMx(domain: string): Promise<MxRecord[]>;
  resolve4(domain: string): Promise<string[]>;
  resolve6(domain: string): Promise<string[]>;
  resolveNs(domain: string): Promise<string[]>;
}

/** The servers that take mail for a domain, best first; or that there are none, for good. */
export type MailExchangers =
  | { readonly kind: 'hosts'; readonly hosts: readonly string[] }
  | { readonly kind: 'none'; readonly enhancedStatusCode: string; readonly text: string };

/** More than this many are not tried for one message (RFC 5321 §5.1 asks for at least two). */
const mostHosts = 8;

/** The name service of the system. */
export function systemMailResolver(): MailResolver {
  return new Resolver({ timeout: 5000, tries: 2 });
}

/**
 * RFC 5321 §5.1: MX records by preference, equal ones in random order; without any, the domain itself. RFC 7505: a single
 * empty exchange says that the domain takes no mail. Throws `StageFailure` at `resolve` when the name service does not
 * answer, or denies a domain without being known to answer for anything: that says nothing about the domain. A hotel's
 * network denies every name until somebody has paid; no mail is given up for that.
 */
export async function findMailExchangers(
  domain: string,
  resolver: MailResolver,
  { signal }: { signal: AbortSignal },
): Promise<MailExchangers> {
  const literal = /^\[(?:IPv6:)?([^\]]+)\]$/i.exec(domain)?.[1];
  if (literal !== undefined && isIP(literal) !== 0) return { kind: 'hosts', hosts: [literal] };
  const name = domainToASCII(domain) || domain;
  try {
    const records = await orAborted(resolver.resolveMx(name), signal);
    if (records.length === 0) return await implicitExchanger(name, domain, resolver, signal);
    const hosts = records
      .map((record) => ({ ...record, order: Math.random() }))
      .sort((a, b) => a.priority - b.priority || a.order - b.order)
      .map(({ exchange }) => exchange.replace(/\.$/, ''));
    const named = [...new Set(hosts)].filter(isHostName).slice(0, mostHosts);
    if (named.length > 0) return { kind: 'hosts', hosts: named };
    const isNull = hosts.every((host) => host === '');
    return isNull
      ? { kind: 'none', enhancedStatusCode: '5.1.10', text: `${domain} says that it takes no mail.` }
      : { kind: 'none', enhancedStatusCode: '5.1.2', text: `${domain} names no server that could take its mail.` };
  } catch (error) {
    switch (systemCode(error)) {
      case 'ENODATA':
        return implicitExchanger(name, domain, resolver, signal);
      case 'ENOTFOUND':
        return noSuchDomain(name, domain, resolver, signal);
      default:
        throw lookupFailure(error, domain, signal);
    }
  }
}

/** A domain without MX that has an address takes its mail there; one without address takes none. */
async function implicitExchanger(
  name: string,
  domain: string,
  resolver: MailResolver,
  signal: AbortSignal,
): Promise<MailExchangers> {
  const asked = await orAborted(Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]), signal).catch(
    (error: unknown) => {
      throw lookupFailure(error, domain, signal);
    },
  );
  if (asked.some((answer) => answer.status === 'fulfilled' && answer.value.length > 0)) {
    // A network that wants to be paid first gives every name its own address, and that one takes any mail.
    await mustBeKnownToWork(name, domain, resolver, signal);
    return { kind: 'hosts', hosts: [name] };
  }
  for (const answer of asked) {
    if (answer.status === 'fulfilled') continue;
    const code = systemCode(answer.reason);
    if (code !== 'ENODATA' && code !== 'ENOTFOUND') throw lookupFailure(answer.reason, domain, signal);
  }
  return noSuchDomain(name, domain, resolver, signal);
}

async function noSuchDomain(
  name: string,
  domain: string,
  resolver: MailResolver,
  signal: AbortSignal,
): Promise<MailExchangers> {
  await mustBeKnownToWork(name, domain, resolver, signal);
  return { kind: 'none', enhancedStatusCode: '5.1.2', text: `There is no mail domain named ${domain}.` };
}

async function mustBeKnownToWork(
  name: string,
  domain: string,
  resolver: MailResolver,
  signal: AbortSignal,
): Promise<void> {
  if (await orAborted(isKnownToWork(name, resolver), signal)) return;
  const text = `The network’s name service knows no mail servers of ${domain}, but it cannot be relied on here: it does not know the root of all names either.`;
  throw noReply('resolve', 'EUNREACHABLE', text);
}

/**
 * A “no such name” counts only from a name service that leads to the root, and on to the top-level domain the name is
 * said to be missing from. Nobody learns anything by the questions.
 */
async function isKnownToWork(name: string, resolver: MailResolver): Promise<boolean> {
  const root = await resolver.resolveNs('.').catch(() => []);
  if (root.length === 0) return false;
  const top = name.replace(/\.$/, '').split('.').at(-1) ?? '';
  return resolver.resolveNs(top).then(
    () => true,
    // Not there, or there without name servers of its own: said by who just proved to know the root.
    (error: unknown) => ['ENOTFOUND', 'ENODATA'].includes(systemCode(error)),
  );
}

/** RFC 5321 §5.1: an exchange is a host name. An address, or this machine itself, is a mistake or a trap. */
function isHostName(host: string): boolean {
  return host !== '' && isIP(host) === 0 && host !== 'localhost' && !host.endsWith('.localhost');
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(stopped('resolve', signal));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function lookupFailure(error: unknown, domain: string, signal: AbortSignal): Error {
  if (signal.aborted) return stopped('resolve', signal);
  const text = `The servers of ${domain} could not be looked up; the network’s name service does not answer.`;
  return noReply('resolve', systemCode(error) === 'ETIMEOUT' ? 'ETIMEOUT' : 'EUNREACHABLE', text);
}
