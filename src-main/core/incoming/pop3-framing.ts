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
  /** Takes what arrived; calls `onReply` for each reply that is now whole. Throws `MailError` EPROTOCOL, ETOOLARGE. */
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
const smallestStep = 1024;
const nothing = new Uint8Array(0);

/**
 * Cuts the octets of a POP3 connection into replies, however they are split into chunks. Only CRLF ends a line: a bare
 * LF or CR belongs to the message. Time is linear in what arrives, whatever it holds.
 */
export function createReplyFramer(onReply: (reply: Pop3Reply) => void): ReplyFramer {
  const expected: ExpectedReply[] = [];
  let statusSoFar: Uint8Array[] = [];
  let statusOctets = 0;
  let body: BodyReader | null = null;
  let bodyText = '';

  /** Consumes up to one status line; answers what is left of the chunk. */
  function readStatus(chunk: Uint8Array): Uint8Array {
    // The CR before this LF may have come in an earlier chunk; the whole line is checked when it is there.
    const end = chunk.indexOf(lineFeed) + 1 || -1;
    const part = end < 0 ? chunk : chunk.subarray(0, end);
    statusOctets += part.length;
    if (statusOctets > maxStatusOctets)
      throw new MailError('EPROTOCOL', 'The server sent a line without an end. It does not seem to speak POP3.');
    statusSoFar.push(part.slice());
    if (end < 0) return nothing;
    const line = Buffer.concat(statusSoFar);
    statusSoFar = [];
    statusOctets = 0;
    takeStatus(line);
    return chunk.subarray(end);
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
    push(chunk) {
      let rest = chunk;
      while (rest.length > 0) {
        if (body === null) {
          rest = readStatus(rest);
          continue;
        }
        rest = rest.subarray(body.read(rest));
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
export function readableText(octets: Uint8Array): string {
  const bytes = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const utf8 = bytes.toString('utf8');
  const text = utf8.includes('\uFFFD') ? bytes.toString('latin1') : utf8;
  return text.replace(/[\0-\x08\x0a-\x1f\x7f-\x9f]/g, '');
}

interface BodyReader {
  /** Answers how many octets of the chunk it took; fewer than all only when the body is whole. */
  read(chunk: Uint8Array): number;
  whole(): Uint8Array<ArrayBuffer> | null;
}

/**
 * Collects a dot-stuffed body into one growing buffer and unstuffs it in place. `kept` octets at the front are final;
 * from `scanned` to `filled` they still have to be looked at.
 */
function createBodyReader(sizeHintOctets: number, maxOctets: number): BodyReader {
  const terminatorOctets = 3;
  let room = Buffer.from(new ArrayBuffer(Math.min(sizeHintOctets, firstRoomAtMost) + smallestStep));
  let filled = 0;
  let scanned = 0;
  let kept = 0;
  let isAtStart = true;
  /** Octets taken past the terminator, which belong to the next reply; -1 while the body is not whole. */
  let surplus = -1;

  function append(part: Uint8Array): void {
    if (filled + part.length > maxOctets)
      throw new MailError('ETOOLARGE', 'The server sent far more than it had announced. The connection was closed.');
    if (filled + part.length > room.length) {
      const larger = Buffer.from(new ArrayBuffer(Math.max(room.length * 2, filled + part.length)));
      room.copy(larger, 0, 0, filled);
      room = larger;
    }
    room.set(part, filled);
    filled += part.length;
  }

  /** `at`: a dot that begins a line. Ends the body, drops the dot, or waits for more: answers whether to go on. */
  function takeDot(at: number): boolean {
    if (filled < at + 2 || (room[at + 1] === carriageReturn && filled < at + terminatorOctets)) {
      scanned = Math.max(scanned, at - lineEnd.length);
      return false;
    }
    keepUpTo(at);
    if (room[at + 1] === carriageReturn && room[at + 2] === lineFeed) {
      surplus = filled - (at + terminatorOctets);
      return false;
    }
    // RFC 1939 §3: a line that begins with the termination octet had one put before it; it is taken away again.
    scanned = at + 1;
    return true;
  }

  /** Moves what was scanned down to what is kept; nothing moves while no dot was dropped. */
  function keepUpTo(end: number): void {
    const start = scanned;
    if (kept !== start) room.copyWithin(kept, start, end);
    kept += end - start;
    scanned = end;
  }

  function scan(): void {
    if (isAtStart) {
      if (room[0] === dot) {
        if (!takeDot(0)) return;
      }
      isAtStart = false;
    }
    let from = scanned;
    for (;;) {
      const found = room.subarray(0, filled).indexOf(dotAtLineStart, from);
      if (found < 0) {
        // The last two octets may be the CRLF before a dot that has not arrived.
        keepUpTo(Math.max(scanned, filled - lineEnd.length));
        return;
      }
      keepUpTo(found);
      if (!takeDot(found + lineEnd.length)) return;
      from = scanned;
    }
  }

  return {
    read(chunk) {
      let taken = 0;
      while (taken < chunk.length && surplus < 0) {
        // Small steps while nothing tells the size, so that what follows in the chunk is not copied again and again.
        const step = Math.max(smallestStep, filled, sizeHintOctets + terminatorOctets - filled);
        const part = chunk.subarray(taken, taken + step);
        append(part);
        taken += part.length;
        scan();
      }
      return surplus > 0 ? taken - surplus : taken;
    },
    whole: () => (surplus < 0 ? null : new Uint8Array(room.buffer, 0, kept)),
  };
}
