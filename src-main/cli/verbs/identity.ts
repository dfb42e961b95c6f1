import { assertNever } from '#shared/assert-never.ts';
import { formatAddress } from '#shared/mail/address.ts';
import { type Identity, IdentityInput } from '#shared/mail/identity.ts';
import { noWords, parseVerb } from '../arguments.ts';
import { checkInput, noteUnknown, noteUnknownWithin } from '../check-input.ts';
import { readJsonObject } from '../read-input.ts';
import { identityId, settingsVerb } from './settings-verb.ts';

export const verb = settingsVerb({
  name: 'identity',
  help: `postrider identity add < identity.json    prints the new identity's id
postrider identity list
postrider identity set ID < patch.json    the fields given replace those stored, null removes one
postrider identity remove ID

identity.json: {"displayName", "address": "a@b.c" or "*@b.c", "replyTo"?, "signature"?, "accountId"?,
  "route": {"kind": "only", "serverId"} or {"kind": "prefer", "serverIds": []} or {"kind": "any"}}`,
  async add(call, args) {
    noWords(parseVerb(args, {}).positionals);
    const given = await readJsonObject(call);
    const identity = checkInput(IdentityInput, given, 'identity');
    noteUnknown(call.out, given, identity, 'identity');
    return (await call.app()).api.call('identity.add', identity);
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
