import { CR, eachLine, fromQuoting, hasOnlyCrlf, LF } from './lines.ts';

// The mboxrd format: a `From ` line, the message with LF line ends, an empty line. Every line that begins with any
// number of `>` and then `From ` gets one more `>`, so that it can be undone. (RFC 4155 names the From_ line; mboxrd
// itself is described at https://www.loc.gov/preservation/digital/formats/fdd/fdd000385.shtml)

/** `From sender Thu Jan  1 00:00:00 1970`, in UTC as RFC 4155 asks. */
export function fromLine(sender: string, date: Date): string {
  const mailbox = /^[\x21-\x7e]{1,300}$/.test(sender) ? sender : 'MAILER-DAEMON';
  // A Date field may claim any year; readers, this one included, know a From_ line by a plausible one.
  const isPlausible = date.getTime() >= 0 && date.getUTCFullYear() < 2100;
  const [weekday, day, month, year, time] = (isPlausible ? date : new Date(0))
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `From ${mailbox} ${weekday} ${month} ${(day ?? '').replace(/^0/, ' ')} ${time} ${year}`;
}

/**
 * One message as it stands in an mboxrd file, with its From_ line and the empty line after it. `marks`: fields that go
 * in front of its own, LF line ends.
 */
export function toMboxrd(bytes: Buffer, from: string, marks = ''): Buffer {
  const head = Buffer.from(`${from}\n${marks}`, 'latin1');
  let size = head.length;
  eachLine(bytes, (start, end) => {
    size += end - start + 1 + (fromQuoting(bytes, start, end) >= 0 ? 1 : 0);
  });
  const entry = Buffer.allocUnsafe(size + 1);
  let at = head.copy(entry);
  eachLine(bytes, (start, end, hasLf) => {
    if (fromQuoting(bytes, start, end) >= 0) at += entry.write('>', at);
    const stop = hasLf && end > start && bytes[end - 1] === CR ? end - 1 : end;
    at += bytes.copy(entry, at, start, stop);
    entry[at++] = LF;
  });
  entry[at++] = LF;
  return entry.subarray(0, at);
}

/**
 * Whether the mbox trip gives these bytes back exactly: CRLF throughout, to the end. (Lines that all end in CR CRLF
 * would be taken for CRLF ones on the way back.)
 */
export function isExactInMbox(bytes: Buffer): boolean {
  if (bytes.length === 0) return true;
  if (bytes.at(-1) !== LF || !hasOnlyCrlf(bytes)) return false;
  let isDoubled = true;
  eachLine(bytes, (start, end) => {
    isDoubled &&= end - start >= 2 && bytes[end - 2] === CR;
  });
  return !isDoubled;
}

/**
 * The message of an mbox entry: LF becomes CRLF (unless every line already ends so), and with `isQuoted` one `>` is
 * taken from every `>From ` line. `raw` is what stands between the From_ line and the empty line.
 */
export function fromMboxEntry(
  raw: Buffer,
  { isCrlf, isQuoted }: { isCrlf: boolean; isQuoted: boolean },
): Buffer<ArrayBuffer> {
  const restore = !isCrlf && !hasOnlyCrlf(raw);
  let size = 0;
  eachLine(raw, (start, end, hasLf) => {
    const quoting = isQuoted && fromQuoting(raw, start, end) > 0 ? 1 : 0;
    size += end - start - quoting + (hasLf ? (restore ? 2 : 1) : 0);
  });
  const bytes = Buffer.from(new ArrayBuffer(size));
  let at = 0;
  eachLine(raw, (start, end, hasLf) => {
    const quoting = isQuoted && fromQuoting(raw, start, end) > 0 ? 1 : 0;
    at += raw.copy(bytes, at, start + quoting, end);
    if (hasLf && restore) bytes[at++] = CR;
    if (hasLf) bytes[at++] = LF;
  });
  return bytes;
}

const clock = /\b\d{1,2}:\d{2}(?::\d{2})?\b/;
const year = /\b(?:19|20)\d{2}\b/;
const asctime = /^From \S.* (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:\w{3} +\d{1,2}|\d{1,2} +\w{3})\b.*\d{1,2}:\d{2}/;

/**
 * Whether a line separates two messages. After an empty line any From_ line with a time and a year does (also
 * `From - …` and dialects with zones), and a bare `From ` (Thunderbird) when a header field follows; without an empty
 * line only the classic form does, since some programs leave it out.
 */
export function isSeparator(
  line: string,
  { isAfterEmptyLine, next }: { isAfterEmptyLine: boolean; next: string },
): boolean {
  if (!line.startsWith('From ') || line.length > 400) return false;
  if (line.trimEnd() === 'From') return isAfterEmptyLine && headerField.test(next);
  if (!clock.test(line) || !year.test(line)) return false;
  return isAfterEmptyLine || asctime.test(line);
}

const headerField = /^[!-9;-~]+:/;

/** Whether Thunderbird wrote this From_ line. */
export function isThunderbirds(line: string): boolean {
  return line.startsWith('From - ') || line.trimEnd() === 'From';
}
