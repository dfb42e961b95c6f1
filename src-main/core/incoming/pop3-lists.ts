import { MailError } from '#shared/mail-error.ts';
import { sha256Of } from './message-identity.ts';

export interface ListedMessage {
  /** Of this session only (RFC 1939 §5). */
  readonly messageNumber: number;
  readonly octets: number;
}

/** What lies in the maildrop, as the server said it: read only by whoever wants to know more than whether it has changed. */
export interface MaildropListing {
  /** Equal where both answers, to LIST and to UIDL, were the same octet for octet. */
  digest(): string;
  /** Throws EPROTOCOL. */
  messages(): ListedMessage[];
  /** The unique-id of each message number; null when the server has no UIDL. Throws EPROTOCOL. */
  uniqueIds(): Map<number, string> | null;
}

/** Of the bodies of the answers to LIST and UIDL; null: there was none to UIDL. */
export function createListing(list: Uint8Array, uidl: Uint8Array | null): MaildropListing {
  return {
    digest: () => `${sha256Of(list)} ${uidl === null ? 'none' : sha256Of(uidl)}`,
    messages: () => readList(list),
    uniqueIds: () => (uidl === null ? null : readUidl(uidl)),
  };
}

/** Scan listings (RFC 1939 §5). Throws EPROTOCOL for a line without two numbers. */
export function readList(body: Uint8Array): ListedMessage[] {
  // A number given twice is one message still: both would be fetched, and lie here twice.
  const listed = new Map<number, number>();
  eachLine(body, (text, from, to) => {
    const space = digitsEnd(text, from, to);
    const isPlain = isNumber(from, space) && text.charCodeAt(space) === space32 && isNumber(space + 1, to);
    if (isPlain && digitsEnd(text, space + 1, to) === to) {
      listed.set(Number(text.slice(from, space)), Number(text.slice(space + 1, to)));
      return;
    }
    const line = text.slice(from, to);
    const [messageNumber, octets] = numbersOf(line);
    if (messageNumber === undefined || octets === undefined) throw unreadable('LIST', line);
    listed.set(messageNumber, octets);
  });
  return Array.from(listed, ([messageNumber, octets]) => ({ messageNumber, octets }));
}

/** Unique-id listings (RFC 1939 §7). Throws EPROTOCOL for a line without a message number. */
export function readUidl(body: Uint8Array): Map<number, string> {
  const found = new Map<number, string>();
  eachLine(body, (text, from, to) => {
    const space = digitsEnd(text, from, to);
    const isPlain = isNumber(from, space) && text.charCodeAt(space) === space32 && space + 1 < to;
    if (isPlain && visibleEnd(text, space + 1, to) === to) {
      found.set(Number(text.slice(from, space)), text.slice(space + 1, to));
      return;
    }
    const line = text.slice(from, to);
    // RFC 1939 §7 allows 1 to 70 visible characters. What is longer or holds spaces is taken as it stands, and a message
    // without a unique-id is known by its header: one bad line is no reason to leave all mail on the server.
    const match = /^\s*(\d+)(?:\s+(.*?))?\s*$/.exec(line);
    if (match?.[1] === undefined) throw unreadable('UIDL', line);
    if (match[2] !== undefined && match[2] !== '') found.set(Number(match[1]), match[2]);
  });
  return found;
}

/** The numbers among the words of a line. */
export function numbersOf(text: string): number[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((word) => (/^\d{1,15}$/.test(word) ? [Number(word)] : []));
}

const space32 = 32;

/** Calls with the place of every line that is not empty in the text, which is Latin-1. */
function eachLine(body: Uint8Array, take: (text: string, from: number, to: number) => void): void {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\r\n', from);
    const to = end < 0 ? text.length : end;
    if (to > from) take(text, from, to);
    from = to + 2;
  }
}

/** Nearly every line of every server is written one way; the rest is read by the rules above. */
function digitsEnd(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at += 1;
  return at;
}

function visibleEnd(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) > 32 && text.charCodeAt(at) < 127) at += 1;
  return at;
}

/** As many digits as a number may have. */
function isNumber(from: number, to: number): boolean {
  return to > from && to - from <= 15;
}

function unreadable(command: string, line: string): MailError {
  return new MailError('EPROTOCOL', 'The server’s list of messages could not be read. Nothing was fetched.', {
    command,
    server: line.slice(0, 200),
  });
}
