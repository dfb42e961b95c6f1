import type { FileHandle } from 'node:fs/promises';
import { systemCodeOf } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import { EntryName } from '../manifest.ts';
import { type Extent, maxEntryOctets } from '../read-zip.ts';
import { readAt } from '../trailer.ts';
import { deflated, localOctets, localSignature, readDosTime, stored } from '../zip-records.ts';

/** What stands before an entry, where it can be one of `ZipWriter`'s. */
export interface LocalHeader extends Extent {
  readonly modifiedAt: number;
  /** The file ends before the entry does. */
  readonly isCutOff: boolean;
}

const chunkOctets = 1 << 20;
/** How much is passed over where the disk gives nothing. */
const unreadableOctets = 4096;
const signature = Buffer.alloc(4);
signature.writeUInt32LE(localSignature);

/** Something is wrong with these octets, not with reading as such. */
export function isDamage(error: unknown): boolean {
  return (error instanceof MailError && error.code === 'EMALFORMED') || systemCodeOf(error) === 'EIO';
}

/** So many octets; null where the file ends before, or the disk cannot give them. */
export async function octetsAt(file: FileHandle, at: number, octets: number): Promise<Buffer | null> {
  try {
    return await readAt(file, at, octets);
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  }
}

/** The first place in a stretch of the file where the signature of a local header stands; null when there is none. */
export async function signaturesFrom(
  file: FileHandle,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<number | null> {
  for (let at = from; at + signature.length <= to; ) {
    signal.throwIfAborted();
    const chunk =
      (await octetsAt(file, at, Math.min(chunkOctets, to - at))) ??
      (await octetsAt(file, at, Math.min(unreadableOctets, to - at)));
    if (chunk === null) {
      at += unreadableOctets;
      continue;
    }
    const found = chunk.indexOf(signature);
    if (found >= 0) return at + found;
    // One could begin in the last octets of this chunk.
    at += Math.max(1, chunk.length - signature.length + 1);
  }
  return null;
}

const longestName = 4000;

/** The header that may stand at this place; null where what stands there was not written by a backup. */
export async function plausibleHeader(file: FileHandle, at: number, size: number): Promise<LocalHeader | null> {
  const header = at < 0 ? null : await octetsAt(file, at, localOctets);
  if (header === null) return null;
  const version = header.readUInt16LE(4);
  const method = header.readUInt16LE(8);
  const nameOctets = header.readUInt16LE(26);
  const packedOctets = header.readUInt32LE(18);
  const sizeOctets = header.readUInt32LE(22);
  const isPlausible =
    header.readUInt32LE(0) === localSignature &&
    (version === 20 || version === 45) &&
    // UTF-8 names and nothing else; neither an encrypted entry nor one whose sizes come later.
    header.readUInt16LE(6) === 1 << 11 &&
    header.readUInt16LE(28) === 0 &&
    nameOctets > 0 &&
    nameOctets <= longestName &&
    packedOctets <= sizeOctets &&
    sizeOctets <= maxEntryOctets;
  if (!isPlausible || (method !== stored && method !== deflated)) return null;
  const nameBytes = await octetsAt(file, at + localOctets, nameOctets);
  const name = nameBytes === null ? null : nameIn(nameBytes);
  if (name === null) return null;
  const dataAt = at + localOctets + nameOctets;
  return {
    name,
    method,
    packedOctets,
    sizeOctets,
    dataAt,
    crc32: header.readUInt32LE(14),
    modifiedAt: readDosTime(header.readUInt16LE(12), header.readUInt16LE(10)),
    isCutOff: dataAt + packedOctets > size,
  };
}

/** Only names a backup gives: nothing that could lead anywhere. */
function nameIn(octets: Buffer): string | null {
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return null;
  }
  const bare = name.endsWith('/') ? name.slice(0, -1) : name;
  return EntryName.safeParse(bare).success && /^(?:mail\/|postrider\/|manifest\.json$|READ ME\.txt$)/.test(name)
    ? name
    : null;
}
