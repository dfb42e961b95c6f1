import { marksOf } from './find-in-mbox.ts';
import type { Found, FoundMessage } from './found-mail.ts';
import { fromMboxEntry } from './mbox-format.ts';
import { readMboxMarks } from './mbox-marks.ts';
import { bookkeepingEnd } from './sources/bookkeeping.ts';
import { readEmlx } from './sources/emlx.ts';
import type { NameTag } from './sources/mozilla-tags.ts';

/** A file of Apple Mail's without its wrapping; its line ends are CRLF again, as the server sent them. */
export function readEmlxMessage(found: FoundMessage): Found {
  const emlx = readEmlx(found.bytes);
  if (emlx === null) return found;
  if (emlx.isDeleted) return { kind: 'deleted', source: found.source };
  const raw = Buffer.from(emlx.bytes.buffer, emlx.bytes.byteOffset, emlx.bytes.byteLength);
  const restored = fromMboxEntry(raw, { isCrlf: false, isQuoted: false });
  return {
    ...found,
    bytes: new Uint8Array(restored.buffer),
    flags: emlx.flags,
    isPartial: /\.partial\.emlx$/i.test(found.source),
  };
}

/** A file of a Maildir of Thunderbird's: its marks stand in fields in front of the message, as in its mboxes. */
export function readMozillaMessage(found: FoundMessage, nameTag: NameTag | undefined): Found {
  const bytes = Buffer.from(found.bytes.buffer);
  const marks = readMboxMarks(bytes);
  if (marks.isExpunged) return { kind: 'deleted', source: found.source };
  const start = bookkeepingEnd(bytes, 'thunderbird');
  return {
    ...found,
    bytes: start === 0 ? found.bytes : found.bytes.slice(start),
    ...marksOf(marks, { isMozillas: true, isGmails: false, nameTag }),
  };
}
