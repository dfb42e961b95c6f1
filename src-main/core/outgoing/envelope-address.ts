import { domainToASCII } from 'node:url';

/** A mailbox as it stands in MAIL and RCPT: the domain in its ASCII form (RFC 5891), so that only local parts need SMTPUTF8. */
export function envelopeAddress(mailbox: string): string {
  const at = mailbox.lastIndexOf('@');
  if (at < 0) return mailbox;
  const domain = mailbox.slice(at + 1);
  if (domain.startsWith('[') || isAscii(domain)) return mailbox;
  return `${mailbox.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

/** RFC 6531: a local part outside ASCII can only go where SMTPUTF8 is offered. */
export function needsSmtpUtf8(mailboxes: readonly string[]): boolean {
  return mailboxes.some((mailbox) => !isAscii(envelopeAddress(mailbox)));
}

/** Octets above 127 anywhere: the message needs 8BITMIME (RFC 6152). */
export function isEightBit(bytes: Uint8Array): boolean {
  for (const octet of bytes) if (octet > 127) return true;
  return false;
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
