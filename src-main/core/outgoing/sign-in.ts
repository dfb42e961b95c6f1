import type { Secret } from '#shared/mail/endpoint.ts';
import type { SubmissionAuthMethod } from '#shared/mail/outgoing-server.ts';
import { noReply } from './stage-failure.ts';

/** How to sign in to a server: everything but the dialogue. */
export type Credentials =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'password';
      readonly method: SubmissionAuthMethod;
      readonly user: string;
      readonly password: string;
    }
  | {
      readonly kind: 'token';
      readonly user: string;
      readonly token: (options: { signal: AbortSignal; force: boolean }) => Promise<string>;
    };

export type Mechanism = 'PLAIN' | 'LOGIN' | 'CRAM-MD5' | 'XOAUTH2';

const named: Partial<Record<SubmissionAuthMethod, Mechanism>> = {
  plain: 'PLAIN',
  login: 'LOGIN',
  'cram-md5': 'CRAM-MD5',
  xoauth2: 'XOAUTH2',
};

/** Best first: CRAM-MD5 keeps the password off the wire. Chosen once; a refused password is not offered a second way. */
const preference: readonly Mechanism[] = ['CRAM-MD5', 'PLAIN', 'LOGIN'];

/**
 * The mechanism to use, from what EHLO offered. Null: no sign-in. Throws `StageFailure` at `auth` (EAUTH_SETUP) when the
 * server offers none that can be used.
 */
export function chooseMechanism(credentials: Credentials, offered: readonly string[], host: string): Mechanism | null {
  if (credentials.kind === 'none') return null;
  // Some servers take XOAUTH2 without saying so.
  if (credentials.kind === 'token') return 'XOAUTH2';
  const wanted = named[credentials.method];
  const mechanism = wanted ?? preference.find((candidate) => offered.includes(candidate));
  if (mechanism !== undefined && offered.includes(mechanism)) return mechanism;
  const text =
    offered.length === 0
      ? `${host} does not offer signing in on this port.`
      : `${host} does not offer ${wanted ?? 'a way of signing in that Postrider knows'}; it offers ${offered.join(', ')}.`;
  throw noReply('auth', offered.length === 0 ? 'EAUTH_TEMPORARY' : 'EAUTH_SETUP', text);
}

/** Throws `StageFailure` at `auth` when the method needs a secret (ENEEDS_PASSWORD) or a user name (EAUTH_SETUP) and none is there. */
export function makeCredentials(
  auth: { method: SubmissionAuthMethod; user?: string },
  secret: Secret | undefined,
  tokenFor: (secret: Exclude<Secret, string>) => Extract<Credentials, { kind: 'token' }>['token'],
): Credentials {
  if (auth.method === 'none' || (auth.method === 'auto' && (auth.user ?? '') === '')) return { kind: 'none' };
  const user = auth.user ?? '';
  if (secret === undefined || secret === '') {
    throw noReply('auth', 'ENEEDS_PASSWORD', 'The password for this server is missing. Enter it in its settings.');
  }
  if (user === '') {
    throw noReply('auth', 'EAUTH_SETUP', 'The user name for this server is missing. Enter it in its settings.');
  }
  if (typeof secret !== 'string') return { kind: 'token', user, token: tokenFor(secret) };
  // A ready access token may be stored as it is.
  if (auth.method === 'xoauth2') return { kind: 'token', user, token: async () => secret };
  return { kind: 'password', method: auth.method, user, password: secret };
}

/** Whether a server with these settings needs a secret at all. */
export function needsSecret(auth: { method: SubmissionAuthMethod; user?: string }): boolean {
  return auth.method !== 'none' && !(auth.method === 'auto' && (auth.user ?? '') === '');
}

/** The initial response of XOAUTH2, in base64. */
export function xoauth2Response(user: string, token: string): string {
  return Buffer.from(`user=${user}\u0001auth=Bearer ${token}\u0001\u0001`, 'utf8').toString('base64');
}
