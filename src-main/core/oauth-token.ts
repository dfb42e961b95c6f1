import { z } from 'zod';
import { MailError } from '#shared/mail-error.ts';
import type { TokenSourceFor } from './services.ts';

/** RFC 6749 §5.1 and §5.2: what a token endpoint answers. */
const TokenReply = z.object({
  access_token: z.string().optional(),
  expires_in: z.coerce.number().optional(),
  refresh_token: z.string().optional(),
  error: z.string().optional(),
  error_description: z.string().optional(),
});

/** A token is asked for again this long before it runs out. */
const marginMs = 60_000;

/**
 * Access tokens from a refresh token (RFC 6749 §6), kept until shortly before they run out. A provider may hand out a
 * new refresh token with each; it is saved before the access token is used, since the old one may be void from then on.
 */
export const createTokenSource: TokenSourceFor = (secret, save) => {
  let current = secret;
  let token: { value: string; until: number } | undefined;

  async function refresh(signal: AbortSignal): Promise<string> {
    const reply = await askForToken(current, signal);
    if (reply.access_token === undefined) {
      const words = reply.error_description ?? reply.error ?? 'no token was given';
      throw new MailError('EAUTH', 'The provider did not renew the sign-in. Sign in to this account again.', {
        server: words,
      });
    }
    if (reply.refresh_token !== undefined && reply.refresh_token !== current.refreshToken) {
      current = { ...current, refreshToken: reply.refresh_token };
      await save(current);
    }
    token = { value: reply.access_token, until: Date.now() + (reply.expires_in ?? 300) * 1000 - marginMs };
    return token.value;
  }

  return {
    async get({ signal, force }) {
      if (!force && token !== undefined && token.until > Date.now()) return token.value;
      return refresh(signal);
    },
  };
};

async function askForToken(
  secret: { refreshToken: string; clientId: string; tokenUrl: string; scopes: string },
  signal: AbortSignal,
): Promise<z.infer<typeof TokenReply>> {
  const url = new URL(secret.tokenUrl);
  const isLoopback = url.hostname === '127.0.0.1' || url.hostname === 'localhost';
  if (url.protocol !== 'https:' && !isLoopback) {
    throw new MailError(
      'EINVALID',
      'The token address must begin with https, or the sign-in could be read on the way.',
    );
  }
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(20_000)]),
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: secret.refreshToken,
        client_id: secret.clientId,
        ...(secret.scopes === '' ? {} : { scope: secret.scopes }),
      }),
    });
    return TokenReply.parse(await response.json());
  } catch (error) {
    signal.throwIfAborted();
    throw new MailError(
      'EAUTH_TEMPORARY',
      'The provider could not be asked to renew the sign-in. It is tried again later.',
      {
        server: url.host,
        cause: error,
      },
    );
  }
}
