import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import { checkServer } from './diagnosis/check-server.ts';
import { type MadeCertificates, makeCertificates } from './testing/certificates.ts';
import { closeAll, closedPort, closeLater, harness, start } from './testing/delivery-harness.ts';
import { type SocksScript, startScriptedSocks } from './testing/scripted-socks.ts';
import { serverAt } from './testing/servers.ts';

afterEach(closeAll);

async function startProxy(script: SocksScript = {}) {
  const proxy = await startScriptedSocks(script);
  closeLater(() => proxy.close());
  return proxy;
}

/** A server whose name only the proxy knows. */
function behind(port: number, more: Record<string, unknown> = {}, timeouts: Record<string, number> = {}) {
  return serverAt('hidden', [{ host: 'mail.hidden.example', port: 25, security: 'none' }], {
    proxy: { kind: 'socks5', host: '127.0.0.1', port, ...more },
    timeouts,
  });
}

describe('sending through a SOCKS5 proxy', () => {
  it('gives the name to the proxy and sends through it', async () => {
    const server = await start();
    const proxy = await startProxy({ hosts: { 'mail.hidden.example': server.port } });
    const { run, recipients, attempts } = harness();
    await run([behind(proxy.port)]);
    expect(proxy.requests).toEqual(['name mail.hidden.example:25']);
    expect(server.accepted).toHaveLength(1);
    expect(recipients.get('b@b.example')).toMatchObject({ state: 'accepted' });
    expect(attempts[0]?.stages.slice(0, 2).map(({ stage, text }) => [stage, text])).toEqual([
      ['resolve', `The proxy 127.0.0.1:${proxy.port} looks up mail.hidden.example.`],
      ['connect', `Connected through the proxy 127.0.0.1:${proxy.port}.`],
    ]);
  });

  it.each(['ipv4', 'ipv6', 'name'] as const)(
    'reads an answer octet by octet, bound to an address of type %s',
    async (boundAs) => {
      const server = await start();
      const hosts = { 'mail.hidden.example': server.port };
      const proxy = await startProxy({
        hosts,
        boundAs,
        dribble: true,
        inOnePacket: true,
        signIn: { user: 'u', password: 'p' },
      });
      const { run, recipients } = harness();
      await run([behind(proxy.port, { user: 'u', password: 'p' })]);
      expect(recipients.get('b@b.example')?.state).toBe('accepted');
    },
  );

  it('signs in when the proxy asks for it, and keeps the password out of the log', async () => {
    const server = await start();
    const signIn = { user: 'alice', password: 'wönder' };
    const proxy = await startProxy({ hosts: { 'mail.hidden.example': server.port }, signIn });
    const { run, recipients, attempts } = harness();
    await run([behind(proxy.port, signIn)]);
    expect(proxy.signIns).toEqual(['alice:wönder']);
    expect(recipients.get('b@b.example')?.state).toBe('accepted');
    expect(JSON.stringify(attempts)).not.toContain('wönder');
  });

  it('loses nothing of a greeting that comes together with the answer', async () => {
    const server = await start({ greeting: ['220-one', '220 two'] });
    const proxy = await startProxy({ hosts: { 'mail.hidden.example': server.port }, inOnePacket: true });
    const { run, attempts } = harness();
    await run([behind(proxy.port)]);
    expect(attempts[0]).toMatchObject({ outcome: 'accepted' });
    expect(attempts[0]?.transcript.slice(0, 2)).toEqual(['S: 220-one', 'S: 220 two']);
  });

  it('passes addresses on as addresses', async () => {
    const server = await start();
    const proxy = await startProxy({
      hosts: { '00000000000000000000000000000001': server.port, fe8000000000000000000000c0000201: server.port },
    });
    const through = { proxy: { kind: 'socks5', host: '127.0.0.1', port: proxy.port } };
    for (const host of ['127.0.0.1', '::1', 'fe80::192.0.2.1%eth0']) {
      const { run, recipients } = harness();
      await run([serverAt('s', [{ host, port: server.port, security: 'none' }], through)]);
      expect(recipients.get('b@b.example')?.state).toBe('accepted');
    }
    expect(proxy.requests).toEqual([
      `ipv4 127.0.0.1:${server.port}`,
      `ipv6 00000000000000000000000000000001:${server.port}`,
      `ipv6 fe8000000000000000000000c0000201:${server.port}`,
    ]);
  });

  it('keeps the session for the next message', async () => {
    const server = await start();
    const proxy = await startProxy({ hosts: { 'mail.hidden.example': server.port } });
    const { run } = harness();
    await run([behind(proxy.port)]);
    await run([behind(proxy.port)], ['c@b.example']);
    expect(server.accepted).toHaveLength(2);
    expect(proxy.connections).toBe(1);
  });

  it('does not reuse a session made without the proxy once there is one', async () => {
    const server = await start();
    const proxy = await startProxy();
    const { run } = harness();
    await run([serverAt('s', [server.port])]);
    await run([serverAt('s', [server.port], { proxy: { kind: 'socks5', host: '127.0.0.1', port: proxy.port } })]);
    expect(server.connections).toBe(2);
    expect(proxy.requests).toEqual([`ipv4 127.0.0.1:${server.port}`]);
  });
});

describe('nothing goes around a proxy', () => {
  it.each([
    [1, 'unreachable', 'could not make the connection and does not say why.'],
    [2, 'unreachable', 'is not allowed to connect to 127.0.0.1.'],
    [3, 'unreachable', 'cannot reach the network of 127.0.0.1.'],
    [4, 'unreachable', 'cannot reach 127.0.0.1, or does not know that name.'],
    [5, 'unreachable', '127.0.0.1 refused the connection that the proxy'],
    [6, 'unreachable', '127.0.0.1 did not answer the proxy'],
    [7, 'unreachable', 'does not make connections for others.'],
    [8, 'unreachable', 'does not understand the address 127.0.0.1.'],
    [99, 'unreachable', 'did not make the connection (its code is 99).'],
  ])('reply %i ends the attempt there, in words', async (reply, outcome, words) => {
    const target = await start();
    const good = await start();
    const proxy = await startProxy({ reply });
    const { run, attempts, recipients, lessons } = harness();
    const through = { proxy: { kind: 'socks5', host: '127.0.0.1', port: proxy.port } };
    await run([serverAt('hidden', [target.port], through), serverAt('good', [good.port])]);
    expect(target.connections).toBe(0);
    expect(attempts[0]).toMatchObject({ serverId: 'hidden', stage: 'connect', outcome });
    expect(attempts[0]?.text).toContain(words);
    expect(lessons[0]).toMatchObject({ kind: 'refusal', remember: 'cool-down' });
    expect(recipients.get('b@b.example')).toMatchObject({ state: 'accepted', serverId: 'good' });
  });

  it('a proxy nobody listens at, or that is unknown, is a connect failure of that server', async () => {
    const target = await start();
    for (const at of [{ port: await closedPort() }, { host: 'no-such-proxy.invalid', port: 1080 }]) {
      const { run, attempts } = harness();
      await run([serverAt('s', [target.port], { proxy: { kind: 'socks5', host: '127.0.0.1', ...at } })]);
      expect(attempts[0]?.outcome).toBe('unreachable');
      expect(attempts[0]?.text).toMatch(/^The proxy /);
    }
    expect(target.connections).toBe(0);
  });

  it.each([
    ['another protocol', { instead: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') }, 'does not speak SOCKS5'],
    ['an answer of version 4', { instead: Buffer.from([5, 0, 4, 90, 0, 1]) }, 'does not speak SOCKS5'],
    ['an address of an unknown type', { instead: Buffer.from([5, 0, 5, 0, 0, 9]) }, 'does not speak SOCKS5'],
    ['a drop after the greeting', { after: { octets: 2, do: 'drop' } }, 'closed the connection'],
    ['a drop after the request', { after: { octets: 13, do: 'drop' } }, 'closed the connection'],
    ['silence from the start', { after: { octets: 1, do: 'silence' } }, 'did not answer in time'],
    ['silence after the request', { after: { octets: 13, do: 'silence' } }, 'did not answer in time'],
  ] satisfies [string, SocksScript, string][])('%s', async (_what, script, words) => {
    const target = await start();
    const proxy = await startProxy(script);
    const { run, attempts } = harness();
    const through = { kind: 'socks5', host: '127.0.0.1', port: proxy.port };
    await run([serverAt('s', [target.port], { proxy: through, timeouts: { connectMs: 300 } })]);
    expect(attempts[0]).toMatchObject({ stage: 'connect', outcome: 'unreachable' });
    expect(attempts[0]?.text).toContain(words);
    expect(target.connections).toBe(0);
  });

  it('a refused user name is not offered again by itself', async () => {
    const proxy = await startProxy({ signIn: { user: 'alice', password: 'right' } });
    const { run, attempts, lessons } = harness();
    await run([behind(proxy.port, { user: 'alice', password: 'wrong' })]);
    expect(attempts[0]?.text).toBe(`The proxy 127.0.0.1:${proxy.port} did not accept its user name and password.`);
    expect(lessons).toMatchObject([{ remember: 'auth-failed' }]);
    expect(proxy.requests).toEqual([]);
  });

  it.each([
    [{}, {}, 'asks for a user name and password; put them into the settings of this server.'],
    [{ method: 2 }, {}, 'asks for a user name and password; put them into the settings of this server.'],
    [
      { method: 0xff },
      { user: 'alice', password: 'x' },
      'asks for another way of signing in than user name and password.',
    ],
    [
      { method: 1 },
      { user: 'alice', password: 'x' },
      'asks for another way of signing in than user name and password.',
    ],
  ])('says what sign-in is missing (%o, %o)', async (script, more, words) => {
    const proxy = await startProxy({ signIn: { user: 'alice', password: 'right' }, ...script });
    const { run, attempts } = harness();
    await run([behind(proxy.port, more)]);
    expect(attempts[0]).toMatchObject({ stage: 'connect', outcome: 'permanent' });
    expect(attempts[0]?.text).toContain(words);
    expect(proxy.signIns).toEqual([]);
  });

  it('is called off while the proxy keeps silent', async () => {
    const proxy = await startProxy({ after: { octets: 13, do: 'silence' } });
    const abort = new AbortController();
    const { run, attempts, recipients } = harness();
    const running = run([behind(proxy.port)], ['b@b.example'], { signal: abort.signal });
    abort.abort();
    await running;
    expect(attempts.every(({ outcome }) => outcome === 'cancelled')).toBe(true);
    expect(recipients.size).toBe(0);
  });
});

describe('TLS and the live test through a proxy', () => {
  let certificates: MadeCertificates;
  beforeAll(async () => {
    certificates = await makeCertificates();
  });
  afterAll(closeAll);

  it.each(['tls', 'starttls'])('is secured end to end with %s', async (security) => {
    const server = await start({
      secureContext: certificates.good.context,
      implicitTls: security === 'tls',
      offers: ['STARTTLS'],
    });
    const proxy = await startScriptedSocks({ hosts: { localhost: server.port } });
    closeLater(() => proxy.close());
    const endpoint = { host: 'localhost', port: 465, security, pinnedCertificateSha256: certificates.good.sha256 };
    const through = { proxy: { kind: 'socks5', host: '127.0.0.1', port: proxy.port } };
    const { run, recipients } = harness();
    await run([serverAt('s', [endpoint], through)]);
    expect(recipients.get('b@b.example')?.state).toBe('accepted');
    expect(Buffer.concat(server.clear).toString('latin1')).not.toContain('MAIL FROM');
  });

  it('the live test goes through it too', async () => {
    const server = await start();
    const proxy = await startProxy({ hosts: { 'mail.hidden.example': server.port } });
    const report = await checkServer({
      server: ServerInput.parse(behind(proxy.port)),
      secret: undefined,
      signal: new AbortController().signal,
      tokenSourceFor: () => ({ get: async () => 'token' }),
      onProgress: () => undefined,
    });
    expect(report).toMatchObject({ ok: true, verdict: 'It works.' });
    expect(proxy.requests).toEqual(['name mail.hidden.example:25']);
  });
});
