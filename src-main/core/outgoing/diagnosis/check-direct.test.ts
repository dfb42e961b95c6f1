import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import { ehloNameFor } from '../ehlo-name.ts';
import type { MailResolver } from '../mail-exchangers.ts';
import type { reachEndpoint } from '../reach-endpoint.ts';
import { noReply } from '../stage-failure.ts';
import { closeAll, start } from '../testing/delivery-harness.ts';
import type { Script } from '../testing/scripted-smtp.ts';
import { checkDirect } from './check-direct.ts';

afterEach(closeAll);

const fails = (code: string) => async () => Promise.reject(Object.assign(new Error(code), { code }));

function resolverWith(mx: MailResolver['resolveMx']): MailResolver {
  return {
    resolveMx: mx,
    resolve4: fails('ENODATA'),
    resolve6: fails('ENODATA'),
    resolveNs: async () => ['a.root.example'],
  };
}

const exchangers = resolverWith(async () => [
  { exchange: 'mx1.friend.example', priority: 10 },
  { exchange: 'mx2.friend.example', priority: 20 },
]);

async function check(
  hosts: Record<string, Script | 'ETIMEOUT' | 'EREFUSED'>,
  more: { resolver?: MailResolver; isOnline?: boolean } = {},
) {
  const ports = new Map<string, number>();
  const commands: string[][] = [];
  for (const [host, what] of Object.entries(hosts)) {
    if (typeof what === 'string') continue;
    const server = await start(what);
    ports.set(host, server.port);
    commands.push(server.commands);
  }
  const reach: typeof reachEndpoint = async (_server, { host }, { log }) => {
    log?.enter('connect');
    const port = ports.get(host);
    if (port === undefined) throw noReply('connect', 'ETIMEOUT', `${host}:25 did not answer in time.`);
    const socket = connect({ host: '127.0.0.1', port });
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket.pause();
  };
  const report = await checkDirect({
    server: ServerInput.parse({ label: 'Straight', kind: 'direct-mx', endpoints: [] }),
    domain: 'friend.example',
    secret: undefined,
    signal: new AbortController().signal,
    tokenSourceFor: () => ({ get: async () => 'token' }),
    onProgress: () => undefined,
    reach,
    resolver: more.resolver ?? exchangers,
    surroundings: { isOnline: async () => more.isOnline ?? true, namesAnswer: async () => true },
  });
  return { report, commands: commands.flat() };
}

describe('direct delivery, tested', () => {
  it('works with the first server of the domain that answers, and sends nothing', async () => {
    const { report, commands } = await check({ 'mx1.friend.example': {} });
    expect(report).toMatchObject({ ok: true, verdictKind: 'works', endpoints: [{ endpoint: { port: 25 } }] });
    expect(report.verdict).toMatch(/^The server of friend\.example answers \(mx1\.friend\.example, in clear\)/);
    expect(commands.filter((line) => !/^(EHLO|QUIT)/.test(line))).toEqual([]);
    expect(commands[0]).toBe(
      `EHLO ${ehloNameFor({ kind: 'direct-mx' }, { localAddress: '127.0.0.1', localFamily: 'IPv4' })}`,
    );
  });

  it('looks at the next server when the first cannot be reached', async () => {
    const { report } = await check({ 'mx2.friend.example': {} });
    expect(report).toMatchObject({ ok: true, verdictKind: 'works' });
    expect(report.endpoints).toHaveLength(2);
  });

  it('cannot go where port 25 is blocked', async () => {
    const { report } = await check({});
    expect(report).toMatchObject({ ok: false, verdictKind: 'port-blocked', advice: [] });
    expect(report.verdict).toMatch(/^Port 25 seems to be blocked on this network: no server of friend\.example/);
  });

  it('is refused where the receiver wants no mail from such networks', async () => {
    const { report } = await check({ 'mx1.friend.example': { greeting: '554 5.7.1 dynamic address' } });
    expect(report).toMatchObject({ ok: false, verdictKind: 'refuses-this-network' });
    expect(report.verdict).toContain('554 5.7.1 dynamic address');
  });

  it('says so when the domain takes no mail, or names cannot be looked up, or there is no network', async () => {
    const none = await check({}, { resolver: resolverWith(async () => [{ exchange: '', priority: 0 }]) });
    expect(none.report).toMatchObject({
      ok: false,
      verdictKind: 'other',
      verdict: 'friend.example says that it takes no mail. Try another domain.',
    });
    const nameless = await check({}, { resolver: resolverWith(fails('ETIMEOUT')) });
    expect(nameless.report).toMatchObject({ ok: false, verdictKind: 'offline', endpoints: [] });
    const offline = await check({}, { isOnline: false });
    expect(offline.report).toMatchObject({ ok: false, verdictKind: 'offline' });
  });

  it('never tests this computer as somebody’s server', async () => {
    const own = { ...exchangers, resolveMx: async () => [{ exchange: 'localhost.friend.example', priority: 1 }] };
    const server = await start();
    const report = await checkDirect({
      server: ServerInput.parse({ label: 'Straight', kind: 'direct-mx', endpoints: [] }),
      domain: '[127.0.0.1]',
      secret: undefined,
      signal: new AbortController().signal,
      tokenSourceFor: () => ({ get: async () => 'token' }),
      onProgress: () => undefined,
      resolver: own,
      port: server.port,
    });
    expect(report.ok).toBe(false);
    expect(server.connections).toBe(0);
  });
});
