import { MailboxText } from '#shared/mail/address.ts';
import type { Identity } from '#shared/mail/identity.ts';
import type { DraftContent } from '#shared/mail/message.ts';
import { t } from '../../i18n/index.ts';
import { domainOfAny, isFromComplete } from './from-address.ts';

/** Why the message cannot be sent as it stands, in a sentence; null when it can. */
export function obstacleOf({ to, cc, bcc }: Pick<DraftContent, 'to' | 'cc' | 'bcc'>): string | null {
  const recipients = [...to, ...cc, ...bcc];
  if (recipients.length === 0) return t('composing.noRecipient');
  const bad = recipients.find(({ mailbox }) => !MailboxText.safeParse(mailbox).success);
  return bad === undefined ? null : t('composing.badRecipient', { address: bad.mailbox });
}

/** Why it cannot be sent from the address chosen; null when it can. */
export function obstacleOfFrom(content: DraftContent, identity: Identity | undefined): string | null {
  const domain = domainOfAny(identity);
  if (identity === undefined || domain === null || isFromComplete(content, identity)) return null;
  return content.from === undefined
    ? t('composing.noFrom', { domain })
    : t('composing.badFrom', { domain, address: content.from });
}

/** A file is still on its way into the draft; one that failed is not. */
export function isAdding(uploading: readonly { readonly error: unknown }[]): boolean {
  return uploading.some(({ error }) => error === null);
}

/** About how large the message will be on the wire: base64 makes four octets of three, and breaks lines. */
export function sizeOf(content: Pick<DraftContent, 'text' | 'html' | 'attachments'>): number {
  const attached = content.attachments.reduce((sum, { sizeOctets }) => sum + sizeOctets, 0);
  return Math.ceil(1_000 + content.text.length + (content.html?.length ?? 0) + (attached * 4 * 78) / (3 * 76));
}
