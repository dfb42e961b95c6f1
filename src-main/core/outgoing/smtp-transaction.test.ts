import { afterEach, describe, expect, it } from 'vitest';
import { xtext } from './delivery-notification.ts';
import { closeAll, harness, message, start } from './testing/delivery-harness.ts';
import type { ScriptedSmtp } from './testing/scripted-smtp.ts';
import { serverAt } from './testing/servers.ts';

afterEach(closeAll);

function saidTo(server: ScriptedSmtp, verb: string): string[] {
  return server.commands.filter((line) => line.startsWith(verb));
}

describe('delivery reports', () => {
  const dsn = { notify: ['success', 'failure', 'success'], ret: 'full' };

  it.each([[['DSN']], [['DSN', 'PIPELINING']]])('are asked for where they are offered (%j)', async (offers) => {
    const server = await start({ offers });
    const { run, attempts } = harness();
    const one = serverAt('one', [server.port], { dsn });
    await run([one], ['b+c=d@b.example', 'jo@bücher.example']);
    expect(saidTo(server, 'MAIL')).toEqual(['MAIL FROM:<a@a.example> RET=FULL ENVID=x']);
    expect(saidTo(server, 'RCPT')).toEqual([
      'RCPT TO:<b+c=d@b.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+2Bc+3Dd@b.example',
      'RCPT TO:<jo@xn--bcher-kva.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;jo@xn--bcher-kva.example',
    ]);
    expect(attempts[0]?.meaning).not.toContain('report');
    // The same session, the next message: its own recipients.
    await run([one], ['next@b.example']);
    expect(server.connections).toBe(1);
    expect(saidTo(server, 'RCPT').at(-1)).toContain('ORCPT=rfc822;next@b.example');
  });

  it('are left out where they are not offered, and the attempt says so', async () => {
    const server = await start({ offers: ['PIPELINING'] });
    const { run, attempts } = harness();
    await run([serverAt('one', [server.port], { dsn })]);
    expect(saidTo(server, 'MAIL')).toEqual(['MAIL FROM:<a@a.example>']);
    expect(saidTo(server, 'RCPT')).toEqual(['RCPT TO:<b@b.example>']);
    expect(attempts[0]?.outcome).toBe('accepted');
    expect(attempts[0]?.meaning).toMatch(/It gives no delivery reports, so none was asked for\.$/);
  });

  it('are not asked for unless chosen', async () => {
    const server = await start({ offers: ['DSN'] });
    const { run } = harness();
    await run([serverAt('one', [server.port])]);
    expect([...saidTo(server, 'MAIL'), ...saidTo(server, 'RCPT')]).toEqual([
      'MAIL FROM:<a@a.example>',
      'RCPT TO:<b@b.example>',
    ]);
  });

  it('never stand beside NEVER, and name no address outside ASCII', async () => {
    const server = await start({ offers: ['DSN', 'SMTPUTF8'] });
    const { run } = harness();
    const chosen = { notify: ['never', 'failure'], ret: 'hdrs' };
    await run([serverAt('one', [server.port], { dsn: chosen })], ['jörg@b.example']);
    expect(saidTo(server, 'RCPT')).toEqual(['RCPT TO:<jörg@b.example> NOTIFY=NEVER']);
    expect(saidTo(server, 'MAIL')[0]).toMatch(/RET=HDRS/);
  });

  it('write their words in xtext (RFC 3461 §4)', () => {
    expect(xtext('plain!~@x')).toBe('plain!~@x');
    expect(xtext('a+b=c d\tä\u007f')).toBe('a+2Bb+3Dc+20d+09+C3+A4+7F');
  });
});

describe('what a message needs', () => {
  it.each([
    ['SMTPUTF8', ['8BITMIME'], ['jörg@b.example'], false],
    ['8BITMIME', ['SMTPUTF8'], ['b@b.example'], true],
  ])('%s: the next server has it; nothing is sent to the one without', async (needed, offers, to, isEightBit) => {
    const without = await start({ offers });
    const able = await start({ offers: ['8BITMIME', 'SMTPUTF8'] });
    const { run, attempts, recipients } = harness();
    const servers = [serverAt('without', [without.port]), serverAt('able', [able.port])];
    await run(servers, to, { isEightBit });
    expect(attempts[0]).toMatchObject({ outcome: 'permanent', stage: 'mail' });
    expect(attempts[0]?.text).toContain(`(${needed})`);
    expect(attempts[0]?.meaning).toContain('the next server is tried');
    expect(saidTo(without, 'MAIL')).toEqual([]);
    expect(able.accepted).toHaveLength(1);
    expect([...recipients.values()].map(({ state }) => state)).toEqual(['accepted']);
  });

  it('that nobody offers is said clearly, and the message stays', async () => {
    const without = await start();
    const { run, attempts, recipients, lessons } = harness();
    const end = await run([serverAt('without', [without.port])], ['jörg@b.example']);
    expect(end.pending).toEqual(['jörg@b.example']);
    expect(recipients.size).toBe(0);
    expect(attempts[0]?.text).toBe('127.0.0.1 cannot handle addresses with letters outside ASCII (SMTPUTF8).');
    // It is no failing of the server: remembered is only what it does not offer.
    expect(lessons).toMatchObject([{ remember: 'lacks-extension', lacks: { extension: 'SMTPUTF8' } }]);
    expect(lessons).toHaveLength(1);
  });

  it('of a domain outside ASCII is nothing: its ASCII form goes everywhere', async () => {
    const server = await start();
    const { run } = harness();
    await run([serverAt('one', [server.port])], ['jo@bücher.example', 'jo@[192.0.2.1]', 'jo@BÜCHER.example']);
    expect(saidTo(server, 'RCPT')).toEqual([
      'RCPT TO:<jo@xn--bcher-kva.example>',
      'RCPT TO:<jo@[192.0.2.1]>',
      'RCPT TO:<jo@xn--bcher-kva.example>',
    ]);
  });

  it.each([
    ['SIZE 1000000', `MAIL FROM:<a@a.example> SIZE=${message.length}`],
    ['SIZE', `MAIL FROM:<a@a.example> SIZE=${message.length}`],
    ['SIZE 0', `MAIL FROM:<a@a.example> SIZE=${message.length}`],
    ['HELP', 'MAIL FROM:<a@a.example>'],
  ])('in room is announced where it is asked for (%s)', async (offer, mail) => {
    const server = await start({ offers: [offer] });
    const { run } = harness();
    await run([serverAt('one', [server.port])]);
    expect(saidTo(server, 'MAIL')).toEqual([mail]);
    expect(server.accepted).toHaveLength(1);
  });

  it('says BODY=8BITMIME only for a message that needs it', async () => {
    const server = await start({ offers: ['8BITMIME'] });
    const { run } = harness();
    const bytes = Buffer.from('Subject: x\r\n\r\nä\r\n');
    await run([serverAt('one', [server.port])]);
    await run([serverAt('one', [server.port])], ['b@b.example'], { bytes, isEightBit: true });
    expect(saidTo(server, 'MAIL')).toEqual(['MAIL FROM:<a@a.example>', 'MAIL FROM:<a@a.example> BODY=8BITMIME']);
    expect(server.accepted[1]?.bytes.equals(bytes)).toBe(true);
  });
});

describe('a server that says more, or asks for more, than it may', () => {
  const pipelining = ['PIPELINING'];

  it('gets an empty message when it took nobody and asks for one, and nobody is said to have it', async () => {
    const server = await start({ offers: pipelining, rcpt: '550 5.1.1 nobody', data: '354 go on' });
    const { run, recipients } = harness();
    await run([serverAt('one', [server.port])]);
    expect(server.messages.map(({ to, bytes }) => [to.length, bytes.length])).toEqual([[0, 0]]);
    expect([...recipients.values()].map(({ state }) => state)).toEqual(['refused']);
  });

  it('gets nothing at all when it refused the sender and asks for the message', async () => {
    const server = await start({ offers: pipelining, mail: '550 5.1.0 not you', data: '354 go on' });
    const { run, recipients } = harness();
    const end = await run([serverAt('one', [server.port])]);
    expect(end.pending).toHaveLength(1);
    expect(server.messages).toEqual([]);
    expect([...recipients.values()].map(({ state }) => state)).not.toContain('accepted');
    server.script = { offers: pipelining };
    await run([serverAt('one', [server.port])]);
    expect(server.connections).toBe(2);
    expect(server.accepted).toHaveLength(1);
  });

  it.each([['250 2.0.0 taken once more'], ['421 4.3.2 closing']])(
    'is not believed about the next message (%s)',
    async (unasked) => {
      const server = await start({ offers: pipelining, finalDot: ['250 2.0.0 taken', unasked] });
      const { run, recipients, attempts } = harness();
      await run([serverAt('one', [server.port])]);
      expect(attempts[0]?.outcome).toBe('accepted');
      server.script = { offers: pipelining, rcpt: '550 5.1.1 nobody' };
      await run([serverAt('one', [server.port])], ['other@b.example']);
      expect(server.connections).toBe(2);
      expect(recipients.get('other@b.example')?.state).toBe('refused');
    },
  );
});
