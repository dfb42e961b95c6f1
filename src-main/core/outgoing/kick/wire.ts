import type { Socket } from 'node:net';
import { MailError } from '#shared/mail-error.ts';

/** The octets of a connection, taken when asked for: what nobody asked for yet waits, so that a dialogue can turn around. */
export interface Wire {
  /** Up to the next LF, which is part of it. Throws `MailError` EPROTOCOL when it is longer than `mostOctets`. */
  takeLine(timeoutMs: number, mostOctets: number): Promise<Buffer>;
  /**
   * A message up to its final dot (RFC 5321 §4.5.2), the dots unstuffed, everything else as it came. `bytes` is null when it
   * was longer than `mostOctets`; it has been read to its end then.
   */
  takeMessage(
    timeoutMs: number,
    mostOctets: number,
  ): Promise<{ octets: number; bytes: Uint8Array<ArrayBuffer> | null }>;
  /** Whatever comes next; null when the other side has said all it will. */
  takeSome(timeoutMs: number): Promise<Buffer | null>;
  write(text: string): void;
  /** Ends our side; the other one ends with it. */
  end(): void;
  destroy(): void;
}

const endOfMessage = '\r\n.\r\n';
const endOctets = endOfMessage.length;

/**
 * Takes a paused socket over. Every wait throws `MailError`: ETIMEOUT, ECLOSED, or what `signal` was tripped with, which
 * also breaks the connection.
 */
export function createWire(socket: Socket, name: string, signal: AbortSignal): Wire {
  let held: Buffer = Buffer.alloc(0);
  let lost: Error | undefined;
  socket.on('error', (error) => {
    lost ??= error;
  });
  const onAbort = (): void => void socket.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', onAbort));

  async function takeSome(timeoutMs: number): Promise<Buffer | null> {
    if (held.length > 0) {
      const some = held;
      held = Buffer.alloc(0);
      return some;
    }
    for (const deadline = performance.now() + timeoutMs; ; ) {
      signal.throwIfAborted();
      const chunk: unknown = socket.read();
      if (chunk instanceof Buffer) return chunk;
      if (socket.readableEnded) return null;
      if (lost !== undefined || socket.destroyed) throw closed(name);
      await stirring(socket, deadline - performance.now(), name);
    }
  }

  async function next(timeoutMs: number): Promise<Buffer> {
    const some = await takeSome(timeoutMs);
    if (some === null) throw closed(name);
    return some;
  }

  return {
    takeSome,
    async takeLine(timeoutMs, mostOctets) {
      const parts: Buffer[] = [];
      for (let octets = 0; ; ) {
        const chunk = await next(timeoutMs);
        const end = chunk.indexOf(10) + 1;
        const part = end === 0 ? chunk : chunk.subarray(0, end);
        octets += part.length;
        parts.push(part);
        if (end > 0) held = chunk.subarray(end);
        if (octets > mostOctets) throw new MailError('EPROTOCOL', `${name} sent a line that is too long.`);
        if (end > 0) return Buffer.concat(parts);
      }
    },
    async takeMessage(timeoutMs, mostOctets) {
      const parts: Buffer[] = [];
      // The CRLF after DATA counts: a message may be empty.
      let tail: Buffer = Buffer.from('\r\n');
      for (let octets = 0; ; ) {
        const chunk = await next(timeoutMs);
        const seam = Buffer.concat([tail, chunk]);
        // Nothing but CRLF.CRLF ends it: a dot between bare line feeds is text, or somebody's trick.
        const dot = seam.indexOf(endOfMessage);
        const length = dot < 0 ? chunk.length : dot + 2 - tail.length;
        octets += length;
        // The end itself may have been counted along, until it is seen whole.
        if (octets > mostOctets + endOctets) parts.length = 0;
        else if (length > 0) parts.push(chunk.subarray(0, length));
        if (dot >= 0) {
          held = seam.subarray(dot + endOctets);
          // A part of the end may stand in the chunks before.
          const whole = Buffer.concat(parts);
          const body = length < 0 ? whole.subarray(0, whole.length + length) : whole;
          return { octets, bytes: octets > mostOctets ? null : unstuffed(body) };
        }
        tail = Buffer.from(seam.subarray(-4));
      }
    },
    write: (text) => void socket.write(text),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}

/** Resolves when something happened to the socket. */
function stirring(socket: Socket, timeoutMs: number, name: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new MailError('ETIMEOUT', `${name} said nothing in time.`)),
    Math.max(0, timeoutMs),
  );
  const wake = (): void => resolve();
  socket.on('readable', wake).on('end', wake).on('close', wake).on('error', wake);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off('readable', wake).off('end', wake).off('close', wake).off('error', wake);
  });
}

function closed(name: string): MailError {
  return new MailError('ECLOSED', `${name} closed the connection.`);
}

/** RFC 5321 §4.5.2: of a line that begins with a dot, that dot is not part of the message. */
function unstuffed(body: Buffer): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(body.length);
  let from = body[0] === 46 ? 1 : 0;
  let length = 0;
  for (;;) {
    const at = body.indexOf('\r\n.', from);
    const end = at < 0 ? body.length : at + 2;
    bytes.set(body.subarray(from, end), length);
    length += end - from;
    if (at < 0) return bytes.slice(0, length);
    from = end + 1;
  }
}
