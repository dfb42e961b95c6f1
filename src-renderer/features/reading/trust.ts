import { type Address, domainOf } from '#shared/mail/address.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { t } from '../../i18n/index.ts';

export interface TrustLine {
  /** `warning`: somebody may be deceiving; `note`: worth knowing, as with mailing lists. */
  level: 'warning' | 'note';
  text: string;
}

/** Sentences about a message's fields that do not fit together; empty when there is nothing to say. */
export function trustLines(message: Pick<ParsedMessage, 'from' | 'sender' | 'replyTo' | 'to' | 'cc'>): TrustLine[] {
  const [from] = message.from;
  if (from === undefined) return [];
  const known = new Set([...message.to, ...message.cc].map(({ mailbox }) => mailbox.toLowerCase()));
  return [
    addressInName(from),
    otherSender(from, message.sender),
    // Answers that go where the message went already (a mailing list) surprise nobody.
    otherReplyTo(
      from,
      message.replyTo.filter(({ mailbox }) => !known.has(mailbox.toLowerCase())),
    ),
  ].filter((line) => line !== null);
}

function addressInName(from: Address): TrustLine | null {
  const shown = from.displayName.split(/[\s<>"']+/).find(isLikeAnAddress);
  if (shown === undefined || shown.toLowerCase() === from.mailbox.toLowerCase()) return null;
  return { level: 'warning', text: t('reading.trustName', { shown, address: from.mailbox }) };
}

/** Looked for word by word: a pattern for the whole name takes minutes for a name of nothing but `@`. */
function isLikeAnAddress(word: string): boolean {
  const at = word.indexOf('@', 1);
  const dot = at < 0 ? -1 : word.indexOf('.', at + 2);
  return dot > 0 && dot < word.length - 1;
}

function otherSender(from: Address, sender: readonly Address[]): TrustLine | null {
  const [first] = sender;
  if (first === undefined || domainOf(first.mailbox) === domainOf(from.mailbox)) return null;
  return { level: 'note', text: t('reading.trustSender', { sender: first.mailbox, from: from.mailbox }) };
}

function otherReplyTo(from: Address, replyTo: readonly Address[]): TrustLine | null {
  const other = replyTo.find(({ mailbox }) => domainOf(mailbox) !== domainOf(from.mailbox));
  return other === undefined ? null : { level: 'note', text: t('reading.trustReplyTo', { address: other.mailbox }) };
}
