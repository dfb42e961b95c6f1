import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Endpoint } from '#shared/mail/endpoint.ts';
import type { AttemptStage } from '#shared/mail/outbox.ts';
import type { Timeouts } from '#shared/mail/outgoing-server.ts';
import type { MailErrorCode } from '#shared/mail-error.ts';
import type { AttemptLog } from './attempt-log.ts';
import type { Greeted } from './greet.ts';
import { formsOf } from './redaction.ts';
import { type Credentials, chooseMechanism, xoauth2Response } from './sign-in.ts';
import type { SmtpReply } from './smtp-reply.ts';
import { createTap, type Exchange, type SmtpTap } from './smtp-tap.ts';
import { makeSession } from './smtp-transaction.ts';
import { createGuard, type Guard } from './socket-guard.ts';
import { noReply, refused, StageFailure, socketFailure, systemCode } from './stage-failure.ts';

/** What EHLO announced. */
export interface Capabilities {
  readonly extensions: ReadonlySet<string>;
  readonly mechanisms: readonly string[];
  /** RFC 1870: 0 or absent means no fixed limit. */
  readonly maxOctets: number | undefined;
  readonly lines: readonly string[];
  /** The first line of the reply, where the server names itself (RFC 5321 §4.1.1.1); '' from one that only knows HELO. */
  readonly firstLine: string;
}

/** One message to some recipients, as one mail transaction (RFC 5321 §3.3). */
export interface Transaction {
  readonly log: AttemptLog;
  readonly reversePath: string;
  readonly recipients: readonly string[];
  /** What goes on the wire: CRLF, without Bcc. */
  readonly bytes: Uint8Array;
  readonly isEightBit: boolean;
  readonly dsn: { notify: readonly string[]; ret: 'full' | 'hdrs' } | undefined;
  readonly envelopeId: string;
  /** On a session kept from before: its first reply must come soon, for it may be dead without a word. */
  readonly isOnKeptSession?: boolean;
  /** Each command waits for the reply to the one before, whatever the server announced. */
  readonly isOneByOne?: boolean;
  /** Awaited, with those whose RCPT was accepted, before the last body octets may leave; when it fails nothing more is sent. */
  readonly beforeLastOctets: (mailboxes: readonly string[]) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface RecipientResult {
  readonly mailbox: string;
  /** Undefined: the server was not asked, or did not answer. */
  readonly reply: SmtpReply | undefined;
}

/** How a transaction went, reply by reply. `failure` is set when the connection gave out. */
export interface TransactionResult {
  readonly stage: AttemptStage;
  readonly mail: SmtpReply | undefined;
  readonly recipients: readonly RecipientResult[];
  readonly data: SmtpReply | undefined;
  readonly finalDot: SmtpReply | undefined;
  /** The last body octets may have left. */
  readonly isDotSent: boolean;
  readonly failure: { readonly code: MailErrorCode; readonly text: string } | undefined;
}

export interface SmtpSession {
  readonly capabilities: Capabilities;
  readonly isAlive: boolean;
  /** The last transaction ended; a new one may begin without RSET. */
  readonly isClean: boolean;
  /** `performance.now()` of when it was greeted. */
  readonly openedAt: number;
  /** `performance.now()` of the last time it was used. */
  readonly idleSince: number;
  /** Throws `StageFailure` at `mail` when the message needs what this server does not offer; nothing was sent then. */
  send(transaction: Transaction): Promise<TransactionResult>;
  /** Asks with RSET whether somebody is still there, and clears what an earlier transaction left. */
  check(timeoutMs: number): Promise<boolean>;
  quit(): void;
  destroy(): void;
}

export interface SessionOptions {
  readonly endpoint: Endpoint;
  readonly ehloName: string;
  readonly credentials: Credentials;
  readonly timeouts: SessionTimeouts;
  readonly log: AttemptLog;
  readonly signal: AbortSignal;
  /** Asked once the server has introduced itself and before anybody signs in. Throws `StageFailure` to leave; answers a remark. */
  readonly meet?: (capabilities: Capabilities) => Promise<string | undefined>;
}

export type SessionTimeouts = Required<Timeouts>;

const farAwayMs = 2 ** 31 - 1;

/**
 * Brings a greeted connection to where messages can be sent: EHLO and sign-in, by the library, over our socket.
 * Throws `StageFailure` at `ehlo` or `auth`; the connection is closed then.
 */
export async function openSession(greeted: Greeted, options: SessionOptions): Promise<SmtpSession> {
  const { endpoint, log, signal, timeouts } = options;
  const { socket } = greeted;
  const openedAt = performance.now();
  const tap = createTap();
  const connection = connectionOver(greeted, options, tap);
  const guard = createGuard(connection, socket, endpoint.host);
  // The greeting was read by us, before TLS where that was asked for: the library gets one of our own making.
  socket.unshift(Buffer.from('220 ready\r\n'));
  tap.begin(log);
  tap.ignoreNextReply();
  log.enter('ehlo');
  try {
    try {
      await guard.during<undefined>('ehlo', timeouts.commandMs, signal, (done) => {
        connection.connect((error) => done(error ?? null, undefined));
      });
    } catch (error) {
      throw failureOf('ehlo', error, tap.exchanges, guard.name);
    }
    const capabilities = readCapabilities(tap.exchanges);
    const remark = await options.meet?.(capabilities);
    log.note([capabilities.lines.join(' '), ...(remark === undefined ? [] : [`(${remark})`])].join(' '));
    await signIn(connection, capabilities, options, guard, tap);
    return makeSession(connection, { capabilities, openedAt }, guard, tap, { ...options, socket });
  } catch (error) {
    connection.close();
    socket.destroy();
    throw error;
  }
}

function connectionOver(greeted: Greeted, options: SessionOptions, tap: SmtpTap): SMTPConnection {
  const { credentials, endpoint, signal } = options;
  const hear = tap.hear;
  return new SMTPConnection({
    host: endpoint.host,
    port: endpoint.port,
    connection: greeted.socket,
    // The socket is as secure as the endpoint declares: the library is to change nothing about that.
    secure: greeted.secured !== undefined,
    secured: true,
    ignoreTLS: true,
    name: options.ehloName,
    connectionTimeout: farAwayMs,
    greetingTimeout: farAwayMs,
    socketTimeout: farAwayMs,
    socketCloseTimeout: 500,
    transactionLog: true,
    logger: { debug: hear, info: hear, warn: hear, error: hear, trace: hear, fatal: hear },
    customAuth: { [tokenMethod]: tokenSignIn(credentials, signal, tap) },
  });
}

/** Our own name for XOAUTH2: under its real one the library would choose another mechanism when it has no token of its own. */
const tokenMethod = 'TOKEN';

type SignInHandler = NonNullable<ConstructorParameters<typeof SMTPConnection>[0]>['customAuth'];

/** RFC 6749 tokens expire: a refused one is renewed once, which is no second try of a password. */
function tokenSignIn(credentials: Credentials, signal: AbortSignal, tap: SmtpTap): NonNullable<SignInHandler>[string] {
  return async ({ sendCommand, resolve, reject }) => {
    if (credentials.kind !== 'token') return reject('No token is there.');
    for (const force of [false, true]) {
      const token = await credentials.token({ signal, force });
      const response = xoauth2Response(credentials.user, token);
      tap.hide(token, response);
      let answer = await sendCommand(`AUTH XOAUTH2 ${response}`);
      if (answer.status === 334) answer = await sendCommand('');
      if (answer.status === 235) return resolve();
      if (answer.status !== 535 || force) return reject('The token was refused.');
    }
  };
}

function readCapabilities(exchanges: readonly Exchange[]): Capabilities {
  const greeted = exchanges.findLast(({ command, reply }) => reply !== undefined && /^(?:EHLO|HELO)/.test(command));
  const lines = greeted?.command.startsWith('EHLO') === true ? (greeted.reply?.lines.slice(1) ?? []) : [];
  const words = lines.map((line) =>
    line
      .trim()
      .toUpperCase()
      .split(/[\s=]+/),
  );
  const maxOctets = Number(words.find(([name]) => name === 'SIZE')?.[1] ?? 0);
  return {
    extensions: new Set(words.flatMap(([name]) => name ?? [])),
    mechanisms: [...new Set(words.filter(([name]) => name === 'AUTH').flatMap(([, ...methods]) => methods))],
    maxOctets: Number.isSafeInteger(maxOctets) && maxOctets > 0 ? maxOctets : undefined,
    lines,
    firstLine: greeted?.command.startsWith('EHLO') === true ? (greeted.reply?.lines[0] ?? '') : '',
  };
}

async function signIn(
  connection: SMTPConnection,
  capabilities: Capabilities,
  { credentials, endpoint, log, signal, timeouts }: SessionOptions,
  guard: Guard,
  tap: SmtpTap,
): Promise<void> {
  if (credentials.kind === 'none') return;
  log.enter('auth');
  const method = chooseMechanism(credentials, capabilities.mechanisms, endpoint.host);
  if (method === null) return;
  tap.begin(log);
  if (credentials.kind === 'password') tap.hide(...formsOf(credentials));
  try {
    const secret = credentials.kind === 'password' ? { pass: credentials.password } : {};
    await guard.during('auth', timeouts.commandMs, signal, (done) =>
      connection.login(
        { method: method === 'XOAUTH2' ? tokenMethod : method, user: credentials.user, ...secret },
        done,
      ),
    );
    log.note(`Signed in with ${method}.`);
  } catch (error) {
    throw failureOf('auth', error, tap.exchanges, guard.name);
  }
}

/** What the library reported, as a failure of the stage: the server's reply where there was one. */
function failureOf(stage: AttemptStage, error: unknown, exchanges: readonly Exchange[], name: string): StageFailure {
  if (error instanceof StageFailure) return error;
  const reply = exchanges.findLast((exchange) => exchange.reply !== undefined)?.reply;
  if (reply !== undefined && reply.replyCode >= 400) return refused(stage, reply);
  // The library's own code: it was answered, and cannot go on with the answer.
  if (reply !== undefined && systemCode(error) === 'EAUTH') {
    const text = `${name} answered the sign-in with “${reply.text.slice(0, 120)}”, which is no step of it.`;
    return noReply(stage, 'EPROTOCOL', text);
  }
  return socketFailure(stage, error, name);
}
