import { z } from 'zod';

/** How a list says that one leaves it; those ways that were understood. */
export const ListUnsubscribe = z.object({
  /** An https address that takes the wish as it is, without a page (RFC 8058). */
  oneClick: z.string().optional(),
  /** A message that is to be sent (RFC 2369 §3.2). */
  mail: z.object({ to: z.string(), subject: z.string(), text: z.string() }).optional(),
  /** A page to be visited, http or https. */
  page: z.string().optional(),
});
export type ListUnsubscribe = z.infer<typeof ListUnsubscribe>;
