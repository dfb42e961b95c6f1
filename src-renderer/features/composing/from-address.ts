import { domainOf, MailboxText } from '#shared/mail/address.ts';
import type { Identity } from '#shared/mail/identity.ts';
import type { DraftContent } from '#shared/mail/message.ts';

/** The domain of which every address may be written from; null for an identity of one address. */
export function domainOfAny(identity: Pick<Identity, 'address'> | undefined): string | null {
  return identity?.address.startsWith('*@') === true ? identity.address.slice(2) : null;
}

/** What stands before the `@domain`, as it is typed; '' while none is chosen. */
export function localPartOf(from: string | undefined, domain: string): string {
  if (from === undefined || from.startsWith('*@')) return '';
  return domainOf(from) === domain.toLowerCase() ? from.slice(0, from.lastIndexOf('@')) : from;
}

/** The address meant by what was typed: the part before the `@`, or all of it. Undefined: nothing was. */
export function fromTyped(typed: string, domain: string): string | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  return text.includes('@') && !text.endsWith('@') ? text : `${text.replace(/@$/, '')}@${domain}`;
}

/** Whether the message can be sent from what is chosen. */
export function isFromComplete({ from }: Pick<DraftContent, 'from'>, identity: Pick<Identity, 'address'>): boolean {
  const domain = domainOfAny(identity);
  if (domain === null) return true;
  if (from === undefined || from.startsWith('*@')) return false;
  return domainOf(from) === domain.toLowerCase() && MailboxText.safeParse(from).success;
}

/** Each address once, the latest first. */
export function usedAddresses(mailboxes: readonly string[], domain: string): string[] {
  const own = mailboxes.map((mailbox) => mailbox.toLowerCase()).filter((mailbox) => domainOf(mailbox) === domain);
  return [...new Set(own)].slice(0, 20);
}
