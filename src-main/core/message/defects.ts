import { isUtf8 } from 'node:buffer';
import { decodeLatin1, isKnownCharset } from './charset.ts';
import { parseDate } from './dates.ts';
import { fieldValue, type HeaderField, joinedValues } from './header-fields.ts';
import { readAddresses, shownAddressCharacters } from './header-values.ts';
import { isTextLeaf } from './leaf-content.ts';
import type { MimeLeaf, MimeTree } from './mime-tree.ts';

/** RFC 5322 §2.1.1, the line end not counted. */
const maxLineOctets = 998;
/** No writer needs more; servers refuse much less. */
export const maxHeaderOctets = 1024 * 1024;

/** What is wrong with a message, in sentences a person understands; empty when it is well formed. Linear. */
export function findDefects(buf: Buffer, tree: MimeTree): string[] {
  if (buf.length === 0) return ['The message is empty.'];
  const { fields } = tree;
  const defects = [...tree.defects];
  const count = (name: string) => fields.filter((field) => field.name === name).length;
  for (const [name, label] of once) if (count(name) > 1) defects.push(`The header has more than one ${label} field.`);
  if (fields.length > 0) {
    if (count('from') === 0) defects.push('The message does not say who it is from.');
    else if (!readAddresses(fields, 'from', shownAddressCharacters).some(({ mailbox }) => mailbox.includes('@')))
      defects.push('The From field holds no address that can be read.');
    const date = fieldValue(fields, 'date');
    if (date === undefined) defects.push('The message has no Date field; the time it was received is shown.');
    else if (parseDate(decodeLatin1(date)) === null) {
      defects.push('The Date field cannot be read; the time the message was received is shown.');
    }
    const messageId = fieldValue(fields, 'message-id');
    if (messageId === undefined) defects.push('The message has no Message-ID.');
    else if (!/<[^<>\s]+>/.test(messageId.slice(0, 2000))) defects.push('The Message-ID is not valid.');
    // RFC 6532: UTF-8 may stand there as it is.
    if (fields.some(isUnknownLetters))
      defects.push('The header holds letters of no known character set; they may be shown wrongly.');
  }
  if (tree.bodyStart - tree.headerStart > maxHeaderOctets)
    defects.push(`The header is ${tree.bodyStart - tree.headerStart} octets long, which is beyond all measure.`);
  if (['to', 'cc', 'bcc'].some((name) => joinedValues(fields, name).length > shownAddressCharacters))
    defects.push('The message names more recipients than can be shown; the first thousands are.');
  for (const leaf of tree.leaves) defects.push(...partDefects(buf, leaf));
  if (hasBareReturn(buf)) defects.push('Some lines end with a carriage return alone, which mail must not have.');
  if (buf.includes(0)) defects.push('The message holds zero octets, which mail must not.');
  const longest = longestLine(buf);
  if (longest > maxLineOctets) defects.push(`A line is ${longest} octets long; mail allows ${maxLineOctets}.`);
  return [...new Set(defects)];
}

const once = [
  ['from', 'From'],
  ['date', 'Date'],
  ['message-id', 'Message-ID'],
  ['subject', 'Subject'],
  ['content-type', 'Content-Type'],
] as const;

function isUnknownLetters({ value }: HeaderField): boolean {
  return /[\x80-\xff]/.test(value) && !isUtf8(Buffer.from(value, 'latin1'));
}

const encodings = [
  '',
  '7bit',
  '8bit',
  'binary',
  'base64',
  'quoted-printable',
  'x-uuencode',
  'uuencode',
  'x-uue',
  'uue',
];
/** So much of a part is looked at for letters that base64 does not have. */
const lookedAtOctets = 1024 * 1024;

function partDefects(buf: Buffer, leaf: MimeLeaf): string[] {
  const defects: string[] = [];
  const { encoding, contentType } = leaf;
  if (!encodings.includes(encoding))
    defects.push(`A part is encoded in a way that is not known (${shown(encoding)}); it is given as it came.`);
  if (encoding === 'base64') {
    const end = Math.min(leaf.bodyEnd, leaf.bodyStart + lookedAtOctets);
    if (/[^A-Za-z0-9+/=\s]/.test(buf.toString('latin1', leaf.bodyStart, end)))
      defects.push('A part is damaged: it holds letters that base64 does not have.');
  }
  const charset = contentType.parameters.get('charset');
  if (charset !== undefined && isTextLeaf(leaf) && !isKnownCharset(charset))
    defects.push(`A part is in a character set that is not known (${shown(charset)}); letters may be shown wrongly.`);
  return defects;
}

/** A stranger’s word within a sentence of ours. */
function shown(word: string): string {
  const plain = word.replace(/[^\x21-\x7e]+/g, ' ').trim();
  return plain.length > 40 ? `${plain.slice(0, 40)} …` : plain;
}

function hasBareReturn(buf: Buffer): boolean {
  for (let at = buf.indexOf(0x0d); at >= 0; at = buf.indexOf(0x0d, at + 1)) if (buf[at + 1] !== 0x0a) return true;
  return false;
}

function longestLine(buf: Buffer): number {
  let longest = 0;
  for (let at = 0; at < buf.length; ) {
    const feed = buf.indexOf(0x0a, at);
    const end = feed < 0 ? buf.length : feed;
    const length = end - at - (end > at && buf[end - 1] === 0x0d ? 1 : 0);
    if (length > longest) longest = length;
    at = end + 1;
  }
  return longest;
}
