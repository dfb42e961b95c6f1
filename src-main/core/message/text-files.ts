import { isUtf8 } from 'node:buffer';
import { textSuffixes } from '../outline.ts';
import { decodeCharset, isKnownCharset, withoutCutCharacter } from './charset.ts';
import { fileNameOf } from './leaf-content.ts';
import type { MimeLeaf } from './mime-tree.ts';

const suffixes: ReadonlySet<string> = new Set(textSuffixes);

/** Enough of a file to tell most that only bear the name of a text. */
const sampleOctets = 4096;

/**
 * A file whose name says text and whose type says nothing, as many programs send them: `application/octet-stream`, or
 * whatever the sender's computer opens the file with (`application/vnd.ms-excel` for a CSV).
 */
export function mayBeTextFile(leaf: MimeLeaf): boolean {
  if (!/^(?:application|binary|unknown)\//.test(leaf.contentType.value)) return false;
  return suffixes.has(suffixOf(leaf));
}

export function isHtmlFile(leaf: MimeLeaf): boolean {
  return /^x?html?$/.test(suffixOf(leaf));
}

function suffixOf(leaf: MimeLeaf): string {
  return /\.([a-z0-9]{1,10})\s*$/.exec(fileNameOf(leaf).slice(-20).toLowerCase())?.[1] ?? '';
}

/**
 * The octets of a file as text; null when they are none. `read` gives about as many octets as it is asked for. Believed
 * are a byte order mark, the charset the part names, UTF-8, and else windows-1252 where every octet has a meaning in it.
 */
export function textOfFile(read: (maxOctets: number) => Buffer, maxOctets: number, label?: string): string | null {
  if (!isText(read(Math.min(sampleOctets, maxOctets)))) return null;
  const octets = withoutCutCharacter(read(maxOctets), maxOctets);
  if (!isText(octets)) return null;
  const wide = utf16Of(octets);
  if (wide !== undefined) return decodeCharset(octets, wide);
  if (label !== undefined && isKnownCharset(label)) return decodeCharset(octets, label);
  if (isUtf8(octets)) return decodeCharset(octets, 'utf-8');
  // Octets windows-1252 leaves without a meaning.
  return /[\x81\x8d\x8f\x90\x9d]/.test(octets.toString('latin1')) ? null : decodeCharset(octets, 'windows-1252');
}

/** No control characters but those of texts: white space, end of a DOS file, shifts of ISO 2022. */
function isText(octets: Buffer): boolean {
  return utf16Of(octets) !== undefined || !/[\0-\x08\x10-\x19\x1c-\x1f]/.test(octets.toString('latin1'));
}

function utf16Of(octets: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (octets[0] === 0xff && octets[1] === 0xfe) return 'utf-16le';
  return octets[0] === 0xfe && octets[1] === 0xff ? 'utf-16be' : undefined;
}
