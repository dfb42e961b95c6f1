import type { TLSSocket } from 'node:tls';
import type { CheckedEndpoint } from '#shared/job.ts';
import type { Endpoint } from '#shared/mail/endpoint.ts';
import type { MailError } from '#shared/mail-error.ts';
import { certificateError } from './pop3-errors.ts';

export type CertificateFacts = NonNullable<CheckedEndpoint['certificate']>;

/**
 * What a person may compare: names, dates, fingerprint. Null when the server showed no certificate. To be called once:
 * OpenSSL gives a server's certificate away with the first question, a second one finds none.
 */
export function certificateFacts(socket: TLSSocket): CertificateFacts | null {
  const shown = socket.getPeerX509Certificate();
  if (shown === undefined) return null;
  return {
    subject: oneLine(shown.subject ?? ''),
    issuer: oneLine(shown.issuer ?? ''),
    validFrom: shown.validFromDate.toISOString(),
    validTo: shown.validToDate.toISOString(),
    sha256: fingerprintOf(shown.fingerprint256),
  };
}

function oneLine(name: string): string {
  return name.split('\n').filter(Boolean).join(', ');
}

function fingerprintOf(colonHex: string): string {
  return colonHex.replaceAll(':', '').toLowerCase();
}

/**
 * Judges a finished handshake; null when the server is trusted. A pinned certificate is trusted alone, whatever its
 * issuer, name or dates, and any other is then a hard stop.
 */
export function distrust(socket: TLSSocket, shown: CertificateFacts | null, endpoint: Endpoint): MailError | null {
  if (endpoint.pinnedCertificateSha256 !== undefined)
    return shown?.sha256 === endpoint.pinnedCertificateSha256 ? null : certificateError('pin', endpoint);
  if (socket.authorized) return null;
  return certificateError(reasonOf(socket.authorizationError), endpoint);
}

function reasonOf(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof Error) return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  return '';
}
