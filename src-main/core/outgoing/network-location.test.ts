import { describe, expect, it } from 'vitest';
import type { NetworkDescription } from '../ports.ts';
import { createLocationService, fingerprint, offlineLocation } from './network-location.ts';
import { handClock, handNetwork, openOutbox } from './testing/outbox-harness.ts';

const at = (more: Partial<NetworkDescription>): NetworkDescription => ({
  gatewayAddress: '192.168.1.1',
  gatewayMac: 'aa:bb:cc:00:11:22',
  dnsSuffix: 'home.arpa',
  interfaceKind: 'wireless',
  wifiName: 'Home',
  isOnline: true,
  ...more,
});
const card = (address: string) => ({ eth0: [{ address, family: 'IPv4', internal: false, mac: '' }] });

describe('the fingerprint of a network', () => {
  const home = fingerprint(at({}), card('192.168.1.7'));

  it('is the same for the same gateway, whatever our own address, the Wi-Fi name or the card', () => {
    expect(fingerprint(at({ wifiName: null, interfaceKind: 'wired', dnsSuffix: null }), card('192.168.1.99'))).toBe(
      home,
    );
    expect(fingerprint(at({ gatewayMac: 'AA:BB:CC:00:11:22' }), card('192.168.1.7'))).toBe(home);
  });

  it('tells one 192.168.1.1 from another', () => {
    expect(fingerprint(at({ gatewayMac: '00:00:5e:00:53:01' }), card('192.168.1.7'))).not.toBe(home);
  });

  it('tells nothing about the network to who reads it', () => {
    expect(home).toMatch(/^[0-9a-f]{16}$/);
  });

  it('knows a cable without a gateway, and being offline', () => {
    const none = at({ gatewayAddress: null, gatewayMac: null, isOnline: false });
    expect(fingerprint(none, card('10.9.8.7'))).toBe(fingerprint(none, card('10.9.8.5')));
    expect(fingerprint(none, card('10.9.8.7'))).not.toBe(fingerprint(none, card('10.1.1.7')));
    expect(fingerprint(none, { lo: [{ address: '127.0.0.1', family: 'IPv4', internal: true, mac: '' }] })).toBe(
      offlineLocation,
    );
  });
});

it('notices within two seconds that the network changed, and tells', async () => {
  const clock = handClock();
  const network = handNetwork();
  const box = await openOutbox({ clock, network });
  await box.outbox.startSchedule();
  const before = await box.outbox.location();
  network.isPlugged = false;
  clock.advance(2000);
  await box.until(() => box.events.some(({ name }) => name === 'network.changed'));
  expect(await box.outbox.location()).toMatchObject({ locationId: 'offline', name: 'Offline', isOnline: false });
  network.isPlugged = true;
  clock.advance(2000);
  await box.until(() => box.events.filter(({ name }) => name === 'network.changed').length === 2);
  expect((await box.outbox.location()).locationId).toBe(before.locationId);
  await box.shut();
  await box.remove();
});

it('notices that it is back, also when somebody else found it gone between two looks', async () => {
  const clock = handClock();
  const network = handNetwork();
  const box = await openOutbox({ clock, network });
  const told = () => box.events.filter(({ name }) => name === 'network.changed').map(({ payload }) => payload);
  await box.outbox.startSchedule();
  const before = await box.outbox.location();
  network.isPlugged = false;
  // The system is not asked for its addresses again in the same moment.
  clock.advance(100);
  expect(await box.outbox.location()).toMatchObject({ isOnline: false });
  network.isPlugged = true;
  clock.advance(2000);
  await box.until(() => told().length === 2);
  expect(told()).toMatchObject([{ isOnline: false }, { isOnline: true, locationId: before.locationId }]);
  await box.shut();
  await box.remove();
});

it('asks the system for our addresses once for all who ask in the same moment, and anew who wants to be sure', async () => {
  const clock = handClock();
  let isPlugged = true;
  let looks = 0;
  const service = createLocationService({
    clock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    network: {
      interfaces: () => {
        looks += 1;
        return isPlugged ? card('192.168.1.7') : {};
      },
      describe: async () => at(isPlugged ? {} : { gatewayAddress: null, gatewayMac: null, isOnline: false }),
    },
    settings: { current: () => ({ locations: [] }) },
  });
  await service.current();
  const before = looks;
  await Promise.all(Array.from({ length: 50 }, () => service.current()));
  expect(looks).toBe(before);
  isPlugged = false;
  expect((await service.current({ fresh: true })).isOnline).toBe(false);
  isPlugged = true;
  clock.advance(100);
  expect((await service.current()).isOnline).toBe(true);
});

it('a route that comes long after the address is seen in the end, and a look that hangs is not waited for', async () => {
  const clock = handClock();
  let description = at({ gatewayAddress: null, gatewayMac: null, isOnline: false });
  let isHanging = false;
  const told: string[] = [];
  const service = createLocationService({
    clock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    network: {
      interfaces: () => card('10.77.0.2'),
      describe: () => (isHanging ? new Promise(() => undefined) : Promise.resolve(description)),
    },
    settings: { current: () => ({ locations: [] }) },
    describeMs: 20,
  });
  service.follow(({ location }) => told.push(location.name));
  service.watch();
  const pass = async (looks: number): Promise<void> => {
    for (let look = 0; look < looks; look += 1) {
      clock.advance(2000);
      await service.sighting();
      await new Promise(setImmediate);
    }
  };
  await pass(20);
  expect(told).toEqual([]);
  description = at({ gatewayAddress: '10.77.0.1', wifiName: null });
  await pass(20);
  expect(told).toEqual(['Network at 10.77.0.1']);
  isHanging = true;
  expect(await service.current({ fresh: true })).toMatchObject({ isOnline: true });
  service.close();
});
