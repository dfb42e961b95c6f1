import { z } from 'zod';
import { ServerId } from '../ids.ts';
import { MailboxText } from './address.ts';
import { Endpoint, EndpointInput, Host, HostInput, SecretInput, UserName } from './endpoint.ts';

export const SubmissionAuthMethod = z.enum(['auto', 'plain', 'login', 'cram-md5', 'xoauth2', 'none']);
export type SubmissionAuthMethod = z.infer<typeof SubmissionAuthMethod>;

/** `any`: everywhere; `only`/`never`: by network location. */
export const NetworkRule = z.object({ rule: z.enum(['any', 'only', 'never']), locations: z.array(z.string()) });
export type NetworkRule = z.infer<typeof NetworkRule>;

export const Timeouts = z.object({
  connectMs: z.number().int().positive().optional(),
  greetingMs: z.number().int().positive().optional(),
  commandMs: z.number().int().positive().optional(),
  dataMs: z.number().int().positive().optional(),
  /** RFC 5321 §4.5.3.2.6 asks for at least ten minutes. */
  finalDotMs: z.number().int().positive().optional(),
});
export type Timeouts = z.infer<typeof Timeouts>;

export const SocksProxy = z.object({
  kind: z.literal('socks5'),
  host: z.string().min(1),
  port: z.number().int().min(1).max(65_535),
  user: z.string().optional(),
  password: z.string().optional(),
});

export const DsnOptions = z.object({
  notify: z.array(z.enum(['never', 'success', 'failure', 'delay'])).default([]),
  ret: z.enum(['full', 'hdrs']).default('hdrs'),
});

/** When a kick is given: each time this machine comes onto a network where the server may be used, or only when asked. */
const kickWhen = { when: z.enum(['on-connect', 'on-demand']).default('on-demand') };

/** A domain or host as it stands in a command: nothing that could end it or begin another one. */
const DomainText = z
  .string()
  .trim()
  .max(255)
  .regex(/^[^\s,\p{Cc}]+$/u, 'Write a domain, for example example.com.');

/**
 * A nudge that makes a server work its queue for us or open its relay. `etrn` (RFC 1985): it delivers what waits for this
 * host or domain (`@example.com`: its subdomains too) to where its MX points. `atrn` (RFC 2645): it hands us, signed in,
 * what waits for these domains (none: all that are ours there) over the same connection. `wake-up-mail`: a short message
 * to an address that starts something there. `trigger-port`: a connection to `port` of `host` (the server's own host
 * unless given), on which `line` is sent. `endpoint` is asked in place of the server's own ones: on-demand relay has a
 * port of its own, 366.
 */
export const Kick = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('etrn'), host: DomainText, endpoint: Endpoint.optional(), ...kickWhen }),
  z.object({ kind: z.literal('atrn'), domains: z.array(DomainText), endpoint: Endpoint.optional(), ...kickWhen }),
  z.object({ kind: z.literal('wake-up-mail'), to: MailboxText, ...kickWhen }),
  z.object({
    kind: z.literal('trigger-port'),
    host: Host.optional(),
    port: z.number().int().min(1).max(65_535).default(79),
    line: z
      .string()
      .max(500)
      .regex(/^\P{Cc}*$/u, 'The line cannot hold line breaks or control characters.')
      .default(''),
    ...kickWhen,
  }),
]);
export type Kick = z.infer<typeof Kick>;

/** A sender this server accepts: `a@b.c`, `@b.c` for a whole domain, or `*`. */
export const SenderPattern = z
  .string()
  .trim()
  .regex(/^(\*|@[^\s@]+|[^\s@]+@[^\s@]+)$/u, 'Write an address (a@b.c), a domain (@b.c), or *.');

const fields = {
  label: z.string().trim().min(1, 'Give the server a name.').max(200),
  kind: z.enum(['relay', 'direct-mx']).default('relay'),
  /** Tried in this order. Empty only for direct MX. */
  endpoints: z.array(Endpoint),
  senders: z.array(SenderPattern).optional(),
  networks: NetworkRule.optional(),
  sizeLimitOctets: z.number().int().positive().optional(),
  rate: z
    .object({ perHour: z.number().int().positive().optional(), perDay: z.number().int().positive().optional() })
    .optional(),
  maxRecipients: z.number().int().positive().optional(),
  ehloName: z
    .string()
    .regex(/^[^\s]+$/)
    .optional(),
  timeouts: Timeouts.optional(),
  proxy: SocksProxy.optional(),
  dsn: DsnOptions.optional(),
  kick: Kick.optional(),
  enabled: z.boolean().default(true),
};

const authFields = { method: SubmissionAuthMethod.default('auto'), user: z.string().optional() };

/** What we may call ourselves in EHLO (RFC 5321 §4.1.1.1): a name or an address literal, in ASCII. */
const EhloNameInput = z
  .string()
  .trim()
  .max(255)
  .regex(
    /^(?:[\w-]+(?:\.[\w-]+)*\.?|\[[\w.:-]+\])$/,
    'Write a host name, for example laptop.example.com, or an address in brackets.',
  );

const longestTimeoutMs = 24 * 60 * 60 * 1000;
const TimeoutInput = z
  .number()
  .int()
  .positive()
  .max(longestTimeoutMs, `At most a day: ${longestTimeoutMs} milliseconds.`)
  .optional();
const TimeoutsInput = z.object({
  connectMs: TimeoutInput,
  greetingMs: TimeoutInput,
  commandMs: TimeoutInput,
  dataMs: TimeoutInput,
  finalDotMs: TimeoutInput,
});

/** What `server add` takes: with the secret, which goes to the keychain and is never shown again. */
export const ServerInput = z.object({
  ...fields,
  endpoints: z.array(EndpointInput),
  ehloName: EhloNameInput.optional(),
  timeouts: TimeoutsInput.optional(),
  proxy: SocksProxy.extend({ host: HostInput }).optional(),
  auth: z
    .object({ ...authFields, user: UserName.optional(), secret: SecretInput.optional() })
    .default({ method: 'none' }),
});
export type ServerInput = z.infer<typeof ServerInput>;

export const OutgoingServer = z.object({ id: ServerId, ...fields, auth: z.object(authFields) });
export type OutgoingServer = z.infer<typeof OutgoingServer>;

export const OutgoingServerView = OutgoingServer.extend({ hasSecret: z.boolean() });
export type OutgoingServerView = z.infer<typeof OutgoingServerView>;
