import type { AccountId, ServerId } from '#shared/ids.ts';
import { domainOf } from '#shared/mail/address.ts';
import type { Identity } from '#shared/mail/identity.ts';
import type { Settings } from '#shared/mail/settings.ts';
import { MailError } from '#shared/mail-error.ts';

/**
 * The identity that speaks for a mailbox: the very address first, then the same with a local part in other case (which
 * nearly every server treats as the same), then `*@domain`. Domains compare without case. The user's order breaks ties.
 */
export function findIdentity(identities: readonly Identity[], mailbox: string): Identity | undefined {
  const wanted = split(mailbox);
  const ofDomain = identities.filter(({ address }) => split(address).domain === wanted.domain);
  return (
    ofDomain.find(({ address }) => split(address).localPart === wanted.localPart) ??
    ofDomain.find(({ address }) => split(address).localPart.toLowerCase() === wanted.localPart.toLowerCase()) ??
    ofDomain.find(({ address }) => split(address).localPart === '*')
  );
}

function split(mailbox: string): { localPart: string; domain: string } {
  const trimmed = mailbox.trim();
  const at = trimmed.lastIndexOf('@');
  return { localPart: at < 0 ? trimmed : trimmed.slice(0, at), domain: domainOf(trimmed) };
}

/** Throws ENOTFOUND when an identity names a server or an account that is not there. */
export function checkReferences(identity: Omit<Identity, 'id'>, settings: Settings): void {
  const { route, accountId } = identity;
  const named = route.kind === 'only' ? [route.serverId] : route.kind === 'prefer' ? route.serverIds : [];
  for (const id of named) {
    if (!settings.servers.some((server) => server.id === id))
      throw new MailError('ENOTFOUND', `The route names an outgoing server that is not there (${id}).`);
  }
  if (accountId !== undefined && !settings.accounts.some((account) => account.id === accountId))
    throw new MailError('ENOTFOUND', `The identity names an account that is not there (${accountId}).`);
}

/**
 * Identities without a server that is about to go. A route that prefers several drops it; one that would be left with
 * none is refused (EINVALID), naming the identities: to let their mail leave by any other server is the user's decision.
 */
export function withoutServer(identities: readonly Identity[], id: ServerId): Identity[] {
  const stranded = identities.filter(({ route }) => isLeftWithNone(route, id));
  if (stranded.length > 0) {
    const names = stranded.map(({ address }) => address).join(', ');
    throw new MailError(
      'EINVALID',
      `The outgoing server was not removed: mail from ${names} may leave only by it. ` +
        `Choose another server for ${stranded.length === 1 ? 'this identity' : 'these identities'} first.`,
    );
  }
  return identities.map((identity) =>
    identity.route.kind === 'prefer'
      ? { ...identity, route: { kind: 'prefer', serverIds: identity.route.serverIds.filter((other) => other !== id) } }
      : identity,
  );
}

function isLeftWithNone(route: Identity['route'], id: ServerId): boolean {
  if (route.kind === 'only') return route.serverId === id;
  return route.kind === 'prefer' && route.serverIds.every((other) => other === id);
}

export function withoutAccount(identities: readonly Identity[], id: AccountId): Identity[] {
  return identities.map(({ accountId, ...rest }) =>
    accountId === id || accountId === undefined ? rest : { ...rest, accountId },
  );
}

/** Puts items into the order of `ids`, which must name each exactly once. */
export function inOrder<T extends { id: string }>(items: readonly T[], ids: readonly string[], what: string): T[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  const ordered = ids.map((id) => {
    const item = byId.get(id);
    if (item === undefined) throw new MailError('ENOTFOUND', `There is no ${what} “${id}”.`);
    return item;
  });
  if (new Set(ids).size !== ids.length || ids.length !== items.length)
    throw new MailError('EINVALID', `The new order must name each ${what} exactly once.`);
  return ordered;
}
