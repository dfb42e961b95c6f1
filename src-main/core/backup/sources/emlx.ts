import type { Flag } from '#shared/mail/message.ts';

/** A message of Apple Mail's, taken out of its wrapping. */
export interface Emlx {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly flags: Flag[];
  readonly isDeleted: boolean;
}

/** Bits of `flags` in the property list at the end. */
const bits: readonly [bit: number, flag: Flag][] = [
  [0, 'seen'],
  [2, 'answered'],
  [4, 'flagged'],
  [6, 'draft'],
  [8, 'forwarded'],
];

/**
 * Reads an `.emlx` file: a line with the number of octets, so many octets of the message (LF line ends, given back as
 * CRLF by the caller), a property list with the flags. Null when it is not built so: then it is a message as it is.
 */
export function readEmlx(file: Uint8Array<ArrayBuffer>): Emlx | null {
  const buf = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const head = /^(\d{1,10})[ \t]*\r?\n/.exec(buf.toString('latin1', 0, 40));
  if (head === null) return null;
  const begin = head[0].length;
  const end = begin + Number(head[1]);
  if (end > buf.length) return null;
  const list = buf.toString('utf8', end);
  const flags = Number(/<key>flags<\/key>\s*<integer>(\d{1,15})<\/integer>/.exec(list)?.[1] ?? 0);
  const has = (bit: number): boolean => Math.floor(flags / 2 ** bit) % 2 === 1;
  return {
    bytes: file.slice(begin, end),
    flags: bits.flatMap(([bit, flag]) => (has(bit) ? [flag] : [])),
    isDeleted: has(1),
  };
}
