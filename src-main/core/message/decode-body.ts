import { decodeUuencode } from './uuencode.ts';

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
