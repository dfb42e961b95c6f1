import type { Socket } from 'node:net';
import type { Guard } from './socket-guard.ts';
import { noReply } from './stage-failure.ts';

/** A connection after sign-in, when the library has done its part: octets out, whole replies in, in their order. */
export interface SmtpWire {
  /** Given each reply, its lines joined by LF. While nobody listens, nothing may be said: the connection ends. */
  onReply: ((raw: string) => void) | undefined;
  /** False: `drained` before more is written. */
  write(octets: string | Uint8Array): boolean;
  /** Resolves when there is room again, or the connection is gone. */
  drained(): Promise<void>;
}

/** A reply longer than this, in one line or many, is none of a mail server. */
const longestReplyOctets = 64 * 1024;

/** Takes the socket over from whoever listened to it. What was said and not heard by then is nobody's reply. */
export function takeOver(socket: Socket, guard: Guard): SmtpWire {
  const wire: SmtpWire = {
    onReply: undefined,
    write: (octets) => (typeof octets === 'string' ? socket.write(octets, 'utf8') : socket.write(octets)),
    drained() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const end = (): void => {
        socket.off('drain', end).off('close', end);
        resolve();
      };
      socket.on('drain', end).on('close', end);
      if (socket.destroyed) end();
      return promise;
    },
  };
  const tell = (raw: string): void => {
    // RFC 5321 §4.2: nothing comes unasked but 421 from a server that leaves.
    if (wire.onReply === undefined) guard.destroy();
    else wire.onReply(raw);
  };
  const read = createReplyReader(tell, () =>
    guard.destroy(noReply('mail', 'EPROTOCOL', `${guard.name} answered with far more than a reply can be.`)),
  );
  socket.removeAllListeners('data');
  socket.on('data', (chunk: Buffer) => {
    if (guard.isAlive) read(chunk);
  });
  return wire;
}

/** Puts replies together from what arrives, however it is cut (RFC 5321 §4.2.1: all lines but the last have a hyphen). */
export function createReplyReader(tell: (raw: string) => void, onTooLong: () => void): (chunk: Buffer) => void {
  let received = '';
  let scannedTo = 0;
  let lines: string[] = [];
  let octets = 0;

  return (chunk) => {
    received += chunk.toString('latin1');
    octets += chunk.length;
    for (let end = received.indexOf('\n', scannedTo); end >= 0; end = received.indexOf('\n')) {
      const line = received.slice(0, received.charCodeAt(end - 1) === 0x0d ? end - 1 : end);
      received = received.slice(end + 1);
      scannedTo = 0;
      // An empty line is none of a reply.
      if (line.trim() === '') continue;
      lines.push(line);
      if (/^\d+-/.test(line)) continue;
      const reply = lines.length === 1 ? line : lines.join('\n');
      lines = [];
      octets = received.length;
      tell(decode(reply));
    }
    scannedTo = received.length;
    if (octets > longestReplyOctets) {
      received = '';
      lines = [];
      onTooLong();
    }
  };
}

/** RFC 6531 §3.7.4.2 lets a reply be UTF-8; what is not stays legible, octet by octet. */
function decode(octets: string): string {
  if (!/[\x80-\xff]/.test(octets)) return octets;
  const text = Buffer.from(octets, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? octets : text;
}
