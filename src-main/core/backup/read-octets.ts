import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { MailError } from '#shared/mail-error.ts';
import { maxMessageOctets } from './found-mail.ts';
import { onDisk } from './sources/raw-path.ts';

/** The first octets of a file. */
export async function startOfFile(path: string, octets = 64): Promise<Buffer> {
  const file = await open(onDisk(path), 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(octets), 0, octets, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A file as chunks, from `start` on; what was read, or lies before it, is told to `onOctets`. */
export async function* chunksOf(
  path: string,
  signal: AbortSignal,
  onOctets: (octets: number) => void,
  start = 0,
): AsyncGenerator<Uint8Array> {
  if (start > 0) onOctets(start);
  for await (const chunk of createReadStream(onDisk(path), { highWaterMark: 1 << 20, signal, start })) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of octets gave something else');
    onOctets(chunk.length);
    yield chunk;
  }
}

/** What a stream gives after its first octets. */
export async function* octetsAfter(chunks: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array> {
  let before = offset;
  for await (const chunk of chunks) {
    if (before < chunk.length) yield before === 0 ? chunk : chunk.subarray(before);
    before = Math.max(0, before - chunk.length);
  }
}

/** Everything a stream gives, in one buffer of its own. Throws ETOOLARGE when it is more than a message may be. */
export async function collectOctets(chunks: AsyncIterable<unknown>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of octets gave something else');
    size += chunk.length;
    if (size > maxMessageOctets) throw tooLarge();
    parts.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function tooLarge(): MailError {
  return new MailError('ETOOLARGE', 'It is larger than 256 MB, which is no message; it was left out.');
}
