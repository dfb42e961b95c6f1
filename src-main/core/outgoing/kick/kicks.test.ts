import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closeAll, closedPort, start } from '../testing/delivery-harness.ts';
import { handClock, handNetwork, type OutboxHarness, openOutbox } from '../testing/outbox-harness.ts';
import { serverAt } from '../testing/servers.ts';
import { etrn, finished, kickOf, openRoom } from './testing/kick-harness.ts';
import { greetPolitely, type Provider, startProvider, type Talk } from './testing/scripted-provider.ts';
import { pullTrigger } from './trigger-port.ts';

afterEach(closeAll);

/** For tests that only add a server of their own to it. */
let shared: OutboxHarness;
beforeAll(async () => {
  shared = await openOutbox();
});
afterAll(async () => {
  await shared.shut();
  await shared.remove();
});

describe('a trigger port', () => {
  async function triggered(script: (talk: Talk) => Promise<void>, kick: Record<string, unknown> = {}) {
    const provider = await startProvider(script);
    const room = shared;
    const serverId = await room.addRelay(await closedPort(), {
      label: 'Relay',
      kick: { kind: 'trigger-port', port: provider.port, line: 'go me', ...kick },
    });
    return { provider, report: await kickOf(room, serverId) };
  }

  it('gets the line, and the answer is shown', async () => {
    const { provider, report } = await triggered(async (talk) => {
      await talk.hear();
      talk.say('started\u0007 for', 'an hour');
    });
    expect(provider.heard).toEqual(['go me']);
    expect(report).toMatchObject({ ok: true, received: 0 });
    expect(report.text).toBe(`127.0.0.1:${provider.port} was reached. It said: started· for an hour`);
    expect(report.transcript).toEqual(['C: go me', 'S: started· for', 'S: an hour']);
  });

  it('need not answer', async () => {
    const provider = await startProvider(async (talk) => {
      await talk.hear();
      await talk.hear();
    });
    const context = {
      server: serverAt('relay', [provider.port]),
      meet: async () => undefined,
      credentials: async () => ({ kind: 'none' }) as const,
      now: () => 0,
      signal: new AbortController().signal,
      report: () => undefined,
      transcript: [],
    };
    const kick = { kind: 'trigger-port', port: provider.port, line: '', when: 'on-demand' } as const;
    const { ok, text } = await pullTrigger(kick, context, { answerMs: 50 });
    expect({ ok, text }).toEqual({ ok: true, text: `127.0.0.1:${provider.port} was reached; it said nothing.` });
  });

  it('is read no further than 4 KiB', async () => {
    const { report } = await triggered(async (talk) => {
      await talk.hear();
      talk.raw('x'.repeat(1_000_000));
      await talk.hear();
    });
    expect(report.transcript.join('').length).toBeLessThan(4200);
  });

  it('that nobody listens on is a failure in words', async () => {
    const room = shared;
    const port = await closedPort();
    const serverId = await room.addRelay(25, {
      label: 'Relay',
      kick: { kind: 'trigger-port', host: '127.0.0.1', port },
    });
    expect(await kickOf(room, serverId)).toMatchObject({ ok: false, error: { code: 'EREFUSED' } });
  });
});

describe('a wake-up mail', () => {
  const wakeUp = { kind: 'wake-up-mail', to: 'wake@provider.example' };

  it('leaves by this server only, from an identity that may use it, and does not pile up', async () => {
    const room = await openRoom();
    const other = await room.addRelay(await closedPort(), { label: 'Other' });
    const serverId = await room.addRelay(await closedPort(), {
      label: 'Relay',
      senders: ['@mine.example'],
      kick: wakeUp,
    });
    await room.addIdentity('not@mine.example', { kind: 'only', serverId: other });
    await room.addIdentity('*@mine.example');
    await room.addIdentity('me@mine.example');
    const report = await kickOf(room, serverId);
    expect(report).toMatchObject({ ok: false, error: { code: 'ENOBODY_TAKES_IT' } });
    expect(report.text).toContain('The wake-up mail to wake@provider.example is in the Outbox');
    const [item, ...more] = await room.store.activeOutbox();
    expect(more).toEqual([]);
    expect(item).toMatchObject({
      serverIds: [serverId],
      reversePath: 'me@mine.example',
      recipients: [{ mailbox: 'wake@provider.example' }],
    });
    const bytes = Buffer.from(await room.store.read(item?.messageKey ?? never())).toString();
    expect(bytes).toContain('Auto-Submitted: auto-generated\r\n');
    expect((await kickOf(room, serverId)).text).toContain('is still in the Outbox');
    expect(await room.store.activeOutbox()).toHaveLength(1);
  });

  it('goes at once where the server takes it, and waits while sending is paused', async () => {
    const server = await start();
    const room = await openRoom();
    const serverId = await room.addRelay(server.port, { label: 'Relay', kick: wakeUp });
    await room.addIdentity('me@mine.example');
    expect(await kickOf(room, serverId)).toMatchObject({
      ok: true,
      text: 'A wake-up mail to wake@provider.example went out through Relay.',
    });
    expect(server.accepted.map(({ to }) => to)).toEqual([['wake@provider.example']]);
    await room.settings.setPreferences({ sendingPaused: true });
    expect((await kickOf(room, serverId)).text).toContain('sending is paused');
    expect(server.accepted).toHaveLength(1);
  });

  it('needs an identity', async () => {
    const room = await openRoom();
    const serverId = await room.addRelay(25, { label: 'Relay', kick: wakeUp });
    expect((await kickOf(room, serverId)).error?.code).toBe('EINVALID');
  });
});

function never(): never {
  throw new Error('nothing there');
}

describe('coming onto a network', () => {
  async function counting(): Promise<Provider> {
    return startProvider(async (talk) => {
      await greetPolitely(talk);
      talk.say('250 started');
      await talk.hear();
    });
  }
  const onConnect = { ...etrn, when: 'on-connect' };
  const kicks = (room: OutboxHarness) => room.jobs.list().filter(({ jobKind }) => jobKind === 'kick');
  const ended = (room: OutboxHarness, count: number) =>
    expect.poll(() => kicks(room).filter(({ state }) => state.kind === 'succeeded').length).toBe(count);

  it('kicks at the start and on each network, with a rest for each; only where the server may be used', async () => {
    const [always, here, off, asked] = [await counting(), await counting(), await counting(), await counting()];
    const [clock, network] = [handClock(), handNetwork()];
    const room = await openRoom({ clock, network });
    const { locationId } = await room.handlers['network.location']({});
    await room.addRelay(always.port, { kick: onConnect });
    await room.addRelay(here.port, { kick: onConnect, networks: { rule: 'only', locations: [locationId] } });
    await room.addRelay(off.port, { kick: onConnect, enabled: false });
    await room.addRelay(asked.port, { kick: etrn });
    await room.outbox.startSchedule();
    await ended(room, 2);
    const moveTo = async (mac: string): Promise<void> => {
      network.isPlugged = false;
      clock.advance(2000);
      await expect.poll(() => lastNetwork(room)?.isOnline).toBe(false);
      network.gatewayMac = mac;
      network.isPlugged = true;
      clock.advance(2000);
      await expect.poll(() => lastNetwork(room)?.isOnline).toBe(true);
    };
    await moveTo('02:00:00:00:00:55');
    await ended(room, 3);
    await moveTo('02:00:00:00:00:99');
    await moveTo('02:00:00:00:00:55');
    // Its clock jumped: the computer slept, and wakes up where it was.
    clock.advance(5 * 60_000);
    await ended(room, 4);
    await moveTo('02:00:00:00:00:99');
    await ended(room, 6);
    expect([always, here, off, asked].map(({ connections }) => connections)).toEqual([4, 2, 0, 0]);
  });

  it('is quiet about what fails: the condition says it', async () => {
    const room = await openRoom();
    const serverId = await room.addRelay(await closedPort(), { label: 'Gone', kick: onConnect });
    await room.outbox.startSchedule();
    await ended(room, 1);
    const [condition] = await room.handlers['server.conditions']({});
    expect(condition).toMatchObject({ serverId, kick: { ok: false } });
    expect(room.faults).toEqual([]);
  });

  it('is refused by hand where the server may not be used, and without a kick', async () => {
    const room = await openRoom();
    const provider = await counting();
    const networks = { rule: 'only', locations: ['elsewhere'] };
    const elsewhere = await room.addRelay(provider.port, { label: 'There', kick: etrn, networks });
    const { jobId } = await room.handlers['server.kick']({ serverId: elsewhere });
    expect(await finished(room, jobId)).toMatchObject({ kind: 'failed', error: { code: 'EINVALID' } });
    expect(provider.connections).toBe(0);
    const plain = await room.addRelay(provider.port);
    await expect(room.handlers['server.kick']({ serverId: plain })).rejects.toMatchObject({ code: 'EINVALID' });
  });
});

function lastNetwork({ events }: OutboxHarness): { isOnline: boolean } | undefined {
  const last = events.findLast(({ name }) => name === 'network.changed')?.payload;
  if (typeof last !== 'object' || last === null || !('isOnline' in last)) return undefined;
  return { isOnline: last.isOnline === true };
}
