/** Octets that matter in an mbox. */
export const LF = 10;
export const CR = 13;
const GT = 62;
const fromSpace = Buffer.from('From ');

/** Whether every LF follows a CR. */
export function hasOnlyCrlf(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (at === 0 || bytes[at - 1] !== CR) return false;
  }
  return true;
}

/** Calls `see` with each line: where it starts, and where its LF stands (or the end, for a last line without one). */
export function eachLine(bytes: Buffer, see: (start: number, end: number, hasLf: boolean) => void): void {
  let start = 0;
  while (start < bytes.length) {
    const lf = bytes.indexOf(LF, start);
    if (lf < 0) {
      see(start, bytes.length, false);
      return;
    }
    see(start, lf, true);
    start = lf + 1;
  }
}

/** How many `>` stand before `From ` at the start of this line; -1 when it is no such line. */
export function fromQuoting(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === GT) at++;
  const isFrom = end - at >= fromSpace.length && bytes.compare(fromSpace, 0, 5, at, at + 5) === 0;
  return isFrom ? at - start : -1;
}
