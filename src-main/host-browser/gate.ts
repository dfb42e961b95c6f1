import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pageTokenHeader, pageTokenProtocolPrefix, socketProtocol } from '#shared/rpc/browser-session.ts';
import { hostOf, type Origin } from './origin.ts';
import type { Sessions } from './sessions.ts';

/** Why a request is turned away. */
export type Refusal = { status: 401 | 403 | 421; text: string };

const wrongHost: Refusal = { status: 421, text: 'This is not the address of Postrider.' };
const wrongOrigin: Refusal = { status: 403, text: 'Only Postrider’s own page may ask this.' };
const noSession: Refusal = { status: 401, text: 'Open Postrider again from its launch page.' };

/** Cookies ignore ports, but the name is random; the host part of the name keeps two profiles apart. */
export const cookieName = 'postrider-session';

/** Decides who may ask what. */
export interface Gate {
  /** For the page and its files, which hold nothing of the user's. */
  forPage(request: IncomingMessage): Refusal | null;
  /** For the exchange of the launch token. */
  forExchange(request: IncomingMessage): Refusal | null;
  /** For bytes in and out. */
  forBytes(request: IncomingMessage): Refusal | null;
  /** For the socket. */
  forSocket(request: IncomingMessage): Refusal | null;
}

export function createGate(origin: Origin, sessions: Sessions): Gate {
  const host = hostOf(origin);
  const ours = `http://${host}`;

  // A name that was made to point here (DNS rebinding) shows in Host.
  const isOurHost = (headers: IncomingHttpHeaders): boolean => headers.host?.toLowerCase() === host;
  const isFromUs = (headers: IncomingHttpHeaders): boolean => headers.origin === ours;
  // Browsers leave Origin out of a same-origin GET, but none leaves Sec-Fetch-Site out.
  const isNotForeign = (headers: IncomingHttpHeaders): boolean =>
    (headers.origin === undefined || isFromUs(headers)) &&
    (headers['sec-fetch-site'] === undefined || headers['sec-fetch-site'] === 'same-origin');

  return {
    forPage({ headers }) {
      if (!isOurHost(headers)) return wrongHost;
      const isNavigation = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
      return isNavigation || isNotForeign(headers) ? null : wrongOrigin;
    },
    forExchange({ headers }) {
      if (!isOurHost(headers)) return wrongHost;
      return isFromUs(headers) && isNotForeign(headers) ? null : wrongOrigin;
    },
    forBytes(request) {
      const { headers, method } = request;
      if (!isOurHost(headers)) return wrongHost;
      const mayLackOrigin = method === 'GET' || method === 'HEAD';
      if (!isNotForeign(headers) || (!mayLackOrigin && !isFromUs(headers))) return wrongOrigin;
      const token = headers[pageTokenHeader];
      return sessions.admits(cookieOf(headers), typeof token === 'string' ? token : undefined) ? null : noSession;
    },
    forSocket({ headers }) {
      if (!isOurHost(headers)) return wrongHost;
      if (!isFromUs(headers)) return wrongOrigin;
      const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
      const token = protocols.find((protocol) => protocol.startsWith(pageTokenProtocolPrefix));
      const isAdmitted =
        protocols.includes(socketProtocol) &&
        sessions.admits(cookieOf(headers), token?.slice(pageTokenProtocolPrefix.length));
      return isAdmitted ? null : noSession;
    },
  };
}

/** The session cookie a request carries. With two of one name the first counts, as RFC 6265 §5.4 sends the most specific first. */
export function cookieOf(headers: IncomingHttpHeaders): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === cookieName) return value;
  }
  return undefined;
}
