import { describe, expect, it } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import { closedPort } from './testing/delivery-harness.ts';
import { type OutboxFixture, outboxForEachTest } from './testing/outbox-fixture.ts';
import {
  builtMessage,
  type HandClock,
  type handNetwork,
  type OutboxHarness,
  openOutbox,
} from './testing/outbox-harness.ts';

// What lets a waiting message go, and what does not, with a clock and a network moved by hand.
let clock: HandClock;
let network: ReturnType<typeof handNetwork>;
let box: OutboxHarness;
let start: OutboxFixture['start'];
outboxForEachTest((made) => {
  ({ clock, network, box, start } = made);
});

const hour = 3_600_000;
const unhurried = { identityId: null, undoMs: 0 };

const stateOf = async (id: Parameters<OutboxHarness['outbox']['item']>[0]) => (await box.outbox.item(id)).state;

/** Time passes in small steps, so that nothing takes it for a sleep and every look is taken. */
async function pass(ms: number, until: () => boolean | Promise<boolean> = () => false): Promise<void> {
  for (let passed = 0; passed < ms && !(await until()); passed += 2000) {
    clock.advance(2000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const changes = (): number => box.events.filter(({ name }) => name === 'network.changed').length;

/** Off the network, and on it again, behind another gateway. */
async function moveTo(gatewayMac: string): Promise<void> {
  const before = changes();
  network.isPlugged = false;
  await pass(20_000, () => changes() > before);
  network.gatewayMac = gatewayMac;
  network.isPlugged = true;
  await pass(20_000, () => changes() > before + 1);
  expect(changes()).toBeGreaterThan(before + 1);
}

describe('another network', () => {
  it('lets what nobody answered go at once', async () => {
    await box.addRelay(await closedPort());
    await box.outbox.startSchedule();
    const item = await box.outbox.enqueue(builtMessage(), unhurried);
    await box.until(async () => (await stateOf(item.outboxId)) === 'deferred');
    const tries = (await box.outbox.item(item.outboxId)).attempts.length;
    await moveTo('02:00:00:00:00:42');
    await box.until(async () => (await box.outbox.item(item.outboxId)).attempts.length > tries);
  });

  it('does not hurry what a server put off: its time holds', async () => {
    const server = await start({ rcpt: '451 4.7.1 greylisted' });
    await box.addRelay(server.port);
    await box.outbox.startSchedule();
    const item = await box.outbox.enqueue(builtMessage(), unhurried);
    await box.until(async () => (await stateOf(item.outboxId)) === 'deferred');
    const due = (await box.outbox.item(item.outboxId)).deferredUntil;
    await moveTo('02:00:00:00:00:42');
    await box.flush();
    expect(await box.outbox.item(item.outboxId)).toMatchObject({ state: 'deferred', deferredUntil: due });
    expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
  });

  it('lets what may not go from here wait, and go where it may', async () => {
    const server = await start();
    const { locationId } = await box.outbox.location();
    network.gatewayMac = '02:00:00:00:00:42';
    await box.handlers['network.location']({});
    await box.addRelay(server.port, { networks: { rule: 'only', locations: [locationId] } });
    await box.outbox.startSchedule();
    const item = await box.outbox.enqueue(builtMessage(), unhurried);
    await box.until(async () => (await stateOf(item.outboxId)) === 'deferred');
    expect((await box.outbox.item(item.outboxId)).explanation).toMatch(/this network/);
    await moveTo('02:00:00:00:00:99');
    await box.until(async () => (await stateOf(item.outboxId)) === 'sent');
  });
});

describe('a computer that slept', () => {
  it('takes the full fingerprint when it wakes, although the addresses are the same', async () => {
    await box.addRelay(await closedPort());
    await box.outbox.startSchedule();
    const item = await box.outbox.enqueue(builtMessage(), unhurried);
    await box.until(async () => (await stateOf(item.outboxId)) === 'deferred');
    const before = await box.outbox.location();
    const tries = (await box.outbox.item(item.outboxId)).attempts.length;
    network.gatewayMac = '02:00:00:00:00:42';
    // Two looks in the ordinary rhythm see nothing: the same address, the same card.
    await pass(4000);
    expect(changes()).toBe(0);
    // Less than the five minutes the message waits.
    clock.advance(100_000);
    await box.until(() => changes() > 0);
    expect((await box.outbox.location()).locationId).not.toBe(before.locationId);
    await box.until(async () => (await box.outbox.item(item.outboxId)).attempts.length > tries);
  });
});

describe('the hour', () => {
  it('looks again whether what is held offline can go', async () => {
    const server = await start();
    const isOnline = { value: false };
    // Online without any change of the interfaces: a route that came late.
    const describe = network.describe;
    network.interfaces = () => ({});
    network.describe = async (signal) => ({ ...(await describe(signal)), isOnline: isOnline.value });
    await box.addServer({
      label: 'Far',
      endpoints: [{ host: 'relay.example.invalid', port: server.port, security: 'none' }],
    });
    await box.outbox.startSchedule();
    const item = await box.outbox.enqueue(builtMessage(), unhurried);
    await box.until(async () => (await box.outbox.item(item.outboxId)).heldFor === 'offline');
    isOnline.value = true;
    await pass(hour - 10_000);
    expect((await box.outbox.item(item.outboxId)).heldFor).toBe('offline');
    await pass(20_000);
    await box.until(async () => (await box.outbox.item(item.outboxId)).attempts.length > 0);
  });
});

describe('patience', () => {
  it('tells after four hours, on time and once, though the next try is later', async () => {
    const server = await start({ mail: '451 4.3.0 later' });
    await box.addRelay(server.port);
    await box.outbox.startSchedule();
    const item = await box.outbox.enqueue(builtMessage(), unhurried);
    const inbox = async () => (await box.store.listKeys(folder.inbox)).length;
    const tries = () => server.commands.filter((line) => line.startsWith('MAIL')).length;
    const waitedUntil = clock.now() + 4 * hour;
    // The tries before four hours: at once, then after 5, 15, 30, 60 and 120 minutes more.
    for (const [index, minutes] of [0, 5, 15, 30, 60, 120].entries()) {
      clock.advance(minutes * 60_000);
      await box.until(async () => tries() === index + 1 && (await stateOf(item.outboxId)) === 'deferred');
    }
    expect(await inbox()).toBe(0);
    const due = Date.parse((await box.outbox.item(item.outboxId)).deferredUntil ?? '');
    expect(due).toBeGreaterThan(waitedUntil);
    clock.advance(waitedUntil - clock.now());
    await box.until(async () => (await inbox()) === 1);
    expect(tries()).toBe(6);
    clock.advance(60_000);
    clock.advance(60_000);
    expect(await inbox()).toBe(1);
    const [key] = await box.store.listKeys(folder.inbox);
    if (key === undefined) throw new Error('the notice is there');
    const notice = Buffer.from(await box.store.read(key)).toString();
    expect(notice).toContain('Action: delayed');
    expect(notice).toContain('Will-Retry-Until:');
    expect(notice).toContain('451 4.3.0 later');
    expect(notice).toContain('Attempts: 6');
    expect(notice).toContain(`Message-ID: ${item.messageId}`);
  });

  it('counts from the first try, not from a send-later that was a week away', async () => {
    const server = await start({ mail: '451 4.3.0 later' });
    await box.addRelay(server.port);
    const week = 7 * 24 * hour;
    const item = await box.outbox.enqueue(builtMessage(), { ...unhurried, sendAt: clock.now() + week });
    expect(item).toMatchObject({ state: 'held', heldFor: 'send-later' });
    clock.advance(week);
    await box.flush();
    expect(await box.outbox.item(item.outboxId)).toMatchObject({ state: 'deferred', pending: ['b@b.example'] });
    expect(await box.store.listKeys(folder.inbox)).toEqual([]);
  });
});

describe('settings', () => {
  it('let a message go for which there was no server', async () => {
    await box.outbox.startSchedule();
    const item = await box.outbox.enqueue(builtMessage(), unhurried);
    await box.until(async () => (await stateOf(item.outboxId)) === 'deferred');
    const server = await start();
    await box.addRelay(server.port);
    await box.until(async () => (await stateOf(item.outboxId)) === 'sent');
    expect(server.accepted).toHaveLength(1);
  });

  it('changed by another process count when the outbox is opened again, and for a flush', async () => {
    const item = await box.outbox.enqueue(builtMessage(), { ...unhurried, waitForFlush: true });
    await box.flush();
    expect(await box.outbox.item(item.outboxId)).toMatchObject({
      state: 'deferred',
      explanation: 'There is no outgoing server yet. Add one, and it goes.',
    });
    await box.outbox.close();
    await box.store.close();
    const server = await start();
    const { profileDir } = box;
    const again = await openOutbox({ profileDir, clock, network });
    await again.addRelay(server.port);
    await again.shut();
    const flushing = await openOutbox({ profileDir, clock, network });
    expect(await flushing.flush()).toMatchObject({ sent: 1 });
    await flushing.shut();
  });
});
