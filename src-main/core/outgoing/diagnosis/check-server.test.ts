import { connect } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CheckReport } from '#shared/job.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import type { MailErrorCode } from '#shared/mail-error.ts';
import type { reachEndpoint } from '../reach-endpoint.ts';
import { noReply } from '../stage-failure.ts';
import { type MadeCertificates, makeCertificates } from '../testing/certificates.ts';
import { closeAll, start } from '../testing/delivery-harness.ts';
import type { Script } from '../testing/scripted-smtp.ts';
import { type CheckServerOptions, checkServer, type Surroundings } from './check-server.ts';

let made: MadeCertificates;
const before = getCACertificates('default');
beforeAll(async () => {
  made = await makeCertificates();
  setDefaultCACertificates([...before, made.authorityPem]);
});
afterAll(() => setDefaultCACertificates(before));
afterEach(closeAll);

type Fault = Extract<MailErrorCode, 'EREFUSED' | 'ETIMEOUT' | 'EUNREACHABLE' | 'EUNKNOWNHOST'>;

/** A network in which names and ports lead to scripted servers, or fail; what is not listed refuses. */
async function networkOf(plan: Record<string, Script | Fault>) {
  const ports = new Map<string, number>();
  for (const [name, what] of Object.entries(plan)) {
    if (typeof what !== 'string') ports.set(name, (await start(what)).port);
  }
  const asked: string[] = [];
  const reach: typeof reachEndpoint = async (_server, endpoint, { log }) => {
    const name = endpointName(endpoint);
    asked.push(name);
    log?.enter('resolve');
    const fault = plan[name] ?? plan[endpoint.host];
    if (fault === 'EUNKNOWNHOST') throw noReply('resolve', fault, `There is no server named ${endpoint.host}.`);
    log?.enter('connect');
    const port = ports.get(name);
    if (port === undefined) {
      const code = typeof fault === 'string' ? fault : 'EREFUSED';
      throw noReply('connect', code, `${name} did not answer in time.`);
    }
    const socket = connect({ host: '127.0.0.1', port });
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket.pause();
  };
  return { reach, asked };
}

interface Around {
  isOnline?: boolean;
  namesAnswer?: boolean;
  /** `host:port` of the user's other servers. */
  others?: string[];
  /** Of these and their port 25: what is reached. */
  reached?: string[];
}

function around({ isOnline = true, namesAnswer = true, others = [], reached = [] }: Around): Surroundings {
  return {
    isOnline: async () => isOnline,
    namesAnswer: async () => namesAnswer,
    references: () => others.map((name) => ({ host: name.split(':')[0] ?? '', port: Number(name.split(':')[1]) })),
    isReached: async (at) => reached.includes(endpointName(at)),
  };
}

const host = 'mail.firm.example';
const clear = (port: number) => ({ host, port, security: 'none' });

async function check(
  endpoints: unknown[],
  plan: Record<string, Script | Fault>,
  more: Around & { server?: object; options?: Partial<CheckServerOptions> } = {},
): Promise<CheckReport> {
  const { reach } = await networkOf(plan);
  return checkServer({
    server: ServerInput.parse({ label: 'Mine', endpoints, ...more.server }),
    secret: 'geheim',
    signal: new AbortController().signal,
    tokenSourceFor: () => ({ get: async () => 'token' }),
    onProgress: () => undefined,
    surroundings: around(more),
    reach,
    ...more.options,
  });
}

describe('a port that is blocked', () => {
  it.each(['ETIMEOUT', 'EUNREACHABLE', 'EREFUSED'] as const)('%s on 25, and another port works', async (fault) => {
    const report = await check([clear(25)], { [`${host}:25`]: fault, [`${host}:587`]: {} });
    expect(report).toMatchObject({
      ok: false,
      verdictKind: 'port-blocked',
      verdict: 'Port 25 seems to be blocked on this network. Port 587 works.',
      advice: [{ kind: 'use-endpoint', endpoint: clear(587), text: 'Port 587 in clear answers.' }],
    });
  });

  it('is known by other servers, too, that fail on 25 and answer elsewhere', async () => {
    const others = { others: ['smtp.else.example:465'], reached: ['smtp.else.example:465'] };
    const report = await check([clear(25)], { [host]: 'ETIMEOUT' }, others);
    expect(report).toMatchObject({
      verdictKind: 'port-blocked',
      verdict:
        'Port 25 is blocked on this network: other servers do not answer on it either. Ask the provider for another port, such as 587.',
      advice: [],
    });
  });

  it('is found although the network lets its own relay through', async () => {
    const own = { others: ['relay.isp.example:25'], reached: ['relay.isp.example:25'] };
    expect(await check([clear(25)], { [host]: 'ETIMEOUT', [`${host}:2525`]: {} }, own)).toMatchObject({
      verdictKind: 'port-blocked',
    });
    // With nothing else to go by, both are possible, and both are said.
    expect(await check([clear(25)], { [host]: 'ETIMEOUT' }, own)).toMatchObject({
      verdictKind: 'server-down',
      verdict: expect.stringMatching(/seems to be down, or this network lets port 25 through to its own servers only/),
    });
  });

  it('is told although the server’s own other port carries the mail', async () => {
    const report = await check([clear(25), clear(587)], { [`${host}:25`]: 'ETIMEOUT', [`${host}:587`]: {} });
    expect(report).toMatchObject({ ok: true, verdictKind: 'port-blocked', advice: [] });
  });

  it('does not lead to advice of less security', async () => {
    const secure = { host, port: 25, security: 'starttls' };
    const report = await check([secure], { [`${host}:25`]: 'ETIMEOUT', [`${host}:587`]: {}, [`${host}:2525`]: {} });
    expect(report.advice).toEqual([]);
    expect(report.verdictKind).toBe('port-blocked');
  });

  it('does not lead to advice in clear where one port of the host is encrypted', async () => {
    const mixed = [clear(25), { host, port: 465, security: 'tls' }];
    const report = await check(mixed, { [`${host}:25`]: 'ETIMEOUT', [`${host}:465`]: 'ETIMEOUT', [`${host}:587`]: {} });
    expect(report.advice).toEqual([]);
  });

  it('is not suspected of a host nobody set up that has nothing on 25', async () => {
    const usual = { options: { isLookAround: true, chosen: [] } };
    const report = await check([clear(587), clear(25)], { [`${host}:587`]: {}, [`${host}:25`]: 'EREFUSED' }, usual);
    expect(report).toMatchObject({ ok: true, verdictKind: 'works', verdict: 'Port 587 works. Port 25 does not.' });
    const silent = await check([clear(587), clear(25)], { [`${host}:587`]: {}, [`${host}:25`]: 'ETIMEOUT' }, usual);
    expect(silent).toMatchObject({ ok: true, verdictKind: 'port-blocked' });
  });
});

describe('nothing that answers', () => {
  it('is the server when others are reached', async () => {
    const others = { others: ['smtp.else.example:465'], reached: ['smtp.else.example:465'] };
    expect(await check([clear(587)], { [host]: 'ETIMEOUT' }, others)).toMatchObject({
      ok: false,
      verdictKind: 'server-down',
      verdict: expect.stringMatching(
        /Other servers can be reached from here, so this one seems to be down\. Mail waits/,
      ),
    });
  });

  it('is the network when nothing is reached', async () => {
    expect(await check([clear(587)], { [host]: 'ETIMEOUT' }, { others: ['smtp.else.example:465'] })).toMatchObject({
      verdictKind: 'offline',
      verdict: expect.stringMatching(/^Nothing can be reached from here/),
    });
  });

  it('may be either when there is no other server to compare with', async () => {
    expect(await check([clear(587)], { [host]: 'EREFUSED' })).toMatchObject({
      verdictKind: 'server-down',
      verdict: expect.stringMatching(/It may be down, or this network keeps you from reaching it/),
    });
  });

  it('is nobody’s fault offline', async () => {
    expect(await check([clear(587)], { [host]: 'EUNKNOWNHOST' }, { isOnline: false })).toMatchObject({
      verdictKind: 'offline',
      verdict: expect.stringMatching(/^You are offline\./),
    });
  });

  it('is a wrong name when other names are known, and the name service when none is', async () => {
    const unknown: Record<string, Fault> = { [host]: 'EUNKNOWNHOST' };
    expect(await check([clear(587)], unknown)).toMatchObject({
      verdictKind: 'unknown-host',
      verdict: `There is no server named ${host}. Check how the name is written.`,
    });
    expect(await check([clear(587)], unknown, { namesAnswer: false })).toMatchObject({
      verdictKind: 'offline',
      verdict: expect.stringMatching(/^No name can be looked up here/),
    });
  });

  it('names every port tried', async () => {
    const report = await check([clear(25), clear(587)], { [host]: 'EREFUSED' });
    expect(report.verdict).toMatch(/^mail\.firm\.example does not answer on ports 25 and 587\./);
  });
});

describe('signing in', () => {
  const auth = { auth: { method: 'plain', user: 'anna' } };
  const offers = ['AUTH PLAIN LOGIN'];

  it('is needed where it is offered and not set up, unless mail was taken without', async () => {
    const plan = { [`${host}:587`]: { offers } };
    expect(await check([clear(587)], plan)).toMatchObject({ ok: true, verdictKind: 'needs-authentication' });
    expect(await check([clear(587)], plan, { options: { remembered: { hasTakenMail: true } } })).toMatchObject({
      verdictKind: 'works',
    });
    expect(await check([clear(587)], plan, { server: auth })).toMatchObject({
      verdictKind: 'works',
      verdict: 'It works.',
    });
    expect(await check([clear(587)], plan, { options: { isLookAround: true } })).toMatchObject({
      verdictKind: 'works',
    });
  });

  it('is needed where EHLO is answered with 530', async () => {
    const plan = { [`${host}:587`]: { ehlo: '530 5.7.0 Authentication required' } };
    expect(await check([clear(587)], plan)).toMatchObject({ ok: false, verdictKind: 'needs-authentication' });
  });

  it('fails with a wrong password, whatever else fails', async () => {
    const plan: Record<string, Script | Fault> = {
      [`${host}:587`]: { offers, auth: '535 5.7.8 no' },
      [`${host}:465`]: 'ETIMEOUT',
    };
    expect(await check([clear(465), clear(587)], plan, { server: auth })).toMatchObject({
      ok: false,
      verdictKind: 'wrong-password',
      verdict: `${host}:587: The server did not accept the user name or password. It is not tried again until you change them.`,
    });
  });

  it('has no password', async () => {
    const plan = { [`${host}:587`]: { offers } };
    expect(await check([clear(587)], plan, { server: auth, options: { secret: undefined } })).toMatchObject({
      verdictKind: 'needs-authentication',
    });
  });
});

describe('a server that refuses', () => {
  it.each([
    [{ greeting: '554 5.7.1 Client host [192.0.2.1] blocked using dnsbl.example' }],
    [{ greeting: '554 No SMTP service here' }],
    [{ ehlo: '550 5.7.1 Your host is listed' }],
  ])('refuses this network: %j', async (script) => {
    const report = await check([clear(587)], { [`${host}:587`]: script });
    expect(report).toMatchObject({ ok: false, verdictKind: 'refuses-this-network' });
    expect(report.verdict).toContain('(It said: 55');
  });

  it('refused mail from here, which a test without a message cannot find out', async () => {
    const refusedHere = '554 5.7.1 Client host blocked';
    expect(
      await check([clear(587)], { [`${host}:587`]: {} }, { options: { remembered: { refusedHere } } }),
    ).toMatchObject({ ok: true, verdictKind: 'refuses-this-network', verdict: expect.stringContaining(refusedHere) });
  });

  it('speaks another protocol', async () => {
    const report = await check([clear(587)], { [`${host}:587`]: { greeting: 'SSH-2.0-OpenSSH_9' } });
    expect(report).toMatchObject({ ok: false, verdictKind: 'other', verdict: `${host} does not speak SMTP.` });
  });
});

describe('a certificate that does not hold', () => {
  const secure = [{ host: 'localhost', port: 465, security: 'tls' }];
  const plan = (which: 'expired' | 'selfSigned' | 'wrongHost' | 'good') => ({
    'localhost:465': { implicitTls: true, secureContext: made[which].context },
  });

  it.each(['selfSigned', 'wrongHost'] as const)('%s: may be pinned', async (which) => {
    const report = await check(secure, plan(which));
    expect(report).toMatchObject({
      ok: false,
      verdictKind: 'wrong-certificate',
      advice: [{ kind: 'pin-certificate', certificateSha256: made[which].sha256, endpoint: secure[0] }],
    });
    expect(report.verdict).toMatch(/Nothing was sent\.$/);
  });

  it('is not pinned when out of date, nor in place of one that was pinned', async () => {
    expect(await check(secure, plan('expired'))).toMatchObject({ verdictKind: 'wrong-certificate', advice: [] });
    const pinned = [{ ...secure[0], pinnedCertificateSha256: made.good.sha256 }];
    const changed = await check(pinned, plan('selfSigned'));
    expect(changed).toMatchObject({ verdictKind: 'wrong-certificate', advice: [] });
    expect(changed.endpoints[0]?.error?.code).toBe('ECERT_CHANGED');
  });

  it('tells what was negotiated when it holds', async () => {
    const report = await check(secure, plan('good'));
    expect(report.endpoints[0]).toMatchObject({
      tls: { protocol: expect.stringMatching(/^TLSv1\.[23]$/), cipher: expect.stringMatching(/^TLS_/) },
      capabilities: [],
      authMethods: [],
    });
  });

  it('is somebody else’s when the server was well here before; then it is not offered for pinning', async () => {
    const guard: CheckServerOptions['guard'] = {
      meet: async () => undefined,
      suspect: (_endpoint, failure) => noReply(failure.stage, 'ECERT_SELFSIGNED', `${failure.message} Suspicious.`),
    };
    expect(await check(secure, plan('selfSigned'), { options: { guard } })).toMatchObject({
      ok: false,
      verdictKind: 'something-in-its-place',
      endpoints: [{ error: { code: 'EINTERCEPTED' } }],
      advice: [],
    });
  });
});

it('has nothing to say about a server without endpoints', async () => {
  expect(await check([], {})).toMatchObject({ ok: false, verdictKind: 'other', endpoints: [] });
});

it('ends at once when it is called off', async () => {
  const { reach } = await networkOf({ [`${host}:587`]: { greeting: 'silence' } });
  const abort = new AbortController();
  const running = checkServer({
    server: ServerInput.parse({ label: 'Mine', endpoints: [clear(587)] }),
    secret: undefined,
    signal: abort.signal,
    tokenSourceFor: () => ({ get: async () => 'token' }),
    onProgress: ({ steps }) => {
      if (steps.at(-1)?.stage === 'greeting') abort.abort(new Error('enough'));
    },
    reach,
  });
  await expect(running).rejects.toThrow('enough');
});
