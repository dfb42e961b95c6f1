import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { MailError } from '#shared/mail-error.ts';
import { maxMessageOctets } from './found-mail.ts';

/** The first octets of a file. */
export async function startOfFile(path: string, octets = 64): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(octets), 0, octets, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A file as chunks; what was read is told to `onOctets`. */
export async function* chunksOf(
  path: string,
  signal: AbortSignal,
  onOctets: (octets: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of octets gave something else');
    onOctets(chunk.length);
    yield chunk;
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
