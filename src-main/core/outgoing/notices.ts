import { randomUUID } from 'node:crypto';
import { folder } from '#shared/mail/folder.ts';
import type { Attempt, OutboxRecord } from '#shared/mail/outbox.ts';
import type { Store } from '../store/store-api.ts';

/** Mail the outbox writes to its own user: in the manner of RFC 3464, and always with the servers' words. */

type NoticeStore = Pick<Store, 'file' | 'newMessageKey' | 'read'>;

/** "Still trying": filed in the Inbox once. */
export async function fileDelayNotice(store: NoticeStore, record: OutboxRecord, now: number): Promise<void> {
  const waiting = record.recipients.filter(({ state }) => state === 'pending');
  const text = [
    `Your message “${record.subject}” has not been sent yet. No outgoing server took it so far.`,
    '',
    'It stays in the Outbox and is tried again by itself for five days. You need not do anything.',
    '',
    'Still waiting:',
    ...waiting.map(({ mailbox, text: words }) => `  ${mailbox}${words === undefined ? '' : `: ${words}`}`),
    '',
    ...skippedLines(record),
  ];
  await fileNotice(store, record, now, 'Not sent yet', 'delayed', text, null);
}

/** "Could not be sent": with the whole attempt log, and the message attached. */
export async function fileFailureNotice(
  store: NoticeStore,
  record: OutboxRecord,
  attempts: readonly Attempt[],
  now: number,
): Promise<void> {
  const refused = record.recipients.filter(({ state }) => state === 'refused');
  const accepted = record.recipients.filter(({ state }) => state === 'accepted');
  const text = [
    `Your message “${record.subject}” could not be sent to:`,
    '',
    ...refused.map(({ mailbox, text: words }) => `  ${mailbox}${words === undefined ? '' : `: ${words}`}`),
    '',
    ...(accepted.length === 0 ? [] : ['It was sent to:', ...accepted.map(({ mailbox }) => `  ${mailbox}`), '']),
    'What was tried:',
    '',
    ...attempts.flatMap(describeAttempt),
    ...skippedLines(record),
    'The message is attached.',
  ];
  const original = await store.read(record.messageKey).catch(() => null);
  await fileNotice(store, record, now, 'Could not be sent', 'failed', text, original);
}

/** The attempt as lines a provider's support can read. */
export function describeAttempt(attempt: Attempt): string[] {
  return [
    `${attempt.startedAt}  ${attempt.serverLabel} (${attempt.endpoint}): ${attempt.outcome} at ${attempt.stage}`,
    `  ${attempt.meaning}`,
    ...attempt.transcript.map((line) => `    ${line}`),
    '',
  ];
}

function skippedLines({ skipped }: OutboxRecord): string[] {
  if (skipped.length === 0) return [];
  return ['Not tried:', ...skipped.map(({ serverId, reason, detail }) => `  ${serverId}: ${detail ?? reason}`), ''];
}

async function fileNotice(
  store: NoticeStore,
  record: OutboxRecord,
  now: number,
  title: string,
  action: 'delayed' | 'failed',
  text: readonly string[],
  original: Uint8Array | null,
): Promise<void> {
  const boundary = `notice-${randomUUID()}`;
  const head = [
    'From: Postrider <postrider@localhost>',
    `To: <${headerSafe(record.reversePath)}>`,
    `Subject: ${encodeWords(`${title}: ${record.subject}`)}`,
    `Date: ${new Date(now).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${randomUUID()}@postrider.localhost>`,
    ...(record.messageId === '' ? [] : [`In-Reply-To: ${headerSafe(record.messageId)}`]),
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status;`,
    ` boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...base64Lines(Buffer.from(text.join('\r\n'), 'utf8')),
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; postrider.localhost',
    '',
    ...record.recipients
      .filter(({ state }) => (action === 'failed' ? state === 'refused' : state === 'pending'))
      .flatMap(({ mailbox, enhancedStatusCode, text: words }) => [
        `Final-Recipient: rfc822; ${headerSafe(mailbox)}`,
        `Action: ${action}`,
        `Status: ${enhancedStatusCode ?? (action === 'failed' ? '5.0.0' : '4.0.0')}`,
        ...(words === undefined ? [] : [`Diagnostic-Code: smtp; ${headerSafe(words).slice(0, 400)}`]),
        '',
      ]),
    ...(original === null
      ? []
      : [`--${boundary}`, 'Content-Type: message/rfc822', 'Content-Disposition: attachment', '', '']),
  ].join('\r\n');
  const bytes = Uint8Array.from(
    Buffer.concat([Buffer.from(head, 'utf8'), original ?? Buffer.alloc(0), Buffer.from(`\r\n--${boundary}--\r\n`)]),
  );
  const messageKey = await store.newMessageKey(bytes);
  await store.file([{ folder: folder.inbox, messageKey, bytes, flags: [] }]);
}

function headerSafe(text: string): string {
  return text.replace(/[\0-\x1f\x7f]+/g, ' ').trim();
}

/** RFC 2047, where the text is not plain ASCII. */
function encodeWords(text: string): string {
  const safe = headerSafe(text).slice(0, 400);
  if (!/[^\x20-\x7e]/.test(safe)) return safe;
  const words: string[] = [];
  let chunk = '';
  for (const character of safe) {
    if (Buffer.byteLength(chunk + character) > 42) {
      words.push(chunk);
      chunk = '';
    }
    chunk += character;
  }
  words.push(chunk);
  return words.map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ');
}

function base64Lines(bytes: Buffer): string[] {
  return bytes.toString('base64').match(/.{1,76}/g) ?? [];
}
