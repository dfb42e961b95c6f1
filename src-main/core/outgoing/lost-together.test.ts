import { afterEach, describe, expect, it } from 'vitest';
import { isLostTogether } from './lost-together.ts';
import type { SmtpReply } from './smtp-reply.ts';
import type { TransactionResult } from './smtp-session.ts';
import { closeAll, harness, message, start } from './testing/delivery-harness.ts';
import type { Script } from './testing/scripted-smtp.ts';
import { serverAt } from './testing/servers.ts';

afterEach(closeAll);

const to = ['b@b.example', 'c@c.example'];
const impatient = { timeouts: { commandMs: 300, dataMs: 300 } };
const offers = ['PIPELINING'];

describe('a server that loses commands sent together', () => {
  const losses: [how: string, script: Script, stage: string][] = [
    ['reads none of them', { offers, takesTogether: 0 }, 'mail'],
    ['reads the first only', { offers, takesTogether: 1 }, 'rcpt'],
    ['reads all but DATA', { offers, takesTogether: 3 }, 'data'],
    ['hangs up', { offers, takesTogether: 'drop' }, 'mail'],
    [
      'refuses them in words',
      { offers, data: '503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining' },
      'data',
    ],
  ];

  it.each(losses)(
    '%s: gets the message one by one in the same pass, and so from the beginning next time',
    async (_how, script, stage) => {
      const server = await start(script);
      const { run, recipients, attempts, lessons, dots, ports } = harness();
      const at = [serverAt('one', [server.port], impatient)];
      const given = run(at, to);
      // One that has words against it is in order as soon as nothing comes together.
      if (script.data !== undefined) {
        await server.until(() => server.commands.includes('DATA'));
        server.script = { offers };
      }
      await given;
      expect(server.accepted.map((taken) => [taken.to, taken.bytes.equals(message)])).toEqual([[to, true]]);
      expect(to.map((mailbox) => recipients.get(mailbox)?.state)).toEqual(['accepted', 'accepted']);
      expect(attempts.map(({ outcome }) => outcome)).toEqual(['unreachable', 'accepted']);
      expect(attempts[0]).toMatchObject({ stage, meaning: expect.stringContaining('one command at a time') });
      expect(dots).toEqual([to]);
      expect(lessons.map(({ kind }) => kind)).toEqual(['no-pipelining', 'success']);

      ports.losesTogether = () => true;
      ports.pool.hangUp();
      server.script = { ...script, data: '354 go on' };
      await run(at, to);
      expect(attempts.map(({ outcome }) => outcome)).toEqual(['unreachable', 'accepted', 'accepted']);
      expect(server.accepted).toHaveLength(2);
    },
  );

  it('is not blamed when it is silent one by one as well: the next one takes the message', async () => {
    const dead = await start({ offers, rcpt: 'silence' });
    const good = await start({ offers });
    const { run, attempts, lessons } = harness();
    await run([serverAt('dead', [dead.port], impatient), serverAt('good', [good.port])], to);
    expect(good.accepted).toHaveLength(1);
    expect(dead.connections).toBe(2);
    expect(attempts.map(({ serverId, outcome }) => `${serverId} ${outcome}`)).toEqual([
      'dead unreachable',
      'dead unreachable',
      'good accepted',
    ]);
    expect(lessons.map(({ kind }) => kind)).toEqual(['refusal', 'success']);
  });

  const answers: [how: string, script: Script][] = [
    ['leaves with 421', { offers, rcpt: '421 4.7.0 too many' }],
    ['refuses the sender and hangs up', { offers, mail: { torn: '550 5.1.8 not you\r\n', end: 'drop' } }],
    ['refuses everybody and hangs up at DATA', { offers, rcpt: '550 5.1.1 unknown', data: 'drop' }],
    ['hangs up during the message', { offers, duringData: { octets: 1, say: 'drop' } }],
  ];
  it.each(answers)('one that %s is taken at its word', async (_how, script) => {
    const server = await start(script);
    const { run, attempts } = harness();
    await run([serverAt('one', [server.port], impatient)], to, { bytes: Buffer.alloc(200_000, 'x\r\n') });
    expect(attempts).toHaveLength(1);
    expect(server.connections).toBe(1);
  });

  it.each([[offers], [[]]])(
    'one that leaves while it answers RCPT is heard: its words stand in the log (%j)',
    async (offered) => {
      let asked = 0;
      const rcpt = () => {
        asked += 1;
        return asked === 2 ? '421 4.3.2 shutting down' : '250 2.1.5 fine';
      };
      const server = await start({ offers: offered, rcpt });
      const { run, attempts } = harness();
      const three = [...to, 'd@d.example'];
      const end = await run([serverAt('one', [server.port])], three);
      expect(attempts[0]).toMatchObject({ stage: 'rcpt', outcome: 'unreachable', text: '421 4.3.2 shutting down' });
      expect(end.pending).toEqual(three);
    },
  );

  it('a message called off meanwhile is not said again', async () => {
    const server = await start({ offers, takesTogether: 1 });
    const { run, attempts } = harness();
    const abort = new AbortController();
    const running = run([serverAt('one', [server.port])], to, { signal: abort.signal });
    await server.until(() => server.commands.some((line) => line.startsWith('MAIL')));
    abort.abort();
    await running;
    expect(server.connections).toBe(1);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['cancelled']);
  });

  it('a list sent in parts goes to nobody twice', async () => {
    const server = await start({ offers });
    const { run, recipients } = harness();
    const many = ['1@b.example', '2@b.example', '3@b.example', '4@b.example'];
    server.script = {
      offers,
      finalDot: () => {
        server.script = { offers, takesTogether: 1 };
        return '250 2.0.0 taken';
      },
    };
    await run([serverAt('one', [server.port], { ...impatient, maxRecipients: 2 })], many);
    expect(server.accepted.flatMap((taken) => taken.to)).toEqual(many);
    expect([...recipients.values()].every(({ state }) => state === 'accepted')).toBe(true);
  });
});

describe('what counts as lost', () => {
  const reply = (replyCode: number, text = `${replyCode} words`): SmtpReply => ({
    replyCode,
    enhancedStatusCode: undefined,
    text,
    lines: [text],
  });
  const answered = (first?: SmtpReply, second?: SmtpReply): TransactionResult['recipients'] => [
    { mailbox: 'b@b.example', reply: first },
    { mailbox: 'c@c.example', reply: second },
  ];
  const silence: TransactionResult = {
    stage: 'rcpt',
    mail: reply(250),
    recipients: answered(reply(250)),
    data: undefined,
    finalDot: undefined,
    isDotSent: false,
    failure: { code: 'ETIMEOUT', text: 'no answer' },
  };
  const refusal = reply(503, '503 Improper use of SMTP command pipelining');
  const isLost = (more: Partial<TransactionResult>, isOneByOne = false): boolean =>
    isLostTogether({ ...silence, ...more }, { isOneByOne }, { extensions: new Set(offers) });

  it.each<[what: string, more: Partial<TransactionResult>]>([
    ['silence', {}],
    ['a connection that closes', { failure: { code: 'ECLOSED', text: 'closed' } }],
    ['no word at all', { mail: undefined, recipients: answered() }],
    ['one recipient refused, the other not answered', { recipients: answered(reply(550)) }],
    ['words against what comes together', { data: refusal, failure: undefined }],
  ])('%s', (_what, more) => {
    expect(isLost(more)).toBe(true);
    expect(isLost(more, true)).toBe(false);
  });

  // Said again, any of these would give a message twice, or not take a server at its word.
  it.each<[what: string, more: Partial<TransactionResult>]>([
    ['a message whose last octets may have left', { isDotSent: true }],
    ['the same, whatever was said before', { isDotSent: true, data: refusal }],
    ['an answered message', { finalDot: reply(250) }],
    ['an answered DATA', { data: reply(354) }],
    ['a transaction that ended', { failure: undefined }],
    ['one that was called off', { failure: { code: 'ECANCELLED', text: 'stopped' } }],
    ['a server that leaves', { recipients: answered(reply(421)) }],
    ['a refused sender', { mail: reply(550) }],
    ['nobody taken', { recipients: answered(reply(550), reply(451)) }],
  ])('not %s', (_what, more) => {
    expect(isLost(more)).toBe(false);
  });
});
