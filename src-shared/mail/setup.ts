import { z } from 'zod';
import { AccountId, IdentityId, ServerId } from '../ids.ts';
import { Endpoint } from './endpoint.ts';

/** What the wizard proposes for an address, found without a password. */
export const SetupProposal = z.object({
  domain: z.string(),
  /** How it was found: the built-in provider table, DNS (SRV, MX), or the usual names. */
  source: z.enum(['provider-table', 'dns', 'guess']),
  providerName: z.string().optional(),
  /** Something the user must know first, for example that the provider wants a separate app password. */
  note: z.string().optional(),
  incoming: z.array(Endpoint),
  outgoing: z.array(Endpoint),
  user: z.string(),
  /** The provider's addresses are refused elsewhere (SPF, DMARC): propose the route `only`. */
  isBigProvider: z.boolean(),
});
export type SetupProposal = z.infer<typeof SetupProposal>;

const RelayFault = z.enum([
  'none',
  'refuses-sender',
  'port-closed',
  'black-hole',
  'busy-421',
  'size-limit',
  'drops-after-final-dot',
  'starttls-missing',
  'slow',
  'wrong-password',
]);

/** Faults the practice servers can be told to show. */
export const PracticeFaults = z.object({
  /** The first outgoing server. */
  first: RelayFault,
  second: RelayFault,
  maildrop: z.enum([
    'none',
    'wrong-password',
    'port-closed',
    'black-hole',
    'stls-missing',
    'drops-in-the-middle',
    'slow',
  ]),
});
export type PracticeFaults = z.infer<typeof PracticeFaults>;

export const PracticeSetup = z.object({
  accountId: AccountId,
  identityId: IdentityId,
  serverIds: z.array(ServerId),
  faults: PracticeFaults,
});
export type PracticeSetup = z.infer<typeof PracticeSetup>;
