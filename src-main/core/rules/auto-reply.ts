import { createHash, randomUUID } from 'node:crypto';
import type { MessageKey } from '#shared/ids.ts';
import { MailboxText } from '#shared/mail/address.ts';
import type { AutoReply } from '#shared/mail/rule.ts';
import { MailError } from '#shared/mail-error.ts';
import { formatDate } from '../message/dates.ts';
import type { HandlersOf, Rooms } from '../services.ts';
import { isMeant } from './apply-rules.ts';
import { type MessageFacts, valuesOf } from './facts.ts';
import { encodedWords, isBounce } from './send-on.ts';

export type AutoReplyRooms = Pick<Rooms, 'store' | 'settings' | 'message' | 'outbox' | 'clock'>;

export type AutoReplyMethods = 'autoReply.set';

const dayMs = 86_400_000;

/** A first collection may bring the mail of years: what is older than this is not answered. */
const oldestMs = 3 * dayMs;

/** RFC 3834 §2: whoever writes under these names is a machine, or wants no answer. */
const machines =
  /^(?:(?:.*[-._+])?no[-._]?reply(?:[-._+].*)?|do[-._]?not[-._]?reply.*|mailer-daemon|postmaster|daemon|listserv|majordomo|bounces?(?:[-+=].*)?|owner-.*|.*-(?:request|owner|bounces?|relay))$/i;

/** Whether it answers today. Days are those of this computer's clock. */
export function isActive({ isEnabled, from, until }: AutoReply, now: number): boolean {
  const at = new Date(now);
  const today = [at.getFullYear(), at.getMonth() + 1, at.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
  return isEnabled && (from === undefined || from <= today) && (until === undefined || today <= until);
}

/**
 * Why a message gets no automatic answer, in a sentence; null when it may have one (RFC 3834 §2): a person wrote it to
 * this very address, and lately.
 */
export function whyNotAnswered(
  facts: MessageFacts,
  own: readonly string[],
  address: string,
  now: number,
): string | null {
  const sender = facts.from[0]?.mailbox ?? '';
  if (!MailboxText.safeParse(sender).success) return 'It names no sender.';
  if (facts.date === null || now - facts.date > oldestMs) return 'It is not new.';
  if (machines.test(sender.slice(0, sender.lastIndexOf('@')))) return 'Its sender takes no answer.';
  if (own.some((mine) => isMeant(mine, sender))) return 'It comes from an address of your own.';
  if (isBounce(facts)) return 'It is a report about another message.';
  const first = (name: string): string => (valuesOf(facts, name)[0] ?? '').trim().toLowerCase();
  if (first('auto-submitted') !== '' && !/^no\b/.test(first('auto-submitted'))) return 'A machine wrote it.';
  if (facts.fields.some(({ name }) => name.startsWith('list-'))) return 'It came by a mailing list.';
  if (/^(bulk|list|junk)\b/.test(first('precedence'))) return 'It went to many.';
  if (/\b(all|oof|autoreply)\b/.test(first('x-auto-response-suppress'))) return 'Its sender wants no automatic answer.';
  if (/^yes\b/.test(first('x-spam-flag'))) return 'It is junk.';
  if (![...facts.to, ...facts.cc].some(({ mailbox }) => isMeant(address, mailbox)))
    return 'It was not written to this address.';
  return null;
}

/** Answers a message by the first identity it was written to that answers today. Once a sender in so many days. */
export async function answer(rooms: AutoReplyRooms, messageKey: MessageKey, facts: MessageFacts): Promise<void> {
  const { store, settings, message, outbox, clock } = rooms;
  const now = clock.now();
  const { identities, autoReplies } = settings.current();
  const own = identities.map(({ address }) => address);
  for (const reply of autoReplies) {
    const identity = settings.identity(reply.identityId);
    if (identity === undefined || !isActive(reply, now)) continue;
    if (whyNotAnswered(facts, own, identity.address, now) !== null) continue;
    const from = [...facts.to, ...facts.cc].find(({ mailbox }) => isMeant(identity.address, mailbox))?.mailbox;
    const sender = (facts.from[0]?.mailbox ?? '').toLowerCase();
    if (from === undefined) continue;
    const before = await store.repliedAt(identity.id, sender);
    if (before !== null && now - before < reply.everyDays * dayMs) return;
    // First the note, then the answer: after a crash in between it is missing, which is better than twice.
    await store.putReply(identity.id, sender, now);
    const to = returnPath(facts) ?? sender;
    const bytes = replyBytes(reply, facts, { from, to, now, messageKey });
    const built = await message.prepareFile(bytes, { reversePath: from, forwardPaths: [to] });
    await outbox.enqueue(built, { identityId: identity.id, undoMs: 0 });
    return;
  }
}

/** RFC 3834 §4: an answer goes where reports go; From stands in where no server wrote that down. */
function returnPath(facts: MessageFacts): string | null {
  const path = /<([^<>]+)>/.exec(valuesOf(facts, 'return-path')[0] ?? '')?.[1] ?? '';
  return MailboxText.safeParse(path).success ? path : null;
}

/** RFC 3834 §3.1. */
export function replyBytes(
  reply: Pick<AutoReply, 'subject' | 'text'>,
  facts: MessageFacts,
  { from, to, now, messageKey }: { from: string; to: string; now: number; messageKey: MessageKey },
): Uint8Array<ArrayBuffer> {
  const id = createHash('sha256').update(`${messageKey}\0${randomUUID()}`).digest('hex').slice(0, 32);
  const text = `${reply.text.replace(/\r?\n/g, '\n').trimEnd()}\n`.replaceAll('\n', '\r\n');
  const body = Buffer.from(text)
    .toString('base64')
    .replace(/.{1,76}/g, '$&\r\n');
  const threads =
    facts.messageId === ''
      ? []
      : [
          `In-Reply-To: ${facts.messageId}`,
          `References: ${[...facts.references.slice(-10), facts.messageId].join('\r\n ')}`,
        ];
  const head = [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${encodedWords(reply.subject.trim() === '' ? `Auto: ${facts.subject}` : reply.subject)}`,
    `Date: ${formatDate(now)}`,
    `Message-ID: <${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    ...threads,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
  ];
  return new Uint8Array(Buffer.from(`${head.join('\r\n')}\r\n${body}`));
}

/** Automatic answers as they are kept in the settings. */
export function autoReplyHandlers({ settings }: Pick<Rooms, 'settings'>): HandlersOf<AutoReplyMethods> {
  return {
    'autoReply.set': async (reply) => {
      if (settings.identity(reply.identityId) === undefined)
        throw new MailError('ENOTFOUND', 'That identity is not there any more. Nothing was saved.');
      if (reply.isEnabled && reply.text.trim() === '')
        throw new MailError('EINVALID', 'Write what the answer says. Nothing was saved.');
      if (reply.from !== undefined && reply.until !== undefined && reply.until < reply.from)
        throw new MailError('EINVALID', 'The last day lies before the first. Nothing was saved.');
      await settings.changeMailRules((now) => ({
        autoReplies: [...now.autoReplies.filter(({ identityId }) => identityId !== reply.identityId), reply],
      }));
      return {};
    },
  };
}
