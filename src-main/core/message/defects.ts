import { decodeLatin1 } from './charset.ts';
import { parseDate } from './dates.ts';
import { fieldValue } from './header-fields.ts';
import type { MimeTree } from './mime-tree.ts';

/** RFC 5322 §2.1.1, the line end not counted. */
const maxLineOctets = 998;

/** What is wrong with a message, in sentences a person understands; empty when it is well formed. Linear. */
export function findDefects(buf: Buffer, tree: MimeTree): string[] {
  if (buf.length === 0) return ['The message is empty.'];
  const { fields } = tree;
  const defects = [...tree.defects];
  const count = (name: string) => fields.filter((field) => field.name === name).length;
  for (const [name, label] of once) if (count(name) > 1) defects.push(`The header has more than one ${label} field.`);
  if (fields.length > 0) {
    if (count('from') === 0) defects.push('The message does not say who it is from.');
    const date = fieldValue(fields, 'date');
    if (date === undefined) defects.push('The message has no Date field; the time it was received is shown.');
    else if (parseDate(decodeLatin1(date)) === null) {
      defects.push('The Date field cannot be read; the time the message was received is shown.');
    }
    const messageId = fieldValue(fields, 'message-id');
    if (messageId === undefined) defects.push('The message has no Message-ID.');
    else if (!/<[^<>\s]+>/.test(messageId.slice(0, 2000))) defects.push('The Message-ID is not valid.');
    if (fields.some(({ value }) => /[\x80-\xff]/.test(value))) {
      defects.push('The header holds letters outside ASCII without encoding them; they may be shown wrongly.');
    }
  }
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
