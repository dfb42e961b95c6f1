import { sep } from 'node:path';

/**
 * Names on a disk are octets, and those of old systems are not always UTF-8. Within the import such a name is a string in
 * which each octet that does not fit stands as a lone surrogate (U+DC80 to U+DCFF, as Python does it), so that paths can
 * be joined and compared as ever; `onDisk` makes the octets of it again wherever the system is asked.
 */

const escaped = /[\udc80-\udcff]/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** On Windows names are UTF-16, and a lone surrogate is itself. */
const hasOctets = sep === '/';

/** A name as the system gives it. */
export function fromOctets(name: Buffer): string {
  try {
    return utf8.decode(name);
  } catch {
    return byCharacter(name);
  }
}

function byCharacter(name: Buffer): string {
  let text = '';
  for (let at = 0; at < name.length; ) {
    const length = lengthAt(name, at);
    text += length === 0 ? String.fromCharCode(0xdc00 + (name[at] ?? 0)) : name.toString('utf8', at, at + length);
    at += Math.max(1, length);
  }
  return text;
}

/** Of the character of UTF-8 that begins there; 0 where none does. */
function lengthAt(name: Buffer, at: number): number {
  for (const length of [1, 2, 3, 4]) {
    if (at + length > name.length) return 0;
    try {
      utf8.decode(name.subarray(at, at + length));
      return length;
    } catch {
      // Longer, or none.
    }
  }
  return 0;
}

/** What to ask the system for. */
export function onDisk(path: string): string | Buffer {
  if (!hasOctets || !escaped.test(path)) return path;
  const pieces = path.split(/([\udc80-\udcff])/);
  return Buffer.concat(
    pieces.map((piece, at) => (at % 2 === 0 ? Buffer.from(piece) : Buffer.from([piece.charCodeAt(0) & 0xff]))),
  );
}

/** What to show: octets that are not UTF-8 as Windows and most old systems in the West meant them. */
export function shown(path: string): string {
  if (!escaped.test(path)) return path;
  const western = new TextDecoder('windows-1252');
  return path.replace(/[\udc80-\udcff]+/g, (run) =>
    western.decode(Buffer.from([...run].map((each) => each.charCodeAt(0) & 0xff))),
  );
}
