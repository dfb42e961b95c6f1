/**
 * The octets of a body with its Content-Transfer-Encoding undone (RFC 2045 §6). At most about `maxOctets` come out.
 * Unknown encodings are taken as they are; damaged ones give what can be had. Never throws.
 */
export function decodeTransfer(buf: Buffer, start: number, end: number, encoding: string, maxOctets: number): Buffer {
  switch (encoding) {
    case 'base64': {
      // Four characters for three octets, and a line end for every 76.
      const stop = Math.min(end, start + Math.ceil(maxOctets * 1.4) + 4);
      return Buffer.from(buf.toString('latin1', start, stop), 'base64');
    }
    case 'quoted-printable':
      return decodeQuotedPrintable(buf.subarray(start, Math.min(end, start + maxOctets * 3)), maxOctets);
    case 'x-uuencode':
    case 'uuencode':
    case 'x-uue':
    case 'uue':
      return decodeUuencode(buf.toString('latin1', start, Math.min(end, start + maxOctets * 2)));
    default:
      return buf.subarray(start, Math.min(end, start + maxOctets));
  }
}

const equals = 0x3d;

/** RFC 2045 §6.7; `=` followed by anything but two hex digits or a line end stays as it is. */
function decodeQuotedPrintable(body: Buffer, maxOctets: number): Buffer {
  let from = body.indexOf(equals);
  if (from < 0) return body.subarray(0, maxOctets);
  const out = Buffer.allocUnsafe(body.length);
  let length = 0;
  let last = 0;
  while (from >= 0) {
    length += body.copy(out, length, last, from);
    const octet = hexPair(body[from + 1], body[from + 2]);
    if (octet >= 0) {
      out[length] = octet;
      length += 1;
      last = from + 3;
    } else {
      const next = afterSoftBreak(body, from + 1);
      if (next < 0) {
        out[length] = equals;
        length += 1;
      }
      last = next < 0 ? from + 1 : next;
    }
    from = body.indexOf(equals, last);
  }
  length += body.copy(out, length, last);
  return out.subarray(0, Math.min(length, maxOctets));
}

/** Where the line after a soft line break begins; -1 when this is none. Relays add white space, so some is allowed. */
function afterSoftBreak(body: Buffer, start: number): number {
  let at = start;
  while (at < start + 100 && (body[at] === 0x20 || body[at] === 0x09)) at += 1;
  if (at >= body.length) return at;
  if (body[at] === 0x0d) at += 1;
  return body[at] === 0x0a ? at + 1 : -1;
}

function hexPair(high: number | undefined, low: number | undefined): number {
  const first = hexDigit(high);
  const second = hexDigit(low);
  return first < 0 || second < 0 ? -1 : first * 16 + second;
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x41 && code <= 0x46) return code - 0x37;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  return -1;
}

/** The classic encoding: `begin 644 name`, lines led by their length, `end`. */
export function decodeUuencode(text: string): Buffer {
  const chunks: Buffer[] = [];
  for (const line of text.split('\n')) {
    if (/^begin [0-7]{3,4} /.test(line) || line === '') continue;
    if (/^end\s*$/.test(line)) break;
    chunks.push(decodeUuLine(line.endsWith('\r') ? line.slice(0, -1) : line));
  }
  return Buffer.concat(chunks);
}

function decodeUuLine(line: string): Buffer {
  const length = (line.charCodeAt(0) - 32) & 63;
  const out = Buffer.alloc(Math.ceil(length / 3) * 3);
  for (let at = 1, to = 0; to < length; at += 4, to += 3) {
    const [a, b, c, d] = [0, 1, 2, 3].map((offset) => (line.charCodeAt(at + offset) - 32) & 63);
    out.writeUIntBE((((a ?? 0) << 18) | ((b ?? 0) << 12) | ((c ?? 0) << 6) | (d ?? 0)) & 0xffffff, to, 3);
  }
  return out.subarray(0, length);
}

export interface UuencodedFile {
  readonly fileName: string;
  readonly start: number;
  readonly end: number;
}

/** Files that old programs put into the text itself, with where they stand. */
export function findUuencoded(text: string): UuencodedFile[] {
  const files: UuencodedFile[] = [];
  let at = text.startsWith('begin ') ? 0 : text.indexOf('\nbegin ');
  while (at >= 0 && files.length < 100) {
    const start = text.charAt(at) === '\n' ? at + 1 : at;
    const first = /^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n([ -`]{1,90})\r?\n/.exec(text.slice(start, start + 400));
    if (first === null) at = text.indexOf('\nbegin ', start);
    else {
      const stop = text.indexOf('\nend', start);
      if (stop < 0) return files;
      const lineEnd = text.indexOf('\n', stop + 1);
      const end = lineEnd < 0 ? text.length : lineEnd + 1;
      files.push({ fileName: (first[1] ?? '').trim(), start, end });
      at = text.indexOf('\nbegin ', end - 1);
    }
  }
  return files;
}
