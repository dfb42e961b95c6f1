import { decodeCharset, decodeLatin1, normaliseCharset } from './charset.ts';

/** Longer than RFC 2047 §2 allows (75), because writers put a whole subject into one; bounded, so that nothing is read twice. */
const encodedWord = /=\?([^?\s]{1,100})\?([bBqQ])\?([^?]{0,10000})\?=/g;

interface Word {
  readonly charset: string;
  readonly octets: Buffer;
}

/**
 * Decodes RFC 2047 in a header value kept as `latin1`: white space between adjacent words is dropped (§6.2), words of
 * one charset are joined before decoding because many writers split a character between two, broken words stay as
 * they are, and 8-bit text around them is taken as UTF-8 where it is that. The answer holds no control characters.
 */
export function decodeHeaderText(value: string): string {
  return decodeWords(value, decodeLatin1);
}

/** The same for text that has been decoded but for its encoded words. */
export function decodeEncodedWords(text: string): string {
  return decodeWords(text, (plain) => plain);
}

function decodeWords(value: string, decodePlain: (text: string) => string): string {
  if (!value.includes('=?')) return printable(decodePlain(value));
  let text = '';
  let run: Word[] = [];
  let last = 0;
  for (const match of value.matchAll(encodedWord)) {
    const [whole, charset = '', encoding = '', body = ''] = match;
    const between = value.slice(last, match.index);
    if (run.length === 0 || between.trim() !== '') {
      text += decodeRun(run) + decodePlain(between);
      run = [];
    }
    run.push({ charset: normaliseCharset(charset), octets: decodeBody(body, encoding) });
    last = match.index + whole.length;
  }
  return printable(text + decodeRun(run) + decodePlain(value.slice(last)));
}

function decodeRun(run: readonly Word[]): string {
  let text = '';
  for (let at = 0; at < run.length; ) {
    const charset = run[at]?.charset ?? '';
    const octets: Buffer[] = [];
    while (run[at]?.charset === charset) {
      const word = run[at];
      if (word !== undefined) octets.push(word.octets);
      at += 1;
    }
    text += decodeCharset(octets.length === 1 && octets[0] !== undefined ? octets[0] : Buffer.concat(octets), charset);
  }
  return text;
}

function decodeBody(body: string, encoding: string): Buffer {
  if (encoding === 'b' || encoding === 'B') return Buffer.from(body, 'base64');
  // RFC 2047 §4.2: `_` is a space whatever the charset.
  const text = body
    .replace(/_/g, ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}

/** One line: control characters, which would let a value break out of its field or its row, become spaces. */
export function printable(text: string): string {
  return /[\0-\x1f\x7f\u2028\u2029]/.test(text) ? text.replace(/[\0-\x1f\x7f\u2028\u2029]+/g, ' ').trim() : text.trim();
}
