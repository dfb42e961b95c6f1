import { MailError } from '#shared/mail-error.ts';
import { decoded } from '../contacts/decode.ts';

/** A file in a tar archive. What is not read of its body is passed over. */
export interface TarEntry {
  readonly name: string;
  readonly octets: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  body(): AsyncGenerator<Uint8Array>;
}

const block = 512;
/** Long names and extended headers are short; more is no tar of anybody's. */
const maxExtraOctets = 1 << 20;

/**
 * Reads a tar as it streams by (ustar, with long names of GNU and POSIX pax). Only regular files are given; links and
 * devices are passed over. Throws EMALFORMED when it ends in the middle or a header's checksum is wrong.
 */
export async function* readTar(chunks: AsyncIterable<unknown>): AsyncGenerator<TarEntry> {
  const reader = new BlockReader(chunks);
  let longName: string | undefined;
  let longSize: number | undefined;
  for (;;) {
    const header = await reader.take(block);
    if (header === null || header.every((octet) => octet === 0)) return;
    checkSum(header);
    const size = longSize ?? sizeIn(header);
    const kind = String.fromCharCode(header[156] ?? 0);
    const padding = (block - (size % block)) % block;
    if (kind === 'L' || kind === 'x' || kind === 'g') {
      if (size > maxExtraOctets) throw damaged();
      const text = ((await reader.take(size + padding)) ?? Buffer.alloc(0)).subarray(0, size);
      if (kind === 'L') longName = textIn(text);
      if (kind === 'x') ({ path: longName = longName, size: longSize } = paxIn(text));
      continue;
    }
    const name = longName ?? nameIn(header);
    longName = undefined;
    longSize = undefined;
    let left = size;
    if (kind === '0' || kind === '\0') {
      yield {
        name,
        octets: size,
        modifiedAt: (octalIn(header, 136, 12) ?? 0) * 1000,
        async *body() {
          while (left > 0) {
            const part = await reader.takeSome(left);
            if (part === null) throw damaged();
            left -= part.length;
            yield part;
          }
        },
      };
    }
    await reader.skip(left + padding);
  }
}

function nameIn(header: Buffer): string {
  const name = textIn(header.subarray(0, 100));
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textIn(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textIn(octets: Buffer): string {
  const end = octets.indexOf(0);
  // Old archives hold names in the charset of the system they were made on.
  return decoded(octets.subarray(0, end < 0 ? octets.length : end), 'utf-8');
}

/** Octal text, or (GNU, from 8 GB on) big-endian binary marked by the highest bit. */
function sizeIn(header: Buffer): number {
  if (((header[124] ?? 0) & 0x80) !== 0) return Number(header.readBigUInt64BE(128));
  const size = octalIn(header, 124, 12);
  if (size === undefined) throw damaged();
  return size;
}

function octalIn(header: Buffer, at: number, length: number): number | undefined {
  const text = header
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text === '' ? '0' : text, 8) : undefined;
}

function checkSum(header: Buffer): void {
  const expected = octalIn(header, 148, 8);
  let sum = 0;
  for (const [at, octet] of header.entries()) sum += at >= 148 && at < 156 ? 0x20 : octet;
  if (sum !== expected) throw damaged();
}

/** `27 path=a/long/name` records of a pax header. */
function paxIn(text: Buffer): { path?: string; size?: number } {
  const found: { path?: string; size?: number } = {};
  for (const [, key, value] of text.toString('utf8').matchAll(/^\d+ ([A-Za-z.]+)=(.*)$/gm)) {
    if (key === 'path' && value !== undefined) found.path = value;
    if (key === 'size' && /^\d{1,15}$/.test(value ?? '')) found.size = Number(value);
  }
  return found;
}

function damaged(): MailError {
  return new MailError('EMALFORMED', 'The archive is damaged from here on.');
}

/** Exact stretches of a stream. */
class BlockReader {
  readonly #chunks: AsyncIterator<unknown>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<unknown>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Exactly so many octets; null when the stream ended before the first of them. */
  async take(octets: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    let left = octets;
    while (left > 0) {
      const part = await this.takeSome(left);
      if (part === null) {
        if (left === octets) return null;
        throw damaged();
      }
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** At least one octet and at most so many; null at the end. */
  async takeSome(atMost: number): Promise<Buffer | null> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return null;
      if (!(next.value instanceof Uint8Array)) throw new TypeError('a stream of octets gave something else');
      this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    const part = this.#rest.subarray(0, atMost);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }

  async skip(octets: number): Promise<void> {
    for (let left = octets; left > 0; ) {
      const part = await this.takeSome(left);
      if (part === null) throw damaged();
      left -= part.length;
    }
  }
}
