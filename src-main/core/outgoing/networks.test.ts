import { expect, it } from 'vitest';
import { LocationId } from '#shared/ids.ts';
import { outboxForEachTest } from './testing/outbox-fixture.ts';
import { builtMessage, type HandClock, type handNetwork, type OutboxHarness } from './testing/outbox-harness.ts';
import { startScriptedSmtp } from './testing/scripted-smtp.ts';

let clock: HandClock;
let network: ReturnType<typeof handNetwork>;
let box: OutboxHarness;
outboxForEachTest((made) => {
  ({ clock, network, box } = made);
});

const list = () => box.handlers['network.list']({});
const moveTo = async (gatewayMac: string) => {
  network.gatewayMac = gatewayMac;
  return box.handlers['network.location']({});
};
const recorded = async () => (await box.store.networks()).map(({ lastSeenAt }) => lastSeenAt);

it('keeps every network seen, in words, the present one first', async () => {
  const first = await box.outbox.location();
  await box.handlers['network.name']({ locationId: first.locationId, name: 'Office' });
  await list();
  clock.advance(60_000);
  await moveTo('02:00:00:00:00:42');
  expect(await list()).toMatchObject([
    { name: 'Network at 192.168.7.1', isNamed: false, isCurrent: true, description: 'gateway 192.168.7.1' },
    { name: 'Office', isNamed: true, isCurrent: false, locationId: first.locationId },
  ]);
});

it('writes down when it was there last at most once an hour', async () => {
  const began = clock.now();
  await list();
  clock.advance(59 * 60_000);
  await list();
  expect(await recorded()).toEqual([began]);
  clock.advance(60_000);
  await list();
  expect(await recorded()).toEqual([began + 3_600_000]);
});

it('writes nothing down while there is none', async () => {
  network.isPlugged = false;
  expect(await list()).toEqual([]);
  expect(await recorded()).toEqual([]);
});

it('forgets a network with its name and what was learned there, and takes that back', async () => {
  const server = await startScriptedSmtp({});
  await box.addRelay(server.port);
  const office = await box.outbox.location();
  await box.handlers['network.name']({ locationId: office.locationId, name: 'Office' });
  await box.outbox.enqueue(builtMessage(), { identityId: null, undoMs: 0, waitForFlush: true });
  await box.flush();
  const memory = () => box.handlers['server.memory']({});
  const learned = (await memory()).filter(({ locationId }) => locationId === office.locationId);
  expect(learned.map(({ kind }) => kind)).toContain('success');
  await moveTo('02:00:00:00:00:42');
  await list();

  await box.handlers['network.forget']({ locationId: office.locationId });
  expect((await list()).map(({ name }) => name)).toEqual(['Network at 192.168.7.1']);
  expect((await memory()).filter(({ locationId }) => locationId === office.locationId)).toEqual([]);
  expect(box.settings.current().locations).toEqual([]);
  expect(await box.store.deliveryMemory()).toEqual(await memory());

  await box.handlers['network.restore']({ locationId: office.locationId });
  expect((await list()).map(({ name }) => name)).toEqual(['Network at 192.168.7.1', 'Office']);
  expect((await memory()).filter(({ locationId }) => locationId === office.locationId)).toEqual(learned);
  await expect(box.handlers['network.restore']({ locationId: office.locationId })).rejects.toMatchObject({
    code: 'ENOTFOUND',
  });
  await server.close();
});

it('says so when there is nothing to forget', async () => {
  await expect(box.handlers['network.forget']({ locationId: LocationId.parse('nowhere') })).rejects.toMatchObject({
    code: 'ENOTFOUND',
  });
});

it('gives a network just joined a while to tell its gateway’s hardware address, and keeps one record of it', async () => {
  const described = network.describe;
  let isKnown = false;
  network.describe = async (signal) => {
    const description = await described(signal);
    return isKnown ? description : { ...description, gatewayMac: null };
  };
  await box.outbox.startSchedule();
  await list();
  expect(await recorded()).toEqual([]);
  isKnown = true;
  clock.advance(2000);
  await box.until(() => box.events.some(({ name }) => name === 'network.changed'));
  expect(await list()).toHaveLength(1);
  expect(await recorded()).toHaveLength(1);
});
