import { z } from 'zod';
import { AccountId, IdentityId, ServerId } from '../ids.ts';
import { HeaderText, MailboxText } from './address.ts';

/** How this identity's mail may leave: one server and no other; these in this order; or any allowed server. */
export const Route = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('only'), serverId: ServerId }),
  z.object({ kind: z.literal('prefer'), serverIds: z.array(ServerId).min(1) }),
  z.object({ kind: z.literal('any') }),
]);
export type Route = z.infer<typeof Route>;

const fields = {
  displayName: HeaderText,
  /** `local@domain`, or `*@domain` for every address of a domain. */
  address: z
    .string()
    .trim()
    .max(320)
    .regex(/^[^\s@<>]+@[^\s@<>]+$/u, 'This is not a complete address (name@example.com).'),
  replyTo: z.string().trim().max(320).optional(),
  signature: z.string().max(20_000).optional(),
  route: Route.default({ kind: 'any' }),
  accountId: AccountId.optional(),
};

/** `*@domain` */
const WholeDomain = z
  .string()
  .trim()
  .max(320)
  .regex(/^\*@[^\s\p{Cc}@"<>(),;:\\[\]]+$/u);

/** What a person gives: an address for answers is one a message can be written to. */
export const IdentityInput = z.object({
  ...fields,
  address: z.union([WholeDomain, MailboxText], 'This is not a complete address (name@example.com).'),
  replyTo: z.union([z.literal(''), MailboxText]).optional(),
});
export type IdentityInput = z.infer<typeof IdentityInput>;

export const Identity = z.object({ id: IdentityId, ...fields });
export type Identity = z.infer<typeof Identity>;
