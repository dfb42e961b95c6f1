import { simpleParser } from 'mailparser';
import { findInvitation } from './calendar/find-invitation.ts';
import { writeReply } from './calendar/write-reply.ts';
import { decodeLatin1 } from './charset.ts';
import { findDefects, maxHeaderOctets } from './defects.ts';
import { readHeader, readText } from './header-values.ts';
import { htmlToText } from './html-to-text.ts';
import { type MimeTree, readMimeTree } from './mime-tree.ts';
import { type FoundPart, ownBodies } from './own-bodies.ts';
import type { ParseRequest, ReadMessage, ReadPart } from './parse-protocol.ts';
import { safeFileName } from './safe-file-name.ts';
import { decodeUuencode, findUuencoded, withoutFiles } from './uuencode.ts';

/**
 * Reads a whole message with mailparser, for a person to see. Runs in the child: it has no limits of its own. The
 * header comes from our own reader, so that a row of the list and the opened message never differ. Messages inside the
 * message stay attachments.
 */
export async function readMessage(bytes: Uint8Array): Promise<ReadMessage> {
  const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tree = readMimeTree(buf);
  const { text, html, parts, isPartial } = await readBodies(buf, tree);
  const found = findInvitation(buf, tree);
  return {
    ...readHeader(tree.fields),
    text,
    html,
    attachments: parts.map(({ bytes: content, ...part }) => ({ ...part, sizeOctets: content.length })),
    defects: [...(isPartial === true ? [partial] : []), ...findDefects(buf, tree)],
    ...(found === null ? {} : { invitation: { ...found.content, partIds: found.partIds(parts) } }),
  };
}

/** The decoded octets of the attachments named, or of all. */
export async function readParts(bytes: Uint8Array, partIds: readonly string[] | undefined): Promise<ReadPart[]> {
  const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { parts } = await readBodies(buf, readMimeTree(buf));
  return partIds === undefined ? parts : parts.filter(({ partId }) => partIds.includes(partId));
}

/** The calendar part of an answer to the invitation in this message. Throws EINVALID when there is none to answer. */
export function writeAnswer(bytes: Uint8Array, wish: ParseRequest['answer']): string {
  const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = findInvitation(buf, readMimeTree(buf));
  if (found === null || wish === undefined) throw new Error('There is no invitation to answer.');
  return writeReply(found, wish);
}

/** `cid:` links are left for the reading pane; text is never turned into links or HTML made into text by the library. */
const options = {
  keepCidLinks: true,
  skipImageLinks: true,
  skipHtmlToText: true,
  skipTextLinks: true,
  ignoreEmbedded: true,
};

const partial = 'The message has a structure beyond all measure; only what could be read of it is shown.';

interface Bodies {
  /** Not everything the message holds could be read. */
  readonly isPartial?: boolean;
  text: string;
  html: string | null;
  parts: ReadPart[];
}

async function readBodies(buf: Buffer, tree: MimeTree): Promise<Bodies> {
  const own = ownBodies(buf, tree);
  // The library takes its time over what is beyond all measure, and refuses some of it; ours does not.
  if (tree.isBeyondLimits || tree.bodyStart - tree.headerStart > maxHeaderOctets)
    return { ...finish(own.text, own.html, own.attached()), isPartial: true };
  const hasHtml = tree.leaves.some(({ contentType }) => contentType.value === 'text/html');
  // Text beside HTML has to become HTML too, or it would not be shown; without any HTML that is work for nothing.
  const parsed = await simpleParser(withHeader(buf, tree), { ...options, skipTextToHtml: !hasHtml }).catch(() => null);
  if (parsed === null) return { ...finish(own.text, own.html, own.attached()), isPartial: true };
  const html = typeof parsed.html === 'string' && parsed.html !== '' ? parsed.html : null;
  const plain = (parsed.text ?? '').replace(/\r\n?/g, '\n');
  // Structures the library makes nothing of, and charsets it does not guess: our own reader may have more to show.
  const isNothing = plain.trim() === '' && html === null && parsed.attachments.length === 0;
  if (isNothing) return finish(own.text, own.html, own.attached());
  const attached = parsed.attachments.map(({ filename, contentType, contentId, content }): FoundPart => {
    return { name: filename ?? '', contentType, contentId: contentId ?? '', octets: content };
  });
  // A writer's `text` without a subtype is an attachment to the library already.
  const named = own.named.filter(({ name }) => !attached.some((other) => other.name === name));
  const text = own.isFlowed ? own.text : better(plain, own.text);
  return finish(text, html === null ? null : better(html, own.html ?? ''), [...attached, ...named]);
}

/** Replacement characters tell of octets the library could not decode. */
function better(theirs: string, ours: string): string {
  return theirs.includes('\ufffd') && ours !== '' && !ours.includes('\ufffd') ? ours : theirs;
}

function finish(plain: string, html: string | null, found: readonly FoundPart[]): Bodies {
  const shown = html === null ? new Set<string>() : contentIdsIn(html);
  const files = plain.includes('begin ') ? findUuencoded(plain) : [];
  const uuencoded = files.map(({ fileName, start, end }): FoundPart => {
    const octets = decodeUuencode(plain.slice(start, end));
    return { name: fileName, contentType: 'application/octet-stream', contentId: '', octets };
  });
  const parts = [...found, ...uuencoded].map((part, index) => toReadPart(part, index, shown));
  const text = withoutFiles(plain, files);
  return { text: text.trim() === '' && html !== null ? htmlToText(html) : text, html, parts };
}

function toReadPart({ name, contentType, contentId, octets }: FoundPart, index: number, shown: Set<string>): ReadPart {
  const type = /^[\w.+-]+\/[\w.+-]+$/.test(contentType) ? contentType.toLowerCase() : 'application/octet-stream';
  const id = contentId.trim().replace(/^<|>$/g, '');
  return {
    partId: String(index),
    fileName: safeFileName(name === '' ? subjectAsName(type, octets) : name, type),
    contentType: type,
    contentId: id === '' ? undefined : id,
    isInline: id !== '' && shown.has(id),
    bytes: octets,
  };
}

/** A message without any header is all body; the library would take its first lines for fields. */
function withHeader(buf: Buffer, tree: MimeTree): Buffer {
  if (tree.fields.length > 0) return buf.subarray(tree.headerStart);
  return Buffer.concat([Buffer.from('MIME-Version: 1.0\r\n\r\n'), buf]);
}

/** A forwarded message is better known by its subject. */
function subjectAsName(contentType: string, content: Buffer): string {
  if (contentType !== 'message/rfc822') return '';
  const subject = readText(readMimeTree(content.subarray(0, 65_536)).fields, 'subject');
  return subject === '' ? 'message.eml' : `${subject.slice(0, 100).replace(/[/\\]/g, '_')}.eml`;
}

/** The parts the HTML shows in itself (RFC 2392: the id in a `cid:` link may be percent-encoded). */
function contentIdsIn(html: string): Set<string> {
  const ids = new Set<string>();
  for (const [, id = ''] of html.matchAll(/cid:([^"'\s<>)]{1,300})/gi)) {
    ids.add(id);
    ids.add(percentDecoded(id));
  }
  return ids;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('&amp;', '&'));
  } catch {
    return decodeLatin1(text);
  }
}
