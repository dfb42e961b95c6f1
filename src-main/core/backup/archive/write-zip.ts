import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { trailerOctets, trailerText } from './trailer.ts';
import { centralHeader, deflated, endRecords, localHeader, stored, type ZipEntry } from './zip-records.ts';

const deflate = promisify(deflateRaw);

/** So much may wait to be packed and written. */
const waitingOctets = 32 * 1024 * 1024;
const waitingEntries = 16;
const flushOctets = 1 << 20;

interface Waiting {
  readonly octets: number;
  readonly written: Promise<void>;
}

/**
 * Writes a zip from front to back, with its trailer. Not yazl: that one looks through all entries for every new one,
 * which takes its time with a hundred thousand, and packs them one after another; here several are packed at once.
 */
export class ZipWriter {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  readonly #waiting: Waiting[] = [];
  readonly #directory: Buffer[] = [];
  #waitingOctets = 0;
  #tail: Promise<void> = Promise.resolve();
  #pieces: Uint8Array[] = [];
  #piecesOctets = 0;
  #offset = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** The file is there already and empty. */
  static async open(path: string): Promise<ZipWriter> {
    return new ZipWriter(await open(path, 'r+'));
  }

  /** Of everything written so far. */
  get octets(): number {
    return this.#offset;
  }

  /** Takes an entry; resolves when there is room for the next. Throws what writing an earlier one met. */
  async add(name: string, bytes: Uint8Array, mtime: Date): Promise<void> {
    const packing = pack(bytes);
    // Awaited in its turn.
    packing.catch(() => undefined);
    const written = this.#tail.then(async () => {
      const { method, data } = await packing;
      const entry: ZipEntry = {
        name,
        method,
        crc32: crc32(bytes),
        packedOctets: data.length,
        sizeOctets: bytes.length,
        offset: this.#offset,
      };
      this.#directory.push(centralHeader(entry, mtime));
      await this.#write(localHeader(entry, mtime));
      await this.#write(data);
    });
    this.#tail = written;
    written.catch(() => undefined);
    this.#waiting.push({ octets: bytes.length, written });
    this.#waitingOctets += bytes.length;
    while (this.#waiting.length > waitingEntries || this.#waitingOctets > waitingOctets) {
      const first = this.#waiting.shift();
      if (first === undefined) break;
      await first.written;
      this.#waitingOctets -= first.octets;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes);
    this.#piecesOctets += bytes.length;
    this.#offset += bytes.length;
    if (this.#piecesOctets >= flushOctets) await this.#flush();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#piecesOctets = 0;
    this.#hash.update(bytes);
    await writeAll(this.#file, bytes);
  }

  /** Writes the directory and the trailer and makes all of it durable. Answers the digest. */
  async finish(): Promise<string> {
    await this.#tail;
    const offset = this.#offset;
    for (const header of this.#directory) await this.#write(header);
    const octets = this.#offset - offset;
    await this.#write(endRecords({ entries: this.#directory.length, octets, offset }, trailerOctets));
    await this.#write(Buffer.from(trailerText));
    await this.#flush();
    const digest = this.#hash.digest('hex');
    await writeAll(this.#file, Buffer.from(digest));
    await this.#file.sync();
    return digest;
  }

  /** Lets go of the file, whatever state it is in. */
  async close(): Promise<void> {
    await this.#tail.catch(() => undefined);
    await this.#file.close();
  }
}

async function pack(bytes: Uint8Array): Promise<{ method: ZipEntry['method']; data: Uint8Array }> {
  if (bytes.length === 0) return { method: stored, data: bytes };
  const packed = await deflate(bytes, { level: 4 });
  return packed.length < bytes.length ? { method: deflated, data: packed } : { method: stored, data: bytes };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}
