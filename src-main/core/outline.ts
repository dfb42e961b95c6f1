import type { Address } from '#shared/mail/address.ts';

/** What the index needs of a message, read in one pass by a lean reader that never throws and takes time linear in the size. */
export interface MessageOutline {
  readonly subject: string;
  readonly from: Address[];
  readonly to: Address[];
  readonly cc: Address[];
  readonly bcc: Address[];
  /** Epoch milliseconds of the Date field; null when missing or unreadable. */
  readonly date: number | null;
  readonly messageId: string;
  readonly inReplyTo: string[];
  readonly references: string[];
  /** All readable text (HTML as text), for the full-text index; cut at `maxTextOctets`. */
  readonly text: string;
  /** The first 200 characters worth reading: no quotes, no signature. */
  readonly snippet: string;
  readonly attachmentNames: string[];
  readonly hasAttachments: boolean;
  readonly isMalformed: boolean;
}

/** How the store is handed the reader (the store does not import the message room). */
export type ReadOutline = (bytes: Uint8Array, options: { maxTextOctets: number }) => MessageOutline;

/** How the names of files end that hold plain text: such a file is read whatever type it was sent as, if its octets are text. */
export const textSuffixes: readonly string[] = (
  'txt text csv tsv tab md markdown rst adoc org tex bib log json jsonl xml xsd xsl html htm xhtml ics ical vcs vcf vcard ' +
  'ldif opml yaml yml toml ini conf cfg properties diff patch sql srt vtt css js ts py rb pl sh bat ps1 c h cpp java php'
).split(' ');
