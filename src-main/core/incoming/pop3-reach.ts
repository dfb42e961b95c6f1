import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Endpoint } from '#shared/mail/endpoint.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Clock } from '../ports.ts';
import type { Dialled } from './dial-ahead.ts';
import { closedError, socketError, timeoutError } from './pop3-errors.ts';
import { type CertificateFacts, certificateFacts, distrust } from './pop3-trust.ts';

export interface Pop3Timeouts {
  readonly connectMs: number;
  readonly tlsMs: number;
  readonly greetingMs: number;
  /** From a command to its reply; for a body, from one piece of it to the next. */
  readonly commandMs: number;
}

export const defaultTimeouts: Pop3Timeouts = {
  connectMs: 20_000,
  tlsMs: 20_000,
  greetingMs: 30_000,
  commandMs: 90_000,
};

export interface ConnectOptions {
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeouts: Pop3Timeouts;
  /** Connections that were begun before. */
  readonly dialled?: Dialled;
  /** Told every line sent and every status line received, secrets as dots. */
  readonly onLine?: (line: string) => void;
  /** Told as soon as the handshake is done, before the certificate is judged. */
  readonly onCertificate?: (facts: CertificateFacts) => void;
  readonly onStage?: (stage: 'connected' | 'encrypted') => void;
}

/** TLS on a connection, judged before anything is sent or read. Throws `MailError`; the socket is destroyed then. */
export async function encrypt(
  tcp: Socket,
  options: ConnectOptions,
): Promise<{ socket: TLSSocket; certificate: CertificateFacts | null }> {
  const { endpoint, timeouts } = options;
  // The judgement is ours (`distrust`), right after the handshake and before anything is sent or read.
  // Loaded only where it is needed: with it come the certificates of this system, each of which is read.
  const socket = process.getBuiltinModule('node:tls').connect({
    socket: tcp,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    host: endpoint.host,
    ...(isIP(endpoint.host) === 0 ? { servername: endpoint.host } : {}),
  });
  socket.on('error', () => {});
  await settled(socket, 'secureConnect', 'TLS', timeouts.tlsMs, options);
  const certificate = certificateFacts(socket);
  if (certificate !== null) options.onCertificate?.(certificate);
  const problem = distrust(socket, certificate, endpoint);
  if (problem !== null) {
    socket.destroy();
    throw problem;
  }
  return { socket, certificate };
}

/** Waits for one event of a socket, within the deadline; destroys the socket otherwise. */
export async function settled(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  command: string,
  timeoutMs: number,
  { endpoint, clock, signal }: ConnectOptions,
): Promise<void> {
  const stop = new AbortController();
  const cancelTimer = clock.after(timeoutMs, () => stop.abort(timeoutError(endpoint, command)));
  const end = () => stop.abort(closedError(endpoint, command));
  socket.once('end', end);
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    await once(socket, event, { signal: either });
  } catch (error) {
    socket.destroy();
    if (either.aborted) throw reasonOf(either);
    throw socketError(error, endpoint);
  } finally {
    cancelTimer();
    socket.off('end', end);
  }
}

/** Why it was called off. */
export function reasonOf(signal: AbortSignal): MailError {
  const { reason } = signal;
  return reason instanceof MailError ? reason : new MailError('ECANCELLED', 'It was cancelled.');
}
