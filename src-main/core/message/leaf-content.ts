import { decodeCharset, withoutCutCharacter } from './charset.ts';
import { decodeTransfer } from './decode-body.ts';
import { fieldValue } from './header-fields.ts';
import type { MimeLeaf } from './mime-tree.ts';

/** The name a part would be saved under, as its header has it; '' when it has none. */
export function fileNameOf(leaf: MimeLeaf): string {
  return leaf.disposition.parameters.get('filename') ?? leaf.contentType.parameters.get('name') ?? '';
}

/** Is this something to read? RFC 2045 §5.2: no Content-Type, or one that cannot be read, means plain text. */
export function isTextLeaf(leaf: MimeLeaf): boolean {
  const { value } = leaf.contentType;
  return !value.includes('/') || value.startsWith('text/') || value === 'message/delivery-status';
}

/** Does the list show a paper clip for it? Not for pictures that the HTML shows in itself. */
export function isAttachedLeaf(leaf: MimeLeaf): boolean {
  if (leaf.disposition.value === 'attachment') return true;
  const isImage = leaf.contentType.value.startsWith('image/');
  if (isImage && fieldValue(leaf.fields, 'content-id') !== undefined) return false;
  return fileNameOf(leaf) !== '' || !(isTextLeaf(leaf) || leaf.contentType.value.startsWith('multipart/'));
}

/** Does it hold a calendar (RFC 5545)? Attached ones come under many types; their name tells. */
export function isCalendarLeaf(leaf: MimeLeaf): boolean {
  const { value } = leaf.contentType;
  if (/^(?:text\/calendar|text\/x-vcalendar|application\/ics)$/.test(value)) return true;
  return /^(?:|text\/plain|application\/octet-stream)$/.test(value) && /\.ics$/i.test(fileNameOf(leaf));
}

/** The decoded octets of a part, at most about `maxOctets`. */
export function leafOctets(buf: Buffer, leaf: MimeLeaf, maxOctets = Number.POSITIVE_INFINITY): Buffer {
  return decodeTransfer(buf, leaf.bodyStart, leaf.bodyEnd, leaf.encoding, maxOctets);
}

/** A text part as text; HTML stays HTML. */
export function leafText(buf: Buffer, leaf: MimeLeaf, maxOctets?: number): string {
  const read = leafOctets(buf, leaf, maxOctets);
  const octets = maxOctets === undefined ? read : withoutCutCharacter(read, maxOctets);
  const isHtml = leaf.contentType.value === 'text/html';
  return decodeCharset(
    octets,
    leaf.contentType.parameters.get('charset') ?? (isHtml ? metaCharset(octets) : undefined),
  );
}

/** HTML that names its charset only in itself. */
function metaCharset(octets: Buffer): string | undefined {
  return /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})/i.exec(octets.toString('latin1', 0, 2048))?.[1];
}
