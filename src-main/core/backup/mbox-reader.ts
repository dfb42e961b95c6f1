import { CR, LF } from './lines.ts';
import { fromMboxEntry, isSeparator } from './mbox-format.ts';

/** One entry of an mbox, its line ends restored; or one that is too large to be a message. */
export type MboxEntry =
  | {
      readonly kind: 'message';
      readonly number: number;
      /** The From_ line it stood under. */
      readonly from: string;
      readonly bytes: Buffer<ArrayBuffer>;
      readonly next: MboxStart;
    }
  | { readonly kind: 'too-large'; readonly number: number; readonly next: MboxStart };

/** Where a message begins, and what was learned of the file before it: reading can begin there. */
export interface MboxStart {
  /** Octets before it. */
  readonly offset: number;
  /** Messages before it. */
  readonly number: number;
  readonly isCrlf: boolean;
  /** Whether Content-Length is to be believed; null: not decided yet. */
  readonly hasLengths: boolean | null;
}

/**
 * Reads an mbox of any dialect (mboxrd, mboxo, mboxcl, mboxcl2, CRLF, `From -`) as it streams by; no more than one
 * message is held. What stands before the first From_ line is ignored. With `from`, the chunks begin there.
 */
export async function* readMbox(
  chunks: AsyncIterable<Uint8Array>,
  { maxMessageOctets, from }: { maxMessageOctets: number; from?: MboxStart },
): AsyncGenerator<MboxEntry> {
  const reader = new MboxReader(chunks, maxMessageOctets, from);
  try {
    if (from === undefined && !(await reader.findFirst())) return;
    for (let number = (from?.number ?? 0) + 1; ; number++) {
      const entry = await reader.next(number);
      if (entry === null) return;
      yield entry;
    }
  } finally {
    // Whoever stops in the middle lets the file be closed.
    await reader.close();
  }
}

const fromAfterLf = Buffer.from('\nFrom ');
const longestFromLine = 1000;
/** Content-Length is looked for no further than this into a message. */
const longestHeader = 256 * 1024;

class MboxReader {
  readonly #window: Window;
  readonly #max: number;
  #isCrlf = false;
  /** Whether Content-Length is to be believed in this file; decided at its first message. */
  #hasLengths: boolean | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>, maxMessageOctets: number, from: MboxStart | undefined) {
    this.#window = new Window(chunks, from?.offset ?? 0);
    this.#max = maxMessageOctets;
    this.#isCrlf = from?.isCrlf ?? false;
    this.#hasLengths = from?.hasLengths ?? undefined;
  }

  #startAfter(number: number): MboxStart {
    return { offset: this.#window.offset, number, isCrlf: this.#isCrlf, hasLengths: this.#hasLengths ?? null };
  }

  close(): Promise<void> {
    return this.#window.close();
  }

  /** Goes to the first From_ line; blank lines and a byte order mark may stand before it. */
  async findFirst(): Promise<boolean> {
    while (this.#window.length < 4096 && (await this.#window.more()));
    const start = this.#window.bytes.subarray(0, 4096).toString('latin1');
    const at = /^(?:\xef\xbb\xbf)?[\r\n]*(?=From )/.exec(start)?.[0].length;
    if (at === undefined) return false;
    this.#window.drop(at);
    const lf = await this.#lfFrom(0);
    this.#isCrlf = lf > 0 && this.#window.bytes[lf - 1] === CR;
    return true;
  }

  /** The window stands at a From_ line, or at the end. */
  async next(number: number): Promise<MboxEntry | null> {
    if (this.#window.length === 0 && !(await this.#window.more())) return null;
    const lf = await this.#lfFrom(0);
    if (lf < 0) {
      this.#window.drop(this.#window.length);
      const bytes = Buffer.from(new ArrayBuffer(0));
      return { kind: 'message', number, from: '', bytes, next: this.#startAfter(number) };
    }
    const from = this.#window.bytes.toString('latin1', 0, Math.min(lf, longestFromLine));
    const start = lf + 1;
    const byLength = await this.#endByLength(start);
    const end = byLength?.end ?? (await this.#endByScan(start));
    if (end === null) {
      await this.#skipToSeparator();
      return { kind: 'too-large', number, next: this.#startAfter(number) };
    }
    const raw = withoutLastEmptyLine(this.#window.bytes.subarray(start, byLength?.bodyEnd ?? end), byLength === null);
    // mboxcl2 quotes nothing, since it goes by length alone: a bare From_ line within says that it is one.
    const isQuoted = byLength === null || !hasBareFrom(raw);
    const bytes = fromMboxEntry(raw, { isCrlf: this.#isCrlf, isQuoted });
    this.#window.drop(end);
    return { kind: 'message', number, from, bytes, next: this.#startAfter(number) };
  }

  async #endByScan(start: number): Promise<number | null> {
    let scan = start - 1;
    for (;;) {
      const { bytes } = this.#window;
      const found = bytes.indexOf(fromAfterLf, scan);
      if (found >= 0) {
        if (await this.#isSeparatorAt(found + 1)) return found + 1;
        scan = found + 1;
        continue;
      }
      scan = Math.max(scan, bytes.length - fromAfterLf.length);
      if (this.#window.length - start > this.#max) return null;
      if (!(await this.#window.more())) return this.#window.length;
    }
  }

  async #isSeparatorAt(at: number): Promise<boolean> {
    const lf = await this.#lfFrom(at);
    // The line after it is looked at too; a long one need not be there whole.
    while (lf >= 0 && this.#window.length < lf + 80 && (await this.#window.more()));
    const { bytes } = this.#window;
    const line = bytes.toString('latin1', at, lf < 0 ? Math.min(bytes.length, at + longestFromLine + 1) : lf);
    const next = lf < 0 ? '' : bytes.toString('latin1', lf + 1, lf + 80);
    const before = bytes[at - 2] === CR ? at - 3 : at - 2;
    const isAfterEmptyLine = before >= 0 && bytes[before] === LF;
    return isSeparator(line.replace(/\r$/, ''), { isAfterEmptyLine, next });
  }

  /**
   * Where the message ends by its Content-Length field. It is believed only in a file whose first message has a true
   * one, and only where it leads exactly to a From_ line or the end; otherwise the file is read by its From_ lines.
   */
  async #endByLength(start: number): Promise<{ bodyEnd: number; end: number } | null> {
    if (this.#hasLengths === false) return null;
    const found = await this.#lengthEnd(start);
    this.#hasLengths ??= found !== null;
    return found;
  }

  async #lengthEnd(start: number): Promise<{ bodyEnd: number; end: number } | null> {
    const bodyStart = await this.#bodyStart(start);
    if (bodyStart === null) return null;
    const header = this.#window.bytes.subarray(start, bodyStart).toString('latin1');
    const length = /^content-length:[ \t]*(\d{1,10})[ \t]*\r?$/im.exec(header)?.[1];
    if (length === undefined || Number(length) > this.#max) return null;
    const bodyEnd = bodyStart + Number(length);
    while (this.#window.length < bodyEnd + longestFromLine && (await this.#window.more()));
    if (this.#window.length < bodyEnd) return null;
    const rest = this.#window.bytes.subarray(bodyEnd, bodyEnd + longestFromLine).toString('latin1');
    // Exactly the empty line must stand between: a length that counted CRLF, or one of a shorter body, ends elsewhere.
    const gap = /^\r?\n/.exec(rest)?.[0].length;
    if (gap === undefined) return null;
    const isAtEnd = this.#window.isAtEnd && bodyEnd + gap === this.#window.length;
    const [line = '', next = ''] = rest.slice(gap).split(/\r?\n/, 2);
    return isAtEnd || isSeparator(line, { isAfterEmptyLine: true, next }) ? { bodyEnd, end: bodyEnd + gap } : null;
  }

  async #bodyStart(start: number): Promise<number | null> {
    for (;;) {
      const { bytes } = this.#window;
      const found = firstEmptyLine(bytes, start);
      if (found !== null) return found - start > longestHeader ? null : found;
      if (bytes.length - start > longestHeader || !(await this.#window.more())) return null;
    }
  }

  /** Lets a message that is too large go by, holding no more than a line of it. */
  async #skipToSeparator(): Promise<void> {
    for (;;) {
      const found = this.#window.bytes.indexOf(fromAfterLf, 0);
      if (found >= 0) {
        // What stands before decides whether the From_ line follows an empty line, so two octets of it stay.
        this.#window.drop(Math.max(0, found - 2));
        const at = found - Math.max(0, found - 2) + 1;
        if (await this.#isSeparatorAt(at)) {
          this.#window.drop(at);
          return;
        }
        this.#window.drop(at);
        continue;
      }
      this.#window.drop(Math.max(0, this.#window.length - fromAfterLf.length - 2));
      if (!(await this.#window.more())) {
        this.#window.drop(this.#window.length);
        return;
      }
    }
  }

  /** The LF that ends the line at `from`, reading on as needed; -1 when there is none near. */
  async #lfFrom(from: number): Promise<number> {
    for (;;) {
      const lf = this.#window.bytes.indexOf(LF, from);
      if (lf >= 0) return lf;
      if (this.#window.length - from > longestFromLine * 64 || !(await this.#window.more())) return -1;
    }
  }
}

/** Where the body begins: after the first empty line at or after `start`. */
function firstEmptyLine(bytes: Buffer, start: number): number | null {
  for (let line = start; line < bytes.length; ) {
    const lf = bytes.indexOf(LF, line);
    if (lf < 0) return null;
    if (lf === line || (lf === line + 1 && bytes[line] === CR)) return lf + 1;
    line = lf + 1;
  }
  return null;
}

/** The empty line before the next From_ line belongs to the mbox, not to the message. */
function withoutLastEmptyLine(raw: Buffer, isPresent: boolean): Buffer {
  if (!isPresent || raw.at(-1) !== LF) return raw;
  const end = raw.at(-2) === CR ? raw.length - 2 : raw.length - 1;
  return end === 0 || raw[end - 1] === LF ? raw.subarray(0, end) : raw;
}

function hasBareFrom(raw: Buffer): boolean {
  return raw.indexOf('From ') === 0 || raw.indexOf(fromAfterLf) >= 0;
}

const usualWindow = 1 << 20;

/** A stretch of the stream held in memory: grows at its end as it is read, shrinks at its start as it is used. */
class Window {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #buffer = Buffer.allocUnsafe(usualWindow);
  #start = 0;
  #end = 0;
  #isAtEnd = false;
  #offset: number;

  constructor(chunks: AsyncIterable<Uint8Array>, offset: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#offset = offset;
  }

  /** Where in the stream it begins. */
  get offset(): number {
    return this.#offset;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  drop(octets: number): void {
    this.#start += octets;
    this.#offset += octets;
    if (this.#start !== this.#end) return;
    this.#start = 0;
    this.#end = 0;
    // One huge message must not keep its room for the rest of the file.
    if (this.#buffer.length > usualWindow * 8) this.#buffer = Buffer.allocUnsafe(usualWindow);
  }

  /** Reads another chunk; false at the end. */
  async more(): Promise<boolean> {
    if (this.#isAtEnd) return false;
    const next = await this.#chunks.next();
    if (next.done === true) {
      this.#isAtEnd = true;
      return false;
    }
    this.#makeRoom(next.value.length);
    this.#buffer.set(next.value, this.#end);
    this.#end += next.value.length;
    return true;
  }

  #makeRoom(octets: number): void {
    if (this.#end + octets <= this.#buffer.length) return;
    const needed = this.length + octets;
    const target = needed > this.#buffer.length / 2 ? Buffer.allocUnsafe(needed * 2) : this.#buffer;
    this.#buffer.copy(target, 0, this.#start, this.#end);
    this.#end = this.length;
    this.#start = 0;
    this.#buffer = target;
  }
}
