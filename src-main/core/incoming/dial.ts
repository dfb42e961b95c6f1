import { connect, type OnReadOpts, type Socket } from 'node:net';

// Loads nothing but Node's own: it is used before the core is loaded.

/** Where a server is met. */
export interface Where {
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls' | 'none';
}

/** A connection that is being made, or was. */
export interface DialledSocket {
  readonly socket: Socket;
  /** What comes in clear; null where everything is encrypted from the first octet. */
  readonly plain: PlainReader | null;
}

/** Hands on what comes in clear; the octets are good until the listener returns. */
export interface PlainReader {
  readonly onread: OnReadOpts;
  /** Whether CAPA went out already, when the greeting came and nobody was here yet. True once. */
  takeAsked(): boolean;
  /** Null: nothing more is heard. */
  listen(next: ((octets: Buffer) => void) | null): void;
}

const readAtOnceOctets = 128 * 1024;

/** A whole status line that bids welcome, and nothing behind it (RFC 1939 §4). */
const welcome = /^\+OK[^\r\n]{0,500}\r\n$/i;

/**
 * Reads into the same buffer over and over: one made for each piece is memory the system has to clear, for every octet.
 * `ask` is called when a greeting has come before anybody listens.
 */
function createPlainReader(ask?: () => void): PlainReader {
  let early: Buffer[] = [];
  let isAsked = false;
  // A copy: the next piece comes into the same place.
  const keep = (octets: Buffer): void => {
    early.push(Buffer.concat([octets]));
    if (isAsked || ask === undefined || !welcome.test(Buffer.concat(early).toString('latin1'))) return;
    isAsked = true;
    ask();
  };
  let listener: ((octets: Buffer) => void) | null = null;
  let take = keep;

  /** Unless somebody else listens by now. */
  function handOver(to: (octets: Buffer) => void): void {
    if (listener !== to) return;
    take = to;
    for (const octets of early.splice(0)) to(octets);
  }

  return {
    takeAsked() {
      const was = isAsked;
      isAsked = false;
      return was;
    },
    onread: {
      buffer: Buffer.allocUnsafeSlow(readAtOnceOctets),
      callback(length, buffer) {
        take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
        return true;
      },
    },
    listen(next) {
      listener = next;
      // What came early waits until whoever listens has said what it waits for: a greeting, mostly.
      if (next !== null && early.length > 0) return void setImmediate(handOver, next);
      early = [];
      take = next ?? (() => undefined);
    },
  };
}

/**
 * Begins to connect. Says nothing; with `asks`, where nothing is encrypted from the first octet, asks a server that greets
 * what it offers (RFC 2449), which is asked of every server and tells it nothing.
 */
export function dial({ host, port, security }: Where, { asks = false } = {}): DialledSocket {
  const ask = asks ? (): void => void socket.write('CAPA\r\n') : undefined;
  const plain = security === 'tls' ? null : createPlainReader(ask);
  const socket: Socket = connect({ host, port, noDelay: true, keepAlive: true, onread: plain?.onread });
  // Every failure is reported by whoever waits; one that comes when nobody does must not end the process.
  socket.on('error', () => {});
  return { socket, plain };
}
