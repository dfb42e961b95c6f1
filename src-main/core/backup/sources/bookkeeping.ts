/**
 * The fields that other mail programs put in front of a message's own when they store it: Thunderbird in its folders,
 * Google in Takeout, this program in an mbox it exports. They are no part of the message. Without them it has the bytes
 * the server sent, so that it is recognised when it was collected here too, or stands in several folders.
 */
export type Bookkeeper = 'thunderbird' | 'gmail' | 'postrider';

interface Field {
  /** Lower case. */
  readonly name: string;
  /** Where the next one begins. */
  readonly end: number;
}

const longestBlock = 64 * 1024;

/** Where the message itself begins; 0 when there is no such block. */
export function bookkeepingEnd(bytes: Buffer, keeper: Bookkeeper): number {
  switch (keeper) {
    case 'thunderbird':
      return endOfThunderbird(fieldsOf(bytes));
    case 'gmail':
      return endOfRun(fieldsOf(bytes), ['x-gm-thrid', 'x-gm-msgid', 'x-gmail-labels']);
    case 'postrider':
      return postriderBlock.exec(bytes.toString('latin1', 0, longestBlock))?.[0].length ?? 0;
  }
}

/**
 * X-Account-Key and X-UIDL stand before X-Mozilla-Status in mail that Thunderbird collected by POP3; what looks like
 * them after it came with the mail (some servers add an X-UIDL).
 */
function endOfThunderbird(fields: Iterable<Field>): number {
  const before = ['x-account-key', 'x-uidl'];
  const status = ['x-mozilla-status', 'x-mozilla-status2', 'x-mozilla-keys'];
  const seen = new Set<string>();
  let end = 0;
  for (const { name, end: next } of fields) {
    const isExpected = status.includes(name) || (before.includes(name) && !seen.has('x-mozilla-status'));
    if (!isExpected || seen.has(name)) break;
    seen.add(name);
    if (seen.has('x-mozilla-status')) end = next;
  }
  return end;
}

function endOfRun(fields: Iterable<Field>, names: readonly string[]): number {
  const seen = new Set<string>();
  let end = 0;
  for (const { name, end: next } of fields) {
    if (!names.includes(name) || seen.has(name)) break;
    seen.add(name);
    end = next;
  }
  return end;
}

/** All three, in this order, each on one line: nobody else writes them so. See `marksBlock`. */
const postriderBlock = /^Status: [RO]*\r?\nX-Status: [AFDTP]*\r?\nX-Keywords: [^\r\n]*\r?\n/;

/** The fields at the very start, one after the other, folded lines with theirs. */
function* fieldsOf(bytes: Buffer): Generator<Field> {
  let at = 0;
  while (at < bytes.length && at < longestBlock) {
    const end = endOfField(bytes, at);
    const name = /^([!-9;-~]{1,200})[ \t]*:/.exec(bytes.toString('latin1', at, Math.min(end, at + 210)))?.[1];
    if (name === undefined) return;
    yield { name: name.toLowerCase(), end };
    at = end;
  }
}

function endOfField(bytes: Buffer, start: number): number {
  let at = start;
  do {
    const lf = bytes.indexOf(10, at);
    if (lf < 0) return bytes.length;
    at = lf + 1;
  } while (bytes[at] === 0x20 || bytes[at] === 0x09);
  return at;
}
