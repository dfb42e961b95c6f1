import { isIP, type Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { domainToASCII } from 'node:url';
import type { CheckedEndpoint } from '#shared/job.ts';
import type { Endpoint } from '#shared/mail/endpoint.ts';
import { noReply, stopped, systemCode } from './stage-failure.ts';

export type CertificateFacts = NonNullable<CheckedEndpoint['certificate']>;

export interface Secured {
  readonly socket: TLSSocket;
  /** For example `TLSv1.3`. */
  readonly protocol: string;
  /** The cipher suite by its standard name. */
  readonly cipher: string;
  readonly certificate: CertificateFacts | undefined;
}

/** A certificate that was not accepted, with what it says, for the person to look at. */
export interface CertificateSeen {
  certificate?: CertificateFacts;
}

const selfSigned = new Set(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN']);
const expired = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/**
 * Upgrades a socket to TLS and decides by itself whether the certificate holds: the pinned one and no other, or one the
 * system trusts for this host (RFC 8314 §5.3). Throws `StageFailure` at `tls`; nothing was sent inside then.
 */
export async function secureSocket(
  plain: Socket,
  endpoint: Endpoint,
  options: { timeoutMs: number; signal: AbortSignal; seen?: CertificateSeen; takesAnyCertificate?: boolean },
): Promise<Secured> {
  const host = domainToASCII(endpoint.host) || endpoint.host;
  // The judgement is made below: a pin must hold whatever the chain says, and each fault has its own words.
  // Loaded only where it is needed: with it come the certificates of this system, each of which is read.
  const socket = process.getBuiltinModule('node:tls').connect({
    socket: plain,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  });
  await handshake(socket, endpoint, options);
  const peer = socket.getPeerCertificate();
  const certificate = describeCertificate(peer);
  if (options.seen !== undefined && certificate !== undefined) options.seen.certificate = certificate;
  try {
    if (options.takesAnyCertificate !== true) judge(socket, peer, host, endpoint);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.pause();
  return { socket, protocol: socket.getProtocol() ?? 'TLS', cipher: socket.getCipher().standardName, certificate };
}

function handshake(
  socket: TLSSocket,
  { host: name, security }: Endpoint,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: Error): void => {
    reject(error);
    socket.destroy();
  };
  const timer = setTimeout(
    () => fail(noReply('tls', 'ETIMEOUT', `${name} did not finish the TLS handshake.`)),
    timeoutMs,
  );
  const onAbort = (): void => fail(stopped('tls', signal));
  const onError = (error: Error): void => fail(tlsFailure(error, name, security));
  const onClose = (): void => fail(noReply('tls', 'ETLS', `${name} closed the connection during the TLS handshake.`));
  socket.once('secureConnect', resolve);
  socket.on('error', onError);
  socket.once('close', onClose);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    socket.off('close', onClose);
    // A destroyed socket may still report; nobody needs to hear it.
    socket.on('error', () => undefined);
    socket.off('error', onError);
  });
}

function tlsFailure(error: Error, name: string, security: Endpoint['security']): Error {
  const code = systemCode(error);
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return noReply('tls', 'ETLS', `${name} broke the connection during the TLS handshake.`);
  }
  const isPlain = code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG';
  if (!isPlain) return noReply('tls', 'ETLS', `The TLS handshake with ${name} failed.`);
  const text =
    security === 'tls'
      ? `${name} does not speak TLS on this port. It may want STARTTLS there.`
      : `${name} agreed to STARTTLS and then did not speak TLS.`;
  return noReply('tls', 'ETLS', text);
}

function judge(socket: TLSSocket, peer: PeerCertificate, host: string, endpoint: Endpoint): void {
  const pin = endpoint.pinnedCertificateSha256;
  if (pin !== undefined) {
    if (fingerprint(peer) === pin) return;
    throw noReply('tls', 'ECERT_CHANGED', `The certificate of ${endpoint.host} is not the one you trusted.`);
  }
  const reason = socket.authorized ? '' : String(socket.authorizationError);
  if (expired.has(reason) || Date.parse(peer.valid_to) < Date.now()) {
    throw noReply(
      'tls',
      'ECERT_EXPIRED',
      `The certificate of ${endpoint.host} is out of date (valid until ${peer.valid_to}).`,
    );
  }
  if (selfSigned.has(reason)) {
    throw noReply(
      'tls',
      'ECERT_SELFSIGNED',
      `The certificate of ${endpoint.host} is signed by nobody you trust but itself.`,
    );
  }
  // With rejectUnauthorized off Node still checks the name; the check here does not depend on the order it does so in.
  if (process.getBuiltinModule('node:tls').checkServerIdentity(host, peer) !== undefined) {
    throw noReply('tls', 'ECERT_HOST', `The certificate is for another server than ${endpoint.host}.`);
  }
  if (reason !== '') {
    throw noReply(
      'tls',
      'ECERT_UNTRUSTED',
      `The certificate of ${endpoint.host} comes from an issuer that is not trusted.`,
    );
  }
}

function fingerprint(peer: PeerCertificate): string {
  return (peer.fingerprint256 ?? '').replaceAll(':', '').toLowerCase();
}

function describeCertificate(peer: PeerCertificate): CertificateFacts | undefined {
  if (peer.fingerprint256 === undefined) return undefined;
  return {
    subject: commonName(peer.subject),
    issuer: commonName(peer.issuer),
    validFrom: peer.valid_from,
    validTo: peer.valid_to,
    sha256: fingerprint(peer),
  };
}

function commonName(name: PeerCertificate['subject'] | undefined): string {
  const value = name?.CN ?? name?.O ?? '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
