/**
 * The records of a zip (APPNOTE 6.3.10), as far as a backup uses them: names in UTF-8, sizes known before the data,
 * zip64 where there are many entries or much data.
 */

export const stored = 0;
export const deflated = 8;

/** One entry, as both its headers describe it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: typeof stored | typeof deflated;
  readonly crc32: number;
  readonly packedOctets: number;
  readonly sizeOctets: number;
  /** Where its local header stands. */
  readonly offset: number;
}

export const localSignature = 0x04034b50;
export const centralSignature = 0x02014b50;
export const endSignature = 0x06054b50;
export const end64Signature = 0x06064b50;
export const locatorSignature = 0x07064b50;
export const localOctets = 30;
export const centralOctets = 46;
export const endOctets = 22;
export const end64Octets = 56;
export const locatorOctets = 20;
export const max16 = 0xffff;
export const max32 = 0xffffffff;
const utf8Names = 1 << 11;
const madeOnUnix = (3 << 8) | 63;

/** What is the same in both headers: from the version to the sizes. */
function writeShared(buffer: Buffer, at: number, entry: ZipEntry, mtime: Date): void {
  const { date, time } = dosTime(mtime);
  buffer.writeUInt16LE(entry.offset >= max32 ? 45 : 20, at);
  buffer.writeUInt16LE(utf8Names, at + 2);
  buffer.writeUInt16LE(entry.method, at + 4);
  buffer.writeUInt16LE(time, at + 6);
  buffer.writeUInt16LE(date, at + 8);
  buffer.writeUInt32LE(entry.crc32, at + 10);
  buffer.writeUInt32LE(entry.packedOctets, at + 14);
  buffer.writeUInt32LE(entry.sizeOctets, at + 18);
}

export function localHeader(entry: ZipEntry, mtime: Date): Buffer {
  const name = Buffer.from(entry.name);
  const buffer = Buffer.alloc(localOctets + name.length);
  buffer.writeUInt32LE(localSignature, 0);
  writeShared(buffer, 4, entry, mtime);
  buffer.writeUInt16LE(name.length, 26);
  name.copy(buffer, localOctets);
  return buffer;
}

export function centralHeader(entry: ZipEntry, mtime: Date): Buffer {
  const name = Buffer.from(entry.name);
  const isFar = entry.offset >= max32;
  const isFolder = entry.name.endsWith('/');
  const buffer = Buffer.alloc(centralOctets + name.length + (isFar ? 12 : 0));
  buffer.writeUInt32LE(centralSignature, 0);
  buffer.writeUInt16LE(madeOnUnix, 4);
  writeShared(buffer, 6, entry, mtime);
  buffer.writeUInt16LE(name.length, 28);
  buffer.writeUInt16LE(isFar ? 12 : 0, 30);
  // Only the user may read what is unpacked; 0x10 is how DOS marks a folder.
  buffer.writeUInt32LE(isFolder ? ((0o40700 << 16) | 0x10) >>> 0 : (0o100600 << 16) >>> 0, 38);
  buffer.writeUInt32LE(isFar ? max32 : entry.offset, 42);
  name.copy(buffer, centralOctets);
  if (isFar) {
    buffer.writeUInt16LE(1, centralOctets + name.length);
    buffer.writeUInt16LE(8, centralOctets + name.length + 2);
    buffer.writeBigUInt64LE(BigInt(entry.offset), centralOctets + name.length + 4);
  }
  return buffer;
}

/** Everything after the central directory but the comment itself. */
export function endRecords(directory: { entries: number; octets: number; offset: number }, comment: number): Buffer {
  const { entries, octets, offset } = directory;
  const is64 = entries >= max16 || octets >= max32 || offset >= max32;
  const end = Buffer.alloc(endOctets);
  end.writeUInt32LE(endSignature, 0);
  end.writeUInt16LE(is64 ? max16 : entries, 8);
  end.writeUInt16LE(is64 ? max16 : entries, 10);
  end.writeUInt32LE(is64 ? max32 : octets, 12);
  end.writeUInt32LE(is64 ? max32 : offset, 16);
  end.writeUInt16LE(comment, 20);
  if (!is64) return end;
  const end64 = Buffer.alloc(end64Octets + locatorOctets);
  end64.writeUInt32LE(end64Signature, 0);
  end64.writeBigUInt64LE(BigInt(end64Octets - 12), 4);
  end64.writeUInt16LE(madeOnUnix, 12);
  end64.writeUInt16LE(45, 14);
  end64.writeBigUInt64LE(BigInt(entries), 24);
  end64.writeBigUInt64LE(BigInt(entries), 32);
  end64.writeBigUInt64LE(BigInt(octets), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  end64.writeUInt32LE(locatorSignature, end64Octets);
  end64.writeBigUInt64LE(BigInt(offset + octets), end64Octets + 8);
  end64.writeUInt32LE(1, end64Octets + 16);
  return Buffer.concat([end64, end]);
}

/** Local time in steps of two seconds, from 1980 to 2107. */
function dosTime(moment: Date): { date: number; time: number } {
  const year = moment.getFullYear();
  if (Number.isNaN(year) || year < 1980 || year > 2107) return { date: (1 << 5) | 1, time: 0 };
  return {
    date: ((year - 1980) << 9) | ((moment.getMonth() + 1) << 5) | moment.getDate(),
    time: (moment.getHours() << 11) | (moment.getMinutes() << 5) | (moment.getSeconds() >> 1),
  };
}

/** Epoch milliseconds of what `dosTime` wrote; 0 where that is no time. */
export function readDosTime(date: number, time: number): number {
  const moment = new Date(
    1980 + (date >> 9),
    ((date >> 5) & 15) - 1,
    date & 31,
    time >> 11,
    (time >> 5) & 63,
    (time & 31) * 2,
  );
  return Math.max(0, moment.getTime());
}
