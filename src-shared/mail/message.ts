import { z } from 'zod';
import { FolderPath, IdentityId, MessageKey, ServerId, UploadId } from '../ids.ts';
import { Address, AddressInput, HeaderText } from './address.ts';
import { ShownInvitation } from './invitation.ts';
import { ScanNote } from './quarantine.ts';
import { ListUnsubscribe } from './unsubscribe.ts';

/** What a Maildir file name can carry: D F P R S T of the Maildir specification, by name. */
export const Flag = z.enum(['draft', 'flagged', 'forwarded', 'answered', 'seen', 'deleted']);
export type Flag = z.infer<typeof Flag>;

/** One row of a message list; also what `list` and `search` print with --json. */
export const MessageSummary = z.object({
  messageKey: MessageKey,
  folder: FolderPath,
  subject: z.string(),
  /** The first author; both parts '' when the message names none. */
  from: Address,
  /** The first few recipients, for folders of outgoing mail. */
  to: z.array(Address),
  /** ISO 8601 in UTC: the Date field, or when the file was received where Date is missing or unreadable. */
  date: z.string(),
  sizeOctets: z.number().int().nonnegative(),
  flags: z.array(Flag),
  tags: z.array(z.string()),
  snippet: z.string(),
  hasAttachments: z.boolean(),
  /** The structure is damaged; shown as well as can be. */
  isMalformed: z.boolean(),
});
export type MessageSummary = z.infer<typeof MessageSummary>;

export const Attachment = z.object({
  /** Which part of the message: an index into the parsed attachments, as text. */
  partId: z.string(),
  /** Made safe to save: no path, no control or direction-override characters. */
  fileName: z.string(),
  contentType: z.string(),
  sizeOctets: z.number().int().nonnegative(),
  contentId: z.string().optional(),
  /** Shown within the HTML (`cid:`), not offered as a card. */
  isInline: z.boolean(),
});
export type Attachment = z.infer<typeof Attachment>;

/** A message as the reading pane shows it. `html` is as the sender wrote it, unsanitised: only the renderer's sandboxed frame may show it. */
export const ParsedMessage = z.object({
  messageKey: MessageKey,
  folder: FolderPath,
  subject: z.string(),
  from: z.array(Address),
  sender: z.array(Address),
  replyTo: z.array(Address),
  to: z.array(Address),
  cc: z.array(Address),
  bcc: z.array(Address),
  date: z.string(),
  messageId: z.string(),
  inReplyTo: z.array(z.string()),
  references: z.array(z.string()),
  text: z.string(),
  html: z.string().nullable(),
  attachments: z.array(Attachment),
  sizeOctets: z.number().int().nonnegative(),
  flags: z.array(Flag),
  tags: z.array(z.string()),
  /** What is wrong with the message, in sentences; empty when it is well formed. */
  defects: z.array(z.string()),
  /** What the virus scanner said of it, where it has something to say. */
  scan: ScanNote.optional(),
  /** What rules could not do with it, in sentences. */
  ruleProblems: z.array(z.string()).optional(),
  /** Only the header and the first lines lie here. */
  beginning: z
    .object({
      /** Of the whole message, as the server announced it. */
      wholeOctets: z.number().int().nonnegative(),
      /** The account on whose server the whole message was at the last visit; null when no account knows of it any more. */
      account: z.string().nullable(),
    })
    .optional(),
  /** Of the mailing list it came by (RFC 2919 §3), without brackets. */
  listId: z.string().optional(),
  /** How one leaves that list. */
  unsubscribe: ListUnsubscribe.optional(),
  /** What a calendar says by it. */
  invitation: ShownInvitation.optional(),
  /** Parsing was given up (time, memory, depth): `text` then holds the start of the raw source. */
  isRaw: z.boolean(),
});
export type ParsedMessage = z.infer<typeof ParsedMessage>;

export const DraftAttachment = z.object({
  uploadId: UploadId,
  fileName: z.string(),
  contentType: z.string(),
  sizeOctets: z.number().int().nonnegative(),
});
export type DraftAttachment = z.infer<typeof DraftAttachment>;

export const ComposeKind = z.enum(['new', 'reply', 'reply-all', 'forward', 'edit']);
export type ComposeKind = z.infer<typeof ComposeKind>;

/** What the composer edits, and what is sent or kept as a draft. Addresses may still be incomplete while typing; sending checks them. */
export const DraftContent = z.object({
  identityId: IdentityId.nullable(),
  /** The address written from, for an identity of `*@domain`: the one the answered message was delivered to. */
  from: z.string().max(320).optional(),
  to: z.array(Address),
  cc: z.array(Address),
  bcc: z.array(Address),
  subject: HeaderText,
  /** Plain text body; with `html` the text alternative is made from it instead. */
  text: z.string(),
  html: z.string().nullable(),
  attachments: z.array(DraftAttachment),
  inReplyTo: z.string().optional(),
  references: z.array(z.string()).optional(),
  /** The message answered or forwarded: flagged so once this one is sent. */
  source: z.object({ messageKey: MessageKey, kind: z.enum(['reply', 'forward']) }).optional(),
  /** How the user chose to send this one: by which servers, not before when (epoch milliseconds). */
  send: z.object({ serverIds: z.array(ServerId).optional(), sendAt: z.number().optional() }).optional(),
});
export type DraftContent = z.infer<typeof DraftContent>;

/** A draft with its file: `messageKey` is null until first saved; every save replaces the file and gives a new key. */
export const Draft = DraftContent.extend({ messageKey: MessageKey.nullable() });
export type Draft = z.infer<typeof Draft>;

/** Addresses checked for sending. */
export const SendableAddresses = z.object({
  to: z.array(AddressInput),
  cc: z.array(AddressInput),
  bcc: z.array(AddressInput),
});
