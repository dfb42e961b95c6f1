import { createHash, createHmac } from 'node:crypto';
import type { IncomingAuth } from '#shared/mail/incoming-account.ts';
import { MailError } from '#shared/mail-error.ts';
import type { TokenSource } from '../ports.ts';
import type { Pop3Capabilities } from './pop3-capabilities.ts';
import type { Pop3Connection } from './pop3-connection.ts';
import { refusedError } from './pop3-errors.ts';
import type { Pop3Reply } from './pop3-framing.ts';

export interface Credentials {
  readonly user: string;
  /** A password, or where access tokens come from. */
  readonly secret: string | TokenSource;
  readonly auth: IncomingAuth;
}

type Mechanism = Exclude<IncomingAuth, 'auto'>;

interface AuthContext {
  readonly connection: Pop3Connection;
  readonly capabilities: Pop3Capabilities;
  /** The `<…>` of the greeting, for APOP; null when there is none. */
  readonly timestamp: string | null;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
}

const dots = '••••••••';

/** Signs in, once: a refused password is never tried again by another mechanism. Throws `MailError`. */
export async function authenticate(context: AuthContext): Promise<void> {
  const { credentials } = context;
  const mechanism = credentials.auth === 'auto' ? chooseMechanism(context) : credentials.auth;
  if (mechanism === 'xoauth2') return withToken(context);
  if (typeof credentials.secret !== 'string')
    throw new MailError('EAUTH_SETUP', 'This account signs in with a token; choose XOAUTH2 as its sign-in method.');
  const { user, secret } = credentials;
  switch (mechanism) {
    case 'user-pass':
      return withUserPass(context, user, secret);
    case 'apop':
      return withApop(context, user, secret);
    case 'plain':
      return conclude(await sasl(context, 'PLAIN', [base64(`\0${user}\0${secret}`)]), 'AUTH');
    case 'login':
      return conclude(await sasl(context, 'LOGIN', [base64(user), base64(secret)], { waitsForPrompt: true }), 'AUTH');
    case 'cram-md5':
      return conclude(await withCramMd5(context, user, secret), 'AUTH');
  }
}

/**
 * Over an encrypted connection the plain mechanisms, which every server gets right; in clear those that do not show
 * the password, as far as the server offers them.
 */
function chooseMechanism({ connection, capabilities, timestamp, credentials }: AuthContext): Mechanism {
  if (typeof credentials.secret !== 'string') return 'xoauth2';
  const offered: Mechanism[] = [
    ...(capabilities.sasl.includes('PLAIN') ? (['plain'] as const) : []),
    ...(capabilities.user ? (['user-pass'] as const) : []),
    ...(capabilities.sasl.includes('LOGIN') ? (['login'] as const) : []),
  ];
  const veiled: Mechanism[] = [
    ...(capabilities.sasl.includes('CRAM-MD5') ? (['cram-md5'] as const) : []),
    ...(timestamp === null ? [] : (['apop'] as const)),
  ];
  const order = connection.isEncrypted ? [...offered, ...veiled] : [...veiled, ...offered];
  const [first] = order;
  if (first === undefined && capabilities.stls && !connection.isEncrypted)
    throw new MailError(
      'EAUTH_SETUP',
      'This server takes a password only over an encrypted connection. Choose STARTTLS, or TLS with port 995.',
    );
  return first ?? 'user-pass';
}

async function withUserPass({ connection }: AuthContext, user: string, password: string): Promise<void> {
  // RFC 1939 §7: a server may refuse at USER already.
  conclude(await connection.send({ line: `USER ${user}` }), 'USER');
  conclude(await connection.send({ line: `PASS ${password}`, shownAs: `PASS ${dots}` }), 'PASS');
}

async function withApop({ connection, timestamp }: AuthContext, user: string, password: string): Promise<void> {
  if (timestamp === null)
    throw new MailError('EAUTH_SETUP', 'This server does not offer APOP. Choose another sign-in method.');
  const digest = createHash('md5').update(timestamp).update(password, 'utf8').digest('hex');
  conclude(await connection.send({ line: `APOP ${user} ${digest}`, shownAs: `APOP ${user} ${dots}` }), 'APOP');
}

async function withCramMd5(context: AuthContext, user: string, password: string): Promise<Pop3Reply> {
  const { connection } = context;
  const challenge = await connection.send({ line: 'AUTH CRAM-MD5' });
  if (challenge.status !== 'continue') return challenge;
  // RFC 2195 §2: the user name, a space, and the keyed digest of the challenge.
  const digest = createHmac('md5', password).update(Buffer.from(challenge.text, 'base64')).digest('hex');
  return connection.send({ line: base64(`${user} ${digest}`), shownAs: dots });
}

async function withToken(context: AuthContext): Promise<void> {
  const { credentials, signal } = context;
  if (typeof credentials.secret === 'string')
    throw new MailError('EAUTH_SETUP', 'XOAUTH2 needs you to sign in with the provider first.');
  const first = await sendToken(context, await credentials.secret.get({ signal, force: false }));
  if (first.status === 'ok') return;
  // An access token lives for an hour or so: one refusal asks for a fresh one, a second is final.
  conclude(await sendToken(context, await credentials.secret.get({ signal, force: true })), 'AUTH');
}

async function sendToken(context: AuthContext, token: string): Promise<Pop3Reply> {
  const response = base64(`user=${context.credentials.user}\x01auth=Bearer ${token}\x01\x01`);
  const reply = await sasl(context, 'XOAUTH2', [response]);
  if (reply.status !== 'continue') return reply;
  // The server explains its refusal in a challenge and waits for an empty line.
  return context.connection.send({ line: '' });
}

/** RFC 5034 §4: the initial response goes along when it fits the line, else after the server's `+`. */
async function sasl(
  { connection }: AuthContext,
  mechanism: string,
  responses: readonly string[],
  { waitsForPrompt = false } = {},
): Promise<Pop3Reply> {
  const [initial = '', ...others] = responses;
  const goesAlong = !waitsForPrompt && `AUTH ${mechanism} ${initial}`.length <= 253;
  let reply = await connection.send(
    goesAlong
      ? { line: `AUTH ${mechanism} ${initial}`, shownAs: `AUTH ${mechanism} ${dots}` }
      : { line: `AUTH ${mechanism}` },
  );
  for (const response of goesAlong ? others : responses) {
    if (reply.status !== 'continue') return reply;
    reply = await connection.send({ line: response, shownAs: dots });
  }
  return reply;
}

function conclude(reply: Pop3Reply, command: string): void {
  if (reply.status === 'ok') return;
  throw refusedError(reply, command, 'auth');
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
