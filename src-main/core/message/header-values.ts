import type { Address } from '#shared/mail/address.ts';
import { parseAddressList } from '#shared/mail/address-list.ts';
import { decodeLatin1 } from './charset.ts';
import { parseDate } from './dates.ts';
import { draftStateField } from './draft-state.ts';
import { decodeEncodedWords, decodeHeaderText } from './encoded-words.ts';
import { fieldValue, type HeaderField, joinedValues } from './header-fields.ts';
import { readUnsubscribe } from './list-unsubscribe.ts';
import type { ReadMessage } from './parse-protocol.ts';

/** A subject beyond this is of no use to anyone. */
const maxHeaderText = 10_000;

/** An unstructured field, decoded; '' when missing. */
export function readText(fields: readonly HeaderField[], name: string): string {
  return decodeHeaderText((fieldValue(fields, name) ?? '').slice(0, maxHeaderText));
}

/** Of a field longer than this a person is shown the beginning: some ten thousand addresses. */
export const shownAddressCharacters = 256 * 1024;

/** The addresses of a field. A field that names someone without an address gives that name with an empty mailbox. */
export function readAddresses(
  fields: readonly HeaderField[],
  name: string,
  maxCharacters = Number.POSITIVE_INFINITY,
): Address[] {
  const whole = joinedValues(fields, name);
  const value = whole.length > maxCharacters ? upToComma(whole, maxCharacters) : whole;
  if (value.trim() === '') return [];
  const { addresses, rest } = parseAddressList(decodeLatin1(value));
  if (addresses.length === 0 && rest !== '') return [{ displayName: decodeEncodedWords(rest), mailbox: '' }];
  return addresses.map(({ displayName, mailbox }) => ({
    displayName: decodeEncodedWords(displayName),
    mailbox: decodeEncodedWords(mailbox),
  }));
}

/** Cut between two addresses, so that no half of one is taken for another. */
function upToComma(value: string, maxCharacters: number): string {
  const comma = value.lastIndexOf(',', maxCharacters);
  return value.slice(0, comma < 0 ? maxCharacters : comma);
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

/**
 * RFC 2919 §3: the id stands in angle brackets, at the end. Before it may stand the list's name, in quotes or as encoded
 * words, and with angle brackets of its own.
 */
export function listIdIn(value: string): string | undefined {
  const unquoted = value.slice(0, maxHeaderText).replace(/"(?:[^"\\]|\\.)*"/gs, ' ');
  return [...unquoted.matchAll(/<\s*([^<>\s]{1,255})\s*>/g)].at(-1)?.[1];
}

/** Everything the header says, of a message that cannot be parsed as well. */
export function readHeader(
  fields: readonly HeaderField[],
): Omit<ReadMessage, 'text' | 'html' | 'attachments' | 'defects'> {
  const addresses = (name: string): Address[] => readAddresses(fields, name, shownAddressCharacters);
  return {
    subject: readText(fields, 'subject'),
    from: addresses('from'),
    sender: addresses('sender'),
    replyTo: addresses('reply-to'),
    to: addresses('to'),
    cc: addresses('cc'),
    bcc: addresses('bcc'),
    date: readDate(fields),
    messageId: readMessageIds(fields, 'message-id')[0] ?? '',
    inReplyTo: readMessageIds(fields, 'in-reply-to'),
    references: readMessageIds(fields, 'references'),
    deliveredTo: ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to'].flatMap((name) =>
      readAddresses(fields, name).map(({ mailbox }) => mailbox),
    ),
    draftState: fieldValue(fields, draftStateField.toLowerCase()) ?? null,
    listId: listIdIn(fieldValue(fields, 'list-id') ?? ''),
    unsubscribe: readUnsubscribe(fields),
  };
}
