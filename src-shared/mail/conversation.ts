import { z } from 'zod';
import { Address } from './address.ts';
import { MessageSummary } from './message.ts';

/**
 * A conversation as a list shows it: what lies of it in one folder. Its id holds as long as the conversation stays
 * together; messages that arrive later may join it with another.
 */
export const ConversationSummary = z.object({
  conversationId: z.string(),
  /** Its newest message in this folder. */
  newest: MessageSummary,
  count: z.number().int(),
  unread: z.number().int(),
  /** How many of the user's own messages in Sent belong to it. */
  answers: z.number().int(),
  /** Who wrote, the latest first, each once; the first few. */
  participants: z.array(Address),
});
export type ConversationSummary = z.infer<typeof ConversationSummary>;

export const ConversationPage = z.object({
  rows: z.array(ConversationSummary),
  /** Conversations in the folder. */
  total: z.number().int(),
  /** Messages in the folder, and how many of them are unread. */
  messages: z.number().int(),
  unread: z.number().int(),
  revision: z.number().int(),
});
export type ConversationPage = z.infer<typeof ConversationPage>;

/** A conversation as a tree (RFC 5256 REFERENCES), in the order it is read in. */
export const Conversation = z.object({
  conversationId: z.string(),
  messages: z.array(z.object({ summary: MessageSummary, depth: z.number().int() })),
});
export type Conversation = z.infer<typeof Conversation>;
