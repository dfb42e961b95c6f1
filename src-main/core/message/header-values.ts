import type { Address } from '#shared/mail/address.ts';
import { parseAddressList } from '#shared/mail/address-list.ts';
import { decodeLatin1 } from './charset.ts';
import { parseDate } from './dates.ts';
import { draftStateField } from './draft-state.ts';
import { decodeEncodedWords, decodeHeaderText } from './encoded-words.ts';
import { fieldValue, type HeaderField, joinedValues } from './header-fields.ts';
import type { ReadMessage } from './parse-protocol.ts';

/** A subject beyond this is of no use to anyone. */
const maxHeaderText = 10_000;

/** An unstructured field, decoded; '' when missing. */
export function readText(fields: readonly HeaderField[], name: string): string {
  return decodeHeaderText((fieldValue(fields, name) ?? '').slice(0, maxHeaderText));
}

/** The addresses of a field. A field that names someone without an address gives that name with an empty mailbox. */
export function readAddresses(fields: readonly HeaderField[], name: string): Address[] {
  const value = joinedValues(fields, name);
  if (value.trim() === '') return [];
  const { addresses, rest } = parseAddressList(decodeLatin1(value));
  if (addresses.length === 0 && rest !== '') return [{ displayName: decodeEncodedWords(rest), mailbox: '' }];
  return addresses.map(({ displayName, mailbox }) => ({
    displayName: decodeEncodedWords(displayName),
    mailbox: decodeEncodedWords(mailbox),
  }));
}

/** Epoch milliseconds of the Date field. */
export function readDate(fields: readonly HeaderField[]): number | null {
  const value = fieldValue(fields, 'date');
  return value === undefined ? null : parseDate(decodeLatin1(value));
}

/** RFC 5322 §3.6.4: the ids with their angle brackets; ids without brackets, as some write them, are taken too. */
export function readMessageIds(fields: readonly HeaderField[], name: string): string[] {
  const value = (fieldValue(fields, name) ?? '').slice(0, 200_000);
  const ids = value.match(/<[^<>\s]{1,995}>/g);
  if (ids !== null) return [...new Set(ids)];
  const bare = value.trim();
  return bare !== '' && /^[^\s<>]+@[^\s<>]+$/.test(bare) ? [`<${bare}>`] : [];
}

/** Everything the header says, of a message that cannot be parsed as well. */
export function readHeader(
  fields: readonly HeaderField[],
): Omit<ReadMessage, 'text' | 'html' | 'attachments' | 'defects'> {
  return {
    subject: readText(fields, 'subject'),
    from: readAddresses(fields, 'from'),
    sender: readAddresses(fields, 'sender'),
    replyTo: readAddresses(fields, 'reply-to'),
    to: readAddresses(fields, 'to'),
    cc: readAddresses(fields, 'cc'),
    bcc: readAddresses(fields, 'bcc'),
    date: readDate(fields),
    messageId: readMessageIds(fields, 'message-id')[0] ?? '',
    inReplyTo: readMessageIds(fields, 'in-reply-to'),
    references: readMessageIds(fields, 'references'),
    deliveredTo: ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to'].flatMap((name) =>
      readAddresses(fields, name).map(({ mailbox }) => mailbox),
    ),
    draftState: fieldValue(fields, draftStateField.toLowerCase()) ?? null,
  };
}
