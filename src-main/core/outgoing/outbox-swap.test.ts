import { beforeEach, describe, expect, it } from 'vitest';
import { type OutboxFixture, outboxForEachTest } from './testing/outbox-fixture.ts';
import type { OutboxHarness } from './testing/outbox-harness.ts';
import { builtMessage } from './testing/outbox-harness.ts';
import type { ScriptedSmtp } from './testing/scripted-smtp.ts';

// Two networks that give the laptop the same address: nothing but the gateway's hardware address tells them apart, and
// between two looks at the addresses nobody asks for that.
let made: OutboxFixture;
outboxForEachTest((fixture) => {
  made = fixture;
});

const macOfA = '02:00:00:00:00:99';
const macOfB = '02:00:00:00:00:bb';
const atOnce = { identityId: null, undoMs: 0, waitForFlush: true };
const denied = '554 5.7.1 <b@b.example>: Relay access denied';

let relayA: ScriptedSmtp;
let relayB: ScriptedSmtp;
let box: OutboxHarness;
beforeEach(async () => {
  ({ box } = made);
  [relayA, relayB] = [await made.start(), await made.start({ rcpt: denied })];
  await box.addRelay(relayA.port, { label: 'A' });
  await box.addRelay(relayB.port, { label: 'B' });
});

/** Carried from A to B: the relays know their own customers only. */
function carryToB(): void {
  made.network.gatewayMac = macOfB;
  relayA.script = { rcpt: denied };
  relayB.script = {};
}

async function send(): Promise<{ state: string; ways: string[] }> {
  const { outboxId } = await box.outbox.enqueue(builtMessage(), atOnce);
  await box.outbox.flush({ now: false, outboxIds: [outboxId], signal: new AbortController().signal });
  const { state, attempts } = await box.outbox.item(outboxId);
  return { state, ways: attempts.map(({ serverLabel, outcome }) => `${serverLabel} ${outcome}`) };
}

const learned = async () => {
  const entries = await box.handlers['server.memory']({});
  return entries.filter(({ kind }) => kind !== 'seen').map(({ kind, locationId }) => [kind, locationId]);
};

describe('a swap of networks nobody announced', () => {
  it('is found out by the server that refuses there; the message goes by the route of the new place, in one pass', async () => {
    const { locationId: a } = await box.outbox.location();
    expect((await send()).ways).toEqual(['A accepted']);
    carryToB();
    expect(await send()).toEqual({ state: 'sent', ways: ['A permanent', 'A permanent', 'B accepted'] });
    const { locationId: b } = await box.outbox.location();
    expect(b).not.toBe(a);
    expect((await learned()).filter(([, where]) => where === a)).toEqual([['success', a]]);
    expect((await send()).ways).toEqual(['B accepted']);
  });

  it('uses a server that may only be used there, and not the one that may not', async () => {
    const { locationId: a } = await box.outbox.location();
    const [first, second] = box.settings.current().servers;
    if (first === undefined || second === undefined) throw new Error('two were added');
    await box.settings.setServer(first.id, { networks: { rule: 'only', locations: [a] } });
    await box.settings.setServer(second.id, { networks: { rule: 'never', locations: [a] } });
    expect((await send()).ways).toEqual(['A accepted']);
    carryToB();
    expect(await send()).toEqual({ state: 'sent', ways: ['A permanent', 'B accepted'] });
  });

  it('tells of the move, and blames nobody at the old place for what happened at the new one', async () => {
    expect((await send()).ways).toEqual(['A accepted']);
    carryToB();
    await send();
    expect(box.events.filter(({ name }) => name === 'network.changed')).toHaveLength(1);
    made.network.gatewayMac = macOfA;
    relayA.script = {};
    relayB.script = { rcpt: denied };
    await box.handlers['network.location']({});
    expect((await send()).ways).toEqual(['A accepted']);
  });

  it('is found out while a server keeps silent: the message does not wait for a reply that cannot come', async () => {
    relayA.script = { mail: 'silence' };
    const { outboxId } = await box.outbox.enqueue(builtMessage(), atOnce);
    const flushed = box.outbox.flush({ now: false, outboxIds: [outboxId], signal: new AbortController().signal });
    await relayA.until(() => relayA.commands.some((line) => line.startsWith('MAIL')));
    carryToB();
    made.clock.advance(2000);
    await flushed;
    expect(await box.outbox.item(outboxId)).toMatchObject({ state: 'sent' });
    expect(relayB.accepted).toHaveLength(1);
  });

  it('does not wait long on a session kept from the old place that is dead without a word', async () => {
    expect((await send()).ways).toEqual(['A accepted']);
    // The session is asked for nothing before it is used: it was idle for a moment only.
    relayA.script = { mail: 'silence' };
    const began = performance.now();
    const { outboxId } = await box.outbox.enqueue(builtMessage(), atOnce);
    const flushed = box.outbox.flush({ now: false, outboxIds: [outboxId], signal: new AbortController().signal });
    await relayA.until(() => relayA.commands.filter((line) => line.startsWith('MAIL')).length === 2);
    carryToB();
    await flushed;
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(await box.outbox.item(outboxId)).toMatchObject({ state: 'sent' });
    expect(relayB.accepted).toHaveLength(1);
  });
});
