import type { Socket } from 'node:net';
import type { Transport } from '#shared/rpc/transport.ts';

/** One frame is this long at most: a list of a million rows fits. */
const maxFrameOctets = 512 * 2 ** 20;
/** A peer that lets this much pile up unread is hung up on. */
const maxBacklogOctets = 256 * 2 ** 20;
const headerOctets = 4;
/** What was written last may take so long to be fetched. */
const lingerMs = 5000;

/** Frames over a stream socket: four octets of length (big-endian), then that much JSON. Frames that come before anybody listens wait. */
export function framedSocket(socket: Socket): Transport {
  const messageListeners = new Set<(frame: unknown) => void>();
  const closeListeners = new Set<() => void>();
  const early: unknown[] = [];
  const reader = new FrameReader((frame) => {
    if (messageListeners.size === 0) early.push(frame);
    for (const listener of messageListeners) listener(frame);
  });
  let isClosed = false;

  socket.on('data', (chunk) => {
    if (!reader.take(chunk)) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.on('close', () => {
    isClosed = true;
    for (const listener of closeListeners) listener();
  });

  return {
    send(frame) {
      if (isClosed || socket.writableEnded) return;
      if (socket.writableLength > maxBacklogOctets) {
        socket.destroy();
        return;
      }
      const body = Buffer.from(JSON.stringify(frame), 'utf8');
      const header = Buffer.allocUnsafe(headerOctets);
      header.writeUInt32BE(body.length);
      socket.cork();
      socket.write(header);
      socket.write(body);
      socket.uncork();
    },
    onMessage(listener) {
      messageListeners.add(listener);
      for (const frame of early.splice(0)) listener(frame);
      return () => messageListeners.delete(listener);
    },
    onClose(listener) {
      if (isClosed) listener();
      else closeListeners.add(listener);
      return () => closeListeners.delete(listener);
    },
    close() {
      socket.end();
      // A peer that hangs never ends its side, and must not keep us.
      setTimeout(() => socket.destroy(), lingerMs).unref();
    },
  };
}

/** Puts frames together from chunks cut anywhere. */
class FrameReader {
  readonly #onFrame: (frame: unknown) => void;
  #chunks: Buffer[] = [];
  #octets = 0;

  constructor(onFrame: (frame: unknown) => void) {
    this.#onFrame = onFrame;
  }

  /** False: this is no frame of ours; hang up. */
  take(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#octets += chunk.length;
    for (;;) {
      const length = this.#peekLength();
      if (length === undefined) return true;
      if (length > maxFrameOctets) return false;
      if (this.#octets < headerOctets + length) return true;
      const frame = parseJson(this.#shift(headerOctets + length).subarray(headerOctets));
      if (frame === undefined) return false;
      this.#onFrame(frame.value);
    }
  }

  #peekLength(): number | undefined {
    if (this.#octets < headerOctets) return undefined;
    const first = this.#chunks[0];
    if (first === undefined || first.length < headerOctets) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]?.readUInt32BE();
  }

  #shift(octets: number): Buffer {
    const whole = this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
    const rest = whole.subarray(octets);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#octets = rest.length;
    return whole.subarray(0, octets);
  }
}

function parseJson(bytes: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return undefined;
  }
}
