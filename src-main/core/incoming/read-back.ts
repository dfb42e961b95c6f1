import type { MessageKey } from '#shared/ids.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import type { KnownUniqueId } from '../store/store-api.ts';
import type { CollectOptions } from './collect-options.ts';
import { keyPrefixOf, sha256Of } from './message-identity.ts';
import type { FetchPlan, Listed } from './plan-fetch.ts';

/** So many messages of a listing, the oldest, tell whether mail of this account lies here that nobody remembers. */
const sampleSize = 20;

/**
 * A lost ledger: the names of the files tell which messages of the listing lie here already (the first half of a key is
 * made from account and unique-id, the second from the bytes), so they are recorded instead of fetched once more. Only
 * a file that still has the bytes its name says, as many as LIST announces, counts. Where the server's copy is deleted
 * as soon as it is collected, all is fetched: nothing is deleted there on the word of a file name.
 */
export async function readBackFromNames(
  plan: FetchPlan,
  known: readonly KnownUniqueId[],
  options: CollectOptions,
): Promise<FetchPlan> {
  if (known.length > 0 || options.only !== undefined || options.account.retention.kind === 'delete') return plan;
  const isNew = ({ kind }: { readonly kind: string }): boolean => kind === 'new';
  const listed = plan.retrieve.filter(isNew).map((retrieval) => retrieval.listed);
  const sample = await Promise.all(listed.slice(0, sampleSize).map((one) => keysHere(one, options)));
  if (sample.every((keys) => keys.length === 0)) return plan;
  const found = new Map<Listed, KnownUniqueId>();
  for (const one of listed) {
    const entry = await readBack(one, options);
    if (entry !== null) found.set(one, entry);
  }
  return {
    ...plan,
    retrieve: plan.retrieve.filter((retrieval) => !found.has(retrieval.listed)),
    recognised: [...plan.recognised, ...[...found].map(([one, entry]) => ({ listed: one, known: entry }))],
  };
}

async function keysHere({ uniqueId }: Listed, { account, store }: CollectOptions): Promise<MessageKey[]> {
  if (uniqueId === null) return [];
  const keys = await store.keysFrom(`${keyPrefixOf(account.id, uniqueId)}-`);
  return keys.filter((key) => !isBeginning(key));
}

async function readBack(listed: Listed, options: CollectOptions): Promise<KnownUniqueId | null> {
  const { store, clock } = options;
  for (const messageKey of await keysHere(listed, options)) {
    // Moved or removed in this moment: then it is fetched.
    const bytes = await store.read(messageKey).catch(() => null);
    if (bytes === null || bytes.length !== listed.octets) continue;
    const sha256 = sha256Of(bytes);
    if (messageKey.split('-')[1] !== sha256.slice(0, 16)) continue;
    return {
      uniqueId: listed.uniqueId ?? '',
      messageKey,
      octets: bytes.length,
      listedOctets: listed.octets,
      sha256,
      collectedAt: clock.now(),
      isConfirmed: false,
      isRemovedHere: false,
    };
  }
  return null;
}
