import { assertNever } from '#shared/assert-never.ts';
import { domainOf, formatAddress } from '#shared/mail/address.ts';
import { isOfBigProvider, serverOfProvider } from '#shared/mail/big-provider.ts';
import { type Identity, IdentityInput, type Route } from '#shared/mail/identity.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { noWords, parseVerb } from '../arguments.ts';
import { checkInput, noteUnknown, noteUnknownWithin } from '../check-input.ts';
import { readJsonObject } from '../read-input.ts';
import type { Call } from '../verb.ts';
import { identityId, settingsVerb } from './settings-verb.ts';

export const verb = settingsVerb({
  name: 'identity',
  help: `postrider identity add < identity.json    prints the new identity's id
postrider identity list
postrider identity set ID < patch.json    the fields given replace those stored, null removes one
postrider identity remove ID

identity.json: {"displayName", "address": "a@b.c" or "*@b.c", "replyTo"?, "signature"?, "accountId"?,
  "route": {"kind": "only", "serverId"} or {"kind": "prefer", "serverIds": []} or {"kind": "any"}}
Without a route: only the provider's own server for an address of a big provider, any for the others.`,
  async add(call, args) {
    noWords(parseVerb(args, {}).positionals);
    const given = await readJsonObject(call);
    const identity = checkInput(IdentityInput, given, 'identity');
    noteUnknown(call.out, given, identity, 'identity');
    const { api } = await call.app();
    if (given.route !== undefined || !isOfBigProvider(identity.address)) return api.call('identity.add', identity);
    const route = routeOfProvider(call, identity.address, await api.call('server.list', {}));
    return api.call('identity.add', { ...identity, route });
  },
  async set(call, id, args) {
    noWords(parseVerb(args, {}).positionals);
    const patch = await readJsonObject(call);
    const view = await (await call.app()).api.call('identity.set', { id: identityId(id), patch });
    noteUnknownWithin(call.out, patch, view, 'identity');
    return view;
  },
  async list(call) {
    const { api } = await call.app();
    const [items, servers] = await Promise.all([api.call('identity.list', {}), api.call('server.list', {})]);
    const labels = new Map<string, string>(servers.map(({ id, label }) => [id, label]));
    return {
      items,
      rows: items.map((identity) => rowOf(identity, labels)),
      none: 'There is no identity yet. Add one with “postrider identity add”.',
    };
  },
  async remove(call, id) {
    await (await call.app()).api.call('identity.remove', { id: identityId(id) });
  },
});

/** Nobody chose a route: mail of a big provider's address that comes by another server is taken for forged. */
function routeOfProvider({ out }: Call, address: string, servers: readonly OutgoingServerView[]): Route {
  const own = serverOfProvider(address, servers);
  const domain = domainOf(address);
  if (own === undefined) {
    out.note(`None of your outgoing servers seems to belong to ${domain}: mail that comes another way lands in junk.`);
    return { kind: 'any' };
  }
  out.note(`It is sent by ${own.label} alone: mail of ${domain} that comes another way lands in junk.`);
  return { kind: 'only', serverId: own.id };
}

function rowOf(identity: Identity, labels: ReadonlyMap<string, string>): string[] {
  const { id, displayName, address, route } = identity;
  return [id, formatAddress({ displayName, mailbox: address }), routeInWords(route, labels)];
}

function routeInWords(route: Identity['route'], labels: ReadonlyMap<string, string>): string {
  const labelOf = (id: string): string => labels.get(id) ?? id;
  switch (route.kind) {
    case 'only':
      return `only by ${labelOf(route.serverId)}`;
    case 'prefer':
      return `by ${route.serverIds.map(labelOf).join(', then ')}`;
    case 'any':
      return 'by any allowed server';
    default:
      return assertNever(route);
  }
}
