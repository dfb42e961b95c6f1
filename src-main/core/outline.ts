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
