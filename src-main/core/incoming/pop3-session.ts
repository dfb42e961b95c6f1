import type { Endpoint } from '#shared/mail/endpoint.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Clock } from '../ports.ts';
import { goesOneByOne } from './one-by-one.ts';
import { authenticate, type Credentials } from './pop3-auth.ts';
import { type Pop3Capabilities, readCapabilities } from './pop3-capabilities.ts';
import { type Command, connectPop3, type LostTogether, type Pop3Connection } from './pop3-connection.ts';
import { refusedError, startTlsMissing } from './pop3-errors.ts';
import type { Pop3Reply } from './pop3-framing.ts';
import {
  createListing,
  type ListedMessage,
  type MaildropListing,
  numbersOf,
  readList,
  readUidl,
} from './pop3-lists.ts';
import { type ConnectOptions, defaultTimeouts, type Pop3Timeouts } from './pop3-reach.ts';
import type { CertificateFacts } from './pop3-trust.ts';
import type { Met, Offered, ServerMemory } from './server-memory.ts';

export type SessionStage = 'connect' | 'tls' | 'greeting' | 'capabilities' | 'auth' | 'ready';

export interface SessionOptions {
  readonly endpoint: Endpoint & Pick<IncomingAccount, 'losesTogether'>;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeouts?: Partial<Pop3Timeouts>;
  readonly dialled?: ConnectOptions['dialled'];
  readonly onLine?: (line: string) => void;
  readonly onCertificate?: (facts: CertificateFacts) => void;
  /** Told when a stage begins; `words` is what the server said in the one before. */
  readonly onStage?: (stage: SessionStage, words?: string) => void;
  /** Told what CAPA said before signing in, also when signing in then fails. */
  readonly onCapabilities?: (capabilities: Pop3Capabilities) => void;
  /** What servers said they offer before. */
  readonly memory?: ServerMemory;
  /** The server, when it was met before; its connection has a signal of its own. */
  readonly met?: Promise<MetServer>;
}

/** A server that has greeted and said what it offers, over a connection as secure as the endpoint declares. It was not told who asks. */
export interface MetServer {
  readonly connection: Pop3Connection;
  /** The words of its greeting. */
  readonly greeting: string;
  readonly capabilities: Pop3Capabilities;
  /** It was not asked: this is what it said the last time. */
  readonly remembered?: Offered | null;
}

/** A signed-in session. Every method throws `MailError`; after ECLOSED, ETIMEOUT or EPROTOCOL the session is over. */
export interface Pop3Session {
  readonly capabilities: Pop3Capabilities;
  readonly certificate: CertificateFacts | null;
  stat(): Promise<{ messages: number; octets: number }>;
  /** Both lists, as they came. */
  listing(): Promise<MaildropListing>;
  list(): Promise<ListedMessage[]>;
  /** The unique-id of each message number; null when the server has no UIDL. */
  uidl(): Promise<Map<number, string> | null>;
  /** The header and the first lines of the body; null when the server has no TOP. */
  top(messageNumber: number, lines: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The whole message, byte for byte. Calls may overlap: they are pipelined where the server allows. */
  retrieve(message: ListedMessage, onOctets?: (octets: number) => void): Promise<Uint8Array<ArrayBuffer>>;
  /** Marks for deletion; only `quit` carries it out (RFC 1939 §6). */
  delete(messageNumber: number): Promise<void>;
  noop(): Promise<void>;
  reset(): Promise<void>;
  /** Ends the session in order. When it resolves, every deletion was carried out. */
  quit(): Promise<void>;
  /** See `Pop3Connection`. */
  lostTogether(): LostTogether;
  /** Hangs up without QUIT: nothing is deleted. */
  close(): void;
}

/** Far below any receive window in commands; in octets enough for a fast line with a long way. */
const pipelineWindow = { commands: 400, octets: 16 * 1024 * 1024 };

const mib = 1024 * 1024;

/** Connects, secures as the endpoint declares, and signs in. Throws `MailError`; nothing stays open then. */
export async function openPop3Session(options: SessionOptions): Promise<Pop3Session> {
  const { credentials, signal } = options;
  const { connection, greeting, capabilities, remembered = null } = await (options.met ?? meetServer(options));
  try {
    options.onStage?.('auth', capabilities.lines.join(', '));
    options.onCapabilities?.(capabilities);
    await beforeAuth(connection, capabilities);
    // A msg-id (RFC 1939 §7) and nothing else: with octets no msg-id has, who answers could work the password out of the digest.
    const timestamp = /<[!-;=?A-~]{1,500}@[!-;=?A-~]{0,500}>/.exec(greeting)?.[0] ?? null;
    const signedIn = authenticate({ connection, capabilities, timestamp, credentials, signal });
    await (remembered === null ? signedIn : signedIn.catch(unlessOfferedOtherwise(connection, remembered)));
    const after = remembered?.after ?? (await offeredAfterAuth(connection, capabilities));
    if (remembered === null) {
      const offered = { before: capabilities, after };
      options.memory?.note(options.endpoint, metAt(connection, greeting), offered, options.clock.now());
    }
    if (after.pipelining && !goesOneByOne(options.endpoint, options.clock.now())) connection.setWindow(pipelineWindow);
    options.onStage?.('ready');
    return createSession(connection, after);
  } catch (error) {
    options.memory?.forget(options.endpoint);
    connection.close(error instanceof MailError ? error : undefined);
    throw error;
  }
}

/** RFC 2449 §5: some capabilities are shown only after signing in; a round trip is saved when none is missing. */
async function offeredAfterAuth(connection: Pop3Connection, before: Pop3Capabilities): Promise<Pop3Capabilities> {
  const { isKnown, uidl, top, pipelining } = before;
  return isKnown && !(uidl && top && pipelining) ? readCapabilities(await connection.capabilities()) : before;
}

/**
 * A refusal is the password's only where the way to sign in is still offered: told as such, it keeps the account from being
 * visited. The password is not sent again.
 */
function unlessOfferedOtherwise(connection: Pop3Connection, { before }: Offered): (error: unknown) => Promise<void> {
  return async (error) => {
    if (!(error instanceof MailError) || (error.code !== 'EAUTH' && error.code !== 'EAUTH_SETUP')) throw error;
    const lines = await connection.capabilities().then(
      (reply) => readCapabilities(reply).lines,
      () => before.lines,
    );
    if (lines.join('\n') === before.lines.join('\n')) throw error;
    throw new MailError('ETRANSIENT', 'The server offers other ways to sign in than before. It is tried again.');
  };
}

function metAt({ certificate }: Pop3Connection, greeting: string): Met {
  return { greeting, certificateSha256: certificate?.sha256 ?? null };
}

/**
 * The part of a session that changes nothing and tells nothing: connects, secures, waits for the greeting, asks what is
 * offered. Throws `MailError`; nothing stays open then.
 */
export async function meetServer(options: Omit<SessionOptions, 'credentials' | 'met'>): Promise<MetServer> {
  const { endpoint } = options;
  options.onStage?.('connect');
  const connection = await connectPop3(connectOptions(options));
  try {
    options.onStage?.('greeting');
    const greeting = await connection.greeting();
    if (greeting.status !== 'ok') throw refusedError(greeting, 'greeting', 'transaction');
    options.onStage?.('capabilities', greeting.text);
    if (endpoint.security === 'starttls')
      await upgrade(connection, readCapabilities(await connection.capabilities()), options);
    // RFC 2595 §4: what was said before the handshake is forgotten.
    const met = metAt(connection, greeting.text);
    const remembered = options.memory?.recall(endpoint, met, options.clock.now()) ?? null;
    const capabilities = remembered?.before ?? readCapabilities(await connection.capabilities());
    return { connection, greeting: greeting.text, capabilities, remembered };
  } catch (error) {
    connection.close(error instanceof MailError ? error : undefined);
    throw error;
  }
}

function connectOptions({ onStage, ...options }: Omit<SessionOptions, 'credentials' | 'met'>): ConnectOptions {
  return {
    ...options,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    onStage: (stage) => {
      if (stage === 'connected' && options.endpoint.security === 'tls') onStage?.('tls');
    },
  };
}

/** STLS is required when it is declared: without it nothing is sent. */
async function upgrade(
  connection: Pop3Connection,
  before: Pop3Capabilities,
  { endpoint, onStage }: Pick<SessionOptions, 'endpoint' | 'onStage'>,
): Promise<void> {
  if (before.isKnown && !before.stls) throw startTlsMissing(endpoint);
  onStage?.('tls', before.lines.join(', '));
  const reply = await connection.send({ line: 'STLS' });
  if (reply.status !== 'ok') throw startTlsMissing(endpoint, reply.text);
  await connection.startTls();
}

/** RFC 6856 §2: UTF8 is asked for before signing in; without it a server may alter or withhold such messages. */
async function beforeAuth(connection: Pop3Connection, capabilities: Pop3Capabilities): Promise<void> {
  if (capabilities.utf8) await connection.send({ line: 'UTF8' });
}

function createSession(connection: Pop3Connection, capabilities: Pop3Capabilities): Pop3Session {
  async function ok(command: Command): Promise<Pop3Reply> {
    const reply = await connection.send(command);
    if (reply.status === 'ok') return reply;
    throw refusedError(reply, command.line.split(' ', 1)[0] ?? '', 'transaction');
  }

  /** An optional command: null when the server does not know it. */
  async function optional(command: Command, isOffered: boolean): Promise<Pop3Reply | null> {
    if (capabilities.isKnown && !isOffered) return null;
    const reply = await connection.send(command);
    return reply.status === 'ok' ? reply : null;
  }

  const listCommand: Command = { line: 'LIST', shape: 'multi' };

  async function askUidl(): Promise<Pop3Reply | null> {
    const command: Command = { line: 'UIDL', shape: 'multi' };
    // Where UIDL is offered a refusal is a passing fault, never a reason to take every message for new.
    return capabilities.isKnown && capabilities.uidl ? ok(command) : optional(command, false);
  }

  return {
    capabilities,
    get certificate() {
      return connection.certificate;
    },
    async stat() {
      const { text } = await ok({ line: 'STAT' });
      const [messages = 0, octets = 0] = numbersOf(text);
      return { messages, octets };
    },
    async listing() {
      const [{ body }, uidl] = await Promise.all([ok(listCommand), askUidl()]);
      return createListing(body, uidl?.body ?? null);
    },
    list: async () => readList((await ok(listCommand)).body),
    async uidl() {
      const reply = await askUidl();
      return reply === null ? null : readUidl(reply.body);
    },
    async top(messageNumber, lines) {
      const line = `TOP ${messageNumber} ${lines}`;
      const reply = await optional(
        { line, shape: 'multi', sizeHintOctets: 4096, maxOctets: 64 * mib },
        capabilities.top,
      );
      return reply?.body ?? null;
    },
    async retrieve({ messageNumber, octets }, onOctets) {
      const line = `RETR ${messageNumber}`;
      // Servers that count LF for CRLF announce up to half of what they send; some announce nothing.
      const maxOctets = 64 * mib + 4 * octets;
      const reply = await ok({ line, shape: 'multi', sizeHintOctets: octets, maxOctets, onOctets });
      return reply.body;
    },
    async delete(messageNumber) {
      await ok({ line: `DELE ${messageNumber}` });
    },
    async noop() {
      await ok({ line: 'NOOP' });
    },
    async reset() {
      await ok({ line: 'RSET' });
    },
    async quit() {
      await ok({ line: 'QUIT' });
      connection.close();
    },
    lostTogether: connection.lostTogether,
    close: () => connection.close(),
  };
}
