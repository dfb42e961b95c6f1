import type { MessageOutline, ReadOutline } from '../outline.ts';
import { calendarWords } from './calendar/calendar-words.ts';
import { readAddresses, readDate, readMessageIds, readText } from './header-values.ts';
import { htmlToText } from './html-to-text.ts';
import { fileNameOf, isAttachedLeaf, isCalendarLeaf, isTextLeaf, leafOctets, leafText } from './leaf-content.ts';
import { type MimeLeaf, readMimeTree } from './mime-tree.ts';
import { makeSnippet } from './snippet.ts';
import { isHtmlFile, mayBeTextFile, textOfFile } from './text-files.ts';
import { findUuencoded, withoutFiles } from './uuencode.ts';

/** HTML is mostly markup: this many octets of it are read for each octet of text that is wanted. */
const htmlFactor = 8;

/** The index's own reader: one pass, no tree of objects, nothing decoded that is not text. See `ReadOutline`. */
export const readOutline: ReadOutline = (bytes, { maxTextOctets }): MessageOutline => {
  const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tree = readMimeTree(buf);
  const { fields } = tree;
  const body = readBodies(buf, tree.leaves, maxTextOctets);
  return {
    subject: readText(fields, 'subject'),
    from: readAddresses(fields, 'from'),
    to: readAddresses(fields, 'to'),
    cc: readAddresses(fields, 'cc'),
    bcc: readAddresses(fields, 'bcc'),
    date: readDate(fields),
    messageId: readMessageIds(fields, 'message-id')[0] ?? '',
    inReplyTo: readMessageIds(fields, 'in-reply-to'),
    references: readMessageIds(fields, 'references'),
    text: body.text,
    snippet: makeSnippet(body.lead),
    attachmentNames: body.attachmentNames,
    hasAttachments: body.hasAttachments,
    isMalformed: tree.defects.length > 0,
  };
};

interface Bodies {
  text: string;
  /** The text a snippet is made from. */
  lead: string;
  attachmentNames: string[];
  hasAttachments: boolean;
}

interface TextPiece {
  readonly text: string;
  readonly isHtml: boolean;
  /** The alternative it belongs to; 0 for none. */
  readonly alternativeId: number;
  /** Text of a file whose type does not say so: found by its words, but no lead for the list. */
  readonly isFile: boolean;
  /** The part of it a list row begins with, where that is not all. */
  readonly about?: string;
}

function readBodies(buf: Buffer, leaves: readonly MimeLeaf[], maxTextOctets: number): Bodies {
  const pieces: TextPiece[] = [];
  const names: string[] = [];
  let hasAttachments = false;
  let left = maxTextOctets;
  for (const leaf of leaves) {
    const fileName = fileNameOf(leaf);
    if (fileName !== '') names.push(fileName.slice(0, 1000));
    const isAttached = isAttachedLeaf(leaf);
    if (isAttached) hasAttachments = true;
    if (left <= 0) continue;
    const piece = isTextLeaf(leaf) ? readPiece(buf, leaf, left) : readFile(buf, leaf, left);
    if (piece === null) continue;
    const files = piece.isHtml || piece.isFile || !piece.text.includes('begin ') ? [] : findUuencoded(piece.text);
    for (const file of files) names.push(file.fileName);
    if (files.length > 0) hasAttachments = true;
    pieces.push(files.length > 0 ? { ...piece, text: withoutFiles(piece.text, files) } : piece);
    left -= piece.text.length;
  }
  const written = pieces.filter(({ text }) => text.trim() !== '');
  // Of a message that is nothing but a calendar, what that is about.
  const lead =
    written.find(({ isFile }) => !isFile) ??
    (leaves.length === 1 && leaves.some(isCalendarLeaf) ? written[0] : undefined);
  return {
    text: joinPieces(pieces).slice(0, maxTextOctets),
    lead: lead?.about ?? lead?.text ?? '',
    attachmentNames: names,
    hasAttachments,
  };
}

function readPiece(buf: Buffer, leaf: MimeLeaf, maxOctets: number): TextPiece {
  const isHtml = leaf.contentType.value === 'text/html';
  const text = leafText(buf, leaf, isHtml ? maxOctets * htmlFactor : maxOctets);
  const alternative = leaf.path.findLast(({ subtype }) => subtype === 'alternative');
  const alternativeId = alternative?.id ?? 0;
  if (isCalendarLeaf(leaf)) return { ...calendarWords(text), isHtml, alternativeId, isFile: true };
  return { text: isHtml ? htmlToText(text, maxOctets) : text, isHtml, alternativeId, isFile: false };
}

function readFile(buf: Buffer, leaf: MimeLeaf, maxOctets: number): TextPiece | null {
  if (!mayBeTextFile(leaf)) return null;
  const isHtml = isHtmlFile(leaf);
  const charset = leaf.contentType.parameters.get('charset');
  const read = (octets: number): Buffer => leafOctets(buf, leaf, octets);
  const text = textOfFile(read, isHtml ? maxOctets * htmlFactor : maxOctets, charset);
  if (text === null) return null;
  if (isCalendarLeaf(leaf)) return { ...calendarWords(text), isHtml: false, alternativeId: 0, isFile: true };
  return { text: isHtml ? htmlToText(text, maxOctets) : text, isHtml, alternativeId: 0, isFile: true };
}

/** All texts; of an HTML alternative only the words its plain companion lacks, since most say the same twice. */
function joinPieces(pieces: readonly TextPiece[]): string {
  if (pieces.length === 1) return pieces[0]?.text ?? '';
  const joined: string[] = [];
  const plain = new Map<number, string>();
  for (const { text, isHtml, alternativeId } of pieces) {
    if (alternativeId > 0 && !isHtml) plain.set(alternativeId, `${plain.get(alternativeId) ?? ''}\n${text}`);
    const companion = isHtml && alternativeId > 0 ? plain.get(alternativeId) : undefined;
    joined.push(companion === undefined ? text : wordsNotIn(text, companion));
  }
  return joined.filter((text) => text !== '').join('\n');
}

const word = /[\p{L}\p{N}]+/gu;

function wordsNotIn(text: string, companion: string): string {
  const known = new Set(companion.match(word));
  return (text.match(word) ?? []).filter((candidate) => !known.has(candidate)).join(' ');
}
