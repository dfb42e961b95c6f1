import { Endpoint } from '#shared/mail/endpoint.ts';
import type { SourceAccount } from '#shared/mail/mail-source.ts';
import { listPref, type MozillaPrefs, numberPref, textPref } from './mozilla-prefs.ts';

/** The accounts Thunderbird was set up with: who, where from (POP3 only), where by. Passwords are kept elsewhere and stay there. */
export function accountsOf(prefs: MozillaPrefs): SourceAccount[] {
  const found = new Map<string, SourceAccount>();
  for (const account of listPref(prefs, 'mail.accountmanager.accounts')) {
    const server = textPref(prefs, `mail.account.${account}.server`);
    for (const identity of listPref(prefs, `mail.account.${account}.identities`)) {
      const address = textPref(prefs, `mail.identity.${identity}.useremail`).trim();
      if (!/^[^\s@<>]+@[^\s@<>]+$/.test(address) || found.has(address.toLowerCase())) continue;
      found.set(address.toLowerCase(), {
        displayName: textPref(prefs, `mail.identity.${identity}.fullName`).slice(0, 200),
        address,
        incoming: incomingOf(prefs, server),
        outgoing: outgoingOf(prefs, identity),
      });
    }
  }
  return [...found.values()];
}

/** `socketType`: 0 in clear, 1 and 2 STARTTLS, 3 TLS. An upgrade “if available” is asked for as one that must be there. */
function securityOf(socketType: number | undefined): Endpoint['security'] {
  if (socketType === 3) return 'tls';
  return socketType === 1 || socketType === 2 ? 'starttls' : 'none';
}

function incomingOf(prefs: MozillaPrefs, server: string): SourceAccount['incoming'] {
  const at = (name: string): string => `mail.server.${server}.${name}`;
  if (textPref(prefs, at('type')) !== 'pop3') return null;
  const security = securityOf(numberPref(prefs, at('socketType')));
  const port = numberPref(prefs, at('port')) ?? (security === 'tls' ? 995 : 110);
  return endpointWithUser(textPref(prefs, at('hostname')), port, security, textPref(prefs, at('userName')));
}

function outgoingOf(prefs: MozillaPrefs, identity: string): SourceAccount['outgoing'] {
  const server = textPref(prefs, `mail.identity.${identity}.smtpServer`) || textPref(prefs, 'mail.smtp.defaultserver');
  const at = (name: string): string => `mail.smtpserver.${server}.${name}`;
  const security = securityOf(numberPref(prefs, at('try_ssl')));
  const usual = security === 'tls' ? 465 : security === 'starttls' ? 587 : 25;
  const port = numberPref(prefs, at('port')) || usual;
  return endpointWithUser(textPref(prefs, at('hostname')), port, security, textPref(prefs, at('username')));
}

function endpointWithUser(
  host: string,
  port: number,
  security: Endpoint['security'],
  user: string,
): SourceAccount['incoming'] {
  const endpoint = Endpoint.safeParse({ host, port, security });
  return endpoint.success ? { ...endpoint.data, user: user.slice(0, 500) } : null;
}
