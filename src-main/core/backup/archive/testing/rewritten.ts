import { createHash } from 'node:crypto';
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { trailerOctets, trailerText } from '../trailer.ts';
import { centralHeader, endRecords, localHeader, type ZipEntry } from '../zip-records.ts';

const Parts = z.looseObject({ parts: z.array(z.looseObject({ name: z.string() })) });

interface Change {
  /** Which entries are meant. */
  readonly name?: RegExp;
  readonly bytes?: (bytes: Buffer) => Buffer;
  readonly rename?: (name: string) => string;
  readonly drop?: boolean;
  readonly mode?: number;
  /** Put in packed, with a size that is only claimed. */
  readonly packed?: { readonly data: Buffer; readonly sizeOctets: number };
  readonly add?: readonly { readonly name: string; readonly bytes: Buffer }[];
  /** A part of its own, named in the manifest. */
  readonly part?: { readonly name: string; readonly bytes: Buffer; readonly entry: object };
  /** The manifest is put right for the changed part. */
  readonly honest?: boolean;
  readonly and?: Change;
}

interface Held {
  name: string;
  bytes: Buffer;
  mode?: number;
  packed?: { readonly data: Buffer; readonly sizeOctets: number };
}

/** A backup taken apart, changed and put together again, with a right trailer: what somebody with bad intent can do. */
export function rewritten(whole: Buffer, change: Change): Buffer {
  const entries = apply(readAll(whole), change);
  if (change.honest === true || change.part !== undefined || change.and !== undefined) putRight(entries, change);
  return writeAll(entries);
}

function apply(entries: Held[], change: Change): Held[] {
  let isFirst = true;
  const changed = entries.flatMap((entry): Held[] => {
    if (change.name?.test(entry.name) !== true || !isFirst) return [entry];
    // One entry of those that are meant: two of one new name would be another test.
    isFirst = false;
    if (change.drop === true) return [];
    return [
      {
        name: change.rename?.(entry.name) ?? entry.name,
        bytes: change.bytes?.(entry.bytes) ?? entry.bytes,
        ...(change.mode === undefined ? {} : { mode: change.mode }),
        ...(change.packed === undefined ? {} : { packed: change.packed }),
      },
    ];
  });
  const more = [...changed, ...(change.add ?? []), ...(change.part === undefined ? [] : [change.part])];
  return change.and === undefined ? more : apply(more, change.and);
}

function putRight(entries: Held[], { part }: Change): void {
  const manifest = entries.find(({ name }) => name === 'manifest.json');
  if (manifest === undefined) return;
  const json = Parts.parse(JSON.parse(manifest.bytes.toString()));
  if (part !== undefined) json.parts.push({ ...part.entry, name: part.name });
  for (const named of json.parts) {
    const entry = entries.find(({ name }) => name === named.name);
    if (entry === undefined) continue;
    named.sha256 = createHash('sha256').update(entry.bytes).digest('hex');
    named.sizeOctets = entry.bytes.length;
  }
  manifest.bytes = Buffer.from(JSON.stringify(json));
}

/** By the local headers, one after another. */
function readAll(whole: Buffer): Held[] {
  const entries: Held[] = [];
  for (let at = 0; whole.readUInt32LE(at) === 0x04034b50; ) {
    const packed = whole.readUInt32LE(at + 18);
    const nameOctets = whole.readUInt16LE(at + 26);
    const dataAt = at + 30 + nameOctets;
    const data = whole.subarray(dataAt, dataAt + packed);
    const bytes = whole.readUInt16LE(at + 8) === 0 ? Buffer.from(data) : inflateRawSync(data);
    entries.push({ name: whole.toString('utf8', at + 30, dataAt), bytes });
    at = dataAt + packed;
  }
  return entries;
}

function writeAll(entries: readonly Held[]): Buffer {
  const now = new Date(2026, 0, 1);
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, mode, packed } of entries) {
    const small = deflateRawSync(bytes);
    const isSmaller = small.length < bytes.length;
    const data = packed?.data ?? (isSmaller ? small : bytes);
    const entry: ZipEntry = {
      name,
      method: packed !== undefined || isSmaller ? 8 : 0,
      crc32: crc32(bytes),
      packedOctets: data.length,
      sizeOctets: packed?.sizeOctets ?? bytes.length,
      offset,
    };
    const central = centralHeader(entry, now);
    if (mode !== undefined) central.writeUInt32LE((mode << 16) >>> 0, 38);
    directory.push(central);
    const header = localHeader(entry, now);
    pieces.push(header, data);
    offset += header.length + data.length;
  }
  const octets = directory.reduce((sum, { length }) => sum + length, 0);
  const end = endRecords({ entries: entries.length, octets, offset }, trailerOctets);
  const body = Buffer.concat([...pieces, ...directory, end, Buffer.from(trailerText)]);
  return Buffer.concat([body, Buffer.from(createHash('sha256').update(body).digest('hex'))]);
}
