import { randomUUID } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { type Address, AddressInput, domainOf, HeaderText, MailboxText } from '#shared/mail/address.ts';
import type { Identity } from '#shared/mail/identity.ts';
import type { DraftContent } from '#shared/mail/message.ts';
import { MailError } from '#shared/mail-error.ts';

/** What a message is made from once every address and every text that becomes a field has been checked. */
export interface CheckedDraft {
  readonly from: Address;
  readonly replyTo: string | undefined;
  readonly to: Address[];
  readonly cc: Address[];
  readonly bcc: Address[];
  readonly subject: string;
  readonly inReplyTo: string | undefined;
  readonly references: string[];
}

/** RFC 5322 §3.6.4 asks for all; a thread of hundreds is told as well by its first and its latest. */
const maxReferences = 30;

/** Checks a draft for sending. Throws EINVALID with a sentence that names what is wrong. */
export function checkDraft(draft: DraftContent, identity: Identity): CheckedDraft {
  const to = checkAddresses(draft.to);
  const cc = checkAddresses(draft.cc);
  const bcc = checkAddresses(draft.bcc);
  if (to.length + cc.length + bcc.length === 0) {
    throw new MailError('EINVALID', 'Say who this message is for: it has no recipient yet.');
  }
  return {
    from: { displayName: checkText(identity.displayName, 'Your name'), mailbox: fromMailbox(draft, identity) },
    replyTo: identity.replyTo === undefined || identity.replyTo === '' ? undefined : checkMailbox(identity.replyTo),
    to,
    cc,
    bcc,
    subject: checkText(draft.subject, 'The subject'),
    inReplyTo: draft.inReplyTo === undefined ? undefined : messageIds(draft.inReplyTo)[0],
    references: shortened((draft.references ?? []).flatMap(messageIds)),
  };
}

/** The address to write from: the identity's own, or for `*@domain` the one the draft names. */
function fromMailbox(draft: Pick<DraftContent, 'from'>, identity: Identity): string {
  if (!identity.address.startsWith('*@')) return checkMailbox(identity.address);
  const domain = domainOf(identity.address);
  if (draft.from === undefined || draft.from.startsWith('*@') || domainOf(draft.from) !== domain) {
    throw new MailError(
      'EINVALID',
      `You may write from any address of ${domain}. Choose the one this message is from, then send again.`,
    );
  }
  return checkMailbox(draft.from);
}

function checkAddresses(addresses: readonly Address[]): Address[] {
  return addresses.map((address) => {
    const checked = AddressInput.safeParse(address);
    if (checked.success) return checked.data;
    checkMailbox(address.mailbox);
    checkText(address.displayName, 'A name');
    throw new MailError('EINVALID', 'One of the addresses cannot be used.');
  });
}

/** Throws EINVALID when this is not an addr-spec one can write to. */
export function checkMailbox(mailbox: string): string {
  const checked = MailboxText.safeParse(mailbox);
  if (checked.success) return checked.data;
  const shown = mailbox.replace(/[\0-\x1f\x7f]+/g, ' ').slice(0, 100);
  throw new MailError(
    'EINVALID',
    `“${shown}” is not a complete address (name@example.com). Correct it and send again.`,
  );
}

function checkText(text: string, what: string): string {
  const checked = HeaderText.safeParse(text);
  if (checked.success) return checked.data.trim();
  throw new MailError('EINVALID', `${what} holds line breaks or other characters that a header cannot carry.`);
}

/** Only whole ids in printable ASCII; anything else would be a way to write other fields. */
export function messageIds(text: string): string[] {
  return text.match(/<[!-;=?-~]{1,900}>/g) ?? [];
}

function shortened(ids: readonly string[]): string[] {
  const unique = [...new Set(ids)];
  return unique.length <= maxReferences ? unique : [...unique.slice(0, 1), ...unique.slice(1 - maxReferences)];
}

/** The domain as it may stand in a Message-ID and on the wire. */
export function asciiDomain(mailbox: string): string {
  const domain = domainOf(mailbox);
  return domainToASCII(domain) || domain.replace(/[^!-~]/g, '') || 'localhost';
}

/** RFC 5322 §3.6.4; on the domain of the author, which the receiver already sees. */
export function newMessageId(mailbox: string): string {
  const domain = asciiDomain(mailbox);
  return `<${randomUUID()}@${/^[\w.:[\]-]+$/.test(domain) ? domain : 'localhost'}>`;
}

/**
 * An address as it is given to a server: the domain in ASCII (RFC 5890). A local part outside ASCII stays (SMTPUTF8,
 * RFC 6531), and then the domain stays as well.
 */
export function envelopeMailbox(mailbox: string): string {
  const at = mailbox.lastIndexOf('@');
  const localPart = mailbox.slice(0, at);
  if (at < 0 || /[^\x20-\x7e]/.test(localPart)) return mailbox;
  const domain = mailbox.slice(at + 1);
  return /[^\x20-\x7e]/.test(domain) ? `${localPart}@${domainToASCII(domain) || domain}` : mailbox;
}

/** Every recipient once; the local part's case may matter (RFC 5321 §2.4), the domain's does not. */
export function uniqueMailboxes(mailboxes: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const mailbox of mailboxes) {
    const at = mailbox.lastIndexOf('@');
    const key = `${mailbox.slice(0, at)}@${mailbox.slice(at + 1).toLowerCase()}`;
    if (!seen.has(key)) seen.set(key, mailbox);
  }
  return [...seen.values()];
}
