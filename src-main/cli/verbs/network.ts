import { LocationId } from '#shared/ids.ts';
import type { SeenNetwork } from '#shared/mail/outbox.ts';
import { noWords, onlyWord, parseVerb } from '../arguments.ts';
import { exitCode, UsageError } from '../exit-codes.ts';
import type { Call, Verb } from '../verb.ts';

export const verb: Verb = {
  help: `postrider network list                    where this computer has been connected, the present one first
postrider network name ID NAME            what you call it; servers can be bound to it
postrider network forget ID               its name and what was remembered of servers there

  ID may be “here” for the present one.`,
  async run(call) {
    const [action, ...args] = call.args;
    switch (action) {
      case 'list':
        return list(call, args);
      case 'name':
        return name(call, args);
      case 'forget':
        return forget(call, args);
      default:
        throw new UsageError('Say what to do: network list, name or forget.');
    }
  },
};

async function list(call: Call, args: string[]): Promise<number> {
  noWords(parseVerb(args, {}).positionals);
  const networks = await (await call.app()).api.call('network.list', {});
  const { out } = call;
  if (out.isJson) for (const network of networks) out.json(network);
  else if (networks.length === 0) out.line('No network has been seen yet.');
  else out.table(networks.map(rowOf));
  return exitCode.ok;
}

function rowOf({ locationId, name: called, isCurrent, description, lastSeenAt }: SeenNetwork): string[] {
  return [locationId, called, isCurrent ? 'here' : `last seen ${lastSeenAt ?? 'at a time not known'}`, description];
}

async function name(call: Call, args: string[]): Promise<number> {
  const [place, ...words] = parseVerb(args, {}).positionals;
  const called = words.join(' ').trim();
  if (place === undefined || called === '') throw new UsageError('Say which network and what to call it.');
  const { api } = await call.app();
  const locationId = await idOf(call, place);
  await api.call('network.name', { locationId, name: called });
  if (call.out.isJson) call.out.json({ locationId, name: called });
  else call.out.line(`This network is called ${called}.`);
  return exitCode.ok;
}

async function forget(call: Call, args: string[]): Promise<number> {
  const place = onlyWord(parseVerb(args, {}).positionals, 'network ID');
  const { api } = await call.app();
  const locationId = await idOf(call, place);
  await api.call('network.forget', { locationId });
  if (call.out.isJson) call.out.json({ locationId });
  else call.out.line('The network was forgotten. Servers bound to it stay bound.');
  return exitCode.ok;
}

async function idOf(call: Call, place: string): Promise<LocationId> {
  if (place !== 'here') return LocationId.parse(place);
  const here = await (await call.app()).api.call('network.location', {});
  return here.locationId;
}
