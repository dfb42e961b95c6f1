import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';

/**
 * Some servers, and boxes in the middle of the way, announce PIPELINING (RFC 2449 §6.6) and lose what comes together, or
 * answer the first of it only. Then the mail is asked for one command at a time, at once and for some time after that; it
 * is kept with the account, since a session may begin before the ledger is open.
 */

/** After that it is tried again: servers are mended. */
const believedMs = 14 * 24 * 60 * 60_000;

type Spoken = Endpoint & Pick<IncomingAccount, 'losesTogether'>;

/** Whether commands go to this server one by one although it announces more. */
export function goesOneByOne(server: Spoken, now: number): boolean {
  const { losesTogether } = server;
  return (
    losesTogether !== undefined && losesTogether.at === endpointName(server) && Date.parse(losesTogether.until) > now
  );
}

/** What to keep of a server that lost commands sent together. */
export function lossAt(server: Endpoint, now: number): NonNullable<IncomingAccount['losesTogether']> {
  return { at: endpointName(server), until: new Date(now + believedMs).toISOString() };
}
