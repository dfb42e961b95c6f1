import type { OAuthSecret, Secret } from '#shared/mail/endpoint.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { MailError } from '#shared/mail-error.ts';
import type { SettingsService, TokenSourceFor } from '../services.ts';
import type { Credentials } from './pop3-auth.ts';

/** What an account signs in with. `save` keeps a refresh token the provider gave anew. Throws ENEEDS_PASSWORD when there is nothing. */
export function credentialsOf(
  account: Pick<IncomingAccount, 'user' | 'auth'>,
  secret: Secret | undefined,
  tokenSourceFor: TokenSourceFor,
  save: (secret: OAuthSecret) => Promise<void>,
): Credentials {
  if (secret === undefined)
    throw new MailError(
      'ENEEDS_PASSWORD',
      'There is no password for this account yet. Enter it in the account’s settings, then collect again.',
    );
  const { user, auth } = account;
  return { user, auth, secret: typeof secret === 'string' ? secret : tokenSourceFor(secret, save) };
}

/** Finds what an account signs in with, as it is kept now. */
export function credentialsKept(
  settings: Pick<SettingsService, 'accountSecret' | 'setAccount'>,
  tokenSourceFor: TokenSourceFor,
): (account: IncomingAccount) => Promise<Credentials> {
  return async (account) =>
    credentialsOf(account, await settings.accountSecret(account.id), tokenSourceFor, async (renewed) => {
      await settings.setAccount(account.id, { secret: renewed });
    });
}
