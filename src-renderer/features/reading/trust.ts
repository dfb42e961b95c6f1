import { type Address, domainOf } from '#shared/mail/address.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { t } from '../../i18n/index.ts';

/** Sentences about a message's fields that do not fit together; empty when there is nothing to say. */
export function trustLines(message: Pick<ParsedMessage, 'from' | 'sender' | 'replyTo'>): string[] {
  const [from] = message.from;
  if (from === undefined) return [];
  return [addressInName(from), otherSender(from, message.sender), otherReplyTo(from, message.replyTo)].filter(
    (line) => line !== null,
  );
}

function addressInName(from: Address): string | null {
  const shown = /[^\s<>"']+@[^\s<>"']+\.[^\s<>"']+/.exec(from.displayName)?.[0];
  if (shown === undefined || shown.toLowerCase() === from.mailbox.toLowerCase()) return null;
  return t('reading.trustName', { shown, address: from.mailbox });
}

function otherSender(from: Address, sender: readonly Address[]): string | null {
  const [first] = sender;
  if (first === undefined || domainOf(first.mailbox) === domainOf(from.mailbox)) return null;
  return t('reading.trustSender', { sender: first.mailbox, from: from.mailbox });
}

function otherReplyTo(from: Address, replyTo: readonly Address[]): string | null {
  const other = replyTo.find(({ mailbox }) => domainOf(mailbox) !== domainOf(from.mailbox));
  return other === undefined ? null : t('reading.trustReplyTo', { address: other.mailbox });
}
