import type { AccountId } from '#shared/ids.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import type { KnownUniqueId } from '../store/store-api.ts';
import type { CollectOptions } from './collect-options.ts';
import { retentionEndOf } from './days-counted.ts';
import type { FetchPlan } from './plan-fetch.ts';
import type { MaildropListing } from './pop3-lists.ts';

/**
 * A visit that had nothing to do, and what that rested on. What `planFetch` answers follows from the server's two lists,
 * what the ledger knows, the account's settings and, for mail that is left so many days, the time. While none of these
 * has changed the answer is the same, nothing, and need not be worked out again, however much lies there.
 */
interface Settled {
  readonly ledgerVersion: string;
  readonly settings: string;
  /** `MaildropListing.digest` */
  readonly listing: string;
  /** How many messages lie there. */
  readonly messages: number;
  /** From then on something is due. */
  readonly until: number;
}

/** The last visits that had nothing to do, one of each account, while the app runs. */
export type SettledVisits = Map<AccountId, Settled>;

interface Planned {
  readonly messages: number;
  readonly plan: FetchPlan;
  readonly at: number;
  readonly countsFrom: number | null;
}

/** What is remembered of a maildrop; asked for while the connection is being made. */
export interface Recollection {
  /** How many messages lie there, when this very listing called for nothing before and nothing has changed; else null. */
  settledAs(listing: MaildropListing): Promise<number | null>;
  known(): Promise<readonly KnownUniqueId[]>;
  /**
   * Of this listing, of so many messages, this was planned at that time, with ages counted from then on, before anything was
   * looked up here.
   */
  note(listing: MaildropListing, planned: Planned): Promise<void>;
}

/** Begins to remember; where nothing has changed since a visit that had nothing to do, what is known is not read. */
export function recollect({ account, store, clock, only, settled }: CollectOptions): Recollection {
  const settings = settingsOf(account);
  // Before anything is read: what changes meanwhile makes another version, and this one is never met again.
  const version = store.ledgerVersion();
  version.catch(() => {});
  const before = only === undefined ? version.then(lastVisit) : Promise.resolve(null);
  const early = before.then((visit) => (visit === null ? store.knownUniqueIds(account.id) : null));
  early.catch(() => {});

  function lastVisit(ledgerVersion: string): Settled | null {
    const visit = settled?.get(account.id);
    return visit?.ledgerVersion === ledgerVersion && visit.settings === settings ? visit : null;
  }

  let read: Promise<readonly KnownUniqueId[]> | undefined;
  const known = () => (read ??= early.then((entries) => entries ?? store.knownUniqueIds(account.id)));
  return {
    known,
    async settledAs(listing) {
      const visit = await before;
      if (visit === null || clock.now() >= visit.until || listing.digest() !== visit.listing) return null;
      return visit.messages;
    },
    async note(listing, { messages, plan, at, countsFrom }) {
      settled?.delete(account.id);
      if (settled === undefined || only !== undefined || !isNothing(plan)) return;
      const entries = await known();
      // Whether their beginning has left Trash for good is not in the ledger.
      if (account.retention.kind === 'delete-when-removed' && entries.some(isRemovedBeginning)) return;
      const until = nextDueAt(entries, account, { now: at, countsFrom });
      settled.set(account.id, { ledgerVersion: await version, settings, listing: listing.digest(), messages, until });
    },
  };
}

/** What of an account a plan depends on (`FetchPolicy`). */
function settingsOf({ retention, maxOctets = 0, daysCounted }: IncomingAccount): string {
  return JSON.stringify([retention, maxOctets, daysCounted?.countsFrom]);
}

/** What is missing matters to what is fetched only. */
function isNothing({ missing: _missing, ...plan }: FetchPlan): boolean {
  return Object.values(plan).every(({ length }) => length === 0);
}

/** When the first of what is known becomes due by the time alone; what is due at `now` waits for nothing. */
function nextDueAt(
  known: readonly KnownUniqueId[],
  { retention }: IncomingAccount,
  time: Pick<Planned, 'countsFrom'> & { now: number },
): number {
  if (retention.kind !== 'leave-days') return Number.POSITIVE_INFINITY;
  return known.reduce((first, entry) => {
    const end = retentionEndOf(entry, retention, time);
    return end > time.now && end < first ? end : first;
  }, Number.POSITIVE_INFINITY);
}

/** The beginning of a large message, removed here in the app. */
export function isRemovedBeginning({ isRemovedHere, messageKey }: KnownUniqueId): boolean {
  return isRemovedHere && messageKey !== null && isBeginning(messageKey);
}
