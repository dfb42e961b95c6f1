import { beforeEach, expect, it } from 'vitest';
import type { IdentityId, ServerId } from '#shared/ids.ts';
import { type OutboxFixture, outboxForEachTest } from './testing/outbox-fixture.ts';
import { builtMessage, type OutboxHarness } from './testing/outbox-harness.ts';
import type { ScriptedSmtp } from './testing/scripted-smtp.ts';
import { startScriptedSocks } from './testing/scripted-socks.ts';

// Who may have mail passed on is decided by the network one is on, not by who the mail is for: learned once, it holds for
// every recipient, except those who are at home with that server.
let made: OutboxFixture;
let box: OutboxHarness;
let refusing: ScriptedSmtp;
let taking: ScriptedSmtp;
let refusingId: ServerId;
const identities: Record<string, IdentityId> = {};

outboxForEachTest((fixture) => {
  made = fixture;
});
beforeEach(async () => {
  ({ box } = made);
  refusing = await made.start({
    rcpt: (mailbox) =>
      mailbox.endsWith('@isp.example') ? '250 2.1.5 ok' : `554 5.7.1 <${mailbox}>: Relay access denied`,
  });
  taking = await made.start();
  refusingId = await box.addRelay(refusing.port, { label: 'A' });
  const takingId = await box.addRelay(taking.port, { label: 'B' });
  // By their own order A is always first: only what is remembered of it says otherwise.
  for (const address of ['a@a.example', 'z@z.example'])
    identities[address] = await box.addIdentity(address, { kind: 'prefer', serverIds: [refusingId, takingId] });
});

async function send(to: string[], from = 'a@a.example'): Promise<string[]> {
  const message = builtMessage(to, { from });
  const { outboxId } = await box.outbox.enqueue(message, {
    identityId: identities[from] ?? null,
    undoMs: 0,
    waitForFlush: true,
  });
  await box.flush();
  const { attempts } = await box.outbox.item(outboxId);
  return attempts.map(({ serverLabel, outcome }) => `${serverLabel} ${outcome}`);
}

it('is paid for once, whatever the domains and the senders of the messages after that', async () => {
  expect(await send(['b@b.example'])).toEqual(['A permanent', 'B accepted']);
  for (const to of [['c@c.example'], ['d@d.example', 'e@e.example'], ['b@b.example', 'f@f.test']])
    expect(await send(to)).toEqual(['B accepted']);
  expect(await send(['g@g.example'], 'z@z.example')).toEqual(['B accepted']);
  expect(refusing.connections).toBe(1);
  const route = await box.handlers['route.explain']({ from: 'a@a.example', to: ['h@h.example'], sizeOctets: 100 });
  expect(route.skipped).toEqual([
    {
      serverId: refusingId,
      reason: 'refused-relaying',
      detail: expect.stringMatching(
        /^From this network it takes mail for its own domains only\. It said: .*Relay access denied/,
      ),
    },
  ]);
});

it('counts where it is asked in general how mail leaves: the line at the foot of the window', async () => {
  await send(['b@b.example']);
  const route = await box.handlers['route.explain']({ from: 'a@a.example', to: [], sizeOctets: 0 });
  expect(route.attempts.map(({ serverLabel }) => serverLabel)).toEqual(['B']);
});

it('holds on that network only', async () => {
  await send(['b@b.example']);
  made.network.gatewayMac = '02:00:00:00:00:42';
  await box.handlers['network.location']({});
  refusing.script = {};
  expect(await send(['c@c.example'])).toEqual(['A accepted']);
});

it('keeps mail for the server’s own domain going there, and mixed mail to who takes all of it', async () => {
  const socks = await startScriptedSocks({ hosts: { 'mail.isp.example': refusing.port } });
  made.closeLater(() => socks.close());
  await box.settings.setServer(refusingId, {
    endpoints: [{ host: 'mail.isp.example', port: refusing.port, security: 'none' }],
    proxy: { kind: 'socks5', host: '127.0.0.1', port: socks.port },
  });
  expect(await send(['b@b.example'])).toEqual(['A permanent', 'B accepted']);
  expect(await send(['chief@isp.example'])).toEqual(['A accepted']);
  expect(await send(['c@c.example'])).toEqual(['B accepted']);
  expect(await send(['chief@isp.example', 'c@c.example'])).toEqual(['B accepted']);
});

it('is about the sender where the server passes mail on for others', async () => {
  refusing.script = {
    mail: '250 2.1.0 ok',
    rcpt: '250 2.1.5 ok',
  };
  expect(await send(['b@b.example'])).toEqual(['A accepted']);
  refusing.script = { rcpt: '554 5.7.1 relaying denied' };
  expect(await send(['b@b.example'], 'z@z.example')).toEqual(['A permanent', 'B accepted']);
  expect(await send(['c@c.example'], 'z@z.example')).toEqual(['B accepted']);
  refusing.script = {};
  await box.settings.setServer(refusingId, { label: 'A' });
  expect((await box.handlers['server.memory']({})).map(({ kind }) => kind)).toContain('refused-sender');
  expect((await box.handlers['server.memory']({})).map(({ kind }) => kind)).not.toContain('refused-relaying');
});

it('finds a refusal without a reason to be about more than the domain when it comes a second time', async () => {
  refusing.script = { rcpt: '550 5.7.1 Access denied' };
  expect(await send(['b@b.example'])).toEqual(['A permanent', 'B accepted']);
  expect(await send(['c@c.example'])).toEqual(['A permanent', 'B accepted']);
  expect(await send(['d@d.example'])).toEqual(['B accepted']);
});

it('is forgotten when the server is signed in to in another way: that is what a person does about it', async () => {
  expect(await send(['b@b.example'])).toEqual(['A permanent', 'B accepted']);
  refusing.script = { offers: ['AUTH PLAIN'] };
  await box.settings.setServer(refusingId, { auth: { method: 'plain', user: 'a', secret: 'b' } });
  await box.until(async () =>
    (await box.handlers['server.memory']({})).every(({ kind }) => kind !== 'refused-relaying'),
  );
  expect(await send(['c@c.example'])).toEqual(['A accepted']);
});

it('is over when the recipient it was said of is taken: where no other server is left, it is asked again', async () => {
  const [, other] = box.settings.current().servers;
  await send(['b@b.example']);
  if (other !== undefined) await box.settings.setServer(other.id, { enabled: false });
  refusing.script = {};
  expect(await send(['c@c.example'])).toEqual(['A accepted']);
  const kinds = async () => (await box.handlers['server.memory']({})).filter(({ kind }) => kind === 'refused-relaying');
  expect(await kinds()).toMatchObject([{ localDomains: ['c.example'] }]);
  expect(await send(['b@b.example'])).toEqual(['A accepted']);
  expect(await kinds()).toEqual([]);
});
