import type { FolderPath } from '#shared/ids.ts';
import type { Address } from '#shared/mail/address.ts';
import { mailboxesInFields } from '../message/delivered-to.ts';
import { decodeHeaderText } from '../message/encoded-words.ts';
import { type HeaderField, readHeaderFields } from '../message/header-fields.ts';
import type { OutlinedMessage } from '../store/store-api.ts';

/** So much of a message's text is looked at. */
export const maxTextOctets = 256 * 1024;

/** A field beyond this is cut. */
const maxFieldCharacters = 10_000;

/** What rules, the junk filter and auto-replies look at in a message. */
export interface MessageFacts {
  readonly folder: FolderPath;
  readonly sizeOctets: number;
  readonly subject: string;
  readonly from: readonly Address[];
  readonly to: readonly Address[];
  readonly cc: readonly Address[];
  /** Mailboxes a server wrote down as whom it delivered to. */
  readonly deliveredTo: readonly string[];
  readonly text: string;
  readonly hasAttachments: boolean;
  /** Epoch milliseconds of the Date field; null when missing or unreadable. */
  readonly date: number | null;
  readonly messageId: string;
  readonly references: readonly string[];
  /** Decoded; names in lower case, in the order of the header. */
  readonly fields: readonly HeaderField[];
}

const deliveredFields = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to'];

/** `multidropFields`: in which else, by the user's word, a server writes whom it delivered to; in lower case. */
export function factsOf(
  { folder, sizeOctets, header, outline }: OutlinedMessage,
  multidropFields: readonly string[] = [],
): MessageFacts {
  const buf = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  const { fields } = readHeaderFields(buf, 0, buf.length);
  return {
    folder,
    sizeOctets,
    subject: outline.subject,
    from: outline.from,
    to: outline.to,
    cc: outline.cc,
    deliveredTo: mailboxesInFields(fields, [...new Set([...multidropFields, ...deliveredFields])]),
    text: outline.text,
    hasAttachments: outline.hasAttachments,
    date: outline.date,
    messageId: outline.messageId,
    references: outline.references,
    fields: fields.map(({ name, value }) => ({
      name,
      value: decodeHeaderText(value.slice(0, maxFieldCharacters)).trim(),
    })),
  };
}

/** Every value of a field, decoded. */
export function valuesOf(facts: MessageFacts, name: string): string[] {
  const wanted = name.toLowerCase();
  return facts.fields.flatMap((field) => (field.name === wanted ? [field.value] : []));
}
