import { type Found, type FoundMessage, maxMessageOctets, type Place } from './found-mail.ts';
import { isThunderbirds } from './mbox-format.ts';
import { type MboxMarks, readMboxMarks } from './mbox-marks.ts';
import { type MboxEntry, readMbox } from './mbox-reader.ts';
import { tooLarge } from './read-octets.ts';
import type { MboxMark } from './resume/position.ts';
import { bookkeepingEnd } from './sources/bookkeeping.ts';
import { parseGmailLabels, sortGmailLabels } from './sources/gmail-labels.ts';
import { type NameTag, namesOfTags } from './sources/mozilla-tags.ts';

export interface MboxSource {
  /** What a report calls it. */
  readonly name: string;
  readonly place: Place;
  /** It lies in a profile of Thunderbird's. */
  readonly isThunderbirds?: boolean;
  readonly nameTag?: NameTag;
  readonly limit?: number;
  /** The chunks begin here, not at the beginning. */
  readonly from?: MboxMark | undefined;
}

/** Whose file it is, as far as its first message tells. */
interface Keepers {
  isThunderbirds: boolean | undefined;
  isGmails: boolean | undefined;
}

/**
 * The messages of an mbox, without those Thunderbird only waits to compact away. That field is believed in a file of
 * Thunderbird's: in its profile, by the From_ line, or because its first message has the field. Elsewhere it is a
 * stranger's, come with the mail, and must not make a message vanish. Gmail's labels likewise.
 */
export async function* findInMbox(chunks: AsyncIterable<Uint8Array>, source: MboxSource): AsyncGenerator<Found> {
  const { name, from, limit = maxMessageOctets } = source;
  const keepers: Keepers = {
    isThunderbirds: from?.isThunderbirds ?? source.isThunderbirds,
    isGmails: from?.isGmails ?? undefined,
  };
  for await (const entry of readMbox(chunks, { maxMessageOctets: limit, from })) {
    const found = foundIn(entry, `${name}#${entry.number}`, source, keepers);
    const { isThunderbirds = null, isGmails = null } = keepers;
    yield { ...found, mark: { mbox: { ...entry.next, isThunderbirds, isGmails } } };
  }
}

function foundIn(entry: MboxEntry, name: string, source: MboxSource, keepers: Keepers): Found {
  if (entry.kind === 'too-large') return { kind: 'failed', source: name, error: tooLarge() };
  const own = bookkeepingEnd(entry.bytes, 'postrider');
  const marks = readMboxMarks(own === 0 ? entry.bytes : entry.bytes.subarray(0, own));
  if (own === 0) {
    keepers.isThunderbirds ??= marks.hasMozillaStatus;
    keepers.isGmails ??= marks.gmailLabels !== undefined;
  }
  const isMozillas = own === 0 && (keepers.isThunderbirds === true || isThunderbirds(entry.from));
  const isGmails = own === 0 && !isMozillas && keepers.isGmails === true;
  if (isMozillas && marks.isExpunged) return { kind: 'deleted', source: name };
  const start = isMozillas || isGmails ? bookkeepingEnd(entry.bytes, isMozillas ? 'thunderbird' : 'gmail') : own;
  return {
    kind: 'message',
    source: name,
    // The whole buffer is the message's own; it is copied only where something goes.
    bytes: new Uint8Array(start === 0 ? entry.bytes.buffer : entry.bytes.buffer.slice(start)),
    place: source.place,
    ...marksOf(marks, { isMozillas, isGmails, nameTag: source.nameTag }),
  };
}

/** Flags, tags and labels, as the file's keeper is to be believed. */
export function marksOf(
  marks: MboxMarks,
  { isMozillas, isGmails, nameTag }: { isMozillas: boolean; isGmails: boolean; nameTag: NameTag | undefined },
): Pick<FoundMessage, 'flags' | 'tags' | 'labels' | 'isPartial'> {
  if (isGmails) {
    const labels = sortGmailLabels(parseGmailLabels(marks.gmailLabels ?? ''));
    const flags = marks.gmailLabels === undefined ? marks.flags : labels.flags;
    return { flags: [...new Set([...marks.flags, ...flags])], tags: marks.keywords, labels };
  }
  if (!isMozillas) return { flags: marks.flags, tags: marks.keywords };
  const forwarded = marks.mozillaKeys.some((key) => key.toLowerCase() === '$forwarded');
  return {
    flags: forwarded ? [...new Set([...marks.flags, 'forwarded' as const])] : marks.flags,
    tags: [...new Set([...marks.keywords, ...namesOfTags(marks.mozillaKeys, nameTag)])],
    isPartial: marks.isPartial,
  };
}
