import { z } from 'zod';

/** `tls`: encrypted from the first octet; `starttls`: upgraded, refused if the upgrade is not offered; `none`: in clear, only when the user says so. */
export const Security = z.enum(['tls', 'starttls', 'none']);
export type Security = z.infer<typeof Security>;

/** A host name, an IPv4 or an IPv6 address (without brackets). */
export const Host = z
  .string()
  .trim()
  .min(1, 'Enter the name of the server.')
  .max(253)
  .regex(/^[^\s/@\\]+$/u, 'A server name has no spaces, slashes or @ (for example mail.example.com).');

/** A host as a person gives it: brackets around an IPv6 address are taken off, a port behind the name is told. */
export const HostInput = z
  .string()
  .transform((text) => text.trim().replace(/^\[(.*)\]$/, '$1'))
  .pipe(
    Host.regex(/^\P{Cc}*$/u, 'A server name cannot hold control characters.').refine(
      (host) => !host.includes(':') || z.ipv6().safeParse(host.replace(/%.*$/, '')).success,
      'Write the name alone here; the port has a field of its own.',
    ),
  );

export const Port = z.number().int().min(1).max(65_535);

const CertificateSha256 = z.string().regex(/^[0-9a-f]{64}$/, 'A SHA-256 fingerprint is 64 hex digits.');

/** As `openssl x509 -fingerprint` and browsers print it: in capitals, with colons or spaces, with its name before it. */
export function canonicalFingerprint(text: string): string {
  return text
    .replace(/^\s*(?:sha-?256)?\s*(?:fingerprint)?\s*[=:]?/i, '')
    .replace(/[\s:]/gu, '')
    .toLowerCase();
}

/** A fingerprint as a person gives it. */
const CertificateSha256Input = z.string().max(300).transform(canonicalFingerprint).pipe(CertificateSha256);

export const Endpoint = z.object({
  host: Host,
  port: Port,
  security: Security,
  /** Trust exactly this certificate for this host and port, whatever its issuer, name or dates. */
  pinnedCertificateSha256: CertificateSha256.optional(),
});
export type Endpoint = z.infer<typeof Endpoint>;

/** The same as a person gives it. */
export const EndpointInput = Endpoint.extend({
  host: HostInput,
  pinnedCertificateSha256: CertificateSha256Input.optional(),
});

/** `host:port`, IPv6 in brackets: how an endpoint is named in logs, attempts and refusals. */
export function endpointName(endpoint: { host: string; port: number }): string {
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}

/** For XOAUTH2: what is needed to get an access token. */
export const OAuthSecret = z.object({
  refreshToken: z.string().min(1),
  clientId: z.string().min(1),
  tokenUrl: z.url(),
  /** As OAuth writes them, with spaces between; a list is taken as well. */
  scopes: z.union([z.string(), z.array(z.string()).transform((scopes) => scopes.join(' '))]),
});
export type OAuthSecret = z.infer<typeof OAuthSecret>;

export const Secret = z.union(
  [z.string(), OAuthSecret],
  'A secret is a text, or for xoauth2 {"refreshToken", "clientId", "tokenUrl", "scopes"}, with the whole address as tokenUrl.',
);
export type Secret = z.infer<typeof Secret>;

/** A name to sign in with, and a secret, as a person gives them: no line of a protocol can be ended by them. */
export const UserName = z
  .string()
  .max(500)
  .regex(/^\P{Cc}*$/u, 'A user name cannot hold line breaks.');
export const SecretInput = Secret.refine(
  (secret) => typeof secret !== 'string' || !/[\r\n\0]/.test(secret),
  'A password cannot hold line breaks.',
);
