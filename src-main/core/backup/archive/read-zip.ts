import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { MailError } from '#shared/mail-error.ts';
import { readAt, trailerOctets } from './trailer.ts';
import {
  centralOctets,
  centralSignature,
  deflated,
  end64Octets,
  end64Signature,
  endOctets,
  endSignature,
  localOctets,
  localSignature,
  locatorOctets,
  locatorSignature,
  max16,
  max32,
  stored,
  type ZipEntry,
} from './zip-records.ts';

const inflate = promisify(inflateRaw);

/** A directory larger than this is no backup: it would be that of millions of messages. */
const maxDirectoryOctets = 1 << 30;
/** What one buffer can hold. */
export const maxEntryOctets = 2 ** 31 - 1;

/**
 * Reads what `ZipWriter` wrote, and trusts nothing in it: sizes are bounded by what the file can hold, both headers of
 * an entry must agree, no name stands twice. Names are compared, never used as paths.
 */
export class ZipReader {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** Where the directory begins: the entries lie before it. */
  readonly directoryAt: number;
  readonly #file: FileHandle;

  private constructor(file: FileHandle, { entries, directoryAt }: Directory) {
    this.#file = file;
    this.entries = entries;
    this.directoryAt = directoryAt;
  }

  /** Throws EMALFORMED. */
  static async open(path: string): Promise<ZipReader> {
    const file = await open(path, 'r');
    try {
      return new ZipReader(file, await readDirectory(file));
    } catch (error) {
      await file.close();
      throw error instanceof RangeError ? damaged('its directory cannot be read', error) : error;
    }
  }

  /** The bytes of an entry, in a buffer of their own. Throws EMALFORMED when they are not what the headers say. */
  async read(entry: ZipEntry): Promise<Uint8Array<ArrayBuffer>> {
    const { name, method, packedOctets, sizeOctets, offset } = entry;
    const nameBytes = Buffer.from(name);
    const header = await readAt(this.#file, offset, localOctets + nameBytes.length);
    const isSame =
      header.readUInt32LE(0) === localSignature &&
      header.readUInt16LE(8) === method &&
      header.readUInt32LE(14) === entry.crc32 &&
      header.readUInt32LE(18) === packedOctets &&
      header.readUInt32LE(22) === sizeOctets &&
      header.readUInt16LE(26) === nameBytes.length &&
      header.readUInt16LE(28) === 0 &&
      header.subarray(localOctets).equals(nameBytes);
    if (!isSame) throw damaged(`“${name}” has two headers that do not agree`);
    return readExtent(this.#file, { ...entry, dataAt: offset + localOctets + nameBytes.length });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Where the data of an entry lie, and what is said of them. */
export interface Extent extends Omit<ZipEntry, 'offset'> {
  readonly dataAt: number;
}

/** What an entry holds, in a buffer of its own. Throws EMALFORMED; `unchecked`: only when it cannot be unpacked. */
export async function readExtent(
  file: FileHandle,
  extent: Extent,
  how: 'checked' | 'unchecked' = 'checked',
): Promise<Uint8Array<ArrayBuffer>> {
  const { name, method, dataAt, packedOctets, sizeOctets } = extent;
  const packed = await readAt(file, dataAt, packedOctets);
  const bytes = method === stored ? packed : await unpack(packed, extent);
  if (how === 'checked' && (bytes.length !== sizeOctets || crc32(bytes) !== extent.crc32))
    throw damaged(`“${name}” does not hold what was written`);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function unpack(
  packed: Buffer,
  { name, sizeOctets }: Pick<ZipEntry, 'name' | 'sizeOctets'>,
): Promise<Buffer<ArrayBuffer>> {
  try {
    const bytes = await inflate(packed, { maxOutputLength: Math.max(sizeOctets, 1) });
    return Buffer.from(new Uint8Array(bytes).buffer);
  } catch (error) {
    throw damaged(`“${name}” cannot be unpacked`, error);
  }
}

interface Directory {
  readonly entries: Map<string, ZipEntry>;
  readonly directoryAt: number;
}

async function readDirectory(file: FileHandle): Promise<Directory> {
  const { size } = await file.stat();
  const endAt = size - trailerOctets - endOctets;
  if (endAt < 0) throw damaged('it is cut off');
  const end = await readAt(file, endAt, endOctets);
  if (end.readUInt32LE(0) !== endSignature || end.readUInt16LE(20) !== trailerOctets)
    throw damaged('its end is missing');
  let count = end.readUInt16LE(10);
  let octets = end.readUInt32LE(12);
  let offset = end.readUInt32LE(16);
  if (count === max16 || octets === max32 || offset === max32) {
    const end64 = await readEnd64(file, endAt);
    count = whole(end64, 32);
    octets = whole(end64, 40);
    offset = whole(end64, 48);
  }
  if (octets > maxDirectoryOctets || offset + octets > endAt) throw damaged('its directory does not fit into it');
  return { entries: readEntries(await readAt(file, offset, octets), count, offset), directoryAt: offset };
}

async function readEnd64(file: FileHandle, endAt: number): Promise<Buffer> {
  const at = endAt - locatorOctets - end64Octets;
  if (at < 0) throw damaged('its end is missing');
  const records = await readAt(file, at, end64Octets + locatorOctets);
  const isThere =
    records.readUInt32LE(0) === end64Signature &&
    records.readUInt32LE(end64Octets) === locatorSignature &&
    whole(records, end64Octets + 8) === at;
  if (!isThere) throw damaged('its end is missing');
  return records;
}

function whole(buffer: Buffer, at: number): number {
  const value = buffer.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged('a number in it is too large');
  return Number(value);
}

function readEntries(directory: Buffer, count: number, dataEnd: number): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  const names = new TextDecoder('utf-8', { fatal: true });
  let at = 0;
  for (let n = 0; n < count; n++) {
    if (directory.readUInt32LE(at) !== centralSignature) throw damaged('its directory cannot be read');
    const nameOctets = directory.readUInt16LE(at + 28);
    const extraOctets = directory.readUInt16LE(at + 30);
    const nameAt = at + centralOctets;
    const next = nameAt + nameOctets + extraOctets + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw damaged('its directory is cut off');
    const entry = readEntry(directory, at, decode(names, directory.subarray(nameAt, nameAt + nameOctets)));
    if (entry.offset + localOctets + nameOctets + entry.packedOctets > dataEnd)
      throw damaged(`“${entry.name}” would lie outside of it`);
    if (entries.has(entry.name)) throw damaged(`“${entry.name}” stands in it twice`);
    entries.set(entry.name, entry);
    at = next;
  }
  if (at !== directory.length) throw damaged('its directory holds more than it says');
  return entries;
}

function readEntry(directory: Buffer, at: number, name: string): ZipEntry {
  const method = directory.readUInt16LE(at + 10);
  const packedOctets = directory.readUInt32LE(at + 20);
  const sizeOctets = directory.readUInt32LE(at + 24);
  const isEncrypted = (directory.readUInt16LE(at + 8) & 1) !== 0;
  if ((method !== stored && method !== deflated) || isEncrypted) throw damaged(`“${name}” is packed in another way`);
  // Packed only where that is smaller: an entry cannot claim to be large without being so.
  if (sizeOctets > maxEntryOctets || packedOctets > sizeOctets) throw damaged(`the sizes of “${name}” are wrong`);
  let offset = directory.readUInt32LE(at + 42);
  if (offset === max32) {
    const extraAt = at + centralOctets + directory.readUInt16LE(at + 28);
    if (directory.readUInt16LE(at + 30) < 12 || directory.readUInt16LE(extraAt) !== 1)
      throw damaged(`“${name}” does not say where it lies`);
    offset = whole(directory, extraAt + 4);
  }
  return { name, method, crc32: directory.readUInt32LE(at + 16), packedOctets, sizeOctets, offset };
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw damaged('a name in it is not UTF-8', error);
  }
}

export function damaged(what: string, cause?: unknown): MailError {
  return new MailError('EMALFORMED', `The backup is damaged: ${what}.`, { cause });
}
