import { assertNever } from '#shared/assert-never.ts';
import { MailError } from '#shared/mail-error.ts';

/** `single`: one status line. `multi`: after `+OK` a body follows, up to a line that holds only a dot (RFC 1939 §3). */
export type ReplyShape = 'single' | 'multi';

/** One whole reply. `text` is what follows `+OK`, `-ERR` or `+ ` (a SASL continuation, RFC 5034 §4). */
export interface Pop3Reply {
  readonly status: 'ok' | 'err' | 'continue';
  readonly text: string;
  /** The body of a multi-line reply, dots unstuffed, in a buffer of its own; empty otherwise. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface ExpectedReply {
  readonly shape: ReplyShape;
  /** What LIST announced: how much room to make at first. A wrong number costs time, never correctness. */
  readonly sizeHintOctets?: number;
  /** A longer body is an error: a server that never stops must not fill the memory. */
  readonly maxOctets?: number;
}

export interface ReplyFramer {
  /** Announces the next reply, in the order the commands were sent. */
  expect(reply: ExpectedReply): void;
  /** Takes what arrived, keeping none of it; calls `onReply` for each reply that is now whole. Throws `MailError` EPROTOCOL, ETOOLARGE. */
  push(chunk: Uint8Array): void;
  /** Whether octets of a reply that is not whole yet have arrived. */
  isInsideReply(): boolean;
}

const carriageReturn = 13;
const lineFeed = 10;
const dot = 46;
const lineEnd = Buffer.from('\r\n');
const dotAtLineStart = Buffer.from('\r\n.');

/** RFC 2449 §4 allows 512 octets; servers with long error texts exceed it. */
const maxStatusOctets = 8192;
const defaultMaxOctets = 512 * 1024 * 1024;
const firstRoomAtMost = 4 * 1024 * 1024;
/** For servers that announce a little less than they send, or nothing. */
const spareOctets = 1024;

/**
 * Cuts the octets of a POP3 connection into replies, however they are split into chunks. Only CRLF ends a line: a bare
 * LF or CR belongs to the message. Time is linear in what arrives, whatever it holds.
 */
export function createReplyFramer(onReply: (reply: Pop3Reply) => void): ReplyFramer {
  const expected: ExpectedReply[] = [];
  let statusSoFar: Buffer[] = [];
  let statusOctets = 0;
  let body: BodyReader | null = null;
  let bodyText = '';

  /** Consumes up to one status line; answers how many octets that were. */
  function readStatus(chunk: Buffer): number {
    // The CR before this LF may have come in an earlier chunk; the whole line is checked when it is there.
    const end = chunk.indexOf(lineFeed) + 1;
    const part = end === 0 ? chunk : chunk.subarray(0, end);
    statusOctets += part.length;
    if (statusOctets > maxStatusOctets)
      throw new MailError('EPROTOCOL', 'The server sent a line without an end. It does not seem to speak POP3.');
    if (end === 0) {
      // A copy: the chunk is not ours to keep.
      statusSoFar.push(Buffer.concat([part]));
      return part.length;
    }
    const line = statusSoFar.length === 0 ? part : Buffer.concat([...statusSoFar, part]);
    statusSoFar = [];
    statusOctets = 0;
    takeStatus(line);
    return part.length;
  }

  function takeStatus(line: Buffer): void {
    const next = expected.shift();
    if (next === undefined)
      throw new MailError('EPROTOCOL', 'The server said something nobody had asked for. The connection was closed.');
    const { status, text } = parseStatusLine(line);
    if (next.shape === 'multi' && status === 'ok') {
      body = createBodyReader(next.sizeHintOctets ?? 0, next.maxOctets ?? defaultMaxOctets);
      bodyText = text;
    } else onReply({ status, text, body: new Uint8Array(0) });
  }

  return {
    expect: (reply) => {
      expected.push(reply);
    },
    push(octets) {
      const chunk = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
      for (let at = 0; at < chunk.length; ) {
        const rest = at === 0 ? chunk : chunk.subarray(at);
        if (body === null) {
          at += readStatus(rest);
          continue;
        }
        at += body.read(rest);
        const whole: Uint8Array<ArrayBuffer> | null = body.whole();
        if (whole === null) continue;
        body = null;
        onReply({ status: 'ok', text: bodyText, body: whole });
      }
    },
    isInsideReply: () => body !== null || statusOctets > 0,
  };
}

function parseStatusLine(line: Buffer): { status: Pop3Reply['status']; text: string } {
  const end = line.length - lineEnd.length;
  if (end < 0 || line[end] !== carriageReturn)
    throw new MailError('EPROTOCOL', 'The server ends its lines in a way POP3 does not allow.');
  const words = readableText(line.subarray(0, end));
  if (words === '+' || words.startsWith('+ ')) return { status: 'continue', text: words.slice(2) };
  const match = /^(\+OK|-ERR)[ \t]*(.*)$/i.exec(words);
  if (match === null)
    throw new MailError('EPROTOCOL', 'The server answered with something that is not POP3.', {
      server: words.slice(0, 200),
    });
  return { status: match[1]?.toUpperCase() === '+OK' ? 'ok' : 'err', text: match[2] ?? '' };
}

/** A server's words as text fit to show: UTF-8 where it is, Latin-1 otherwise, no control characters. */
function readableText(octets: Uint8Array): string {
  const bytes = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const utf8 = bytes.toString('utf8');
  const text = utf8.includes('\uFFFD') ? bytes.toString('latin1') : utf8;
  return text.replace(/[\0-\x08\x0a-\x1f\x7f-\x9f]/g, '');
}

interface BodyReader {
  /** Takes octets of the chunk and answers how many: fewer than all only when the body ended before. */
  read(chunk: Buffer): number;
  whole(): Uint8Array<ArrayBuffer> | null;
}

/** What the last octets were, since the next chunk may decide about them; `dot` and `dotReturn` are held back. */
type Place = 'inLine' | 'return' | 'lineStart' | 'dot' | 'dotReturn' | 'end';

/**
 * Copies a body once, from the chunks into room of the size that was announced; only the first three octets of a line can
 * need a look.
 */
function createBodyReader(sizeHintOctets: number, maxOctets: number): BodyReader {
  // Its own memory, so that it can be handed to another thread; what lies beyond the body is never looked at.
  let room = Buffer.allocUnsafeSlow(Math.min(sizeHintOctets, firstRoomAtMost) + spareOctets);
  let kept = 0;
  let place: Place = 'lineStart';

  function keep(chunk: Buffer, from: number, to: number): void {
    const length = kept + to - from;
    if (length > maxOctets)
      throw new MailError('ETOOLARGE', 'The server sent far more than it had announced. The connection was closed.');
    if (length > room.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(room.length * 2, length));
      room.copy(larger, 0, 0, kept);
      room = larger;
    }
    chunk.copy(room, kept, from, to);
    kept = length;
  }

  /** Up to the next line that begins with a dot, or all there is. */
  function takeLines(chunk: Buffer, from: number): number {
    const found = chunk.indexOf(dotAtLineStart, from);
    if (found >= 0) {
      keep(chunk, from, found + lineEnd.length);
      place = 'lineStart';
      return found + lineEnd.length;
    }
    keep(chunk, from, chunk.length);
    if (chunk[chunk.length - 1] === carriageReturn) place = 'return';
    else if (
      chunk[chunk.length - 1] === lineFeed &&
      chunk.length - from > 1 &&
      chunk[chunk.length - 2] === carriageReturn
    )
      place = 'lineStart';
    return chunk.length;
  }

  /** One step from `at`; answers where to go on. */
  function step(chunk: Buffer, at: number): number {
    const octet = chunk[at];
    switch (place) {
      case 'return':
        if (octet !== lineFeed && octet !== carriageReturn) place = 'inLine';
        else {
          keep(chunk, at, at + 1);
          place = octet === lineFeed ? 'lineStart' : 'return';
          return at + 1;
        }
        return at;
      case 'lineStart':
        place = octet === dot ? 'dot' : 'inLine';
        return octet === dot ? at + 1 : at;
      case 'dot':
        // RFC 1939 §3: a line that begins with the termination octet had one put before it; it is taken away again.
        place = octet === carriageReturn ? 'dotReturn' : 'inLine';
        return octet === carriageReturn ? at + 1 : at;
      case 'dotReturn':
        place = octet === lineFeed ? 'end' : 'return';
        if (octet === lineFeed) return at + 1;
        keep(lineEnd, 0, 1);
        return at;
      case 'inLine':
      case 'end':
        return takeLines(chunk, at);
      default:
        return assertNever(place);
    }
  }

  return {
    read(chunk) {
      let at = 0;
      while (at < chunk.length && place !== 'end') at = step(chunk, at);
      return at;
    },
    whole: () => (place === 'end' ? new Uint8Array(room.buffer, 0, kept) : null),
  };
}
