import { isBeginning } from '#shared/mail/beginning.ts';
import type { KnownUniqueId } from '../store/store-api.ts';
import type { CollectOptions } from './collect-options.ts';
import { countDays, countKept, type DayCount } from './days-counted.ts';
import { createOrdinals, digestIdOf, type HeaderFacts, headerFactsOf, keyPrefixOf } from './message-identity.ts';
import { type FetchPlan, type FetchPolicy, type Listed, planFetch } from './plan-fetch.ts';
import type { ListedMessage, MaildropListing } from './pop3-lists.ts';
import type { Pop3Session } from './pop3-session.ts';
import { readBackFromNames } from './read-back.ts';
import { isRemovedBeginning, type Recollection } from './recollection.ts';

/** What lies in the maildrop and what is to be done with it. */
export interface Survey {
  /** How many messages lie there. */
  readonly messages: number;
  /** Left empty where there is nothing to do. */
  readonly listing: readonly Listed[];
  readonly plan: FetchPlan;
  /** The server's own unique-ids by message number; two messages may wrongly share one. */
  readonly rawIds: ReadonlyMap<number, string>;
  /** Makes an id that is given twice in this session two ids. */
  readonly ordinal: (id: string) => string;
  /** What is known by its header, where the server has no unique-ids; empty otherwise. */
  readonly knownByHeader: ReadonlyMap<string, KnownUniqueId>;
  /** What STAT said the maildrop takes, where the account asks to be warned; null otherwise. */
  readonly totalOctets: number | null;
  readonly dayCount: DayCount;
  /** How many messages were due by a clock that is not believed: they stay. */
  readonly keptForClock: number;
}

/** Lists the maildrop and plans, asking for headers only where unique-ids are missing or were given anew. */
export async function surveyMaildrop(
  session: Pop3Session,
  recollection: Recollection,
  options: CollectOptions,
): Promise<Survey> {
  const isWatched = (options.account.warnAboveOctets ?? 0) > 0;
  const [replies, totalOctets] = await Promise.all([
    session.listing(),
    isWatched ? session.stat().then(({ octets }) => octets) : null,
  ]);
  const dayCount = countDays(options.account, options.clock.now());
  const settled = await recollection.settledAs(replies);
  const rawIds = settled === null ? replies.uniqueIds() : null;
  const survey =
    settled !== null
      ? nothingToDo(settled, options)
      : rawIds === null
        ? await surveyByHeader(session, replies, recollection, options)
        : await surveyById(session, replies, rawIds, recollection, options);
  const kept =
    dayCount.aheadMs === 0 ? 0 : countKept(await recollection.known(), options.account.retention, options.clock.now());
  return { ...survey, totalOctets, dayCount, keptForClock: kept };
}

type Surveyed = Omit<Survey, 'totalOctets' | 'dayCount' | 'keptForClock'>;

function nothingToDo(messages: number, options: CollectOptions): Surveyed {
  const plan = planFetch([], [], policyOf(options));
  return {
    messages,
    listing: [],
    plan,
    rawIds: new Map(),
    ordinal: createOrdinals(),
    knownByHeader: new Map(),
  };
}

async function surveyById(
  session: Pop3Session,
  replies: MaildropListing,
  rawIds: ReadonlyMap<number, string>,
  recollection: Recollection,
  options: CollectOptions,
): Promise<Surveyed> {
  const ordinal = createOrdinals();
  const listing = replies.messages().map(({ messageNumber, octets }) => {
    const rawId = rawIds.get(messageNumber);
    return { messageNumber, octets, uniqueId: rawId === undefined ? null : ordinal(rawId) };
  });
  const known = await recollection.known();
  const policy = { ...policyOf(options), destroyed: await destroyedBeginnings(known, options) };
  const first = planFetch(listing, known, policy);
  const { now: at, countsFrom } = policy;
  await recollection.note(replies, { messages: listing.length, plan: first, at, countsFrom });
  const planned = await withoutKnownOnes(await withHeaders(first, session, listing, known, policy), known, options);
  const plan = await withoutOthersInTheirPlace(planned, session);
  return { messages: listing.length, listing, plan, rawIds, ordinal, knownByHeader: new Map() };
}

/** Without UIDL. */
async function surveyByHeader(
  session: Pop3Session,
  replies: MaildropListing,
  recollection: Recollection,
  options: CollectOptions,
): Promise<Surveyed> {
  const ordinal = createOrdinals();
  const known = await recollection.known();
  const policy = { ...policyOf(options), destroyed: await destroyedBeginnings(known, options) };
  const knownByHeader = new Map(known.map((entry) => [entry.uniqueId, entry]));
  const { listing, digests } = await listByDigest(session, replies.messages(), ordinal, knownByHeader, options);
  const plan = await withoutKnownOnes(planFetch(listing, known, { ...policy, headerDigests: digests }), known, options);
  return { messages: listing.length, listing, plan, rawIds: new Map(), ordinal, knownByHeader };
}

/** Which of the beginnings removed here are gone for good. Asked only where that deletes on the server. */
async function destroyedBeginnings(
  known: readonly KnownUniqueId[],
  { account, store }: CollectOptions,
): Promise<ReadonlySet<string>> {
  const destroyed = new Set<string>();
  if (account.retention.kind !== 'delete-when-removed') return destroyed;
  for (const { uniqueId, messageKey } of known.filter(isRemovedBeginning))
    if (messageKey !== null && (await store.summary(messageKey)) === null) destroyed.add(uniqueId);
  return destroyed;
}

/** What lies here whole although the ledger does not know of it, and the reverse. */
async function withoutKnownOnes(
  plan: FetchPlan,
  known: readonly KnownUniqueId[],
  options: CollectOptions,
): Promise<FetchPlan> {
  return readBackFromNames(await withoutWholeOnes(await withoutLostOnes(plan, options), options), known, options);
}

/**
 * The absence of a file never deletes: what was collected and is not here any more, though nobody removed it in the app,
 * may be on the server only. It is left there.
 */
async function withoutLostOnes(plan: FetchPlan, { store }: CollectOptions): Promise<FetchPlan> {
  const confirmed = plan.retrieve.flatMap((retrieval) => (retrieval.kind === 'confirm' ? [retrieval.known] : []));
  const leaving = [...plan.remove.map(({ known }) => known), ...confirmed];
  const needed = leaving.flatMap(({ messageKey, isRemovedHere }) => (isRemovedHere ? [] : (messageKey ?? [])));
  if (needed.length === 0) return plan;
  const here = new Set(await store.present(needed));
  const isLost = ({ messageKey, isRemovedHere }: KnownUniqueId): boolean =>
    !isRemovedHere && messageKey !== null && !here.has(messageKey);
  return {
    ...plan,
    remove: plan.remove.filter(({ known }) => !isLost(known)),
    retrieve: plan.retrieve.filter((retrieval) => retrieval.kind !== 'confirm' || !isLost(retrieval.known)),
  };
}

/**
 * Nothing is deleted by its unique-id alone: some servers give it to another message, which may have as many octets. Its
 * header tells. Another one in its place is fetched; and so is, without TOP, what has nothing but its number for an id.
 */
async function withoutOthersInTheirPlace(plan: FetchPlan, session: Pop3Session): Promise<FetchPlan> {
  if (plan.remove.length === 0) return plan;
  const headers = await headersOf(
    session,
    plan.remove.map(({ listed }) => listed),
  );
  const remove: FetchPlan['remove'][number][] = [];
  const retrieve = [...plan.retrieve];
  for (const leaving of plan.remove) {
    const { listed, known } = leaving;
    const header = headers.get(listed.messageNumber);
    const isItsNumber = listed.uniqueId === String(listed.messageNumber);
    if (header === undefined || known.headerDigest === undefined)
      if (isItsNumber) retrieve.push({ kind: 'confirm', listed, known });
      else remove.push(leaving);
    else if (header.digest === known.headerDigest) remove.push(leaving);
    else retrieve.push({ kind: 'new', listed });
  }
  return { ...plan, remove, retrieve };
}

/**
 * A large message nobody remembers may lie here whole all the same (a lost ledger, a crash before its commit): it is
 * fetched again, found by its key and recorded, instead of being given a beginning beside it.
 */
async function withoutWholeOnes(plan: FetchPlan, { account, store }: CollectOptions): Promise<FetchPlan> {
  if (plan.large.length === 0) return plan;
  const large: Listed[] = [];
  const retrieve = [...plan.retrieve];
  for (const listed of plan.large) {
    const { uniqueId } = listed;
    const here = uniqueId === null ? [] : await store.keysFrom(`${keyPrefixOf(account.id, uniqueId)}-`);
    if (here.some((key) => !isBeginning(key))) retrieve.push({ kind: 'new', listed });
    else large.push(listed);
  }
  return { ...plan, retrieve, large };
}

/** Without UIDL a message is known by its header; what is deleted when collected is fetched in any case, unless it is too large. */
async function listByDigest(
  session: Pop3Session,
  listed: readonly ListedMessage[],
  ordinal: (id: string) => string,
  knownByHeader: Survey['knownByHeader'],
  { account: { retention, maxOctets = 0 }, only }: CollectOptions,
): Promise<{ listing: Listed[]; digests: Map<number, string> }> {
  const isAllFetched = retention.kind === 'delete' && only === undefined;
  const asked = isAllFetched ? listed.filter(({ octets }) => maxOctets > 0 && octets > maxOctets) : listed;
  const headers = await headersOf(session, asked);
  const listing = listed.map((message) => {
    const header = headers.get(message.messageNumber);
    if (header === undefined) return { ...message, uniqueId: null };
    return { ...message, uniqueId: ordinal(digestIdOf(header, message.octets, (id) => knownByHeader.has(id))) };
  });
  return { listing, digests: digestsOf(headers) };
}

/** Plans again with the headers, where the plan asks for some. */
async function withHeaders(
  plan: FetchPlan,
  session: Pop3Session,
  listing: readonly Listed[],
  known: readonly KnownUniqueId[],
  policy: FetchPolicy,
): Promise<FetchPlan> {
  if (plan.identify.length === 0) return plan;
  return planFetch(listing, known, { ...policy, headerDigests: digestsOf(await headersOf(session, plan.identify)) });
}

function policyOf({ account, clock, only }: CollectOptions) {
  const { id: accountId, retention, maxOctets } = account;
  const now = clock.now();
  return { accountId, retention, maxOctets, now, countsFrom: countDays(account, now).countsFrom, only };
}

/** TOP n 0 of each; messages without an answer are missing from the map. */
async function headersOf(session: Pop3Session, listed: readonly ListedMessage[]): Promise<Map<number, HeaderFacts>> {
  const headers = new Map<number, HeaderFacts>();
  await Promise.all(
    listed.map(async ({ messageNumber }) => {
      const header = await session.top(messageNumber, 0);
      if (header !== null) headers.set(messageNumber, headerFactsOf(header));
    }),
  );
  return headers;
}

function digestsOf(headers: ReadonlyMap<number, HeaderFacts>): Map<number, string> {
  return new Map([...headers].map(([messageNumber, { digest }]) => [messageNumber, digest]));
}
