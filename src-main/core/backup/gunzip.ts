import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { systemCodeOf } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';

/** RFC 1952 §2.3: the identification, and the one method there is. No mail begins so. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 0x08;
}

/** What the first octets of a packed file unpack to; as much as they give. */
export function unpackedHead(head: Uint8Array): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 24 });
  } catch {
    return Buffer.alloc(0);
  }
}

/** Octets as they are, or unpacked where they are packed by gzip, in one piece or several. Throws EMALFORMED where those are damaged. */
export async function* unpacked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    let head = Buffer.alloc(0);
    while (head.length < 3) {
      const next = await iterator.next();
      if (next.done === true) break;
      head = Buffer.concat([head, next.value]);
    }
    const whole = after(head, iterator);
    if (isGzip(head)) yield* gunzipped(whole);
    else yield* whole;
  } finally {
    await iterator.return?.();
  }
}

async function* after(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return;
    yield next.value;
  }
}

async function* gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  const source = Readable.from(chunks, { objectMode: false });
  pipeline(source, gunzip, () => undefined);
  try {
    for await (const chunk of gunzip) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of octets gave something else');
      yield chunk;
    }
  } catch (error) {
    // What zlib says begins with Z_; the disk's own errors, and a stop, go through.
    if (!/^Z_/.test(systemCodeOf(error))) throw error;
    throw new MailError('EMALFORMED', 'What is packed in it is damaged, or cut off, from here on.', { cause: error });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
