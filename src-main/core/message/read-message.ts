import { simpleParser } from 'mailparser';
import { decodeLatin1 } from './charset.ts';
import { findDefects } from './defects.ts';
import { readHeader, readText } from './header-values.ts';
import { htmlToText } from './html-to-text.ts';
import { type MimeTree, readMimeTree } from './mime-tree.ts';
import type { ReadMessage, ReadPart } from './parse-protocol.ts';
import { safeFileName } from './safe-file-name.ts';

/**
 * Reads a whole message with mailparser, for a person to see. Runs in the child: it has no limits of its own. The
 * header comes from our own reader, so that a row of the list and the opened message never differ. Messages inside the
 * message stay attachments.
 */
export async function readMessage(bytes: Uint8Array): Promise<ReadMessage> {
  const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tree = readMimeTree(buf);
  const { text, html, parts } = await readBodies(buf, tree);
  return {
    ...readHeader(tree.fields),
    text,
    html,
    attachments: parts.map(({ bytes: content, ...part }) => ({ ...part, sizeOctets: content.length })),
    defects: findDefects(buf, tree),
  };
}

/** The decoded octets of the attachments named, or of all. */
export async function readParts(bytes: Uint8Array, partIds: readonly string[] | undefined): Promise<ReadPart[]> {
  const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { parts } = await readBodies(buf, readMimeTree(buf));
  return partIds === undefined ? parts : parts.filter(({ partId }) => partIds.includes(partId));
}

/** `cid:` links are left for the reading pane; text is never turned into links or HTML made into text by the library. */
const options = {
  keepCidLinks: true,
  skipImageLinks: true,
  skipHtmlToText: true,
  skipTextLinks: true,
  ignoreEmbedded: true,
};

async function readBodies(
  buf: Buffer,
  tree: MimeTree,
): Promise<{ text: string; html: string | null; parts: ReadPart[] }> {
  const parsed = await simpleParser(withHeader(buf, tree), options);
  const html = typeof parsed.html === 'string' && parsed.html !== '' ? parsed.html : null;
  const plain = (parsed.text ?? '').replace(/\r\n?/g, '\n');
  const shown = html === null ? new Set<string>() : contentIdsIn(html);
  const parts = parsed.attachments.map((attachment, index): ReadPart => {
    const contentType = /^[\w.+-]+\/[\w.+-]+$/.test(attachment.contentType)
      ? attachment.contentType.toLowerCase()
      : 'application/octet-stream';
    const contentId = attachment.contentId?.replace(/^<|>$/g, '') ?? '';
    return {
      partId: String(index),
      fileName: safeFileName(attachment.filename ?? subjectAsName(contentType, attachment.content), contentType),
      contentType,
      contentId: contentId === '' ? undefined : contentId,
      isInline: contentId !== '' && shown.has(contentId),
      bytes: attachment.content,
    };
  });
  return { text: plain.trim() === '' && html !== null ? htmlToText(html) : plain, html, parts };
}

/** A message without any header is all body; the library would take its first lines for fields. */
function withHeader(buf: Buffer, tree: MimeTree): Buffer {
  return tree.fields.length > 0 ? buf.subarray(0) : Buffer.concat([Buffer.from('MIME-Version: 1.0\r\n\r\n'), buf]);
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
