import { z } from 'zod';
import { Address } from '#shared/mail/address.ts';
import { Invitation, InvitationAnswer } from '#shared/mail/invitation.ts';
import { Attachment } from '#shared/mail/message.ts';
import { ListUnsubscribe } from '#shared/mail/unsubscribe.ts';

/** What is said between the core and the child that reads messages. Both ends parse what they receive. */

const Octets = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

export const ParseRequest = z.object({
  id: z.number().int(),
  /**
   * `parts` answers the octets of the attachments named by index; all of them when none are named. `answer` writes the
   * calendar part of an answer to the invitation in the message.
   */
  kind: z.enum(['message', 'parts', 'answer']),
  bytes: Octets,
  partIds: z.array(z.string()).optional(),
  answer: z.object({ mailbox: z.string(), answer: InvitationAnswer, now: z.number() }).optional(),
});
export type ParseRequest = z.infer<typeof ParseRequest>;

/** A message as the child read it: everything that comes from its octets. */
export const ReadMessage = z.object({
  subject: z.string(),
  from: z.array(Address),
  sender: z.array(Address),
  replyTo: z.array(Address),
  to: z.array(Address),
  cc: z.array(Address),
  bcc: z.array(Address),
  /** Epoch milliseconds. */
  date: z.number().nullable(),
  messageId: z.string(),
  inReplyTo: z.array(z.string()),
  references: z.array(z.string()),
  text: z.string(),
  html: z.string().nullable(),
  attachments: z.array(Attachment),
  defects: z.array(z.string()),
  /** Fields a reply needs: where it was delivered to, and our own state of a draft. */
  deliveredTo: z.array(z.string()),
  draftState: z.string().nullable(),
  listId: z.string().optional(),
  unsubscribe: ListUnsubscribe.optional(),
  invitation: Invitation.optional(),
});
export type ReadMessage = z.infer<typeof ReadMessage>;

export const ReadPart = z.object({
  partId: z.string(),
  fileName: z.string(),
  contentType: z.string(),
  contentId: z.string().optional(),
  isInline: z.boolean(),
  bytes: Octets,
});
export type ReadPart = z.infer<typeof ReadPart>;

export const ParseReply = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('message'), id: z.number().int(), message: ReadMessage }),
  z.object({ kind: z.literal('parts'), id: z.number().int(), parts: z.array(ReadPart) }),
  z.object({ kind: z.literal('answer'), id: z.number().int(), calendar: z.string() }),
  z.object({ kind: z.literal('failed'), id: z.number().int(), reason: z.string() }),
]);
export type ParseReply = z.infer<typeof ParseReply>;
