import { z } from 'zod';
import { AccountId, FolderPath } from '../ids.ts';
import { Endpoint, EndpointInput, SecretInput, UserName } from './endpoint.ts';

export const IncomingAuth = z.enum(['auto', 'user-pass', 'apop', 'plain', 'login', 'cram-md5', 'xoauth2']);
export type IncomingAuth = z.infer<typeof IncomingAuth>;

/** What happens to a message on the server once its bytes are safe here. */
export const Retention = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('leave') }),
  z.object({ kind: z.literal('delete') }),
  z.object({ kind: z.literal('leave-days'), days: z.number().int().min(1).max(3650) }),
  z.object({ kind: z.literal('delete-when-removed') }),
]);
export type Retention = z.infer<typeof Retention>;

export const Multidrop = z.object({
  /** Header fields that name the recipient, first match wins; default Delivered-To, X-Original-To, X-Envelope-To. */
  fields: z.array(z.string()),
  routes: z.array(z.object({ match: z.string(), folder: FolderPath })),
});
export type Multidrop = z.infer<typeof Multidrop>;

const fields = {
  label: z.string().trim().min(1, 'Give the account a name.').max(200),
  ...Endpoint.shape,
  user: z.string().max(500),
  auth: IncomingAuth.default('auto'),
  retention: Retention.default({ kind: 'leave' }),
  /** Of larger messages only the beginning is taken, until a person asks for the whole. 0 or absent: all come whole. */
  maxOctets: z.number().int().nonnegative().optional(),
  /** Warn when the mail on the server takes more than this. 0 or absent: never. */
  warnAboveOctets: z.number().int().nonnegative().optional(),
  /** 0: only on demand. */
  checkEveryMinutes: z.number().int().min(0).max(1440).default(10),
  folder: FolderPath.optional(),
  multidrop: Multidrop.optional(),
  /** Learned: this server (`host:port`) lost commands sent together, so until then (ISO 8601) they go one by one. */
  losesTogether: z.object({ at: z.string().max(300), until: z.iso.datetime() }).optional(),
  /** Noted, where mail is left for days: the last visit, and from when on ages count since the clock was found wrong. */
  daysCounted: z.object({ visitedAt: z.iso.datetime(), countsFrom: z.iso.datetime().optional() }).optional(),
};

/** RFC 5322 §3.6.8; the colon a person may write after it is left out. Another name would match nothing, ever. */
const FieldNameInput = z
  .string()
  .transform((name) => name.trim().replace(/\s*:$/, ''))
  .pipe(z.string().regex(/^[!-9;-~]+$/, 'The name of a header field has no spaces: Delivered-To.'));

/** An address, a domain as `@b.c`, `*@b.c` or `b.c`, or everything as `*`. Anything else would match nothing, ever. */
const RouteInput = z.object({
  match: z
    .string()
    .trim()
    .regex(
      /^(?:\*|[^\s@,;]*@[^\s@,;]+|[^\s@*,;]+)$/,
      'An address like ann@example.org, a domain like @example.org, or * for everything.',
    ),
  folder: FolderPath,
});

/** What `account add` takes: with the secret, which goes to the keychain and is never shown again. */
export const AccountInput = z.object({
  ...fields,
  ...EndpointInput.shape,
  user: UserName,
  secret: SecretInput.optional(),
  multidrop: Multidrop.extend({ fields: z.array(FieldNameInput), routes: z.array(RouteInput) }).optional(),
});
export type AccountInput = z.infer<typeof AccountInput>;

/** What a patch may say: any of the fields, those given replace those stored. `maxOctets: null` and the like remove a field. */
export const IncomingAccount = z.object({ id: AccountId, ...fields });
export type IncomingAccount = z.infer<typeof IncomingAccount>;

export const IncomingAccountView = IncomingAccount.extend({ hasSecret: z.boolean() });
export type IncomingAccountView = z.infer<typeof IncomingAccountView>;
