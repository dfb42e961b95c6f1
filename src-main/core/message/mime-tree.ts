import { fieldValue, type HeaderField, readHeaderFields, skipEnvelopeLine } from './header-fields.ts';
import { type ParameterisedValue, parseParameters } from './parameters.ts';

/** One part that is not a multipart: where its body lies and what its header says of it. */
export interface MimeLeaf {
  readonly fields: readonly HeaderField[];
  readonly contentType: ParameterisedValue;
  readonly disposition: ParameterisedValue;
  /** Content-Transfer-Encoding, lower case; '' when missing. */
  readonly encoding: string;
  readonly bodyStart: number;
  bodyEnd: number;
  /** The multiparts around it, outermost first: a number for each and its subtype. */
  readonly path: readonly { readonly id: number; readonly subtype: string }[];
  /** Part of a message inside the message, which is a leaf of its own as well. */
  readonly isEmbedded: boolean;
}

export interface MimeTree {
  /** Where the header begins, past blank lines and an mbox `From ` line. */
  readonly headerStart: number;
  /** The message's own header. */
  readonly fields: readonly HeaderField[];
  readonly bodyStart: number;
  readonly leaves: MimeLeaf[];
  /** Deeper nested or of more parts than is followed. */
  readonly isBeyondLimits: boolean;
  /** In sentences; empty when the structure is sound. */
  readonly defects: string[];
}

/** Structure beyond this is not followed: what lies deeper stays one undivided part. */
const mimeLimits = { depth: 50, parts: 1000 } as const;

interface OpenMultipart {
  readonly id: number;
  readonly subtype: string;
  /** `--` and the boundary. */
  readonly delimiter: Buffer;
  /** The nesting inside it, embedded messages counted. */
  readonly depth: number;
  /** It is part of a message inside the message. */
  readonly isEmbedded: boolean;
}

interface Delimiter {
  /** Which open multipart it belongs to. */
  readonly level: number;
  /** `--boundary--`. */
  readonly isEnd: boolean;
  /** Where the line after it begins. */
  readonly next: number;
  /** The nesting after it. */
  readonly depth: number;
}

const lineDashes = Buffer.from('\n--', 'latin1');
const absent = parseParameters('');

/**
 * Reads the MIME structure (RFC 2046 §5.1) in one pass over the octets, without decoding anything. A delimiter of any
 * open multipart ends what is inside it, so missing end marks do no harm; only a whole line counts as a delimiter, so
 * that one boundary may begin with another. Never throws; defects are told.
 */
export function readMimeTree(buf: Buffer): MimeTree {
  const headerStart = skipEnvelopeLine(buf, skipBlankLines(buf), buf.length);
  const header = readHeaderFields(buf, headerStart, buf.length);
  const walk = new Walk(buf);
  if (header.fields.length === 0) walk.note('The message has no header.');
  else if (header.brokenLines > 0) walk.note('The header holds lines that are not header fields.');
  walk.enter(header.fields, header.bodyStart, '', false);
  walk.run();
  // A multipart without a single part: better its octets as text than nothing.
  if (walk.leaves.length === 0) walk.leaves.push(plainLeaf(header.bodyStart, buf.length));
  return {
    headerStart,
    fields: header.fields,
    bodyStart: header.bodyStart,
    leaves: walk.leaves,
    isBeyondLimits: walk.isBeyondLimits,
    defects: walk.defects,
  };
}

/** Blank lines before the first field are a slip of some writer, not an empty header. */
function skipBlankLines(buf: Buffer): number {
  const head = buf.toString('latin1', 0, 2048);
  return /^(?:[ \t]*\r?\n){1,20}(?=[!-9;-~]{1,76}:[ \t])/.exec(head)?.[0].length ?? 0;
}

function plainLeaf(bodyStart: number, bodyEnd: number): MimeLeaf {
  return {
    fields: [],
    contentType: absent,
    disposition: absent,
    encoding: '',
    bodyStart,
    bodyEnd,
    path: [],
    isEmbedded: false,
  };
}

class Walk {
  readonly leaves: MimeLeaf[] = [];
  readonly defects: string[] = [];
  isBeyondLimits = false;
  private readonly buf: Buffer;
  private readonly open: OpenMultipart[] = [];
  private current: MimeLeaf | null = null;
  private at = 0;
  private parts = 0;
  /** How many multiparts and embedded messages are around what is read now. */
  private depth = 0;
  private ids = 0;

  constructor(buf: Buffer) {
    this.buf = buf;
  }

  note(defect: string): void {
    if (!this.defects.includes(defect)) this.defects.push(defect);
  }

  private noteLimit(defect: string): void {
    this.isBeyondLimits = true;
    this.note(defect);
  }

  /** Begins the part whose header was read; its body lies at `bodyStart`. */
  enter(fields: readonly HeaderField[], bodyStart: number, parentSubtype: string, isEmbedded: boolean): void {
    this.parts += 1;
    this.at = bodyStart;
    const typeField = fieldValue(fields, 'content-type');
    const contentType =
      typeField === undefined
        ? parentSubtype === 'digest'
          ? parseParameters('message/rfc822')
          : absent
        : parseParameters(typeField);
    if (contentType.value.startsWith('multipart/') && this.openMultipart(contentType, isEmbedded)) return;
    const dispositionField = fieldValue(fields, 'content-disposition');
    this.current = {
      fields,
      // A multipart that cannot be divided is shown as text, since that is what most of it is.
      contentType: contentType.value.startsWith('multipart/') ? absent : contentType,
      disposition: dispositionField === undefined ? absent : parseParameters(dispositionField),
      encoding: (fieldValue(fields, 'content-transfer-encoding') ?? '').replace(/\(.*$/, '').trim().toLowerCase(),
      bodyStart,
      bodyEnd: this.buf.length,
      path: this.open.map(({ id, subtype }) => ({ id, subtype })),
      isEmbedded,
    };
    this.leaves.push(this.current);
    this.enterEmbedded(this.current);
  }

  /** A message within the message, not encoded: its own parts are read too, after the leaf that stands for all of it. */
  private enterEmbedded(leaf: MimeLeaf): void {
    const isMessage = leaf.contentType.value === 'message/rfc822' || leaf.contentType.value === 'message/global';
    const isEncoded = leaf.encoding === 'base64' || leaf.encoding === 'quoted-printable';
    if (!isMessage || isEncoded) return;
    if (this.depth >= mimeLimits.depth) {
      this.noteLimit(`The message is nested more than ${mimeLimits.depth} deep.`);
      return;
    }
    this.depth += 1;
    const inner = readHeaderFields(this.buf, leaf.bodyStart, this.buf.length);
    if (inner.fields.length > 0) this.enter(inner.fields, inner.bodyStart, '', true);
  }

  private openMultipart(contentType: ParameterisedValue, isEmbedded: boolean): boolean {
    const boundary = contentType.parameters.get('boundary') ?? '';
    if (boundary === '') {
      this.note('A multipart has no boundary.');
      return false;
    }
    if (this.depth >= mimeLimits.depth) {
      this.noteLimit(`The message is nested more than ${mimeLimits.depth} deep.`);
      return false;
    }
    this.ids += 1;
    this.depth += 1;
    this.open.push({
      id: this.ids,
      subtype: contentType.value.slice('multipart/'.length),
      delimiter: Buffer.from(`--${boundary}`, 'latin1'),
      depth: this.depth,
      isEmbedded,
    });
    this.current = null;
    return true;
  }

  run(): void {
    while (this.open.length > 0) {
      const found = this.nextDelimiter();
      if (found === null) break;
      this.endLeaves(found.lineStart);
      if (found.level < this.open.length - 1) this.note('A multipart is not ended.');
      this.open.length = found.isEnd ? found.level : found.level + 1;
      this.depth = found.depth;
      this.at = found.next;
      this.current = null;
      if (found.isEnd) continue;
      if (this.parts >= mimeLimits.parts) {
        this.noteLimit(`The message has more than ${mimeLimits.parts} parts.`);
        return;
      }
      const header = readHeaderFields(this.buf, this.at, this.buf.length);
      if (header.brokenLines > 0 && header.fields.length > 0) this.note('The header of a part is broken.');
      const around = this.open[this.open.length - 1];
      this.enter(header.fields, header.bodyStart, around?.subtype ?? '', around?.isEmbedded ?? false);
    }
    if (this.open.length > 0) this.note('A multipart is not ended.');
    if (this.leaves.length === 0) this.note('A multipart has no parts.');
  }

  /** Every leaf still open (a message part and what is inside it) ends before the line end that precedes the delimiter. */
  private endLeaves(lineStart: number): void {
    let end = lineStart;
    if (this.buf[end - 1] === 0x0a) end -= this.buf[end - 2] === 0x0d ? 2 : 1;
    for (let index = this.leaves.length - 1; index >= 0; index -= 1) {
      const leaf = this.leaves[index];
      if (leaf === undefined || leaf.bodyEnd !== this.buf.length) break;
      leaf.bodyEnd = Math.max(leaf.bodyStart, end);
    }
  }

  private nextDelimiter(): (Delimiter & { lineStart: number }) | null {
    const { buf } = this;
    let at = this.at > 0 && buf[this.at - 1] === 0x0a ? this.at - 1 : this.at;
    if (at === 0 && buf[0] === 0x2d) at = -1;
    for (;;) {
      const feed = at < 0 ? -1 : buf.indexOf(lineDashes, at);
      if (feed < 0 && at >= 0) return null;
      const lineStart = feed + 1;
      const found = this.matchDelimiter(lineStart);
      if (found !== null) return { lineStart, ...found };
      at = lineStart;
    }
  }

  private matchDelimiter(lineStart: number): Delimiter | null {
    const { buf } = this;
    for (let level = this.open.length - 1; level >= 0; level -= 1) {
      const multipart = this.open[level];
      if (multipart === undefined) continue;
      const { delimiter, depth } = multipart;
      const stop = lineStart + delimiter.length;
      // Most lines that begin with dashes differ in the last letter: a look at it spares the comparison.
      if (stop > buf.length || buf[stop - 1] !== delimiter[delimiter.length - 1]) continue;
      if (buf.compare(delimiter, 0, delimiter.length, lineStart, stop) !== 0) continue;
      let at = stop;
      const isEnd = buf[at] === 0x2d && buf[at + 1] === 0x2d;
      if (isEnd) at += 2;
      while (buf[at] === 0x20 || buf[at] === 0x09 || buf[at] === 0x0d) at += 1;
      if (at < buf.length && buf[at] !== 0x0a) continue;
      return { level, isEnd, next: Math.min(at + 1, buf.length), depth: isEnd ? depth - 1 : depth };
    }
    return null;
  }
}
