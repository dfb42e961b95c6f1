import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { MailError } from '#shared/mail-error.ts';
import { sha256Of } from '../digest.ts';
import { type Extent, readExtent, ZipReader } from '../read-zip.ts';
import { centralSignature, endSignature, localOctets, localSignature } from '../zip-records.ts';
import { isDamage, octetsAt, plausibleHeader, signaturesFrom } from './local-headers.ts';

/** An entry whose octets could be unpacked. */
export interface FoundEntry extends Extent {
  /** Epoch milliseconds, to two seconds: the zip's own note of it. */
  readonly modifiedAt: number;
  /** Of what it holds. */
  readonly sha256: string;
  /** Its check value (CRC-32) fits. Where it does not, only a SHA-256 that is known from elsewhere can vouch for it. */
  readonly isChecked: boolean;
}

export interface ScannedZip {
  /** In the order in which they stand in the file. */
  readonly found: readonly FoundEntry[];
  /** Names of entries that are there and do not hold, as far as names can be read. */
  readonly damaged: ReadonlySet<string>;
  /** Whether the directory at the end could be read. */
  readonly hasDirectory: boolean;
  /** The bytes of an entry, again as they were when it was found. Throws EMALFORMED when they are not. */
  read(entry: FoundEntry): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

export interface ScanOptions {
  readonly signal: AbortSignal;
  readonly onOctets: (octets: number) => void;
}

/**
 * Reads every entry of a backup that does not hold as a whole: by its directory where that can be read, and everywhere
 * else by the headers that stand before each entry. What is inside an entry that fits is never taken for one of its own.
 * Throws only what reading the file itself throws.
 */
export async function scanZip(path: string, options: ScanOptions): Promise<ScannedZip> {
  const listed = await listedExtents(path);
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const scan = new Scan(file, size, options);
    if (listed !== null) await scan.byDirectory(listed.extents, listed.directoryAt);
    await scan.rest();
    const { found, damaged } = scan;
    return {
      found: found.sort((a, b) => a.dataAt - b.dataAt),
      damaged,
      hasDirectory: listed !== null,
      async read(entry) {
        const bytes = await readExtent(file, entry, 'unchecked');
        if ((await sha256Of(bytes)) !== entry.sha256)
          throw new MailError('EMALFORMED', `“${entry.name}” changed while the backup was being read.`);
        return bytes;
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Null where the directory is cut off, or does not fit together. */
async function listedExtents(path: string): Promise<{ extents: Extent[]; directoryAt: number } | null> {
  try {
    const zip = await ZipReader.open(path);
    await zip.close();
    const extents = [...zip.entries.values()].map(
      (entry): Extent => ({ ...entry, dataAt: entry.offset + localOctets + Buffer.byteLength(entry.name) }),
    );
    return { extents: extents.sort((a, b) => a.dataAt - b.dataAt), directoryAt: zip.directoryAt };
  } catch (error) {
    if (error instanceof MailError && error.code === 'EMALFORMED') return null;
    throw error;
  }
}

interface Stretch {
  readonly from: number;
  readonly to: number;
}

class Scan {
  readonly found: FoundEntry[] = [];
  readonly damaged = new Set<string>();
  readonly #file: FileHandle;
  readonly #size: number;
  readonly #options: ScanOptions;
  /** What is known to be an entry, in order. */
  #covered: Stretch[] = [];

  constructor(file: FileHandle, size: number, options: ScanOptions) {
    this.#file = file;
    this.#size = size;
    this.#options = options;
  }

  async byDirectory(extents: readonly Extent[], directoryAt: number): Promise<void> {
    for (const [at, extent] of extents.entries()) {
      this.#options.signal.throwIfAborted();
      const headerAt = extent.dataAt - localOctets - Buffer.byteLength(extent.name);
      const end = extent.dataAt + extent.packedOctets;
      const entry = (await this.#unpack(extent)) ?? (await this.#byOwnHeader(headerAt));
      if (entry?.isChecked === true) {
        this.found.push(entry);
        this.#covered.push({ from: headerAt, to: entry.dataAt + entry.packedOctets });
        continue;
      }
      this.damaged.add(extent.name);
      if (entry !== null) this.found.push(entry);
      // Where the next one stands where it should, this one's place is known, and nothing inside it is an entry.
      const next = extents[at + 1];
      const nextAt = next === undefined ? directoryAt : next.dataAt - localOctets - Buffer.byteLength(next.name);
      if (end === nextAt && (await this.#isSignatureAt(end))) this.#covered.push({ from: headerAt, to: end });
    }
    this.#covered.push({ from: directoryAt, to: this.#size });
  }

  /** The directory's own note of it may be what is damaged. */
  async #byOwnHeader(at: number): Promise<FoundEntry | null> {
    const header = await plausibleHeader(this.#file, at, this.#size);
    return header === null || header.isCutOff ? null : this.#unpack(header);
  }

  /** Everything that no entry is known to cover. */
  async rest(): Promise<void> {
    const gaps: Stretch[] = [];
    let at = 0;
    for (const { from, to } of this.#covered.toSorted((a, b) => a.from - b.from)) {
      if (from > at) gaps.push({ from: at, to: from });
      at = Math.max(at, to);
    }
    if (at < this.#size) gaps.push({ from: at, to: this.#size });
    this.#covered = [];
    for (const gap of gaps) await this.#gap(gap);
    // Found elsewhere in the file after all.
    for (const { name, isChecked } of this.found) if (isChecked) this.damaged.delete(name);
  }

  async #gap({ from, to }: Stretch): Promise<void> {
    const { signal, onOctets } = this.#options;
    let passed = from;
    for (let at = from; ; ) {
      signal.throwIfAborted();
      const next = await signaturesFrom(this.#file, at, to, signal);
      if (next === null) break;
      at = await this.#at(next);
      onOctets(at - passed);
      passed = at;
    }
  }

  /** Takes the entry whose header may stand here. Answers where to look on. */
  async #at(position: number): Promise<number> {
    const header = await plausibleHeader(this.#file, position, this.#size);
    if (header === null) return position + 4;
    const end = header.dataAt + header.packedOctets;
    const entry = header.isCutOff ? null : await this.#unpack(header);
    if (entry?.isChecked === true) {
      this.found.push(entry);
      return end;
    }
    if (entry !== null) this.found.push(entry);
    this.damaged.add(header.name);
    return !header.isCutOff && (await this.#isSignatureAt(end)) ? end : position + 4;
  }

  async #unpack(extent: Extent): Promise<FoundEntry | null> {
    this.#options.onOctets(extent.packedOctets);
    try {
      const bytes = await readExtent(this.#file, extent, 'unchecked');
      const sha256 = await sha256Of(bytes);
      const isChecked = holdsCheck(bytes, extent);
      return { ...extent, sha256, isChecked, modifiedAt: await this.#modifiedAt(extent) };
    } catch (error) {
      // A disk that cannot give these octets has lost them.
      if (isDamage(error)) return null;
      throw error;
    }
  }

  /** By the header before it; now, where that cannot be read. */
  async #modifiedAt({ dataAt, name }: Extent): Promise<number> {
    const at = dataAt - localOctets - Buffer.byteLength(name);
    const header = await plausibleHeader(this.#file, at, this.#size);
    return header?.modifiedAt ?? 0;
  }

  async #isSignatureAt(at: number): Promise<boolean> {
    if (at === this.#size) return true;
    const signature = (await octetsAt(this.#file, at, 4))?.readUInt32LE(0);
    return signature === localSignature || signature === centralSignature || signature === endSignature;
  }
}

function holdsCheck(bytes: Uint8Array, extent: Extent): boolean {
  return bytes.length === extent.sizeOctets && crc32(bytes) === extent.crc32;
}
