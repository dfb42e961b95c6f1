import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { reachForeign } from './reach-foreign.ts';
import { type MadeCertificates, makeCertificates } from './testing/certificates.ts';
import { closeAll, closedPort, start } from './testing/delivery-harness.ts';
import { alongHarness, direct, zone } from './testing/direct-harness.ts';
import { serverAt } from './testing/servers.ts';

afterEach(closeAll);

const failing = (code: string): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));

const twoExchangers = zone({
  mx: {
    'b.example': [
      [10, 'mx1.b.example'],
      [20, 'mx2.b.example'],
    ],
  },
});

function hostsOf(first: { port: number }, second: { port: number }): Record<string, number> {
  return { 'mx1.b.example': first.port, 'mx2.b.example': second.port };
}

describe('direct delivery', () => {
  it('asks the servers of each domain by preference, one transaction for each', async () => {
    const [b, c] = [await start(), await start()];
    const dead = await closedPort();
    const dns = zone({
      mx: {
        'b.example': [
          [20, 'mx2.b.example'],
          [10, 'mx1.b.example'],
        ],
        'c.example': [[5, 'mx.c.example']],
      },
    });
    const { run, reached, recipients, attempts } = alongHarness(dns, {
      'mx1.b.example': dead,
      'mx2.b.example': b.port,
      'mx.c.example': c.port,
    });
    const end = await run(['1@b.example', '2@c.example', '3@b.example']);
    expect(end.pending).toEqual([]);
    expect(reached).toEqual(['mx1.b.example:25', 'mx2.b.example:25', 'mx.c.example:25']);
    expect(b.accepted.map(({ to }) => to)).toEqual([['1@b.example', '3@b.example']]);
    expect(c.accepted.map(({ to }) => to)).toEqual([['2@c.example']]);
    expect(attempts.map(({ endpoint, outcome }) => [endpoint, outcome])).toEqual([
      ['mx1.b.example:25', 'unreachable'],
      ['mx2.b.example:25', 'accepted'],
      ['mx.c.example:25', 'accepted'],
    ]);
    expect([...recipients.values()].every(({ state, serverId }) => state === 'accepted' && serverId === 'direct')).toBe(
      true,
    );
  });

  it('goes to the domain itself when it has an address and no MX', async () => {
    const server = await start();
    const { run, reached } = alongHarness(zone({ addresses: ['b.example'] }), { 'b.example': server.port });
    await run(['1@b.example']);
    expect(reached).toEqual(['b.example:25']);
    expect(server.accepted).toHaveLength(1);
  });

  it('never asks the domain itself when it has MX and none answers', async () => {
    const dead = await closedPort();
    const dns = zone({ mx: { 'b.example': [[1, 'mx.b.example']] }, addresses: ['b.example'] });
    const { run, reached } = alongHarness(dns, { 'mx.b.example': dead, 'b.example': dead });
    const end = await run(['1@b.example']);
    expect(reached).toEqual(['mx.b.example:25']);
    expect(end.pending).toEqual(['1@b.example']);
  });

  it.each([
    ['a null MX', [[0, '']], '5.1.10', 'b.example says that it takes no mail.'],
    ['no such domain', 'ENOTFOUND', '5.1.2', 'There is no mail domain named b.example.'],
    ['neither MX nor address', 'ENODATA', '5.1.2', 'There is no mail domain named b.example.'],
    [
      'only addresses and this machine as MX',
      [
        [1, '10.0.0.1'],
        [2, 'localhost'],
        [3, ''],
      ],
      '5.1.2',
      'b.example names no server that could take its mail.',
    ],
  ] satisfies [string, [number, string][] | string, string, string][])(
    '%s is final for the recipients there, not for the others',
    async (_what, found, enhancedStatusCode, text) => {
      const good = await start();
      const dns = zone({ mx: { 'b.example': found, 'c.example': [[1, 'mx.c.example']] } });
      const { run, recipients, attempts, reached } = alongHarness(dns, { 'mx.c.example': good.port });
      const end = await run(['1@b.example', '2@c.example']);
      expect(end.pending).toEqual([]);
      expect(recipients.get('1@b.example')).toMatchObject({ state: 'refused', enhancedStatusCode, text });
      expect(recipients.get('2@c.example')).toMatchObject({ state: 'accepted' });
      expect(attempts[0]).toMatchObject({ endpoint: 'b.example:25', stage: 'resolve', outcome: 'permanent', text });
      expect(reached).toEqual(['mx.c.example:25']);
    },
  );

  it('believes no name service that denies everything: the mail waits', async () => {
    for (const found of ['ENOTFOUND', 'ENODATA']) {
      const { run, recipients, attempts } = alongHarness(zone({ mx: { 'b.example': found }, isDead: true }), {});
      const end = await run(['1@b.example']);
      expect(end.pending).toEqual(['1@b.example']);
      expect(recipients.size).toBe(0);
      expect(attempts).toMatchObject([{ stage: 'resolve', outcome: 'unreachable' }]);
      expect(attempts[0]?.text).toContain('cannot be relied on here');
      expect(attempts[0]?.meaning).toContain('the message waits in the Outbox');
    }
  });

  it('sends nothing to the address that such a network gives every name', async () => {
    const portal = await start();
    const dns = zone({ addresses: ['b.example'], isDead: true });
    const { run } = alongHarness(dns, { 'b.example': portal.port });
    expect((await run(['1@b.example'])).pending).toEqual(['1@b.example']);
    expect(portal.connections).toBe(0);
  });

  it('does not believe it about a name below a top-level domain it cannot ask either', async () => {
    const silent = {
      ...zone({}),
      resolveNs: (name: string) => (name === '.' ? Promise.resolve(['a.root']) : failing('ESERVFAIL')),
    };
    const { run } = alongHarness(silent, {});
    expect((await run(['1@b.example'])).pending).toEqual(['1@b.example']);
  });

  it('asks for a domain outside ASCII by its ASCII form', async () => {
    const server = await start();
    const dns = zone({ mx: { 'xn--bcher-kva.example': [[1, 'mx.b.example']] } });
    const { run } = alongHarness(dns, { 'mx.b.example': server.port });
    await run(['1@bücher.example']);
    expect(server.accepted.map(({ to }) => to)).toEqual([['1@xn--bcher-kva.example']]);
  });

  it.each([
    ['at MAIL', { mail: '451 4.3.0 not now' }],
    ['at RCPT', { rcpt: '450 4.2.0 greylisted' }],
    ['at DATA', { data: '451 4.3.0 not now' }],
    ['to the final dot', { finalDot: '451 4.3.0 not now' }],
    ['at the greeting', { greeting: '421 4.3.2 busy' }],
  ])('asks the next server of the domain after a 4yz %s', async (_where, script) => {
    const [first, second] = [await start(script), await start()];
    const { run, reached, recipients } = alongHarness(twoExchangers, hostsOf(first, second));
    await run(['1@b.example']);
    expect(reached).toEqual(['mx1.b.example:25', 'mx2.b.example:25']);
    expect(recipients.get('1@b.example')?.state).toBe('accepted');
  });

  it('asks no other server of the domain after a 5yz, nor for those already settled', async () => {
    const first = await start({ rcpt: { 'gone@b.example': '550 5.1.1 unknown', 'grey@b.example': '451 4.7.1 later' } });
    const second = await start();
    const { run, recipients } = alongHarness(twoExchangers, hostsOf(first, second));
    await run(['ok@b.example', 'gone@b.example', 'grey@b.example']);
    expect(first.accepted.map(({ to }) => to)).toEqual([['ok@b.example']]);
    expect(second.accepted.map(({ to }) => to)).toEqual([['grey@b.example']]);
    expect(recipients.get('gone@b.example')?.state).toBe('refused');
    const refusing = await start({ mail: '550 5.7.1 not from you' });
    const other = await start();
    const again = alongHarness(twoExchangers, hostsOf(refusing, other));
    expect((await again.run(['1@b.example'])).pending).toEqual(['1@b.example']);
    expect(other.connections).toBe(0);
  });

  it('asks equal servers in any order', async () => {
    const server = await start();
    const dns = zone({
      mx: {
        'b.example': [
          [5, 'a.b.example'],
          [5, 'b.b.example'],
          [1, 'first.b.example'],
        ],
      },
    });
    const dead = await closedPort();
    const firsts = new Set<string>();
    for (let time = 0; time < 40 && firsts.size < 2; time += 1) {
      const hosts = { 'first.b.example': dead, 'a.b.example': server.port, 'b.b.example': server.port };
      const { run, reached } = alongHarness(dns, hosts);
      await run(['1@b.example']);
      expect(reached[0]).toBe('first.b.example:25');
      firsts.add(reached[1] ?? '');
    }
    expect(firsts.size).toBe(2);
  });

  it.each(['127.0.0.1', '::1', '0.0.0.0', '::ffff:127.0.0.1', '169.254.1.1'])(
    'never connects to this machine itself (%s), whatever name leads there',
    async (address) => {
      const server = await start();
      const endpoint = { host: 'mx.b.example', port: server.port };
      const options = { timeoutMs: 2000, signal: new AbortController().signal };
      const reaching = reachForeign({}, endpoint, options, async () => [address]);
      await expect(reaching).rejects.toThrow('mx.b.example leads to this computer itself');
      expect(server.connections).toBe(0);
    },
  );

  it('never connects to this machine by a literal either', async () => {
    const server = await start();
    const made = alongHarness(zone({}), {});
    const { attempts } = await made.runAsSet(['1@[127.0.0.1]']);
    expect(attempts).toMatchObject([{ outcome: 'unreachable', stage: 'resolve' }]);
    expect(server.connections).toBe(0);
  });

  it.each(['ESERVFAIL', 'ETIMEOUT', 'ECONNREFUSED', 'EREFUSED'])(
    'a name service that says %s refuses nobody',
    async (code) => {
      const { run, recipients, attempts } = alongHarness(zone({ mx: { 'b.example': code } }), {});
      const end = await run(['1@b.example']);
      expect(end.pending).toEqual(['1@b.example']);
      expect(recipients.size).toBe(0);
      expect(attempts).toMatchObject([{ stage: 'resolve', outcome: 'unreachable' }]);
    },
  );

  it('keeps each recipient’s own reply, and learns nothing of direct delivery from one domain', async () => {
    const server = await start({
      rcpt: { 'gone@b.example': '550 5.1.1 unknown', 'grey@b.example': '450 4.2.0 later' },
    });
    const blocking = await start({ mail: '550 5.7.1 sender refused here' });
    const dns = zone({ mx: { 'b.example': [[1, 'mx.b.example']], 'c.example': [[1, 'mx.c.example']] } });
    const { run, recipients, lessons } = alongHarness(dns, {
      'mx.b.example': server.port,
      'mx.c.example': blocking.port,
    });
    const end = await run(['ok@b.example', 'gone@b.example', 'grey@b.example', 'x@c.example']);
    expect(end.pending).toEqual(['grey@b.example', 'x@c.example']);
    expect(recipients.get('gone@b.example')?.state).toBe('refused');
    expect(lessons.map(({ kind, at }) => [kind, at.endpoint.host])).toEqual([['success', 'mx']]);
  });

  it('never resends after a lost final dot, to no other server of the domain either', async () => {
    const [first, second] = [await start({ finalDot: 'drop' }), await start()];
    const dns = zone({
      mx: {
        'b.example': [
          [1, 'mx1.b.example'],
          [2, 'mx2.b.example'],
        ],
      },
    });
    const { run, recipients } = alongHarness(dns, { 'mx1.b.example': first.port, 'mx2.b.example': second.port });
    const relay = await start();
    await run(['1@b.example'], [direct, serverAt('relay', [relay.port])]);
    expect(recipients.get('1@b.example')?.state).toBe('uncertain');
    expect(second.messages).toHaveLength(0);
    expect(relay.messages).toHaveLength(0);
  });

  it('signs in nowhere, whatever its settings say', async () => {
    const server = await start({ offers: ['AUTH PLAIN LOGIN'] });
    const dns = zone({ mx: { 'b.example': [[1, 'mx.b.example']] } });
    const { run } = alongHarness(dns, { 'mx.b.example': server.port });
    await run(['1@b.example'], [serverAt('direct', [], { kind: 'direct-mx', auth: { method: 'plain', user: 'u' } })]);
    expect(server.accepted).toHaveLength(1);
    expect(server.commands.some((line) => line.startsWith('AUTH'))).toBe(false);
  });

  it('stands between relays: what is left goes on to the next', async () => {
    const dead = await closedPort();
    const relay = await start();
    const dns = zone({ mx: { 'b.example': [[1, 'mx.b.example']] } });
    const { run, attempts, recipients } = alongHarness(dns, { 'mx.b.example': dead });
    await run(['1@b.example'], [serverAt('gone', [dead]), direct, serverAt('relay', [relay.port])]);
    expect(attempts.map(({ serverId, outcome }) => [serverId, outcome])).toEqual([
      ['gone', 'unreachable'],
      ['direct', 'unreachable'],
      ['relay', 'accepted'],
    ]);
    expect(attempts[1]?.meaning).toBe('The server could not be reached; the next server is tried.');
    expect(recipients.get('1@b.example')).toMatchObject({ state: 'accepted', serverId: 'relay' });
  });

  it('is called off while the name service keeps silent', async () => {
    const abort = new AbortController();
    const silence = (): Promise<never> => {
      setImmediate(() => abort.abort());
      return new Promise(() => undefined);
    };
    const dns = { ...zone({}), resolveMx: silence };
    const { run, attempts } = alongHarness(dns, {});
    const end = await run(['1@b.example', '2@c.example'], [direct], abort.signal);
    expect(end.pending).toEqual(['1@b.example', '2@c.example']);
    expect(attempts).toMatchObject([{ outcome: 'cancelled' }]);
  });
});

describe('encryption between servers', () => {
  let certificates: MadeCertificates;
  beforeAll(async () => {
    certificates = await makeCertificates();
  });
  afterAll(closeAll);

  const dns = zone({ mx: { 'b.example': [[1, 'mx.b.example']] } });

  it('is used where it is offered, with whatever certificate', async () => {
    const server = await start({ offers: ['STARTTLS'], secureContext: certificates.expired.context });
    const { run, recipients } = alongHarness(dns, { 'mx.b.example': server.port });
    await run(['1@b.example']);
    expect(recipients.get('1@b.example')?.state).toBe('accepted');
    expect(Buffer.concat(server.clear).toString('latin1')).not.toContain('MAIL FROM');
  });

  it('is not asked for where it is not offered', async () => {
    const server = await start({ offers: ['SIZE 1000000'] });
    const { run, recipients } = alongHarness(dns, { 'mx.b.example': server.port });
    await run(['1@b.example']);
    expect(recipients.get('1@b.example')?.state).toBe('accepted');
    expect(server.commands).not.toContain('STARTTLS');
  });

  it.each([
    ['is refused', { starttls: '454 4.7.0 not now' }],
    ['breaks', { starttls: 'drop' }],
    ['is meddled with', { starttls: '220 go', injectAfterStartTls: '250 evil\r\n' }],
  ])('does not keep mail back when it %s', async (_what, script) => {
    const server = await start({ offers: ['STARTTLS'], ...script });
    const { run, recipients } = alongHarness(dns, { 'mx.b.example': server.port });
    await run(['1@b.example']);
    expect(recipients.get('1@b.example')?.state).toBe('accepted');
    expect(server.accepted).toHaveLength(1);
  });
});
