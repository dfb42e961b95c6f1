import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CheckReport } from '#shared/job.ts';
import type { Endpoint } from '#shared/mail/endpoint.ts';
import { checkAccount } from './check-account.ts';
import { createCertificate, type TestCertificate } from './testing/certificates.ts';
import { realClock } from './testing/maildrops.ts';

/** A loopback address of its own, so that the well-known ports are free there; they need root. */
const host = '127.0.0.77';
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

const ends: (() => unknown)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function serveTls(port: number, { key, cert }: TestCertificate): Promise<void> {
  const server = createServer({ key, cert }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('+OK ready\r\n');
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  ends.push(() => server.close());
}

function check(endpoint: Partial<Endpoint>): Promise<CheckReport> {
  return checkAccount({
    endpoint: { host, port: 1, security: 'tls', ...endpoint },
    credentials: () => ({ user: 'anna', secret: 'secret', auth: 'auto' }),
    clock: realClock,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
}

describe.skipIf(!isRoot)('advice (needs root for ports 995 and 110)', () => {
  let good: TestCertificate;

  beforeAll(async () => {
    const authority = await createCertificate({ commonName: 'Test authority', altNames: [], isAuthority: true });
    setDefaultCACertificates([...getCACertificates('bundled'), authority.cert]);
    good = await createCertificate({ commonName: host, altNames: [`IP:${host}`], issuer: authority });
  });

  test('a refused port: the port that works is named, found without a password', async () => {
    await serveTls(995, good);
    expect(await check({ port: 1 })).toMatchObject({
      ok: false,
      endpoints: [{ error: { code: 'EREFUSED' } }],
      advice: [{ endpoint: { host, port: 995, security: 'tls' }, text: 'Port 995 with TLS works on this server.' }],
    });
  });

  test('a certificate nobody trusts is no advice', async () => {
    await serveTls(995, await createCertificate({ commonName: host, altNames: [`IP:${host}`] }));
    expect(await check({ port: 1 })).toMatchObject({ ok: false, advice: [] });
  });

  test('a bad certificate on the declared port is not cured by another one', async () => {
    await serveTls(995, good);
    await serveTls(9950, await createCertificate({ commonName: host, altNames: [`IP:${host}`] }));
    const report = await check({ port: 9950 });
    expect(report).toMatchObject({ ok: false, endpoints: [{ error: { code: 'ECERT_SELFSIGNED' } }], advice: [] });
    expect(report.endpoints[0]?.certificate).toMatchObject({ subject: `CN=${host}`, issuer: `CN=${host}` });
    expect(report.endpoints[0]?.steps.map(({ stage, outcome }) => [stage, outcome])).toEqual([
      ['resolve', 'ok'],
      ['connect', 'ok'],
      ['tls', 'failed'],
    ]);
  });
});
