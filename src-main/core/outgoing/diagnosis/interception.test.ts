import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServerId } from '#shared/ids.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { makeCertificates } from '../testing/certificates.ts';
import { closeAll, start } from '../testing/delivery-harness.ts';
import {
  builtMessage,
  type HandClock,
  handClock,
  handNetwork,
  type OutboxHarness,
  openOutbox,
} from '../testing/outbox-harness.ts';
import type { Script, ScriptedSmtp } from '../testing/scripted-smtp.ts';

/** A server that calls itself so. */
const named = (name: string, more: Script = {}): Script => ({
  greeting: `220 ${name} ESMTP`,
  ehlo: [`250-${name}`, '250-AUTH PLAIN', '250 SIZE 1000000'],
  ...more,
});

let box: OutboxHarness;
let clock: HandClock;
let network: ReturnType<typeof handNetwork>;
let server: ScriptedSmtp;
let serverId: ServerId;
const hotel = '02:00:00:00:00:77';

beforeEach(async () => {
  clock = handClock();
  network = handNetwork();
  box = await openOutbox({ clock, network });
  server = await start(named('mx1.provider.example'));
  // A password goes in clear here, as the user chose: it must not go to anybody else.
  serverId = await box.addRelay(server.port, { auth: { method: 'plain', user: 'anna', secret: 'geheim' } });
});
afterEach(async () => {
  await box.shut();
  await box.remove();
  await closeAll();
  expect(box.faults).toEqual([]);
});

/** The laptop is carried somewhere else, where this answers on the server's port. */
async function moveTo(gatewayMac: string, script: Script): Promise<void> {
  network.gatewayMac = gatewayMac;
  server.script = script;
  server.commands.length = 0;
  server.dropAll();
  await box.handlers['network.location']({});
}

async function send(flushNow = false): Promise<OutboxItem> {
  const { outboxId } = await box.outbox.enqueue(builtMessage(), { identityId: null, undoMs: 0 });
  await box.flush(flushNow);
  return box.outbox.item(outboxId);
}

const kinds = async (): Promise<string[]> =>
  (await box.handlers['server.memory']({})).map(({ kind }) => kind).filter((kind) => kind !== 'success');
const endpoint = (): string => `127.0.0.1:${server.port}`;
const saidOnly = (...verbs: string[]): void => {
  const said = new Set(server.commands.map((line) => line.split(' ')[0] ?? ''));
  // Who looks a second time takes leave.
  expect([...said].filter((verb) => verb !== 'QUIT')).toEqual(verbs);
};

/** A pool behind one address: its machines, of two names, take the connections in turn. */
function takingTurns(...names: string[]): Script {
  let count = 0;
  const name = (): string => names[count % names.length] ?? '';
  return {
    get greeting() {
      count += 1;
      return `220 ${name()} ESMTP`;
    },
    get ehlo() {
      return [`250-${name()}`, '250-AUTH PLAIN', '250 SIZE 1000000'];
    },
  };
}

describe('a pool in clear with two names', () => {
  it('raises no alarm: who takes turns with a known one is of the same server, and is learnt', async () => {
    expect((await send()).state).toBe('sent');
    server.script = takingTurns('mx1.provider.example', 'mx.hoster.example');
    for (let count = 0; count < 4; count += 1) {
      server.dropAll();
      expect((await send()).state).toBe('sent');
    }
    expect(await kinds()).toEqual(['seen', 'seen']);
  });

  it('needs a known one among them: several strangers are strangers still', async () => {
    expect((await send()).state).toBe('sent');
    await moveTo(hotel, takingTurns('a.hotel.example', 'b.inn.example'));
    expect((await send()).state).toBe('deferred');
    expect(await kinds()).toContain('something-in-its-place');
    saidOnly('EHLO');
  });

  it('learns a new name that shows the certificate of the host', async () => {
    const { context: secureContext, sha256 } = (await makeCertificates()).selfSigned;
    const trusted = { host: '127.0.0.1', port: server.port, security: 'none', pinnedCertificateSha256: sha256 };
    await box.settings.setServer(serverId, { endpoints: [trusted] });
    expect((await send()).state).toBe('sent');
    server.dropAll();
    server.script = named('mx.newhost.example', {
      ehlo: ['250-mx.newhost.example', '250-STARTTLS', '250-AUTH PLAIN', '250 SIZE 1000000'],
      secureContext,
    });
    expect((await send()).state).toBe('sent');
    const faces = (await box.handlers['server.memory']({})).filter(({ kind }) => kind === 'seen');
    expect(faces.map(({ seen }) => [seen?.greetingDomain, seen?.isCertificateValid])).toEqual([
      ['provider.example', null],
      ['newhost.example', true],
    ]);
  });
});

describe('a relay in clear that somebody else answers for', () => {
  it('gets neither message nor password; the message waits and says why, “send now” included', async () => {
    expect((await send()).state).toBe('sent');
    await moveTo(hotel, named('relay.hotel.example'));
    const item = await send();
    expect(item).toMatchObject({
      state: 'deferred',
      skipped: [{ serverId, reason: 'something-in-its-place' }],
      attempts: [{ outcome: 'unsafe', stage: 'ehlo' }],
    });
    expect(item.explanation).toMatch(/Something else answers .* until you accept this network’s relay/);
    expect(item.attempts[0]?.text).toMatch(/calls itself hotel\.example; before, it was provider\.example/);
    expect(item.attempts[0]?.meaning).toMatch(/waits in the Outbox/);
    saidOnly('EHLO');
    expect((await kinds()).sort()).toEqual(['seen', 'something-in-its-place']);
    server.commands.length = 0;
    await box.flush(true);
    expect((await box.outbox.item(item.outboxId)).attempts).toHaveLength(1);
    expect(server.commands).toEqual([]);
  });

  it('is passed over for another allowed server', async () => {
    await send();
    const other = await start(named('mx.other.example'));
    await box.addRelay(other.port);
    await moveTo(hotel, named('relay.hotel.example'));
    expect((await send()).state).toBe('sent');
    expect(other.accepted).toHaveLength(1);
    const second = await send();
    expect(second.attempts.map(({ outcome }) => outcome)).toEqual(['accepted']);
    expect(second.skipped).toMatchObject([{ serverId, reason: 'something-in-its-place' }]);
  });

  it('takes mail once the user accepted it, on this network and on no other, until that is forgotten', async () => {
    await send();
    await moveTo(hotel, named('relay.hotel.example'));
    const waiting = await send();
    await box.handlers['server.acceptRelay']({ serverId, endpoint: endpoint() });
    expect((await kinds()).sort()).toEqual(['relay-accepted', 'seen']);
    await box.flush();
    expect((await box.outbox.item(waiting.outboxId)).state).toBe('sent');
    await moveTo('02:00:00:00:00:55', named('relay.hotel.example'));
    expect((await send()).state).toBe('deferred');
    await moveTo(hotel, named('relay3.hotel.example'));
    expect((await send()).state).toBe('sent');
    const accepted = (await box.handlers['server.memory']({})).find(({ kind }) => kind === 'relay-accepted');
    await box.handlers['server.forget']({ serverId, keys: [accepted?.key ?? ''] });
    server.commands.length = 0;
    expect((await send()).state).toBe('deferred');
    saidOnly('EHLO');
  });

  it('is asked again in the background, and what waits goes when the server itself is back', async () => {
    await send();
    await moveTo(hotel, named('relay.hotel.example'));
    await box.outbox.startSchedule();
    const waiting = await send();
    expect(waiting.state).toBe('deferred');
    server.script = named('mx2.provider.example');
    // The half-open probe runs every 30 s; an alarm is looked at again after three minutes.
    clock.advance(3 * 60_000);
    await vi.waitFor(() => {
      clock.advance(1000);
      expect(server.accepted).toHaveLength(2);
    });
    expect(await kinds()).toEqual(['seen']);
  });

  it('is learned without a write for each message', async () => {
    const put = box.store.putDeliveryMemory.bind(box.store);
    const written: string[] = [];
    box.store.putDeliveryMemory = async (entries, removed) => {
      written.push(...entries.map(({ kind }) => kind));
      return put(entries, removed);
    };
    for (let count = 0; count < 5; count += 1) {
      server.dropAll();
      await send();
    }
    expect(written.filter((kind) => kind === 'seen')).toHaveLength(1);
  });
});

describe('an encrypted endpoint', () => {
  it('whose STARTTLS is taken out on a network says what that may mean; nothing is sent, nothing is to be accepted', async () => {
    const made = await makeCertificates();
    const offers = ['STARTTLS', 'AUTH PLAIN'];
    server.script = { offers, secureContext: made.selfSigned.context };
    const pinnedCertificateSha256 = made.selfSigned.sha256;
    const endpoints = [{ host: '127.0.0.1', port: server.port, security: 'starttls', pinnedCertificateSha256 }];
    await box.settings.setServer(serverId, { endpoints });
    expect((await send()).state).toBe('sent');
    await moveTo(hotel, {});
    const item = await send();
    expect(item).toMatchObject({ state: 'deferred', attempts: [{ outcome: 'unsafe', stage: 'tls' }] });
    expect(item.attempts[0]?.text).toMatch(/does not offer STARTTLS here .*something else may answer in its place/);
    expect((await kinds()).sort()).toEqual(['cool-down', 'seen']);
    saidOnly('EHLO', 'STARTTLS');
    await expect(box.handlers['server.acceptRelay']({ serverId, endpoint: endpoint() })).rejects.toMatchObject({
      code: 'EINVALID',
    });
  });
});

describe('accepting a network’s relay', () => {
  it('is for an endpoint in clear of a server there is, on a network', async () => {
    const accept = (id: ServerId, where: string) =>
      box.handlers['server.acceptRelay']({ serverId: id, endpoint: where });
    await expect(accept(ServerId.parse('gone'), endpoint())).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(accept(serverId, '127.0.0.1:1')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    const safe = await box.addServer({
      label: 'safe',
      endpoints: [{ host: '127.0.0.1', port: 465, security: 'tls' }],
    });
    await expect(accept(safe, '127.0.0.1:465')).rejects.toMatchObject({ code: 'EINVALID' });
    network.isPlugged = false;
    await expect(accept(serverId, endpoint())).rejects.toMatchObject({ code: 'EOFFLINE' });
    expect(await kinds()).toEqual([]);
  });
});

describe('the live test of a saved server', () => {
  async function check(method: 'check.server' | 'check.host') {
    const saved = box.settings.server(serverId);
    if (saved === undefined) throw new Error('no server');
    const { id: _id, ...input } = saved;
    const { jobId } =
      method === 'check.server'
        ? await box.handlers['check.server']({ server: input, serverId })
        : await box.handlers['check.host']({ host: `at ${server.port}` });
    const { state } = await box.jobs.finished(jobId);
    if (state.kind !== 'succeeded' || state.summary.kind !== 'check') throw new Error(JSON.stringify(state));
    return state.summary;
  }

  it.each(['check.server', 'check.host'] as const)('%s learns, compares, and offers to accept', async (method) => {
    expect(await check(method)).toMatchObject({ ok: true, serverId, verdictKind: 'works' });
    expect(await kinds()).toEqual(['seen']);
    await moveTo(hotel, named('relay.hotel.example'));
    const report = await check(method);
    expect(report).toMatchObject({
      ok: false,
      serverId,
      verdictKind: 'something-in-its-place',
      endpoints: [{ error: { code: 'EINTERCEPTED' } }],
      advice: [{ kind: 'accept-relay', endpoint: { host: '127.0.0.1', port: server.port, security: 'none' } }],
    });
    expect(report.verdict).toMatch(
      /calls itself hotel\.example.*Nothing is sent there\. Mail waits for another network, unless/,
    );
    saidOnly('EHLO');
    expect((await kinds()).sort()).toEqual(['seen', 'something-in-its-place']);
    await box.handlers['server.acceptRelay']({ serverId, endpoint: endpoint() });
    expect(await check(method)).toMatchObject({ ok: true, verdictKind: 'works' });
  });
});
