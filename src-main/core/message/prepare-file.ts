import { MailError } from '#shared/mail-error.ts';
import type { BuiltMessage } from '../services.ts';
import { formatDate } from './dates.ts';
import { fieldValue, type HeaderField, readHeaderFields } from './header-fields.ts';
import { readAddresses, readMessageIds, readText } from './header-values.ts';
import { checkMailbox, envelopeMailbox, newMessageId, uniqueMailboxes } from './sendable.ts';

/**
 * Makes a file of RFC 5322 octets ready for sending. The octets stay as they are, but for: line ends become CRLF, an
 * mbox `From ` line in front is dropped, a missing Date or Message-ID is added on top. Recipients are those of To, Cc
 * and Bcc (Resent fields tell of an earlier journey and are not asked) unless the envelope names them. Throws EINVALID.
 */
export function prepareFile(
  bytes: Uint8Array,
  envelope: { reversePath?: string; forwardPaths?: string[] } | undefined,
  now: number,
): BuiltMessage {
  const crlf = withoutEnvelopeLine(toCrlfOctets(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  const { fields } = readHeaderFields(crlf, 0, crlf.length);
  const from = readAddresses(fields, 'from').find(({ mailbox }) => mailbox !== '')?.mailbox;
  if (from === undefined) {
    throw new MailError(
      'EINVALID',
      'The file names no sender: it has no From field with an address. Nothing was sent.',
    );
  }
  const added: string[] = [];
  if (fieldValue(fields, 'date') === undefined) added.push(`Date: ${formatDate(now)}\r\n`);
  let messageId = readMessageIds(fields, 'message-id')[0] ?? (fieldValue(fields, 'message-id') ?? '').trim();
  if (fieldValue(fields, 'message-id') === undefined) {
    messageId = newMessageId(from);
    added.push(`Message-ID: ${messageId}\r\n`);
  }
  return {
    bytes: owned(added.length === 0 ? crlf : Buffer.concat([Buffer.from(added.join('')), crlf])),
    messageId,
    subject: readText(fields, 'subject'),
    reversePath: reversePathOf(envelope?.reversePath, from),
    from: envelopeMailbox(from),
    forwardPaths: forwardPathsOf(envelope?.forwardPaths, fields),
  };
}

function reversePathOf(given: string | undefined, from: string): string {
  // RFC 5321 §4.5.5: `<>` is the null reverse-path.
  if (given !== undefined && (given.trim() === '' || given.trim() === '<>')) return '';
  return envelopeMailbox(checkMailbox(bare(given ?? from)));
}

function forwardPathsOf(given: readonly string[] | undefined, fields: readonly HeaderField[]): string[] {
  const named = ['to', 'cc', 'bcc'].flatMap((name) => readAddresses(fields, name).map(({ mailbox }) => mailbox));
  const chosen =
    given === undefined || given.length === 0 ? named.filter((mailbox) => mailbox !== '') : given.map(bare);
  const paths = uniqueMailboxes(chosen.map((mailbox) => envelopeMailbox(checkMailbox(mailbox))));
  if (paths.length === 0) {
    throw new MailError(
      'EINVALID',
      'The file names no recipient: To, Cc and Bcc are missing or empty. Nothing was sent.',
    );
  }
  return paths;
}

function bare(path: string): string {
  return path.trim().replace(/^<(.*)>$/, '$1');
}

/** RFC 5321 §2.3.8: CR and LF travel only as a pair, and a message ends with one. */
export function toCrlfOctets(buf: Buffer): Buffer {
  const pieces: Buffer[] = [];
  const lineEnd = Buffer.from('\r\n');
  let last = 0;
  let cr = buf.indexOf(0x0d);
  let lf = buf.indexOf(0x0a);
  while (cr >= 0 || lf >= 0) {
    const at = cr >= 0 && (lf < 0 || cr < lf) ? cr : lf;
    const isPair = at === cr && lf === cr + 1;
    if (!isPair) {
      pieces.push(buf.subarray(last, at), lineEnd);
      last = at + 1;
    }
    const next = isPair ? at + 2 : at + 1;
    if (cr >= 0 && cr < next) cr = buf.indexOf(0x0d, next);
    if (lf >= 0 && lf < next) lf = buf.indexOf(0x0a, next);
  }
  const isEnded = buf.length === 0 || buf.at(-1) === 0x0a || buf.at(-1) === 0x0d;
  if (pieces.length === 0 && isEnded) return buf;
  pieces.push(buf.subarray(last));
  if (!isEnded) pieces.push(lineEnd);
  return Buffer.concat(pieces);
}

function withoutEnvelopeLine(buf: Buffer): Buffer {
  if (buf.toString('latin1', 0, 5) !== 'From ') return buf;
  const feed = buf.indexOf(0x0a);
  return feed < 0 ? buf : buf.subarray(feed + 1);
}

/** Bytes in memory of their own, which can be handed on without a copy. */
export function owned(buf: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buf);
}
