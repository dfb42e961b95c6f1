import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { Pop3Capabilities } from './pop3-capabilities.ts';

/**
 * What servers said they offer, while the app runs: asking again costs each poll of a far server a round trip or two. It holds
 * for a day, as long as the server greets in the same words behind the same certificate; and until anything goes wrong there.
 */
export interface ServerMemory {
  recall(endpoint: Endpoint, met: Met, now: number): Offered | null;
  note(endpoint: Endpoint, met: Met, offered: Offered, now: number): void;
  /** Asked anew at the next visit. */
  forget(endpoint: Endpoint): void;
}

/** What tells that it is the same server still. */
export interface Met {
  readonly greeting: string;
  /** Null in clear. */
  readonly certificateSha256: string | null;
}

export interface Offered {
  /** To who is about to sign in, over a connection as secure as is declared. */
  readonly before: Pop3Capabilities;
  /** To who has signed in (RFC 2449 §5). */
  readonly after: Pop3Capabilities;
}

const believedMs = 24 * 60 * 60 * 1000;

export function createServerMemory(): ServerMemory {
  const servers = new Map<string, { readonly is: string; readonly offered: Offered; readonly at: number }>();
  return {
    recall(endpoint, met, now) {
      const known = servers.get(nameOf(endpoint));
      if (known === undefined || known.is !== identityOf(met)) return null;
      return now >= known.at && now - known.at < believedMs ? known.offered : null;
    },
    note(endpoint, met, offered, now) {
      servers.set(nameOf(endpoint), { is: identityOf(met), offered, at: now });
    },
    forget(endpoint) {
      servers.delete(nameOf(endpoint));
    },
  };
}

function nameOf(endpoint: Endpoint): string {
  return `${endpoint.security} ${endpointName(endpoint)}`;
}

/** The timestamp of APOP (RFC 1939 §7) is another one each time. */
function identityOf({ greeting, certificateSha256 }: Met): string {
  return `${certificateSha256} ${greeting.replaceAll(/<[^<>]{0,500}>/g, '<>')}`;
}
