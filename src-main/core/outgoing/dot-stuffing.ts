const cr = 0x0d;
const lf = 0x0a;
const dot = 0x2e;

const insertions = {
  dot: Buffer.from('.'),
  lf: Buffer.from('\n'),
  // A receiver that takes a lone CR for a line end must not find a dot alone on the next line.
  lfDot: Buffer.from('\n.'),
  cr: Buffer.from('\r'),
};

/**
 * A piece of a message as it stands on the wire: a dot at the start of a line is doubled (RFC 5321 §4.5.2), and CR and LF
 * go only as a pair (§2.3.8). `before` is the octet in front of the piece; undefined at the start of the message. Answers
 * the same octets when nothing is to be changed.
 */
export function toWireOctets(piece: Buffer, before: number | undefined): Buffer {
  const parts: Buffer[] = [];
  let keptFrom = 0;
  let last = before;
  for (let at = 0; at < piece.length; at += 1) {
    const octet = piece[at];
    if (last === cr || octet === lf || octet === dot) {
      const inserted = insertionBetween(last, octet);
      if (inserted !== null) {
        parts.push(piece.subarray(keptFrom, at), inserted);
        keptFrom = at;
      }
    }
    last = octet;
  }
  if (parts.length === 0) return piece;
  parts.push(piece.subarray(keptFrom));
  return Buffer.concat(parts);
}

function insertionBetween(last: number | undefined, octet: number | undefined): Buffer | null {
  if (last === cr && octet !== lf) return octet === dot ? insertions.lfDot : insertions.lf;
  if (octet === lf && last !== cr) return insertions.cr;
  if (octet === dot && (last === lf || last === undefined)) return insertions.dot;
  return null;
}

const endings = { afterLf: Buffer.from('.\r\n'), afterCr: Buffer.from('\n.\r\n'), else: Buffer.from('\r\n.\r\n') };

/** What ends a message whose last octet is this one (undefined: it has none). */
export function endOfData(last: number | undefined): Buffer {
  if (last === lf || last === undefined) return endings.afterLf;
  return last === cr ? endings.afterCr : endings.else;
}
