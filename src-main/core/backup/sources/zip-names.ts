import { crc32 } from 'node:zlib';

/** What is in an entry's header of a zip. */
export interface ZipName {
  readonly fileNameRaw: Buffer;
  readonly generalPurposeBitFlag: number;
  readonly versionMadeBy: number;
  readonly extraFields: readonly { readonly id: number; readonly data: Buffer }[];
}

const isUtf8 = 1 << 11;
/** Info-ZIP's: the name once more, in UTF-8 (APPNOTE 4.6.9). */
const unicodePath = 0x7075;
const madeOnUnix = 3;

/** The upper half of code page 437, in which DOS and old Windows wrote names (APPNOTE appendix D). */
const upper437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** The name of an entry. Most programs write UTF-8, whether they say so or not; else it is known by what makes letters. */
export function nameInZip(entry: ZipName): string {
  const { fileNameRaw, generalPurposeBitFlag, extraFields } = entry;
  const unicode = extraFields.find((field) => saysUnicode(field, fileNameRaw));
  const name =
    decodedUtf8(fileNameRaw) ??
    (unicode === undefined ? null : decodedUtf8(unicode.data.subarray(5))) ??
    ((generalPurposeBitFlag & isUtf8) !== 0 ? fileNameRaw.toString('utf8') : oldName(entry));
  return name.replaceAll('\\', '/');
}

/** It holds for the name whose check value it carries. */
function saysUnicode({ id, data }: ZipName['extraFields'][number], name: Buffer): boolean {
  return id === unicodePath && data[0] === 1 && data.length > 5 && data.readUInt32LE(1) === crc32(name);
}

function decodedUtf8(octets: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return null;
  }
}

/** What is no letter in one of the two code pages was written in the other. */
function oldName({ fileNameRaw, versionMadeBy }: ZipName): string {
  const upper = [...fileNameRaw].filter((octet) => octet >= 0x80);
  const isUnix = versionMadeBy >> 8 === madeOnUnix;
  const is437 = isUnix ? upper.some((octet) => octet < 0xa0) : upper.every(isLetter437);
  if (!is437) return new TextDecoder('windows-1252').decode(fileNameRaw);
  return [...fileNameRaw]
    .map((octet) => (octet < 0x80 ? String.fromCharCode(octet) : (upper437[octet - 0x80] ?? '')))
    .join('');
}

/** Not the Greek ones, which stood for mathematics. */
function isLetter437(octet: number): boolean {
  return octet <= 0x9a || (octet >= 0xa0 && octet <= 0xa5) || octet === 0xe1;
}
