import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { systemCodeOf } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';

/**
 * The last octets of a backup: the comment of the zip, in which ordinary zip programs expect any text. It ends in the
 * SHA-256 of everything before those 64 digits, the zip's own directories and this very text included, so that no octet
 * of the file can change unnoticed.
 */
export const trailerText = 'postrider-backup 1 sha256 ';
const digestDigits = 64;
export const trailerOctets = trailerText.length + digestDigits;

const chunkOctets = 1 << 20;

export interface ReadOptions {
  readonly signal: AbortSignal;
  readonly onOctets?: (octets: number) => void;
}

/** What the trailer says, without reading the rest; null when the file does not end like a backup. */
export async function readTrailer(path: string): Promise<string | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < trailerOctets) return null;
    const end = await readAt(file, size - trailerOctets, trailerOctets);
    return digestIn(end);
  } finally {
    await file.close();
  }
}

function digestIn(end: Buffer): string | null {
  const text = end.toString('latin1');
  const digest = text.slice(trailerText.length);
  return text.startsWith(trailerText) && /^[0-9a-f]{64}$/.test(digest) ? digest : null;
}

/** Reads the whole file and compares. Answers the digest; throws EMALFORMED when the file was changed, damaged or cut off. */
export async function checkTrailer(path: string, { signal, onOctets }: ReadOptions): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < trailerOctets) throw notWhole(path);
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(chunkOctets);
    const end = size - digestDigits;
    for (let at = 0; at < end; ) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, Math.min(chunkOctets, end - at), at);
      if (bytesRead === 0) throw notWhole(path);
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
      onOctets?.(bytesRead);
    }
    const digest = digestIn(await readAt(file, size - trailerOctets, trailerOctets));
    if (digest === null) throw notWhole(path);
    if (digest !== hash.digest('hex'))
      throw new MailError(
        'EMALFORMED',
        `${path} is damaged: its octets are not those that were written. Use another backup.`,
      );
    return digest;
  } catch (error) {
    if (systemCodeOf(error) === 'EISDIR') throw notWhole(path);
    throw error;
  } finally {
    await file.close();
  }
}

function notWhole(path: string): MailError {
  return new MailError(
    'EMALFORMED',
    `${path} is not a whole backup: its end is missing, or it is another kind of file.`,
  );
}

/** Exactly so many octets from there. Throws EMALFORMED where the file ends before. */
export async function readAt(file: FileHandle, position: number, octets: number): Promise<Buffer<ArrayBuffer>> {
  const buffer = Buffer.from(new ArrayBuffer(octets));
  for (let at = 0; at < octets; ) {
    const { bytesRead } = await file.read(buffer, at, octets - at, position + at);
    if (bytesRead === 0) throw new MailError('EMALFORMED', 'The backup is damaged: it ends too early.');
    at += bytesRead;
  }
  return buffer;
}
