import { isCalendarLeaf, leafOctets } from '../leaf-content.ts';
import type { MimeTree } from '../mime-tree.ts';
import type { ReadPart } from '../parse-protocol.ts';
import { calendarLimits } from './content-lines.ts';
import { type ReadCalendarContent, readInvitation } from './read-invitation.ts';

/** Of more calendars than these the others stay attachments. */
const maxCalendars = 5;

export interface FoundInvitation extends ReadCalendarContent {
  /** The attachments among these that say the same: most writers send it twice, once as a file. */
  partIds(parts: readonly ReadPart[]): string[];
}

/** What a calendar says by this message; one that asks or answers comes before one that only tells. Null: none. */
export function findInvitation(buf: Buffer, tree: MimeTree): FoundInvitation | null {
  const leaves = tree.leaves.filter((leaf) => !leaf.isEmbedded && isCalendarLeaf(leaf)).slice(0, maxCalendars);
  const found = leaves.flatMap((leaf) => {
    const octets = leafOctets(buf, leaf, calendarLimits.octets);
    const { parameters } = leaf.contentType;
    const read = readInvitation(octets, {
      charset: parameters.get('charset'),
      declaredMethod: parameters.get('method'),
    });
    return read === null ? [] : [{ read, octets }];
  });
  const chosen = found.find(({ read }) => read.content.kind !== 'event') ?? found[0];
  if (chosen === undefined) return null;
  const { uid, instance } = chosen.read.content;
  const same = found.filter(({ read: { content } }) => content.uid === uid && content.instance === instance);
  return {
    ...chosen.read,
    partIds: (parts) =>
      parts.filter(({ bytes }) => same.some(({ octets }) => isSame(octets, bytes))).map(({ partId }) => partId),
  };
}

/** Blank lines at the end are lost and added on the way. */
function isSame(octets: Buffer, bytes: Uint8Array): boolean {
  if (Math.abs(octets.length - bytes.length) > 8) return false;
  const other = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return octets.toString('latin1').trimEnd() === other.toString('latin1').trimEnd();
}
