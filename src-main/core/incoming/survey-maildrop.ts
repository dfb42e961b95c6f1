import type { KnownUniqueId } from '../store/store-api.ts';
import type { CollectOptions } from './collect-options.ts';
import { createOrdinals, digestId, headerDigestOf } from './message-identity.ts';
import { type FetchPlan, type Listed, planFetch } from './plan-fetch.ts';
import type { ListedMessage, Pop3Session } from './pop3-session.ts';

/** What lies in the maildrop and what is to be done with it. */
export interface Survey {
  readonly listing: readonly Listed[];
  readonly plan: FetchPlan;
  /** The server's own unique-ids by message number; two messages may wrongly share one. */
  readonly rawIds: ReadonlyMap<number, string>;
  /** Makes an id that is given twice in this session two ids. */
  readonly ordinal: (id: string) => string;
}

/** Lists the maildrop and plans, asking for headers only where unique-ids are missing or were given anew. */
export async function surveyMaildrop(session: Pop3Session, options: CollectOptions): Promise<Survey> {
  const { account, store } = options;
  const [listed, rawIds, known] = await Promise.all([session.list(), session.uidl(), store.knownUniqueIds(account.id)]);
  const ordinal = createOrdinals();
  if (rawIds !== null) {
    const listing = listed.map((message) => {
      const rawId = rawIds.get(message.messageNumber);
      return { ...message, uniqueId: rawId === undefined ? null : ordinal(rawId) };
    });
    return { listing, plan: await planWithHeaders(session, listing, known, options), rawIds, ordinal };
  }
  const { listing, digests } = await listByDigest(session, listed, ordinal, options);
  const plan = planFetch(listing, known, { ...policyOf(options), headerDigests: digests });
  return { listing, plan, rawIds: new Map(), ordinal };
}

/** Without UIDL a message is known by its header; what is deleted when collected is fetched in any case. */
async function listByDigest(
  session: Pop3Session,
  listed: readonly ListedMessage[],
  ordinal: (id: string) => string,
  { account }: CollectOptions,
): Promise<{ listing: Listed[]; digests: Map<number, string> }> {
  const isAllFetched = account.retention.kind === 'delete';
  const digests = isAllFetched ? new Map<number, string>() : await headerDigests(session, listed);
  const listing = listed.map((message) => {
    const digest = digests.get(message.messageNumber);
    return { ...message, uniqueId: digest === undefined ? null : ordinal(digestId(digest, message.octets)) };
  });
  return { listing, digests };
}

async function planWithHeaders(
  session: Pop3Session,
  listing: readonly Listed[],
  known: readonly KnownUniqueId[],
  options: CollectOptions,
): Promise<FetchPlan> {
  const policy = policyOf(options);
  const plan = planFetch(listing, known, policy);
  if (plan.identify.length === 0) return plan;
  return planFetch(listing, known, { ...policy, headerDigests: await headerDigests(session, plan.identify) });
}

function policyOf({ account, clock }: CollectOptions) {
  return { accountId: account.id, retention: account.retention, maxOctets: account.maxOctets, now: clock.now() };
}

/** TOP n 0 of each; messages without an answer are missing from the map. */
async function headerDigests(session: Pop3Session, listed: readonly ListedMessage[]): Promise<Map<number, string>> {
  const digests = new Map<number, string>();
  await Promise.all(
    listed.map(async ({ messageNumber }) => {
      const header = await session.top(messageNumber, 0);
      if (header !== null) digests.set(messageNumber, headerDigestOf(header));
    }),
  );
  return digests;
}
