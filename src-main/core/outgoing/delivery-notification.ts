import { envelopeAddress } from './envelope-address.ts';
import type { Capabilities, Transaction } from './smtp-session.ts';

/** Delivery status notifications (RFC 3461): which reports are wanted, and of whom. */

type Asking = Pick<Transaction, 'dsn' | 'envelopeId' | 'recipients'>;

/** For MAIL: RET and ENVID, each with a space in front; '' where nothing is asked for or the server offers no DSN. */
export function mailParameters({ dsn, envelopeId }: Asking, { extensions }: Pick<Capabilities, 'extensions'>): string {
  if (dsn === undefined || !extensions.has('DSN')) return '';
  return ` RET=${dsn.ret === 'full' ? 'FULL' : 'HDRS'} ENVID=${xtext(envelopeId)}`;
}

/** For one RCPT: NOTIFY and ORCPT, with a space in front; '' where nothing is asked for or the server offers no DSN. */
export function rcptParameters(
  { dsn }: Asking,
  mailbox: string,
  { extensions }: Pick<Capabilities, 'extensions'>,
): string {
  if (dsn === undefined || !extensions.has('DSN')) return '';
  // RFC 3461 §4.1: NEVER stands alone.
  const notify = dsn.notify.includes('never') ? ['never'] : [...new Set(dsn.notify)];
  const address = envelopeAddress(mailbox);
  // RFC 3461 §4.2: the type rfc822 is for ASCII; the report names others by their final address.
  const original = /[^\x20-\x7e]/.test(address) ? [] : [` ORCPT=rfc822;${xtext(address)}`];
  return [...(notify.length === 0 ? [] : [` NOTIFY=${notify.join(',').toUpperCase()}`]), ...original].join('');
}

/** Reports were asked for in the settings, and this server does not give them: a remark for the attempt. */
export function unheardRequest(dsn: Asking['dsn'], { extensions }: Pick<Capabilities, 'extensions'>): string | null {
  if (dsn === undefined || dsn.notify.length === 0 || extensions.has('DSN')) return null;
  return 'It gives no delivery reports, so none was asked for.';
}

/** RFC 3461 §4: `+`, `=`, space and whatever is not printable ASCII as `+` and two hex digits. */
export function xtext(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/[^\x21-\x2a\x2c-\x3c\x3e-\x7e]/g, (octet) => {
      const hex = octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
      return `+${hex}`;
    });
}
