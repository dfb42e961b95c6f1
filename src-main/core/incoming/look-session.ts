import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { MailError, type MailErrorCode } from '#shared/mail-error.ts';
import type { Clock } from '../ports.ts';
import { createOrdinals, digestIdOf, headerFactsOf } from './message-identity.ts';
import { lossAt } from './one-by-one.ts';
import type { Credentials } from './pop3-auth.ts';
import type { Pop3Timeouts } from './pop3-reach.ts';
import { openPop3Session, type Pop3Session } from './pop3-session.ts';

/** What a session listed, by unique-id. The numbers are good in this session only. */
export interface Listing {
  readonly session: Pop3Session;
  readonly byId: ReadonlyMap<string, { readonly messageNumber: number; readonly octets: number }>;
  /** Unique-ids the server gave to more than one message. */
  readonly twins: ReadonlySet<string>;
}

/** A session kept while a person decides. Nothing is marked for deletion in it except right before its QUIT. */
export interface LookSession {
  /** The listing of the session that is open, or of a new one. */
  listing(): Promise<Listing>;
  /** Does something with it; when the session turns out to be lost, once more with a new one. */
  use<T>(work: (listing: Listing) => Promise<T>): Promise<T>;
  /** Ends the session in order; the next use opens another. */
  rest(): Promise<void>;
}

export interface LookSessionOptions {
  readonly account: IncomingAccount;
  readonly credentials: () => Promise<Credentials>;
  readonly clock: Clock;
  readonly timeouts?: Partial<Pop3Timeouts>;
  readonly signal: AbortSignal;
  /** Told when the server is known to lose commands sent together. */
  readonly onLostTogether?: (account: IncomingAccount) => Promise<void>;
}

/** Many servers drop a session that is silent for a minute, whatever RFC 1939 §3 says (ten). */
const noopEveryMs = 25_000;
/** Whoever walked away does not keep others from the mailbox for ever. */
const idleAtMostMs = 10 * 60_000;

const lost: ReadonlySet<MailErrorCode> = new Set(['ECLOSED', 'ETIMEOUT', 'EUNREACHABLE', 'EPROTOCOL', 'ECANCELLED']);

export function createLookSession(options: LookSessionOptions): LookSession {
  const { clock, signal } = options;
  let open: Listing | null = null;
  let hasLost = false;
  let cancelNoop: (() => void) | null = null;
  let usedAt = clock.now();

  function keepAwake(listing: Listing): void {
    cancelNoop = clock.after(noopEveryMs, () => {
      if (open !== listing) return;
      if (clock.now() - usedAt >= idleAtMostMs) return void rest();
      listing.session.noop().then(
        () => {
          if (open === listing) keepAwake(listing);
        },
        () => forget(listing),
      );
    });
  }

  /** It broke while nobody used it: the next use opens another. */
  function forget(listing: Listing): void {
    listing.session.close();
    if (open !== listing) return;
    cancelNoop?.();
    open = null;
  }

  async function rest(): Promise<void> {
    const listing = open;
    open = null;
    cancelNoop?.();
    if (listing === null) return;
    await listing.session.quit().catch(() => undefined);
    listing.session.close();
  }

  async function listing(): Promise<Listing> {
    signal.throwIfAborted();
    usedAt = clock.now();
    if (open !== null) return open;
    const fresh = await openListing(hasLost ? oneByOne(options) : options);
    open = fresh;
    keepAwake(fresh);
    return fresh;
  }

  return {
    listing,
    rest,
    async use(work) {
      const wasOpen = open !== null;
      const first = await listing();
      try {
        return await work(first);
      } catch (error) {
        if (!(error instanceof MailError && lost.has(error.code)) || signal.aborted) throw error;
        forget(first);
        const isLoss = first.session.lostTogether() !== 'nothing';
        hasLost ||= isLoss;
        // A session of this very moment that breaks will break again, unless it is spoken to in another way.
        if (!wasOpen && !isLoss) throw error;
        return await work(await listing());
      }
    },
  };
}

async function openListing(options: LookSessionOptions): Promise<Listing> {
  const { account, credentials, clock, signal, timeouts } = options;
  const session = await openPop3Session({
    endpoint: account,
    credentials: await credentials(),
    clock,
    signal,
    timeouts,
  });
  try {
    const [listed, rawIds] = await Promise.all([session.list(), session.uidl()]);
    const ordinal = createOrdinals();
    const byId = new Map<string, { messageNumber: number; octets: number }>();
    const seen = new Set<string>();
    const twins = new Set<string>();
    for (const { messageNumber, octets } of listed) {
      const rawId = rawIds === null ? await idByHeader(session, messageNumber, octets) : rawIds.get(messageNumber);
      if (rawId === undefined) continue;
      if (seen.has(rawId)) twins.add(rawId);
      seen.add(rawId);
      byId.set(ordinal(rawId), { messageNumber, octets });
    }
    return { session, byId, twins };
  } catch (error) {
    session.close();
    if (session.lostTogether() !== 'all' || signal.aborted) throw error;
    const listing = await openListing(oneByOne(options));
    await options.onLostTogether?.(account);
    return listing;
  }
}

function oneByOne(options: LookSessionOptions): LookSessionOptions {
  const { account, clock } = options;
  return { ...options, account: { ...account, losesTogether: lossAt(account, clock.now()) } };
}

/** Without UIDL a message is known by its header; without TOP it cannot be told from others, and is not shown. */
async function idByHeader(session: Pop3Session, messageNumber: number, octets: number): Promise<string | undefined> {
  const header = await session.top(messageNumber, 0);
  return header === null ? undefined : digestIdOf(headerFactsOf(header), octets);
}
