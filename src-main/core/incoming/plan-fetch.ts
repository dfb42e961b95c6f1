import type { AccountId } from '#shared/ids.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import type { Retention } from '#shared/mail/incoming-account.ts';
import type { KnownUniqueId } from '../store/store-api.ts';
import { retentionEndOf } from './days-counted.ts';
import { isDigestId, keyPrefixOf } from './message-identity.ts';

/** One message of this session's listing, with the id it is known by (see `message-identity.ts`). */
export interface Listed {
  readonly messageNumber: number;
  readonly octets: number;
  /** Null: the server has no UIDL and the header was not asked for; the id is made from the bytes after RETR. */
  readonly uniqueId: string | null;
}

/**
 * Why a message is fetched: it is `new`; or it is known and may be deleted once a second RETR `confirm`s that what lies
 * here is all there is; or only its beginning lies here and the `whole` is wanted now.
 */
export type Retrieval =
  | { readonly kind: 'new'; readonly listed: Listed }
  | { readonly kind: 'confirm' | 'whole'; readonly listed: Listed; readonly known: KnownUniqueId };

export interface FetchPlan {
  readonly retrieve: readonly Retrieval[];
  /** Known to be safe here: to delete without fetching. */
  readonly remove: readonly { readonly listed: Listed; readonly known: KnownUniqueId }[];
  /** Larger than the account wants fetched by itself: only the beginning is taken. */
  readonly large: readonly Listed[];
  /** Unique-ids no longer on the server. */
  readonly forget: readonly string[];
  /** Seen before under another unique-id: to be recorded under the new one, not fetched. */
  readonly recognised: readonly { readonly listed: Listed; readonly known: KnownUniqueId }[];
  /** Most of what was known is gone and other unique-ids are there: ask for the headers of these and plan again. */
  readonly identify: readonly Listed[];
  /** What was known and is not in the listing: a message that has the same bytes is the same one, under another unique-id. */
  readonly missing: readonly KnownUniqueId[];
}

export interface FetchPolicy {
  readonly accountId: AccountId;
  readonly retention: Retention;
  readonly maxOctets?: number;
  readonly now: number;
  /** See `DayCount`. */
  readonly countsFrom?: number | null;
  /** Beginnings that were removed here for good, not only put into Trash. */
  readonly destroyed?: ReadonlySet<string>;
  /** Only these are fetched, whatever their size, and nothing else is done: a person asked for them. */
  readonly only?: ReadonlySet<string>;
  /** Header digests of listed messages by message number, once they were asked for. */
  readonly headerDigests?: ReadonlyMap<number, string>;
}

/** Decides what to do with every message of a listing. Pure: the same answer for the same question. */
export function planFetch(listing: readonly Listed[], known: readonly KnownUniqueId[], policy: FetchPolicy): FetchPlan {
  const plan = createPlan();
  const knownById = new Map(known.map((entry) => [entry.uniqueId, entry]));
  const listedIds = new Set(listing.map((listed) => listed.uniqueId));
  const absent = known.filter((entry) => !listedIds.has(entry.uniqueId));
  const isNew = (listed: Listed) => knownOf(listed, knownById) === undefined;
  const isMassChange = looksRenumbered(known, absent, listing.filter(isNew), policy);
  const claim = isMassChange ? claimByHeader(absent, policy) : () => undefined;
  // What this account deletes is absent by right.
  if (policy.retention.kind !== 'delete') plan.missing.push(...absent);
  for (const listed of listing) {
    const entry = knownOf(listed, knownById);
    if (entry !== undefined) planKnown(plan, listed, entry, policy);
    else if (isMassChange && policy.headerDigests === undefined) plan.identify.push(listed);
    else planNew(plan, listed, claim(listed), policy);
  }
  if (policy.only !== undefined) return planOnly(plan, listing, knownById, policy.only);
  if (mayForget(absent, isMassChange, known, policy)) plan.forget.push(...absent.map((entry) => entry.uniqueId));
  return plan;
}

type OpenPlan = { -readonly [K in keyof FetchPlan]: FetchPlan[K][number][] };

function createPlan() {
  const plan: OpenPlan = { retrieve: [], remove: [], large: [], forget: [], recognised: [], identify: [], missing: [] };
  return plan;
}

/** Fetches what was asked for; what else the listing would call for waits for the next visit. */
function planOnly(
  plan: OpenPlan,
  listing: readonly Listed[],
  knownById: ReadonlyMap<string, KnownUniqueId>,
  only: ReadonlySet<string>,
): FetchPlan {
  const wanted = listing.filter(({ uniqueId }) => uniqueId !== null && only.has(uniqueId));
  const retrieve = wanted.map((listed): Retrieval => {
    const known = knownOf(listed, knownById);
    return known !== undefined && isBeginning(known.messageKey ?? '') && !known.isRemovedHere
      ? { kind: 'whole', listed, known }
      : { kind: 'new', listed };
  });
  return { ...createPlan(), retrieve, recognised: plan.recognised, identify: plan.identify, missing: plan.missing };
}

/** The record of this very message; a known unique-id with other octets was given to a new message. */
function knownOf(listed: Listed, knownById: ReadonlyMap<string, KnownUniqueId>): KnownUniqueId | undefined {
  const entry = listed.uniqueId === null ? undefined : knownById.get(listed.uniqueId);
  if (entry === undefined || entry.messageKey === null) return undefined;
  // An id made from the header tells the octets itself, without the fields that servers add.
  return entry.listedOctets === listed.octets || isDigestId(entry.uniqueId) ? entry : undefined;
}

function planNew(plan: OpenPlan, listed: Listed, same: KnownUniqueId | undefined, policy: FetchPolicy): void {
  if (same !== undefined) plan.recognised.push({ listed, known: same });
  else if (isTooLarge(listed, policy)) plan.large.push(listed);
  else plan.retrieve.push({ kind: 'new', listed });
}

/** 0 stands for no limit, as it does where a person sets it. */
function isTooLarge({ octets }: Listed, { maxOctets = 0 }: FetchPolicy): boolean {
  return maxOctets > 0 && octets > maxOctets;
}

/**
 * A beginning is never a reason to delete what it is the beginning of. Only the person's own removal of it is, where
 * the account says so, and only once it is gone for good: from Trash it could still be taken back and asked for.
 */
function planBeginning(plan: OpenPlan, listed: Listed, known: KnownUniqueId, policy: FetchPolicy): void {
  if (!known.isRemovedHere) {
    // The person allows larger messages by now.
    if (!isTooLarge(listed, policy)) plan.retrieve.push({ kind: 'whole', listed, known });
    return;
  }
  const isWanted = policy.retention.kind === 'delete-when-removed' && policy.destroyed?.has(known.uniqueId) === true;
  if (isWanted) plan.remove.push({ listed, known });
}

function planKnown(plan: OpenPlan, listed: Listed, known: KnownUniqueId, policy: FetchPolicy): void {
  if (isBeginning(known.messageKey ?? '')) planBeginning(plan, listed, known, policy);
  else if (!isDue(known, policy)) return;
  else if (needsConfirmation(known, policy.accountId)) plan.retrieve.push({ kind: 'confirm', listed, known });
  else plan.remove.push({ listed, known });
}

/** Whether the server's copy has had its time. */
function isDue(known: KnownUniqueId, policy: FetchPolicy): boolean {
  const { retention, now } = policy;
  switch (retention.kind) {
    case 'leave':
      return false;
    case 'delete':
      return true;
    case 'leave-days':
      return now >= retentionEndOf(known, retention, policy);
    case 'delete-when-removed':
      return known.isRemovedHere;
  }
}

/**
 * Whether the record alone is too weak to delete by: fewer octets came than LIST announced, or the message was
 * recognised by its header only (its key was then made from another unique-id), or there is no unique-id at all.
 */
function needsConfirmation(known: KnownUniqueId, accountId: AccountId): boolean {
  if (isDigestId(known.uniqueId)) return true;
  if (known.isConfirmed) return false;
  return known.octets < known.listedOctets || !known.messageKey?.startsWith(keyPrefixOf(accountId, known.uniqueId));
}

/** More than half of what was known is gone while unknown messages are there: the unique-ids may have been given anew. */
function looksRenumbered(
  known: readonly KnownUniqueId[],
  absent: readonly KnownUniqueId[],
  unknown: readonly Listed[],
  { retention }: FetchPolicy,
): boolean {
  // What this account deletes is absent by right.
  if (retention.kind === 'delete' || known.some((entry) => isDigestId(entry.uniqueId))) return false;
  return unknown.some((listed) => listed.uniqueId !== null) && absent.length * 2 > known.length;
}

/** Each missing message may be claimed once, by header digest and LIST octets. */
function claimByHeader(absent: readonly KnownUniqueId[], { headerDigests }: FetchPolicy) {
  const unclaimed = new Map<string, KnownUniqueId[]>();
  for (const entry of absent) {
    if (entry.headerDigest === undefined || entry.messageKey === null) continue;
    const name = `${entry.headerDigest}.${entry.listedOctets}`;
    const sameName = unclaimed.get(name);
    if (sameName === undefined) unclaimed.set(name, [entry]);
    else sameName.push(entry);
  }
  return (listed: Listed) =>
    unclaimed.get(`${headerDigests?.get(listed.messageNumber) ?? ''}.${listed.octets}`)?.shift();
}

/**
 * A listing that suddenly lacks most of what was there (a migration, a fault) is no reason to forget: it would all be
 * fetched again when it comes back. What this account itself deletes is forgotten.
 */
function mayForget(
  absent: readonly KnownUniqueId[],
  isMassChange: boolean,
  known: readonly KnownUniqueId[],
  { retention }: FetchPolicy,
): boolean {
  if (retention.kind === 'delete') return true;
  return !isMassChange && absent.length * 2 <= known.length;
}
