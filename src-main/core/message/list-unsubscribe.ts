import { isIP } from 'node:net';
import type { ListUnsubscribe } from '#shared/mail/unsubscribe.ts';
import { fieldValue, type HeaderField } from './header-fields.ts';
import { parseMailto } from './mailto.ts';

/** An address longer than this is none a person could judge. */
const longestAddress = 2000;
const longestText = 1000;

/**
 * How the list behind a message says that one leaves it: `List-Unsubscribe` (RFC 2369 §3.2) and `List-Unsubscribe-Post`
 * (RFC 8058 §3.1). Undefined when nothing there can be used. Of several addresses of one kind the first counts.
 */
export function readUnsubscribe(fields: readonly HeaderField[]): ListUnsubscribe | undefined {
  const addresses = addressesIn(fieldValue(fields, 'list-unsubscribe') ?? '');
  const pages = addresses.flatMap((address) => webAddress(address) ?? []);
  const mails = addresses.flatMap((address) => mailOf(address) ?? []);
  const isOneClick = /^\s*List-Unsubscribe=One-Click\s*$/i.test(fieldValue(fields, 'list-unsubscribe-post') ?? '');
  const oneClick = isOneClick ? pages.find(isPublicHttps) : undefined;
  const [page] = pages;
  const [mail] = mails;
  if (page === undefined && mail === undefined) return undefined;
  return {
    ...(oneClick === undefined ? {} : { oneClick: oneClick.href }),
    ...(mail === undefined ? {} : { mail }),
    ...(page === undefined ? {} : { page: page.href }),
  };
}

/** RFC 2369 §2: each in angle brackets; what stands between them is a comment. A fold within one is no part of it. */
function addressesIn(value: string): string[] {
  return [...value.slice(0, 20_000).matchAll(/<([^<>]*)>/g)]
    .map(([, address = '']) => address.replace(/\s+/g, ''))
    .filter((address) => address.length > 0 && address.length <= longestAddress);
}

function webAddress(address: string): URL | null {
  const url = /^https?:\/\//i.test(address) && URL.canParse(address) ? new URL(address) : null;
  // Whoever gives a name and password away in public means to deceive about the host.
  return url === null || url.username !== '' || url.password !== '' ? null : url;
}

/** To one address only: whoever wrote the header does not choose whom else the user writes to. */
function mailOf(address: string): ListUnsubscribe['mail'] | null {
  if (!/^mailto:/i.test(address)) return null;
  const { to, subject, body } = parseMailto(address);
  const [first] = to;
  if (first === undefined || !/^[^\s@]+@[^\s@]+$/.test(first.mailbox)) return null;
  return { to: first.mailbox, subject: subject === '' ? 'unsubscribe' : subject, text: body.slice(0, longestText) };
}

/** A message must not make this computer say something to what stands in the user's own network. */
function isPublicHttps({ protocol, hostname: written }: URL): boolean {
  // A full stop at the end changes nothing for who looks the name up (RFC 1034 §3.1).
  const hostname = written.replace(/\.$/, '');
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  const isLocalName = !hostname.includes('.') || /\.(?:local|localhost|internal|lan|home|arpa)$/.test(hostname);
  return protocol === 'https:' && !isAddress && !isLocalName;
}
