import type { Socket } from 'node:net';
import type { Endpoint } from '#shared/mail/endpoint.ts';
import type { AttemptStage } from '#shared/mail/outbox.ts';
import type { AttemptLog } from './attempt-log.ts';
import { type CertificateSeen, type Secured, secureSocket } from './secure-socket.ts';
import { isPositive, parseReply, type SmtpReply } from './smtp-reply.ts';
import { noReply, refused, socketFailure, stopped } from './stage-failure.ts';

/** A connection past its greeting, as secure as its endpoint declares. */
export interface Greeted {
  readonly socket: Socket;
  readonly greeting: SmtpReply;
  readonly secured: Secured | undefined;
}

export interface GreetOptions {
  readonly ehloName: string;
  readonly tlsMs: number;
  readonly greetingMs: number;
  readonly commandMs: number;
  readonly log: AttemptLog;
  readonly signal: AbortSignal;
  readonly seen?: CertificateSeen;
  /** For an endpoint of security `none`: STARTTLS where it is announced, with whatever certificate (RFC 7435). */
  readonly isOpportunistic?: boolean;
}

/** A reply line longer than this, or more of them, is no mail server. */
const longestReplyOctets = 64 * 1024;

/**
 * Takes a fresh TCP connection through TLS, greeting and STARTTLS as the endpoint declares, before the library sees it.
 * RFC 3207 §6: nothing that came before TLS is used after it; here even an octet too many ends the attempt.
 * Throws `StageFailure`; the socket is closed then.
 */
export async function greet(plain: Socket, endpoint: Endpoint, options: GreetOptions): Promise<Greeted> {
  const { log } = options;
  // A reset between two stages must not be an unheard error.
  plain.on('error', () => undefined);
  try {
    if (endpoint.security === 'tls') {
      log.enter('tls');
      const secured = await secureSocket(plain, endpoint, { ...options, timeoutMs: options.tlsMs });
      log.note(secured.protocol);
      const greeting = await readGreeting(secured.socket, endpoint, options);
      return { socket: secured.socket, greeting, secured };
    }
    const greeting = await readGreeting(plain, endpoint, options);
    const isAsked = endpoint.security === 'starttls' || options.isOpportunistic === true;
    const secured = isAsked ? await startTls(plain, endpoint, options) : undefined;
    return { socket: secured?.socket ?? plain, greeting, secured };
  } catch (error) {
    plain.destroy();
    throw error;
  }
}

async function readGreeting(socket: Socket, endpoint: Endpoint, options: GreetOptions): Promise<SmtpReply> {
  options.log.enter('greeting');
  const reply = await readReply(socket, 'greeting', endpoint.host, options.greetingMs, options);
  if (reply.replyCode !== 220) throw refused('greeting', reply);
  options.log.note(reply.text);
  return reply;
}

/** Undefined: it was only to be had where it is offered, and is not. */
async function startTls(socket: Socket, endpoint: Endpoint, options: GreetOptions): Promise<Secured | undefined> {
  const { log } = options;
  log.enter('tls');
  const ehlo = await command(socket, `EHLO ${options.ehloName}`, endpoint, options);
  if (ehlo.replyCode === 421) throw refused('tls', ehlo);
  const isOptional = endpoint.security === 'none';
  if (isOptional && !ehlo.lines.some((line) => /^STARTTLS\s*$/i.test(line))) return undefined;
  // Asked for whatever EHLO announced: an announcement in clear can be taken out by anyone on the way.
  const reply = await command(socket, 'STARTTLS', endpoint, options);
  if (reply.replyCode === 421) throw refused('tls', reply);
  if (!isPositive(reply)) {
    if (isOptional) return undefined;
    throw noReply('tls', 'ENOSTARTTLS', `${endpoint.host} does not offer STARTTLS here (it said: ${reply.text}).`);
  }
  const secured = await secureSocket(socket, endpoint, {
    ...options,
    timeoutMs: options.tlsMs,
    takesAnyCertificate: isOptional,
  });
  log.note(secured.protocol);
  return secured;
}

async function command(socket: Socket, line: string, endpoint: Endpoint, options: GreetOptions): Promise<SmtpReply> {
  options.log.client(line);
  socket.write(`${line}\r\n`);
  return readReply(socket, 'tls', endpoint.host, options.commandMs, options);
}

/** Reads exactly one reply; anything after it in the same breath was not asked for. */
async function readReply(
  socket: Socket,
  stage: AttemptStage,
  name: string,
  timeoutMs: number,
  { log, signal }: Pick<GreetOptions, 'log' | 'signal'>,
): Promise<SmtpReply> {
  const { promise, resolve, reject } = Promise.withResolvers<SmtpReply>();
  let received = '';
  const onData = (chunk: Buffer): void => {
    received += chunk.toString('latin1');
    if (received.length > longestReplyOctets) {
      reject(noReply(stage, 'EPROTOCOL', `${name} does not speak SMTP.`));
      return;
    }
    const end = endOfReply(received);
    if (end === null) return;
    if (end === 'not-a-reply') {
      reject(noReply(stage, 'EPROTOCOL', `${name} does not speak SMTP.`));
      return;
    }
    const raw = Buffer.from(received.slice(0, end), 'latin1').toString('utf8').replaceAll('\r\n', '\n').trimEnd();
    log.server(raw);
    const reply = parseReply(raw);
    if (reply === null) reject(noReply(stage, 'EPROTOCOL', `${name} does not speak SMTP.`));
    else if (end < received.length) reject(tooMuch(stage, name));
    else resolve(reply);
  };
  const onError = (error: Error): void => reject(socketFailure(stage, error, name));
  const onClose = (): void => reject(noReply(stage, 'ECLOSED', `${name} closed the connection.`));
  const onAbort = (): void => reject(stopped(stage, signal));
  const timer = setTimeout(() => reject(noReply(stage, 'ETIMEOUT', `${name} said nothing in time.`)), timeoutMs);
  socket.on('data', onData).on('error', onError).once('end', onClose).once('close', onClose);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  else if (socket.destroyed) onClose();
  else socket.resume();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    socket.pause();
    socket.off('data', onData).off('error', onError).off('end', onClose).off('close', onClose);
  }
}

function tooMuch(stage: AttemptStage, name: string): Error {
  return stage === 'tls'
    ? noReply('tls', 'ETLS', `Something on the way added words of its own to the secure start with ${name}.`)
    : noReply(stage, 'EPROTOCOL', `${name} talked before it was asked.`);
}

/** The offset after the last line of the first reply; null: not all there yet. */
function endOfReply(received: string): number | 'not-a-reply' | null {
  let start = 0;
  for (;;) {
    const end = received.indexOf('\n', start);
    if (end < 0) return null;
    const line = received.slice(start, end).replace(/\r$/, '');
    if (!/^\d{3}(?:[ -]|$)/.test(line)) return 'not-a-reply';
    if (line.charAt(3) !== '-') return end + 1;
    start = end + 1;
  }
}
