import { MailError } from '#shared/mail-error.ts';
import type { Retrieval } from './plan-fetch.ts';
import { isRefusal } from './pop3-errors.ts';
import type { Pop3Session } from './pop3-session.ts';

/** A message that came, or the refusal that came in its place. */
export type Arrival =
  | { readonly kind: 'came'; readonly retrieval: Retrieval; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'refused'; readonly retrieval: Retrieval; readonly error: MailError };

type Outcome = Arrival | { readonly kind: 'broken'; readonly error: unknown };

/** What may have been asked for and not been taken yet: bounds the memory while the disk is slower than the line. */
const aheadAtMost = { messages: 400, octets: 16 * 1024 * 1024 };

/**
 * Retrieves messages in order, asking for the next ones while the former are on their way. A message the server refuses
 * does not stop the rest; when the session itself breaks this throws `MailError`.
 */
export async function* retrieveAhead(
  session: Pop3Session,
  retrievals: readonly Retrieval[],
  onOctets?: (octets: number) => void,
): AsyncGenerator<Arrival, void, undefined> {
  const underWay: { octets: number; outcome: Promise<Outcome> }[] = [];
  let octetsAhead = 0;
  let next = 0;

  function askForMore(): void {
    // Asked for in bundles, so that the commands leave in few packets.
    if (underWay.length > aheadAtMost.messages / 2) return;
    for (let retrieval = retrievals[next]; retrieval !== undefined; retrieval = retrievals[next]) {
      const { octets } = retrieval.listed;
      const isFull = underWay.length >= aheadAtMost.messages || octetsAhead + octets > aheadAtMost.octets;
      if (isFull && underWay.length > 0) return;
      underWay.push({ octets, outcome: settle(session, retrieval, onOctets) });
      octetsAhead += octets;
      next += 1;
    }
  }

  for (askForMore(); underWay.length > 0; askForMore()) {
    const first = underWay.shift();
    if (first === undefined) return;
    const outcome = await first.outcome;
    octetsAhead -= first.octets;
    if (outcome.kind === 'broken') throw outcome.error;
    yield outcome;
  }
}

async function settle(
  session: Pop3Session,
  retrieval: Retrieval,
  onOctets?: (octets: number) => void,
): Promise<Outcome> {
  try {
    return { kind: 'came', retrieval, bytes: await session.retrieve(retrieval.listed, onOctets) };
  } catch (error) {
    if (error instanceof MailError && isRefusal(error)) return { kind: 'refused', retrieval, error };
    return { kind: 'broken', error };
  }
}
