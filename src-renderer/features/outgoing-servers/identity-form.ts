import type { AccountId, ServerId } from '#shared/ids.ts';
import { isOfBigProvider, type KnownServer, serverOfProvider } from '#shared/mail/big-provider.ts';
import { type Identity, IdentityInput, type Route } from '#shared/mail/identity.ts';

/** An identity while it is edited. The order of servers is kept while another kind of route is tried out. */
export interface IdentityForm {
  readonly displayName: string;
  readonly address: string;
  readonly replyTo: string;
  readonly signature: string;
  readonly routeKind: Route['kind'];
  /** The user chose it, or it is stored: the address no longer proposes one. */
  readonly isRouteChosen: boolean;
  readonly onlyServerId: ServerId | null;
  readonly preferredServerIds: readonly ServerId[];
  readonly accountId: AccountId | null;
}

export type IdentityProblem = 'address-wrong' | 'reply-to-wrong' | 'server-missing';

export function toIdentityForm(identity: Identity | null, servers: readonly { id: ServerId }[]): IdentityForm {
  const route: Route = identity?.route ?? { kind: 'any' };
  const first = servers[0]?.id ?? null;
  return {
    displayName: identity?.displayName ?? '',
    address: identity?.address ?? '',
    replyTo: identity?.replyTo ?? '',
    signature: identity?.signature ?? '',
    routeKind: route.kind,
    isRouteChosen: identity !== null,
    onlyServerId:
      route.kind === 'only' ? route.serverId : route.kind === 'prefer' ? (route.serverIds[0] ?? first) : first,
    preferredServerIds:
      route.kind === 'prefer'
        ? route.serverIds
        : route.kind === 'only'
          ? [route.serverId]
          : servers.map(({ id }) => id),
    accountId: identity?.accountId ?? null,
  };
}

export function problemsOfIdentity(form: IdentityForm): IdentityProblem[] {
  const problems: IdentityProblem[] = [];
  if (!IdentityInput.shape.address.safeParse(form.address).success) problems.push('address-wrong');
  const replyTo = form.replyTo.trim();
  if (replyTo !== '' && !/^[^\s@]+@[^\s@]+$/u.test(replyTo)) problems.push('reply-to-wrong');
  if (routeOf(form) === null) problems.push('server-missing');
  return problems;
}

function routeOf(form: IdentityForm): Route | null {
  if (form.routeKind === 'any') return { kind: 'any' };
  if (form.routeKind === 'only')
    return form.onlyServerId === null ? null : { kind: 'only', serverId: form.onlyServerId };
  return form.preferredServerIds.length === 0 ? null : { kind: 'prefer', serverIds: [...form.preferredServerIds] };
}

/** What `identity.add` takes; null while something is missing. */
export function identityInputOf(form: IdentityForm): IdentityInput | null {
  const route = routeOf(form);
  if (route === null || problemsOfIdentity(form).length > 0) return null;
  return {
    displayName: form.displayName.trim(),
    address: form.address.trim(),
    route,
    ...(form.replyTo.trim() === '' ? {} : { replyTo: form.replyTo.trim() }),
    ...(form.signature.trim() === '' ? {} : { signature: form.signature }),
    ...(form.accountId === null ? {} : { accountId: form.accountId }),
  };
}

/** What `identity.set` takes: `null` removes. */
export function identityPatchOf(form: IdentityForm): Record<string, unknown> | null {
  const input = identityInputOf(form);
  return input === null ? null : { replyTo: null, signature: null, accountId: null, ...input };
}

/**
 * Another address. Until the user chose a route it proposes one: for an address of a big provider its own server alone,
 * since mail that comes another way is taken for forged. Where there is none, the user has to choose.
 */
export function withAddress(form: IdentityForm, address: string, servers: readonly KnownServer[]): IdentityForm {
  if (form.isRouteChosen) return { ...form, address };
  return isOfBigProvider(address)
    ? { ...form, address, routeKind: 'only', onlyServerId: serverOfProvider(address, servers)?.id ?? null }
    : { ...form, address, routeKind: 'any' };
}
