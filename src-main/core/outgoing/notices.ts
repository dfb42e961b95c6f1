import { randomUUID } from 'node:crypto';
import { attemptLogText, stamp } from '#shared/mail/attempt-log-text.ts';
import { folder } from '#shared/mail/folder.ts';
import type { Attempt, OutboxRecipient, OutboxRecord } from '#shared/mail/outbox.ts';
import type { Store } from '../store/store-api.ts';
import { type ReportedRecipient, reportMessage } from './delivery-report.ts';
import { toItem } from './outbox-item.ts';
import { giveUpAfterMs } from './retry-schedule.ts';

/** Mail the outbox writes to its own user: delivery status notifications (RFC 3464), always with the servers' words. */

type NoticeStore = Pick<Store, 'file' | 'newMessageKey' | 'read'>;

export interface NoticeContext {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly servers: readonly { readonly id: string; readonly label: string }[];
  /** Postrider's. */
  readonly version: string;
}

/** "Still trying": filed in the Inbox once. */
export async function fileDelayNotice(
  store: NoticeStore,
  record: OutboxRecord,
  attempts: readonly Attempt[],
  context: NoticeContext,
): Promise<void> {
  const waiting = record.recipients.filter(({ state }) => state === 'pending');
  const until = (record.waitingSince ?? record.queuedAt) + giveUpAfterMs;
  const text = [
    `Your message “${record.subject}” has not been sent yet. No outgoing server has taken it so far.`,
    '',
    `It is safe in the Outbox and is tried again by itself until ${stamp(until)}. You need not do anything. If it is urgent, open the Outbox: it says what stands in the way, and lets you try another server.`,
    '',
    'Still waiting:',
    ...waiting.map(recipientLine),
  ];
  await fileNotice(store, record, attempts, context, {
    subject: `Not sent yet: ${record.subject}`,
    text,
    recipients: waiting.map((recipient) => reported(recipient, 'delayed', attempts)),
    retryUntil: until,
  });
}

/** "Could not be sent": filed in the Inbox for the recipients that were refused or given up. */
export async function fileFailureNotice(
  store: NoticeStore,
  record: OutboxRecord,
  attempts: readonly Attempt[],
  context: NoticeContext,
): Promise<void> {
  const refused = record.recipients.filter(({ state }) => state === 'refused');
  const accepted = record.recipients.filter(({ state }) => state === 'accepted');
  const kept =
    accepted.length > 0
      ? 'The message is in Sent, since some have it.'
      : 'The message is kept in the Outbox: there you can change it, try another server, or discard it.';
  const text = [
    `Your message “${record.subject}” could not be sent to:`,
    '',
    ...refused.map(recipientLine),
    '',
    ...(accepted.length === 0 ? [] : ['It was sent to:', ...accepted.map(({ mailbox }) => `  ${mailbox}`), '']),
    `It is not tried any more by itself. ${kept}`,
  ];
  await fileNotice(store, record, attempts, context, {
    subject: `Could not be sent: ${record.subject}`,
    text,
    recipients: refused.map((recipient) => reported(recipient, 'failed', attempts)),
  });
}

function recipientLine({ mailbox, text }: OutboxRecipient): string {
  return text === undefined || text === '' ? `  ${mailbox}` : `  ${mailbox}: ${text}`;
}

/** The last server that said something about this recipient, or that was tried at all. */
function reported(
  recipient: OutboxRecipient,
  action: 'delayed' | 'failed',
  attempts: readonly Attempt[],
): ReportedRecipient {
  const about = attempts.filter(({ recipients }) => recipients?.some(({ mailbox }) => mailbox === recipient.mailbox));
  const last = about.at(-1) ?? attempts.at(-1);
  return {
    mailbox: recipient.mailbox,
    action,
    status: statusOf(recipient, action),
    ...(recipient.text === undefined ? {} : { words: recipient.text, isReply: recipient.replyCode !== undefined }),
    ...(last === undefined ? {} : { remoteHost: hostOf(last.endpoint), lastAttemptAt: Date.parse(last.startedAt) }),
  };
}

/** RFC 3463 §3.5: X.4.7, delivery time expired, where nothing better is known of what was given up. */
function statusOf({ enhancedStatusCode, replyCode }: OutboxRecipient, action: 'delayed' | 'failed'): string {
  if (enhancedStatusCode !== undefined) return enhancedStatusCode;
  if (replyCode !== undefined) return `${Math.floor(replyCode / 100)}.0.0`;
  return action === 'failed' ? '4.4.7' : '4.0.0';
}

function hostOf(endpoint: string): string {
  return endpoint.replace(/:\d+$/, '');
}

async function fileNotice(
  store: NoticeStore,
  record: OutboxRecord,
  attempts: readonly Attempt[],
  { now, servers, version }: NoticeContext,
  what: { subject: string; text: string[]; recipients: ReportedRecipient[]; retryUntil?: number },
): Promise<void> {
  const labelOf = (id: string): string => servers.find((server) => server.id === id)?.label ?? 'a server since removed';
  const log = attemptLogText(toItem(record, attempts), { version, now, labelOf });
  const original = await store.read(record.messageKey).catch(() => null);
  const bytes = reportMessage({
    ...what,
    text: [
      ...what.text,
      '',
      `What was tried follows${original === null ? '' : '; the message is attached'}. You can send this log to whoever runs the server.`,
      '',
      ...log.trimEnd().split('\n'),
    ],
    to: record.reversePath,
    inReplyTo: record.messageId,
    messageId: `<${randomUUID()}@postrider.localhost>`,
    boundary: `=_notice-${randomUUID()}`,
    now,
    arrivedAt: record.queuedAt,
    original,
  });
  const messageKey = await store.newMessageKey(bytes);
  await store.file([{ folder: folder.inbox, messageKey, bytes, flags: [] }]);
}
