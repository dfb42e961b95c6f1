import type { AccountId, ServerId } from '#shared/ids.ts';
import type { Api } from '#shared/rpc/client.ts';
import { type Answers, accountInputOf, identityInputOf, serverInputOf } from './answers.ts';
import type { StoredParts } from './wizard-state.ts';

/**
 * Stores what the wizard gathered: the account, the servers, then the identity that ties them. Each part stored is told
 * to `onStored` at once, so that a second try after a failure goes on where the first stopped.
 */
export async function storeSetup(
  api: Api,
  answers: Answers,
  stored: StoredParts,
  onStored: (parts: Partial<StoredParts>) => void,
): Promise<{ accountId: AccountId | null }> {
  const accountId = await storeAccount(api, answers, stored.accountId);
  onStored({ accountId });
  let serverIds = stored.serverIds;
  const order: ServerId[] = [...(answers.purpose === 'receive-only' ? [] : answers.existingServerIds)];
  for (const server of answers.purpose === 'receive-only' ? [] : answers.outgoing) {
    const input = serverInputOf(answers, server);
    if (input === null) continue;
    const known = serverIds[server.rowId];
    const id = known ?? (await api.call('server.add', input)).id;
    if (known !== undefined) await api.call('server.set', { id, patch: { ...input } });
    serverIds = { ...serverIds, [server.rowId]: id };
    onStored({ serverIds });
    order.push(id);
  }
  await storeIdentity(api, answers, stored, order, accountId, onStored);
  return { accountId };
}

async function storeAccount(api: Api, answers: Answers, known: AccountId | null): Promise<AccountId | null> {
  const input = accountInputOf(answers);
  if (input === null) return known;
  if (known === null) return (await api.call('account.add', input)).id;
  await api.call('account.set', { id: known, patch: { ...input } });
  return known;
}

async function storeIdentity(
  api: Api,
  answers: Answers,
  stored: StoredParts,
  serverIds: readonly ServerId[],
  accountId: AccountId | null,
  onStored: (parts: Partial<StoredParts>) => void,
): Promise<void> {
  const input = identityInputOf(answers, serverIds, accountId);
  const existing = stored.identityId ?? (await identityWith(api, input.address));
  if (existing !== null) await api.call('identity.set', { id: existing, patch: { ...input } });
  else onStored({ identityId: (await api.call('identity.add', input)).id });
}

/** The same address set up once more changes its identity instead of making a second one. */
async function identityWith(api: Api, address: string): Promise<StoredParts['identityId']> {
  const identities = await api.call('identity.list', {});
  return identities.find((identity) => identity.address.toLowerCase() === address.toLowerCase())?.id ?? null;
}
