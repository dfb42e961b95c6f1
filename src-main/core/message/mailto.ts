import type { Address } from '#shared/mail/address.ts';
import { parseAddressList } from '#shared/mail/address-list.ts';

export interface MailtoContent {
  readonly to: Address[];
  readonly cc: Address[];
  readonly bcc: Address[];
  readonly subject: string;
  readonly body: string;
}

/**
 * Reads a `mailto:` address (RFC 6068). Only to, cc, bcc, subject and body are taken, as §7 advises: whoever wrote the
 * link decides nothing else, and never attaches anything. A bare address is taken as well.
 */
export function parseMailto(text: string): MailtoContent {
  const link = text
    .trim()
    .slice(0, 100_000)
    .replace(/^mailto:/i, '');
  const question = link.indexOf('?');
  const to = addresses(decoded(question < 0 ? link : link.slice(0, question)));
  const content = { to, cc: addresses(''), bcc: addresses(''), subject: '', body: '' };
  const query = question < 0 ? '' : link.slice(question + 1).replace(/#.*$/, '');
  for (const pair of query.split(/&(?:amp;)?/)) {
    const equals = pair.indexOf('=');
    if (equals < 0) continue;
    const value = decoded(pair.slice(equals + 1));
    switch (decoded(pair.slice(0, equals)).toLowerCase()) {
      case 'to':
        content.to.push(...addresses(value));
        break;
      case 'cc':
        content.cc.push(...addresses(value));
        break;
      case 'bcc':
        content.bcc.push(...addresses(value));
        break;
      case 'subject':
        content.subject = value
          .replace(/[\0-\x1f\x7f]+/g, ' ')
          .trim()
          .slice(0, 1000);
        break;
      case 'body':
        // RFC 6068 §5: line ends are %0D%0A.
        content.body = value.replace(/\r\n?/g, '\n').replace(/[\0-\x08\x0b-\x1f\x7f]/g, '');
        break;
      default:
    }
  }
  return content;
}

function addresses(text: string): Address[] {
  return parseAddressList(text.replace(/[\0-\x1f\x7f]+/g, ' ')).addresses;
}

/** RFC 6068 §2: percent-encoding; `+` is a plus. Broken escapes stay as they are. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
