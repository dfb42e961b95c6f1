import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CheckReport } from '#shared/job.ts';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import type { MailErrorCode } from '#shared/mail-error.ts';
import { checkServer } from './diagnosis/check-server.ts';
import { type MadeCertificates, makeCertificates } from './testing/certificates.ts';
import { closeAll, closedPort, harness, start } from './testing/delivery-harness.ts';
import { serverAt } from './testing/servers.ts';

let made: MadeCertificates;
const before = getCACertificates('default');
beforeAll(async () => {
  made = await makeCertificates();
  setDefaultCACertificates([...before, made.authorityPem]);
});
afterAll(() => setDefaultCACertificates(before));
afterEach(closeAll);

const offers = ['PIPELINING', 'STARTTLS', 'AUTH PLAIN LOGIN'];
const password = 'geheim-wort';
const auth = { auth: { method: 'auto', user: 'somebody' } };

function leaks(clear: readonly Buffer[]): boolean {
  const text = Buffer.concat([...clear]).toString('latin1');
  const secrets = [
    password,
    btoa(password),
    btoa(`\0somebody\0${password}`),
    btoa('somebody'),
    'AUTH',
    'MAIL FROM',
    'Subject',
  ];
  return secrets.some((secret) => text.includes(secret));
}

describe('a secure endpoint', () => {
  it.each(['tls', 'starttls'])('is used over %s with a certificate that holds', async (security) => {
    const server = await start({ offers, secureContext: made.good.context, implicitTls: security === 'tls' });
    const { run, attempts } = harness({ one: password });
    await run([serverAt('one', [{ port: server.port, security }], auth)]);
    expect(attempts[0]?.outcome).toBe('accepted');
    expect(server.accepted).toHaveLength(1);
    expect(leaks(server.clear)).toBe(false);
    expect(attempts[0]?.stages.find(({ stage }) => stage === 'tls')?.text).toMatch(/^TLSv1/);
  });

  it.each(['tls', 'starttls'])(
    'is not used over %s when the certificate does not hold; the next server is',
    async (security) => {
      for (const bad of [made.expired, made.selfSigned, made.wrongHost]) {
        const server = await start({ offers, secureContext: bad.context, implicitTls: security === 'tls' });
        const other = await start();
        const { run, attempts } = harness({ one: password });
        await run([serverAt('one', [{ port: server.port, security }], auth), serverAt('other', [other.port])]);
        expect(attempts[0]).toMatchObject({ outcome: 'unsafe', stage: 'tls' });
        expect(server.commands.some((line) => /^(AUTH|MAIL)/.test(line))).toBe(false);
        expect(leaks(server.clear)).toBe(false);
        expect(other.accepted).toHaveLength(1);
      }
    },
  );

  it('trusts a pinned certificate and no other', async () => {
    const server = await start({ offers, secureContext: made.selfSigned.context });
    const { run, attempts } = harness({ one: password });
    const at = (pinnedCertificateSha256: string) =>
      serverAt('one', [{ port: server.port, security: 'starttls', pinnedCertificateSha256 }], auth);
    await run([at(made.selfSigned.sha256)]);
    expect(attempts[0]?.outcome).toBe('accepted');
    await run([at(made.good.sha256)]);
    expect(attempts[1]).toMatchObject({
      outcome: 'unsafe',
      text: 'The certificate of 127.0.0.1 is not the one you trusted.',
    });
  });
});

describe('somebody on the way', () => {
  const tricks: Record<string, Record<string, string>> = {
    'takes STARTTLS out of EHLO and refuses it': { starttls: '502 5.5.1 no such command' },
    'says it is not available': { starttls: '454 4.7.0 TLS not available' },
    'answers nonsense': { starttls: 'OK' },
    'hangs up': { starttls: 'drop' },
    'says yes and goes on in clear': { starttls: '220 go ahead', injectAfterStartTls: '' },
    'puts a reply behind the yes': { injectAfterStartTls: '250-evil.example\r\n250 AUTH PLAIN\r\n' },
    'puts half a reply behind the yes': { injectAfterStartTls: '250-evil.example AUTH PLAIN' },
    'puts one octet behind the yes': { injectAfterStartTls: '2' },
    'puts a line end behind the yes': { injectAfterStartTls: '\r\n' },
    'answers EHLO with a sign-in offer and 503': { starttls: '503 5.5.1 later' },
  };

  it.each(Object.entries(tricks))(
    '%s: nothing of the message or the secret goes out',
    async (name, script) => {
      const isInjection = script.injectAfterStartTls !== undefined && script.injectAfterStartTls !== '';
      const server = await start({
        offers: ['AUTH PLAIN LOGIN'],
        ...script,
        ...(isInjection ? { secureContext: made.good.context } : {}),
      });
      const { run, attempts } = harness({ one: password });
      await run([
        serverAt('one', [{ port: server.port, security: 'starttls' }], {
          ...auth,
          timeouts: { commandMs: 300, connectMs: 500 },
        }),
      ]);
      expect(attempts[0]?.outcome, name).not.toBe('accepted');
      const isSilent = ['hangs up', 'answers nonsense', 'says yes and goes on in clear'].includes(name);
      if (!isSilent) expect(attempts[0]?.outcome).toBe('unsafe');
      expect(leaks(server.clear)).toBe(false);
      expect(server.commands.some((line) => /^(AUTH|MAIL)/.test(line))).toBe(false);
    },
    20_000,
  );
});

describe('the live check of a server', () => {
  async function check(
    endpoints: unknown[],
    more: Record<string, unknown> = {},
  ): Promise<{ report: CheckReport; told: number }> {
    let told = 0;
    const report = await checkServer({
      server: ServerInput.parse({ label: 'Mine', endpoints, ...more }),
      secret: password,
      signal: new AbortController().signal,
      tokenSourceFor: () => ({ get: async () => 'token' }),
      onProgress: () => {
        told += 1;
      },
    });
    return { report, told };
  }

  it('walks every step and shows the server’s own words', async () => {
    const server = await start({ offers, secureContext: made.good.context });
    const { report, told } = await check([{ host: 'localhost', port: server.port, security: 'starttls' }], auth);
    expect(report).toMatchObject({ ok: true, verdict: 'It works.', advice: [] });
    expect(report.endpoints[0]?.steps.map(({ stage, outcome }) => `${stage} ${outcome}`)).toEqual([
      'resolve ok',
      'connect ok',
      'greeting ok',
      'tls ok',
      'capabilities ok',
      'auth ok',
    ]);
    expect(report.endpoints[0]?.steps.find(({ stage }) => stage === 'greeting')?.server).toBe(
      '220 scripted.example ESMTP',
    );
    expect(report.endpoints[0]?.certificate?.sha256).toBe(made.good.sha256);
    expect(told).toBeGreaterThan(5);
    expect(server.commands.some((line) => line.startsWith('MAIL'))).toBe(false);
    expect(JSON.stringify(report)).not.toContain(btoa(`\0somebody\0${password}`));
  });

  const faults: [MailErrorCode, () => Promise<unknown>, Record<string, unknown>][] = [
    ['EUNKNOWNHOST', async () => ({ host: 'no-such-host.invalid', port: 25, security: 'none' }), {}],
    ['EREFUSED', async () => ({ host: '127.0.0.1', port: await closedPort(), security: 'none' }), {}],
    [
      'ETIMEOUT',
      async () => ({ host: '127.0.0.1', port: (await start({ greeting: 'silence' })).port, security: 'none' }),
      { timeouts: { greetingMs: 200 } },
    ],
    [
      'ECERT_EXPIRED',
      async () => ({
        host: 'localhost',
        port: (await start({ offers, secureContext: made.expired.context })).port,
        security: 'starttls',
      }),
      {},
    ],
    [
      'ECERT_SELFSIGNED',
      async () => ({
        host: 'localhost',
        port: (await start({ offers, secureContext: made.selfSigned.context })).port,
        security: 'starttls',
      }),
      {},
    ],
    [
      'ECERT_HOST',
      async () => ({
        host: 'localhost',
        port: (await start({ offers, secureContext: made.wrongHost.context })).port,
        security: 'starttls',
      }),
      {},
    ],
    ['ENOSTARTTLS', async () => ({ host: 'localhost', port: (await start()).port, security: 'starttls' }), {}],
    [
      'EAUTH',
      async () => ({
        host: 'localhost',
        port: (await start({ offers, auth: '535 5.7.8 wrong' })).port,
        security: 'none',
      }),
      auth,
    ],
    [
      'ECLOSED',
      async () => ({ host: 'localhost', port: (await start({ greeting: 'drop' })).port, security: 'none' }),
      {},
    ],
    [
      'EPROTOCOL',
      async () => ({ host: 'localhost', port: (await start({ greeting: 'SSH-2.0-x' })).port, security: 'none' }),
      {},
    ],
  ];

  it.each(faults)('names what is wrong: %s', async (code, endpoint, more) => {
    const { report } = await check([await endpoint()], more);
    expect(report.ok).toBe(false);
    expect(report.endpoints[0]?.error?.code).toBe(code);
    expect(report.verdict).toMatch(/^\S.*\.$/);
    expect(report.endpoints[0]?.steps.at(-1)?.outcome).toBe('failed');
  });
});
