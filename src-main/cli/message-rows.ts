import { wholeOctetsOf } from '#shared/mail/beginning.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { type Output, octetsInWords } from './output.ts';

/** Rows of a message list: one JSON item a line, or a table. */
export function printRows(out: Output, rows: readonly MessageSummary[], none: string): void {
  if (out.isJson) for (const row of rows) out.json(row);
  else if (rows.length === 0) out.line(none);
  else out.table(rows.map(cellsOf));
}

function cellsOf(row: MessageSummary): string[] {
  const { messageKey, date, from, subject, sizeOctets, flags } = row;
  const mark = `${flags.includes('seen') ? ' ' : 'N'}${flags.includes('flagged') ? '!' : ' '}`;
  const wholeOctets = wholeOctetsOf(messageKey);
  const author = from.displayName === '' ? from.mailbox : from.displayName;
  return [
    messageKey,
    mark,
    date.slice(0, 16).replace('T', ' '),
    author.slice(0, 30),
    wholeOctets === null ? octetsInWords(sizeOctets) : `beginning of ${octetsInWords(wholeOctets)}`,
    subject,
  ];
}
