import { endpointName } from '#shared/mail/endpoint.ts';
import { MailError, type MailErrorCode } from '#shared/mail-error.ts';
import type { Pop3Reply } from './pop3-framing.ts';

/** The one place that looks into what Node and the server say, and turns it into what a person is told. */

interface Where {
  readonly host: string;
  readonly port: number;
}

/** What went wrong on the socket, before or after it was connected. */
export function socketError(cause: unknown, where: Where): MailError {
  if (cause instanceof MailError) return cause;
  const server = endpointName(where);
  const code = errorCodeOf(cause);
  const known = socketProblems[code];
  if (known !== undefined) return new MailError(known.code, known.text(where), { server, cause });
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code === 'EPROTO')
    return new MailError(
      'ETLS',
      `No encrypted connection could be made with ${server}. It may expect another kind of security on this port.`,
      { server, cause },
    );
  return new MailError('EUNREACHABLE', `The connection to ${server} failed.`, { server, cause });
}

const unknownHost = {
  code: 'EUNKNOWNHOST' as const,
  text: ({ host }: Where) => `There is no server called “${host}”. Check the spelling, and whether you are online.`,
};
const unreachable = {
  code: 'EUNREACHABLE' as const,
  text: ({ host }: Where) => `There is no way to “${host}” from this network. Check the connection to the internet.`,
};
const closed = {
  code: 'ECLOSED' as const,
  text: (where: Where) =>
    `${endpointName(where)} closed the connection too early. Nothing was lost; it will be tried again.`,
};

const socketProblems: Record<string, { code: MailErrorCode; text: (where: Where) => string } | undefined> = {
  ENOTFOUND: unknownHost,
  ENODATA: unknownHost,
  EAI_AGAIN: {
    code: 'EUNKNOWNHOST',
    text: ({ host }) => `The address of “${host}” could not be looked up. This computer may be offline.`,
  },
  ECONNREFUSED: {
    code: 'EREFUSED',
    text: ({ host, port }) =>
      `“${host}” is there, but nothing answers on port ${port}. The port may be wrong, or the server is down.`,
  },
  ETIMEDOUT: {
    code: 'ETIMEOUT',
    text: (where) => `${endpointName(where)} did not answer in time. The port may be blocked on this network.`,
  },
  ENETUNREACH: unreachable,
  EHOSTUNREACH: unreachable,
  ENETDOWN: unreachable,
  EADDRNOTAVAIL: unreachable,
  ECONNRESET: closed,
  EPIPE: closed,
  ECONNABORTED: closed,
  ERR_STREAM_DESTROYED: closed,
};

/** Node wraps the failures of several addresses in one AggregateError; the first that says something decides. */
function errorCodeOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) {
    const codes = cause.errors.map((error) => errorCodeOf(error));
    return (
      codes.find((code) => code === 'ECONNREFUSED') ?? codes.find((code) => code === 'ETIMEDOUT') ?? codes[0] ?? ''
    );
  }
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return '';
}

/** The server hung up while an answer was due. */
export function closedError(where: Where, command: string): MailError {
  return new MailError('ECLOSED', closed.text(where), { server: endpointName(where), command });
}

export function timeoutError(where: Where, command: string): MailError {
  const server = endpointName(where);
  return new MailError('ETIMEOUT', `${server} did not answer in time. Nothing was lost; it will be tried again.`, {
    server,
    command,
  });
}

/** Why a certificate is not trusted, by the code OpenSSL or Node gave. */
export function certificateError(reason: string, where: Where): MailError {
  const server = endpointName(where);
  const { host } = where;
  switch (reason) {
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return new MailError(
        'ECERT_EXPIRED',
        `The certificate of “${host}” is out of date, so it cannot be trusted and no password was sent. Check this computer’s clock, or tell the provider.`,
        { server },
      );
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return new MailError(
        'ECERT_SELFSIGNED',
        `“${host}” vouches for itself with its own certificate. No password was sent. If this is your own server, you may trust exactly this certificate.`,
        { server },
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return new MailError(
        'ECERT_HOST',
        `The server that answered has a certificate for another name than “${host}”. No password was sent. Check the server’s name.`,
        { server },
      );
    case 'pin':
      return new MailError(
        'ECERT_CHANGED',
        `The certificate of “${host}” is not the one you chose to trust. No password was sent. Ask whoever runs the server before you trust the new one.`,
        { server },
      );
    default:
      return new MailError(
        'ECERT_UNTRUSTED',
        `The certificate of “${host}” comes from nobody this computer trusts. No password was sent.`,
        { server },
      );
  }
}

export function startTlsMissing(where: Where, words?: string): MailError {
  const server = endpointName(where);
  return new MailError(
    'ENOSTARTTLS',
    `${server} does not offer STARTTLS (STLS), so the connection would not be encrypted. No password was sent. Port 995 with TLS may work.`,
    { server: words ?? server, command: 'STLS' },
  );
}

/** What a `-ERR` means: the response code decides where there is one (RFC 2449 §8, RFC 3206), the stage otherwise. */
export function refusedError(reply: Pop3Reply, command: string, stage: 'auth' | 'transaction'): MailError {
  const details = { command, server: reply.text === '' ? '-ERR' : reply.text };
  const code = /^\[([A-Z0-9/-]+)\]/i.exec(reply.text)?.[1]?.toUpperCase() ?? '';
  const words = stage === 'auth' && code === '' ? reply.text : '';
  if (code === 'IN-USE' || /\block|in use|already (open|logged)|another (session|client)/i.test(words))
    return new MailError(
      'EIN_USE',
      'Another program or device has this mailbox open just now. It will be tried again later.',
      details,
    );
  if (code === 'LOGIN-DELAY' || /too (often|frequent|soon|many (log|conn))|log(in|on) (interval|delay)/i.test(words))
    return new MailError(
      'ELOGIN_DELAY',
      'The server wants more time between two visits. Check this account less often.',
      details,
    );
  if (code === 'SYS/TEMP' || /temporar|try (it )?(again )?later|unavailable/i.test(words)) {
    const text = 'The server has a passing problem. The mail stays there; it will be tried again later.';
    return new MailError(stage === 'auth' ? 'EAUTH_TEMPORARY' : 'ETRANSIENT', text, details);
  }
  if (code === 'SYS/PERM')
    return new MailError(
      'EMAILBOX',
      'This mailbox is out of order on the server, and only its provider can mend that. The mail stays there.',
      details,
    );
  if (code === 'AUTH' || stage === 'auth')
    return new MailError(
      'EAUTH',
      'The server did not accept the user name or the password. Check both; some providers want a separate app password.',
      details,
    );
  if (command === 'greeting') {
    const text = 'The server turned the connection away before any sign-in. The mail stays there; try again later.';
    return new MailError('EREJECTED', text, details);
  }
  return new MailError('EREJECTED', `The server refused the command ${command}.`, details);
}

/** Whether the server only said no to one command, and the session goes on. */
export function isRefusal(error: MailError): boolean {
  return error.command !== undefined && refusals.has(error.code);
}

const refusals: ReadonlySet<MailErrorCode> = new Set([
  'EREJECTED',
  'ETRANSIENT',
  'EIN_USE',
  'ELOGIN_DELAY',
  'EAUTH',
  'EMAILBOX',
]);
