import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

const decoders = new Map<string, TextDecoder | null>();

/** Names met in mail that TextDecoder does not know by that name. */
const aliases: Readonly<Record<string, string>> = {
  utf8mb4: 'utf-8',
  'utf-8-mac': 'utf-8',
  'cp-850': 'ibm866',
  'win-1250': 'windows-1250',
  'win-1251': 'windows-1251',
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp1252: 'windows-1252',
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-2': 'iso-2022-jp',
  'iso-8859-8-e': 'iso-8859-8',
  'x-gbk': 'gbk',
  'gb_2312-80': 'gbk',
  'hz-gb-2312': 'gbk',
  'unicode-1-1-utf-8': 'utf-8',
};

/** The label in lower case, without quotes, an RFC 2231 §5 language, or the usual slips (`utf8`, `iso8859_1`). */
export function normaliseCharset(label: string): string {
  const bare = label
    .trim()
    .slice(0, 64)
    .toLowerCase()
    .replace(/^["']|["']$/g, '')
    .replace(/\*.*$/, '')
    .replace(/_/g, '-')
    .replace(/^iso-?8859-?(\d+)/, 'iso-8859-$1')
    .replace(/^utf(\d+)/, 'utf-$1');
  const plain = bare === 'shift-jis' || bare === 'gb-2312-80' ? bare.replace(/-/, '_') : bare;
  return aliases[plain] ?? plain;
}

function decoderFor(label: string): TextDecoder | null {
  const known = decoders.get(label);
  if (known !== undefined) return known;
  const decoder = makeDecoder(label);
  // Labels come from strangers: the memory of them is bounded.
  if (decoders.size < 200) decoders.set(label, decoder);
  return decoder;
}

function makeDecoder(label: string): TextDecoder | null {
  try {
    return new TextDecoder(label);
  } catch {
    return null;
  }
}

/** Whether a label names something that can be decoded. */
export function isKnownCharset(label: string): boolean {
  const charset = normaliseCharset(label);
  return charset === '' || charset === 'ascii' || decoderFor(charset) !== null;
}

/**
 * Octets as text. Without a usable label: UTF-8 where the octets are valid UTF-8, else windows-1252, which never fails.
 * A label of plain ASCII or Latin-1 over octets that are valid UTF-8 is believed to be a slip.
 */
export function decodeCharset(octets: Buffer, label: string | undefined): string {
  if (octets.length === 0) return '';
  const charset = label === undefined ? '' : normaliseCharset(label);
  if (charset === 'utf-8') return decodeDeclaredUtf8(octets);
  const isSingleOctet = charset === '' || charset === 'us-ascii' || charset === 'ascii' || charset === 'iso-8859-1';
  if (isSingleOctet) {
    if (isAscii(octets)) return octets.toString('latin1');
    if (isUtf8(octets)) return withoutMark(octets.toString('utf8'));
  }
  const decoder = decoderFor(charset) ?? (isUtf8(octets) ? decoderFor('utf-8') : null) ?? decoderFor('windows-1252');
  return decoder === null ? octets.toString('latin1') : decoder.decode(octets);
}

/** Said to be UTF-8. Where not one character beyond ASCII is valid UTF-8, the label was wrong. */
function decodeDeclaredUtf8(octets: Buffer): string {
  const text = withoutMark(octets.toString('utf8'));
  if (!text.includes('\ufffd') || isUtf8(octets)) return text;
  const isAllWrong = !/[\x80-\ufffc\ufffe\uffff]/.test(text);
  return isAllWrong ? (decoderFor('windows-1252')?.decode(octets) ?? text) : text;
}

/** Text held as one character an octet (`latin1`), as the header reader keeps it, decoded where it is not ASCII. */
export function decodeLatin1(value: string, label?: string): string {
  return /[\x80-\xff]/.test(value) ? decodeCharset(Buffer.from(value, 'latin1'), label) : value;
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/**
 * Octets that were read only up to `maxOctets`, without the beginning of a UTF-8 character whose end was cut off: with it
 * none of the text would be valid UTF-8, and where no label says so, all of it would be taken for windows-1252.
 */
export function withoutCutCharacter(octets: Buffer, maxOctets: number): Buffer {
  if (octets.length + 4 < maxOctets) return octets;
  for (let back = 1; back <= Math.min(3, octets.length); back++) {
    const octet = octets[octets.length - back] ?? 0;
    if ((octet & 0xc0) === 0x80) continue;
    const length = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : octet >= 0xc0 ? 2 : 1;
    return length > back ? octets.subarray(0, octets.length - back) : octets;
  }
  return octets;
}
