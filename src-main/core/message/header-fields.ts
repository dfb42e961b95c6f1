/** One field, unfolded; the value is kept as `latin1` (one character an octet) until someone knows what it means. */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
}

export interface HeaderBlock {
  readonly fields: HeaderField[];
  /** Where the body begins. */
  readonly bodyStart: number;
  /** Lines that are neither a field nor the continuation of one. */
  readonly brokenLines: number;
}

/** Fields beyond so many are passed over: no message has them, and reading each takes its time. */
const maxFields = 10_000;

/** RFC 5322 §2.2: printable ASCII without the colon; white space before the colon is obsolete and tolerated (§4.5.3). No name begins with `--`, a delimiter does. */
const fieldLine = /^(?!--)([!-9;-~]{1,200})[ \t]*:/;

/**
 * Reads the header that begins at `start`. Lines end with CRLF or LF; folded lines are joined (RFC 5322 §2.2.3). A
 * broken line among fields is passed over; two in a row mean that the empty line is missing and the body has begun.
 */
export function readHeaderFields(buf: Buffer, start: number, end: number): HeaderBlock {
  const fields: HeaderField[] = [];
  let brokenLines = 0;
  let at = start;
  let name = '';
  let parts: string[] = [];
  const finish = () => {
    if (name !== '') fields.push({ name, value: parts.length === 1 ? (parts[0] ?? '') : parts.join('') });
    name = '';
    parts = [];
  };
  while (at < end) {
    const { line, next } = readLine(buf, at, end);
    if (line === '') {
      finish();
      return { fields, bodyStart: next, brokenLines };
    }
    if (fields.length >= maxFields) return { fields, bodyStart: emptyLineAfter(buf, at, end), brokenLines };
    const first = line.charCodeAt(0);
    if ((first === 0x20 || first === 0x09) && name !== '') parts.push(line);
    else {
      const found = fieldLine.exec(line);
      if (found !== null) {
        finish();
        name = (found[1] ?? '').toLowerCase();
        parts.push(line.slice(found[0].length));
      } else {
        brokenLines += 1;
        if (bodyHasBegun(buf, line, next, end, fields.length + parts.length)) {
          finish();
          return { fields, bodyStart: at, brokenLines };
        }
      }
    }
    at = next;
  }
  finish();
  return { fields, bodyStart: end, brokenLines };
}

/** Where the body begins when nobody reads the fields any more. */
function emptyLineAfter(buf: Buffer, at: number, end: number): number {
  const ends = ['\r\n\r\n', '\n\n'].flatMap((mark) => {
    const found = buf.indexOf(mark, at, 'latin1');
    return found < 0 ? [] : [found + mark.length];
  });
  return Math.min(end, ...ends);
}

/** `line` is broken: is it the first line of a body whose empty line is missing? */
function bodyHasBegun(buf: Buffer, line: string, next: number, end: number, seen: number): boolean {
  if (seen === 0 || line.startsWith('--') || next >= end) return true;
  const following = readLine(buf, next, end).line;
  return following !== '' && !/^[ \t]/.test(following) && !fieldLine.test(following);
}

/** The value of the first field of that name, unfolded `latin1`; undefined when there is none. */
export function fieldValue(fields: readonly HeaderField[], name: string): string | undefined {
  for (const field of fields) if (field.name === name) return field.value;
  return undefined;
}

/** All values of that name joined, for fields that wrongly occur twice (`To`, `Cc`). */
export function joinedValues(fields: readonly HeaderField[], name: string): string {
  let joined = '';
  for (const field of fields)
    if (field.name === name) joined = joined === '' ? field.value : `${joined}, ${field.value}`;
  return joined;
}

function readLine(buf: Buffer, at: number, end: number): { line: string; next: number } {
  let feed = buf.indexOf(0x0a, at);
  if (feed < 0 || feed >= end) feed = end;
  const stop = feed > at && feed < end && buf[feed - 1] === 0x0d ? feed - 1 : feed;
  return { line: buf.toString('latin1', at, stop), next: Math.min(feed + 1, end) };
}

/** mbox's `From ` line in front of a message, sometimes quoted, is no field: where the line after it begins. */
export function skipEnvelopeLine(buf: Buffer, start: number, end: number): number {
  const head = buf.toString('latin1', start, Math.min(start + 6, end));
  return head.startsWith('From ') || head === '>From ' ? readLine(buf, start, end).next : start;
}
