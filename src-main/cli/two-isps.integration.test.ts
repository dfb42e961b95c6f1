import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoNamespaces } from '../../e2e/servers/namespaces.ts';
import {
  makeTravellingLaptop,
  type SendOptions,
  type Sent,
  type TravellingLaptop,
} from './testing/travelling-laptop.ts';

// The two-ISP test: one laptop, two networks, real relays. The parts build on each other, as a journey does.

const obstacle = await whyNoNamespaces();
if (obstacle !== null) console.warn(`The two-ISP test is left out. ${obstacle}`);

/** May use every server. */
const carol = 'carol@home.example';
/** Prefers B's relay, then A's, encrypted. */
const dave = 'dave@home.example';
/** Has a provider she signs in to. */
const anna = 'anna@provider.example';
/** Sends straight to the servers of the recipients. */
const erin = 'erin@direct.example';

const friend = 'friend@recipient.example';
/** The first server of this domain is closed. */
const pal = 'pal@two.example';

const smtpA = 'smtp.isp-a.example';
const smtpB = 'smtp.isp-b.example';
const submission = 'submit.provider.example';
const filter = 'filter.carrier-b.example';

describe.skipIf(obstacle !== null)('a laptop between two providers of internet access', () => {
  let laptop: TravellingLaptop;
  const undo: (() => Promise<unknown>)[] = [];
  /** Everything that is to arrive, once. */
  const all: Sent[] = [];
  const seen = { a: '', b: '' };

  beforeAll(async () => {
    laptop = await makeTravellingLaptop([friend, pal], undo);
    const pin = { pinnedCertificateSha256: laptop.isps.certificate.sha256 };
    await laptop.addServer('A', { endpoints: [{ host: smtpA, port: 25, security: 'none' }] });
    await laptop.addServer('B', { endpoints: [{ host: smtpB, port: 25, security: 'none' }] });
    await laptop.addServer('A encrypted', {
      endpoints: [{ host: smtpA, port: 25, security: 'starttls', ...pin }],
      senders: [dave],
    });
    await laptop.addServer('provider', {
      endpoints: [{ host: submission, port: 587, security: 'starttls', ...pin }],
      auth: { method: 'auto', user: 'anna', secret: 'secret' },
      senders: [anna],
    });
    await laptop.addServer('direct', { kind: 'direct-mx', endpoints: [] });
    await laptop.addIdentity(carol);
    await laptop.addIdentity(dave, 'B', 'A encrypted');
    await laptop.addIdentity(anna, 'provider');
    await laptop.addIdentity(erin, 'direct');
  }, 120_000);

  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  }, 120_000);

  async function send(from: string, to = friend, options: SendOptions = {}): Promise<Sent> {
    const sent = await laptop.send(from, to, options);
    all.push(sent);
    return sent;
  }

  const byCommand = (from: string): Promise<Sent> => send(from, friend, { byCommand: true });
  const sendAll = (...senders: string[]): Promise<Sent[]> => Promise.all(senders.map((from) => send(from)));
  const waysOf = (sent: readonly Sent[]): (readonly string[])[] => sent.map(({ ways }) => ways);

  /** Waits until it is there; the hosts it came from. */
  async function arrived({ subject }: Sent): Promise<string[]> {
    await expect
      .poll(async () => (await laptop.arrived(subject)).length, { timeout: 15_000, interval: 50 })
      .toBeGreaterThan(0);
    return laptop.arrived(subject);
  }

  it('at A, the relay of A takes it; who refused is not asked again', async () => {
    const before = await laptop.explain(carol, friend);
    seen.a = before.locationId;
    expect(before.order).toEqual(['A: Any allowed server, in your order.', 'B: Any allowed server, in your order.']);

    expect((await byCommand(carol)).ways).toEqual(['A accepted']);
    const first = await byCommand(dave);
    expect(first.ways).toEqual(['B permanent', 'A encrypted accepted']);
    expect(first.attempts[0]).toMatchObject({ stage: 'rcpt', text: expect.stringContaining('Relay access denied') });

    const later = await sendAll(carol, dave, carol, dave, anna);
    const [ofCarol, ofDave] = [['A accepted'], ['A encrypted accepted']];
    expect(waysOf(later)).toEqual([ofCarol, ofDave, ofCarol, ofDave, ['provider accepted']]);
    expect(later[1]?.leftOut).toContain('B refused-relaying');
    // Nor for anybody else: who may relay is decided by the network, not by who the mail is for.
    expect(waysOf([await send(dave, pal), await send(carol, pal)])).toEqual([ofDave, ofCarol]);
    expect(await Promise.all(later.map(arrived))).toEqual([[smtpA], [smtpA], [smtpA], [smtpA], [submission]]);
    expect((await laptop.explain(carol, friend)).order[0]).toBe('A: It took mail on this network before.');
  });

  it('between two networks mail waits; on the other it leaves by itself, by the relay there', async () => {
    await laptop.leave();
    const waiting = [await byCommand(carol), ...(await sendAll(dave, anna))];
    expect(waiting.map(({ state, ways }) => [state, ways])).toEqual(waiting.map(() => ['held offline', []]));
    expect(await laptop.explain(carol, friend)).toMatchObject({ isOnline: false });

    await laptop.arriveAt(laptop.isps.b);
    expect(await Promise.all(waiting.map(arrived))).toEqual([[smtpB], [smtpB], [submission]]);
    await expect.poll(() => laptop.outbox(), { timeout: 10_000 }).toEqual([]);
  });

  it('at B, nobody pays for the server that does not answer there', async () => {
    const here = await laptop.explain(carol, friend);
    seen.b = here.locationId;
    expect(seen.b).not.toBe(seen.a);
    expect(here.order[0]).toBe('B: It took mail on this network before.');
    const sent = [await byCommand(carol), ...(await sendAll(dave, carol, anna))];
    expect(waysOf(sent)).toEqual([['B accepted'], ['B accepted'], ['B accepted'], ['provider accepted']]);
  });

  it('back at A, it is known at once', async () => {
    await laptop.moveTo(laptop.isps.a);
    expect((await byCommand(carol)).ways).toEqual(['A accepted']);
    expect((await send(dave)).ways).toEqual(['A encrypted accepted']);
    expect(await laptop.explain(carol, friend)).toMatchObject({
      locationId: seen.a,
      order: ['A: It took mail on this network before.'],
      leftOut: expect.arrayContaining(['B refused-relaying']),
    });
  });

  it('carried to B between two looks at the addresses, which are the same: the message finds out, and goes by the relay there', async () => {
    await laptop.isps.unplug();
    await laptop.isps.plugIn(laptop.isps.b);
    const sent = await send(carol, pal);
    expect(sent.ways.at(-1)).toBe('B accepted');
    expect(await laptop.explain(carol, friend)).toMatchObject({ locationId: seen.b });
    await laptop.moveTo(laptop.isps.a);
  });

  it('straight to the recipients: the next server where one is closed; given up only where there is none', async () => {
    const { isps } = laptop;
    expect((await send(erin, pal)).ways).toEqual(['direct unreachable', 'direct accepted']);
    const inVain = await Promise.all(['x@nomail.example', 'x@gone.example'].map((to) => laptop.send(erin, to)));
    expect(inVain.map(({ refused, state }) => [state, ...refused])).toEqual([
      ['failed', 'nomail.example says that it takes no mail.'],
      ['failed', 'There is no mail domain named gone.example.'],
    ]);
    for (const how of ['denies', 'silent'] as const) {
      await isps.nameService(isps.a, how);
      const waiting = await send(erin);
      expect(waiting).toMatchObject({ state: 'deferred', attempts: [{ stage: 'resolve', outcome: 'unreachable' }] });
      await isps.nameService(isps.a, 'works');
      await laptop.postrider.run(['outbox', 'flush', '--now']);
      expect(await arrived(waiting)).toHaveLength(1);
    }
  });

  it('at B, who answers in the place of A’s relay gets nothing, until it is accepted there', async () => {
    const { interceptor, redirect } = laptop.isps;
    await redirect(true);
    await laptop.moveTo(laptop.isps.b);
    const waiting = await send(carol, friend, { byCommand: true, server: 'A' });
    expect(waiting).toMatchObject({ state: 'deferred', ways: ['A unsafe'] });
    expect((await send(carol)).ways).toEqual(['B accepted']);
    expect((await laptop.explain(carol, friend)).leftOut).toContain('A something-in-its-place');
    expect(await laptop.probe(smtpA, '--port', '25', '--security', 'none')).toBe('something-in-its-place');
    expect(await interceptor.log()).not.toContain('client=');

    await laptop.app.api.call('server.acceptRelay', { serverId: laptop.idOf('A'), endpoint: `${smtpA}:25` });
    expect(await arrived(waiting)).toEqual([filter]);
    expect((await send(carol, friend, { server: 'A' })).ways).toEqual(['A accepted']);
    await redirect(false);
  });

  it('where every name leads to the sign-in page of a hotel, mail waits; elsewhere it leaves by itself', async () => {
    const { a, b, captivePortal } = laptop.isps;
    await captivePortal(b, true);
    await laptop.moveTo(b);
    const waiting = await sendAll(carol, dave, erin);
    expect(waiting.map(({ refused, state }) => [state, refused])).toEqual(waiting.map(() => ['deferred', []]));
    // Who answers the connection and then keeps silent is waited for, where there is no other server.
    const stuck = await send(anna, friend, { isQueued: true });
    await expect.poll(async () => (await laptop.outbox()).map(({ state }) => state)).toContain('sending');

    await laptop.moveTo(a);
    await captivePortal(b, false);
    expect(await Promise.all([...waiting.slice(0, 2), stuck].map(arrived))).toEqual([[smtpA], [smtpA], [submission]]);
    const home = await send(carol);
    expect([home.ways, await arrived(home)]).toEqual([['A accepted'], [smtpA]]);
  });

  it('nothing was lost, nothing came twice', async () => {
    const counts = await Promise.all(all.map(async (sent) => (await arrived(sent)).length));
    expect(counts).toEqual(all.map(() => 1));
    const delivered = await Promise.all([friend, pal].map((mailbox) => laptop.isps.recipient.delivered(mailbox)));
    expect(delivered.flat()).toHaveLength(all.length);
    await expect.poll(async () => (await laptop.outbox()).map(({ state }) => state)).toEqual(['failed', 'failed']);
  });
});
