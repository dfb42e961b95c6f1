import { z } from 'zod';

/** What waits on a server, as "look first" shows it. Everything is named by its unique-id, never by a number of a session. */

/** Whether a message lies here: whole, by its beginning only, not any more (it was removed here), or never did. */
export const HereState = z.enum(['whole', 'beginning', 'removed', 'no']);
export type HereState = z.infer<typeof HereState>;

export const WaitingMessage = z.object({
  uniqueId: z.string(),
  octets: z.number().int().nonnegative(),
  here: HereState,
});
export type WaitingMessage = z.infer<typeof WaitingMessage>;

/** The newest is the last, as servers list them. */
export const WaitingMail = z.object({
  messages: z.array(WaitingMessage),
  octets: z.number().int().nonnegative(),
  /** The server can show who wrote and about what, without the message being collected (TOP). */
  canShowHeaders: z.boolean(),
});
export type WaitingMail = z.infer<typeof WaitingMail>;

export const WaitingHeader = z.object({
  uniqueId: z.string(),
  /** The first author, as a name or an address; '' when the message names none or the server would not say. */
  from: z.string(),
  subject: z.string(),
  /** ISO 8601 in UTC; null when there is none. */
  date: z.string().nullable(),
  /** It went from the server since it was listed. */
  isGone: z.boolean(),
});
export type WaitingHeader = z.infer<typeof WaitingHeader>;

/** What deleting on the server came to. */
export const RemovedThere = z.object({
  removed: z.array(z.string()),
  /** Were not there any more. */
  gone: z.array(z.string()),
  /** The server would not delete them, with its words. */
  refused: z.array(z.object({ uniqueId: z.string(), why: z.string() })),
});
export type RemovedThere = z.infer<typeof RemovedThere>;
