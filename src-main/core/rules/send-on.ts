import { createHash } from 'node:crypto';
import type { MessageKey } from '#shared/ids.ts';
import { mailboxesIn } from '#shared/mail/address-list.ts';
import type { Identity } from '#shared/mail/identity.ts';
import { formatDate } from '../message/dates.ts';
import { encodeWords } from '../message/encode-words.ts';
import { isMeant, recipientsOf } from './apply-rules.ts';
import { type MessageFacts, valuesOf } from './facts.ts';

/** Where and as whom a message is sent on. */
export interface SendingOn {
  readonly messageKey: MessageKey;
  /** The identity's own address, complete. */
  readonly from: string;
  readonly to: string;
  /** Epoch milliseconds. The same for every try: so are the bytes, and a try after a crash finds what was sent. */
  readonly at: number;
}

/** RFC 5321 §6.3: a hundred is the limit for servers; mail that came this far and goes on from here goes in a circle. */
const maxReceived = 30;

/**
 * Why a message is not sent on by itself, in a sentence; null when nothing speaks against it. It has been here before
 * (our own mark), it has come a long way, or it is a report or an answer by a machine (RFC 3834 §2).
 */
export function whyNotSentOn(facts: MessageFacts, own: readonly string[], to: string): string | null {
  const isOwn = (mailbox: string): boolean => own.some((address) => isMeant(address, mailbox));
  if (marksIn(facts).some(isOwn)) return 'It was sent on from here before.';
  if (valuesOf(facts, 'received').length > maxReceived) return 'It has passed too many servers; it may go in a circle.';
  if (isBounce(facts)) return 'It is a report about another message.';
  if (/^auto-replied/i.test(valuesOf(facts, 'auto-submitted')[0] ?? '')) return 'It is an automatic answer.';
  if (recipientsOf(facts).some((mailbox) => isMeant(to, mailbox) && isOwn(mailbox))) return `${to} has it already.`;
  return null;
}

/** Whom a message was sent on by, from here or from elsewhere. */
function marksIn(facts: MessageFacts): string[] {
  return [...valuesOf(facts, 'x-loop'), ...valuesOf(facts, 'resent-from')]
    .flatMap(mailboxesIn)
    .filter((mailbox) => /^[!-~]{1,320}$/.test(mailbox));
}

/** RFC 3464 reports, and whatever came with the null reverse-path. */
export function isBounce(facts: MessageFacts): boolean {
  const type = (valuesOf(facts, 'content-type')[0] ?? '').trim().toLowerCase();
  return valuesOf(facts, 'return-path')[0]?.trim() === '<>' || type.startsWith('multipart/report');
}

/** The address an identity writes from: its own, or, of `*@domain`, the one the message was for. Null: it cannot be told. */
export function writingAddress({ address }: Identity, facts: MessageFacts): string | null {
  if (!address.startsWith('*@')) return address;
  return recipientsOf(facts).find((mailbox) => isMeant(address, mailbox)) ?? null;
}

/** RFC 5322 §3.6.6: the message as it is, with a block of Resent fields in front. */
export function redirectedBytes(original: Uint8Array, on: SendingOn): Uint8Array<ArrayBuffer> {
  return joined(
    [
      `X-Loop: ${on.from}`,
      `Resent-Date: ${formatDate(on.at)}`,
      `Resent-From: <${on.from}>`,
      `Resent-To: <${on.to}>`,
      `Resent-Message-ID: ${idOf('redirect', on)}`,
    ],
    original,
  );
}

/** More than so many have not sent on one message. */
const maxMarks = 100;

/**
 * A new message with the old one attached, byte for byte (RFC 2046 §5.2.1). The marks of the old one go along: what
 * two who forward to each other see of a message is only its outermost header.
 */
export function forwardedBytes(original: Uint8Array, facts: MessageFacts, on: SendingOn): Uint8Array<ArrayBuffer> {
  const boundary = `=_forward-${digest('boundary', on)}`;
  const transfer = original.some((octet) => octet > 127) ? ['Content-Transfer-Encoding: 8bit'] : [];
  const head = [
    `From: <${on.from}>`,
    `To: <${on.to}>`,
    `Subject: ${encodedWords(`Fwd: ${facts.subject}`)}`,
    `Date: ${formatDate(on.at)}`,
    `Message-ID: ${idOf('forward', on)}`,
    ...[...new Set([on.from, ...marksIn(facts)])].slice(0, maxMarks).map((mailbox) => `X-Loop: ${mailbox}`),
    'Auto-Submitted: auto-forwarded',
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    ...transfer,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Forwarded by a rule. The message is attached.',
    `--${boundary}`,
    'Content-Type: message/rfc822',
    'Content-Disposition: attachment; filename="message.eml"',
    ...transfer,
    '',
  ];
  return new Uint8Array(
    Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n`), original, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  );
}

function joined(lines: readonly string[], original: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n`), original]));
}

function digest(what: string, { messageKey, from, to, at }: SendingOn): string {
  return createHash('sha256').update(`${what}\0${messageKey}\0${from}\0${to}\0${at}`).digest('hex').slice(0, 32);
}

function idOf(what: string, on: SendingOn): string {
  return `<${digest(what, on)}@${on.from.slice(on.from.lastIndexOf('@') + 1)}>`;
}

/** RFC 2047: words of at most 75 characters, 45 octets of text in each, cut between characters. */
export function encodedWords(text: string): string {
  const oneLine = text.replace(/[\0-\x1f\x7f]+/g, ' ').trim();
  if (/^[ -~]*$/.test(oneLine) && oneLine.length <= 900) return oneLine;
  return encodeWords(oneLine.slice(0, 1000).toWellFormed());
}
