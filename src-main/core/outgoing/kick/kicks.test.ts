import { afterEach, describe, expect, it } from 'vitest';
import type { JobId, ServerId } from '#shared/ids.ts';
import type { KickReport } from '#shared/job.ts';
import { folder } from '#shared/mail/folder.ts';
import { closeAll, closedPort, closeLater } from '../testing/delivery-harness.ts';
import { handClock, handNetwork, type OutboxHarness, openOutbox } from '../testing/outbox-harness.ts';
import { serverAt } from '../testing/servers.ts';
import { greetPolitely, type Provider, startProvider, type Talk } from './testing/scripted-provider.ts';
import { pullTrigger } from './trigger-port.ts';

afterEach(closeAll);

const auth = { method: 'plain', user: 'me', secret: 'geheim-wort' };

async function openRoom(options: Parameters<typeof openOutbox>[0] = {}): Promise<OutboxHarness> {
  const room = await openOutbox(options);
  closeLater(() => room.remove());
  closeLater(() => room.shut());
  return room;
}

async function finished(room: OutboxHarness, jobId: JobId) {
  return (await room.jobs.finished(jobId)).state;
}

async function kickOf(room: OutboxHarness, serverId: ServerId): Promise<KickReport> {
  const { jobId } = await room.handlers['server.kick']({ serverId });
  const state = await finished(room, jobId);
  if (state.kind !== 'succeeded' || state.summary.kind !== 'kick') throw new Error(`the job ${JSON.stringify(state)}`);
  return state.summary;
}

/** A provider that answers the command like this, and what the kick came to. */
async function answered(kick: Record<string, unknown>, reply: string, more: Record<string, unknown> = { auth }) {
  const provider = await startProvider(async (talk) => {
    await greetPolitely(talk);
    talk.say(reply);
    await talk.hear();
  });
  const room = await openRoom();
  const serverId = await room.addRelay(provider.port, { label: 'Provider', kick, ...more });
  return { provider, room, serverId, report: await kickOf(room, serverId) };
}

/** Hears one line and says nothing. */
async function listen(talk: Talk): Promise<void> {
  await talk.hear();
}

const etrn = { kind: 'etrn', host: 'mine.example' };
const atrn = { kind: 'atrn', domains: ['mine.example', 'bücher.example'] };

describe('ETRN', () => {
  it.each([
    ['250 2.0.0 Queuing started', true, 'Provider begins to deliver what waits for mine.example.', undefined],
    ['251 OK, no messages waiting for node', true, 'Provider has no mail waiting for mine.example.', undefined],
    ['252 OK, pending messages started', true, 'Provider delivers the mail waiting for mine.example now.', undefined],
    ['253 OK, 14 pending messages', true, 'Provider delivers the 14 messages waiting for mine.example now.', undefined],
    [
      '458 Unable to queue',
      false,
      'Provider cannot deliver the mail for mine.example now; it stays there.',
      'ETRANSIENT',
    ],
    ['459 Node not allowed', false, 'Provider does not deliver mail for mine.example on demand.', 'EREJECTED'],
    ['501 bad', false, 'Provider refused ETRN; mail that waits there stays there.', 'EREJECTED'],
    ['502 5.5.1 not implemented', false, 'Provider does not know ETRN.', 'EREJECTED'],
    ['530 5.7.0 sign in first', false, 'Provider wants to be signed in to for ETRN.', 'EAUTH_SETUP'],
    ['450 later', false, 'Provider cannot do ETRN now; mail that waits there stays there.', 'ETRANSIENT'],
  ])('%s', async (reply, ok, text, code) => {
    const { report, provider, room, serverId } = await answered(etrn, reply);
    expect(report).toMatchObject({ kind: 'kick', ok, received: 0 });
    expect(report.text).toContain(text);
    expect(report.error?.code).toBe(code);
    if (!ok) expect(report.text).toContain(`(It said: ${reply})`);
    expect(provider.heard).toContain('ETRN mine.example');
    expect(report.transcript).toContain('C: ETRN mine.example');
    expect(JSON.stringify(report)).not.toContain(btoa('\0me\0geheim-wort'));
    const [condition] = await room.handlers['server.conditions']({});
    expect(condition).toMatchObject({ serverId, kick: { ok, text: report.text } });
    expect(room.faults).toEqual([]);
  });

  it('needs no sign-in where the server has none', async () => {
    const { report, provider } = await answered(etrn, '250 ok', { auth: { method: 'none' } });
    expect(report.ok).toBe(true);
    expect(provider.heard.slice(0, 2)).toEqual(['EHLO [127.0.0.1]', 'ETRN mine.example']);
  });

  it('asks the next port when one does not know the command or is not there, and never more than that', async () => {
    const without = await startProvider(async (talk) => {
      await greetPolitely(talk);
      talk.say('502 5.5.1 what');
      await talk.hear();
    });
    const knowing = await startProvider(async (talk) => {
      await greetPolitely(talk);
      talk.say('250 started');
      await talk.hear();
    });
    const room = await openRoom();
    const ports = [await closedPort(), without.port, knowing.port];
    const endpoints = ports.map((port) => ({ host: '127.0.0.1', port, security: 'none' }));
    const serverId = await room.addServer({ label: 'Three', endpoints, auth, kick: etrn });
    expect((await kickOf(room, serverId)).ok).toBe(true);
    expect([without.connections, knowing.connections]).toEqual([1, 1]);
  });

  it('asks an endpoint of its own where it has one', async () => {
    const own = await startProvider(async (talk) => {
      await greetPolitely(talk);
      talk.say('250 started');
      await talk.hear();
    });
    const room = await openRoom();
    const endpoint = { host: '127.0.0.1', port: own.port, security: 'none' };
    const serverId = await room.addRelay(await closedPort(), { auth, kick: { ...etrn, endpoint } });
    expect((await kickOf(room, serverId)).ok).toBe(true);
  });

  it('offers a refused password once, remembers it, and does not offer it again by itself', async () => {
    const provider = await startProvider(async (talk) => {
      talk.say('220 ready');
      await talk.hear();
      talk.say('250-hello', '250 AUTH PLAIN LOGIN CRAM-MD5');
      await talk.hear();
      talk.say('334 PDFAaGVyZT4=');
      await talk.hear();
      talk.say('535 5.7.8 no');
      await talk.hear();
    });
    const network = handNetwork();
    const room = await openRoom({ network });
    const serverId = await room.addRelay(provider.port, {
      auth: { ...auth, method: 'auto' },
      kick: { ...etrn, when: 'on-connect' },
    });
    const report = await kickOf(room, serverId);
    expect(report.error).toMatchObject({ code: 'EAUTH', replyCode: 535 });
    expect(report.text).toContain('did not accept the user name or password');
    expect(provider.heard.filter((line) => line.startsWith('AUTH'))).toEqual(['AUTH CRAM-MD5']);
    const memory = await room.handlers['server.memory']({});
    expect(memory.filter(({ kind }) => kind === 'auth-failed')).toMatchObject([{ serverId }]);
    network.gatewayMac = '02:00:00:00:00:55';
    await room.outbox.startSchedule();
    await room.handlers['network.location']({});
    expect(room.jobs.list().filter(({ jobKind }) => jobKind === 'kick')).toHaveLength(1);
    expect(provider.connections).toBe(1);
  });

  const odd: [what: string, script: (talk: Talk) => Promise<void>, code: string][] = [
    ['hangs up instead of greeting', async (talk) => talk.hangUp(), 'ECLOSED'],
    [
      'hangs up instead of answering',
      async (talk) => {
        await greetPolitely(talk);
        talk.hangUp();
      },
      'ECLOSED',
    ],
    ['says nothing', listen, 'ETIMEOUT'],
    ['does not speak SMTP', async (talk) => talk.say('HTTP/1.0 400 Bad Request', ''), 'EPROTOCOL'],
    [
      'never ends a line',
      async (talk) => {
        talk.say('220 hello');
        await talk.hear();
        talk.raw('2'.repeat(200_000));
        await talk.hear();
      },
      'EPROTOCOL',
    ],
  ];
  it.each(odd)('a server that %s is a failure in words', async (_what, script, code) => {
    const provider = await startProvider(script);
    const room = await openRoom();
    const timeouts = { greetingMs: 200, commandMs: 400 };
    const serverId = await room.addRelay(provider.port, { label: 'Odd', timeouts, kick: etrn });
    const report = await kickOf(room, serverId);
    expect(report).toMatchObject({ ok: false, error: { code } });
    expect(report.text).toMatch(/^The kick of Odd did not work: /);
    expect(room.faults).toEqual([]);
  });

  it('says nothing in clear where TLS is declared and not offered', async () => {
    const provider = await startProvider(async (talk) => {
      await greetPolitely(talk);
      talk.say('502 5.5.1 no');
      await talk.hear();
    });
    const room = await openRoom();
    const endpoints = [{ host: '127.0.0.1', port: provider.port, security: 'starttls' }];
    const serverId = await room.addServer({ label: 'Clear', endpoints, auth, kick: etrn });
    expect((await kickOf(room, serverId)).error?.code).toBe('ENOSTARTTLS');
    expect(provider.heard.some((line) => /^(AUTH|ETRN)/.test(line))).toBe(false);
  });

  it('says nothing to who answers in the place of the server', async () => {
    const names = ['provider.example.com', 'portal.example.net'];
    const provider = await startProvider(async (talk, connection) => {
      const name = names[connection - 1] ?? '';
      talk.say(`220 ${name} ready`);
      await talk.hear();
      talk.say(`250-${name}`, '250 AUTH PLAIN');
      await talk.hear();
      talk.say('235 welcome');
      await talk.hear();
      talk.say('250 started');
      await talk.hear();
    });
    const room = await openRoom();
    const serverId = await room.addRelay(provider.port, { label: 'Provider', auth, kick: etrn });
    expect((await kickOf(room, serverId)).ok).toBe(true);
    provider.heard.length = 0;
    const report = await kickOf(room, serverId);
    expect(report).toMatchObject({ ok: false, error: { code: 'EINTERCEPTED' } });
    expect(provider.heard.filter((line) => !/^(EHLO|QUIT)/.test(line))).toEqual([]);
  });

  it('is called off like every job', async () => {
    const provider = await startProvider(listen);
    const room = await openRoom();
    const serverId = await room.addRelay(provider.port, { kick: etrn });
    const { jobId } = await room.handlers['server.kick']({ serverId });
    await expect.poll(() => provider.connections).toBe(1);
    room.jobs.cancel(jobId);
    expect((await finished(room, jobId)).kind).toBe('cancelled');
    await provider.ended();
  });

  it.each(['mine.example\r\nMAIL FROM:<x@y>', 'mine example', '', 'a,b'])('cannot be set up for %j', async (host) => {
    const room = await openRoom();
    await expect(room.addRelay(25, { kick: { kind: 'etrn', host } })).rejects.toThrow();
  });
});

describe('ATRN', () => {
  it.each([
    ['450 ATRN request refused', false, 'Provider does not hand over mail for these domains.', 'EREJECTED'],
    ['451 unable now', false, 'Provider cannot hand over mail now; it stays there.', 'ETRANSIENT'],
    ['453 You have no mail', true, 'Provider has no mail waiting.', undefined],
    ['502 what', false, 'Provider does not know ATRN.', 'EREJECTED'],
    ['503 5.5.1 not now', false, 'Provider refused ATRN', 'EREJECTED'],
    ['530 Authentication required', false, 'Provider wants to be signed in to for ATRN.', 'EAUTH_SETUP'],
  ])('%s', async (reply, ok, text, code) => {
    const { report, provider } = await answered(atrn, reply);
    expect(report).toMatchObject({ ok, received: 0 });
    expect(report.text).toContain(text);
    expect(report.error?.code).toBe(code);
    expect(provider.heard).toContain('ATRN mine.example,xn--bcher-kva.example');
  });

  it('is not asked for without a sign-in', async () => {
    const { report, provider } = await answered(atrn, '250 ok', { auth: { method: 'none' } });
    expect(report.error?.code).toBe('EAUTH_SETUP');
    expect(provider.connections).toBe(0);
  });
});

/** The provider after the turn: greets us as a client would. */
async function turned(talk: Talk): Promise<void> {
  await greetPolitely(talk);
  talk.say('250 OK now reversing the connection');
  expect(await talk.hearReply()).toMatch(/^220 /);
  talk.say('EHLO provider.example');
  expect(await talk.hearReply()).toMatch(/250-PIPELINING\n(.*\n)*250 SIZE \d+$/);
}

async function replies(talk: Talk, ...commands: string[]): Promise<string[]> {
  const said: string[] = [];
  for (const command of commands) {
    talk.say(command);
    said.push((await talk.hearReply()).slice(0, 3));
  }
  return said;
}

async function atrnWith(
  script: (talk: Talk) => Promise<void>,
  more: Record<string, unknown> = {},
): Promise<{ room: OutboxHarness; report: KickReport; provider: Provider; serverId: ServerId }> {
  const provider = await startProvider(script);
  const room = await openRoom();
  const serverId = await room.addRelay(provider.port, { label: 'Provider', auth, kick: atrn, ...more });
  const report = await kickOf(room, serverId);
  await provider.ended();
  expect(provider.faults).toEqual([]);
  expect(room.faults).toEqual([]);
  return { room, report, provider, serverId };
}

async function inbox({ store }: OutboxHarness): Promise<string[]> {
  const keys = await store.listKeys(folder.inbox);
  const texts = await Promise.all(keys.map(async (key) => Buffer.from(await store.read(key)).toString('latin1')));
  return texts.sort();
}

describe('the connection turned around', () => {
  it('takes several messages, files each before it says so, and announces them', async () => {
    const filedAtReply: number[] = [];
    let room: OutboxHarness | undefined;
    const provider = await startProvider(async (talk) => {
      await turned(talk);
      for (const number of [1, 2, 3]) {
        await replies(talk, `MAIL FROM:<s${number}@far.example> SIZE=30 BODY=8BITMIME`, 'RCPT TO:<me@mine.example>');
        expect(await replies(talk, 'DATA')).toEqual(['354']);
        talk.say(`Subject: number ${number}`, '', 'text', '.');
        expect(await talk.hearReply()).toMatch(/^250 /);
        filedAtReply.push((await inbox(room ?? (await openRoom()))).length);
      }
      expect(await replies(talk, 'QUIT')).toEqual(['221']);
    });
    room = await openRoom();
    const serverId = await room.addRelay(provider.port, { label: 'Provider', auth, kick: atrn });
    const report = await kickOf(room, serverId);
    await provider.ended();
    expect(provider.faults).toEqual([]);
    expect(report).toMatchObject({ ok: true, received: 3, text: 'Provider handed over 3 messages.' });
    expect(filedAtReply).toEqual([1, 2, 3]);
    expect(await inbox(room)).toEqual([1, 2, 3].map((number) => `Subject: number ${number}\r\n\r\ntext\r\n`));
    const arrived = room.events.filter(({ name }) => name === 'mail.arrived');
    expect(arrived).toMatchObject([{ payload: { count: 3, messages: [{ folder: 'Inbox' }, {}, {}] } }]);
    expect(report.transcript).toContain('S: (27 octets of message)');
    expect(JSON.stringify(report.transcript)).not.toContain('number 1');
  });

  it('takes commands sent all at once, and a message that follows in the same breath', async () => {
    const { room, report } = await atrnWith(async (talk) => {
      await greetPolitely(talk);
      // The greeting is not waited for either.
      talk.raw(
        '250 OK now reversing\r\nEHLO p\r\nMAIL FROM:<>\r\nRCPT TO:<a@mine.example>\r\nRCPT TO:<b@xn--bcher-kva.example>\r\nDATA\r\n' +
          'Subject: one\r\n\r\nx\r\n.\r\nMAIL FROM:<y@z.example>\r\nRCPT TO:<a@MINE.example>\r\nDATA\r\nSubject: two\r\n\r\n.\r\nQUIT\r\n',
      );
      const codes: string[] = [];
      for (let heard = 0; heard < 11; heard += 1) codes.push((await talk.hearReply()).slice(0, 3));
      expect(codes).toEqual(['220', '250', '250', '250', '250', '354', '250', '250', '250', '354', '250']);
      expect((await talk.hearReply()).slice(0, 3)).toBe('221');
    });
    expect(report.received).toBe(2);
    expect(await inbox(room)).toEqual(['Subject: one\r\n\r\nx\r\n', 'Subject: two\r\n\r\n']);
  });

  it('files nothing of a message that breaks off, and keeps what came before', async () => {
    const { room, report } = await atrnWith(async (talk) => {
      await turned(talk);
      await replies(talk, 'MAIL FROM:<s@far.example>', 'RCPT TO:<me@mine.example>', 'DATA');
      talk.say('Subject: whole', '', '.');
      expect(await talk.hearReply()).toMatch(/^250 /);
      await replies(talk, 'MAIL FROM:<s@far.example>', 'RCPT TO:<me@mine.example>', 'DATA');
      talk.raw('Subject: torn\r\n\r\nhalf of it\r\n.');
      talk.hangUp();
      expect(await talk.hear()).toBe(null);
    });
    expect(report).toMatchObject({ ok: false, received: 1, error: { code: 'ECLOSED' } });
    expect(report.text).toBe(
      'Provider handed over 1 message; then the connection broke. What is missing stays at the server and comes the next time.',
    );
    expect(await inbox(room)).toEqual(['Subject: whole\r\n\r\n']);
  });

  it('unstuffs dots, and takes nothing but CRLF.CRLF for the end, however it is cut', async () => {
    const tricks =
      'Subject: dots\r\n\r\n..\r\n...\r\n.x\r\na\n.\nb\n.\r\nc\r\n.\nd\r\r\n.\re\r\n..MAIL FROM:<smuggled@x.example>\r\n';
    const wanted =
      'Subject: dots\r\n\r\n.\r\n..\r\nx\r\na\n.\nb\n.\r\nc\r\n\nd\r\r\n\re\r\n.MAIL FROM:<smuggled@x.example>\r\n';
    const whole = `${tricks}.\r\nNOOP\r\n`;
    for (const size of [1, 3, whole.length]) {
      const { room, report } = await atrnWith(async (talk) => {
        await turned(talk);
        await replies(talk, 'MAIL FROM:<s@far.example>', 'RCPT TO:<me@mine.example>', 'DATA');
        for (let at = 0; at < whole.length; at += size) {
          talk.raw(whole.slice(at, at + size));
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(await talk.hearReply()).toMatch(/^250 2.0.0 filed/);
        expect(await talk.hearReply()).toMatch(/^250 2.0.0 here/);
        await replies(talk, 'QUIT');
      });
      expect(report.received).toBe(1);
      expect(await inbox(room)).toEqual([wanted]);
    }
  });

  it('takes an empty message and octets above 127 as they are', async () => {
    const eight = Buffer.from([0xc3, 0x28, 0xff, 0x00, 0x80]);
    const { room } = await atrnWith(async (talk) => {
      await turned(talk);
      await replies(talk, 'MAIL FROM:<s@far.example>', 'RCPT TO:<me@mine.example>', 'DATA');
      talk.raw('.\r\n');
      expect(await talk.hearReply()).toMatch(/^250 /);
      await replies(talk, 'MAIL FROM:<s@far.example>', 'RCPT TO:<me@mine.example>', 'DATA');
      talk.raw(Buffer.concat([eight, Buffer.from('\r\n.\r\n')]));
      expect(await talk.hearReply()).toMatch(/^250 /);
      await replies(talk, 'QUIT');
    });
    expect(await inbox(room)).toEqual(['', `${eight.toString('latin1')}\r\n`]);
  });

  it('passes nothing on: other domains are refused, the dialogue is kept in order, bare line ends are no commands', async () => {
    const { room, report } = await atrnWith(async (talk) => {
      await greetPolitely(talk);
      talk.say('250 OK now reversing');
      await talk.hearReply();
      expect(await replies(talk, 'MAIL FROM:<a@b.example>')).toEqual(['503']);
      expect(await replies(talk, 'HELO provider', 'RCPT TO:<me@mine.example>', 'DATA')).toEqual(['250', '503', '503']);
      expect(await replies(talk, 'MAIL FROM:a@b.example', 'MAIL FROM:<a b@c>')).toEqual(['501', '501']);
      expect(
        await replies(talk, 'MAIL FROM:<a@b.example> AUTH=<>', 'MAIL FROM:<a@b.example> SIZE=99999999999'),
      ).toEqual(['555', '552']);
      expect(await replies(talk, 'MAIL FROM:<a@b.example>', 'MAIL FROM:<a@b.example>')).toEqual(['250', '503']);
      expect(
        await replies(
          talk,
          'RCPT TO:<x@other.example>',
          'RCPT TO:<x@mine.example@other.example>',
          'RCPT TO:<x%other.example@sub.mine.example>',
          'RCPT TO:<me>',
          'RCPT TO:<>',
          'RCPT TO:<me@mine.example> NOTIFY=NEVER',
          'DATA',
        ),
      ).toEqual(['550', '550', '550', '550', '501', '555', '503']);
      expect(
        await replies(
          talk,
          'RCPT TO:<postmaster>',
          'RCPT TO:<@relay.example:me@bücher.example>',
          'RSET',
          'RCPT TO:<me@mine.example>',
        ),
      ).toEqual(['250', '250', '250', '503']);
      expect(await replies(talk, 'VRFY me', 'EXPN all', 'AUTH PLAIN x', 'STARTTLS', 'ETRN x', 'NOOP')).toEqual([
        '252',
        '502',
        '502',
        '502',
        '502',
        '250',
      ]);
      talk.raw('QUIT\n');
      expect(await talk.hearReply()).toMatch(/^500/);
      talk.raw('NO\rOP\r\n');
      expect(await talk.hearReply()).toMatch(/^500/);
      expect(await replies(talk, 'QUIT')).toEqual(['221']);
    });
    expect(report).toMatchObject({
      ok: true,
      received: 0,
      text: 'Provider handed over nothing. 1 too large to be taken went back.',
    });
    expect(await inbox(room)).toEqual([]);
  });

  it('finds a message that was brought twice instead of doubling it, and does not mistake another envelope for it', async () => {
    const bring = async (talk: Talk, to: string): Promise<void> => {
      await replies(talk, 'MAIL FROM:<s@far.example>', `RCPT TO:<${to}>`, 'DATA');
      talk.say('Subject: same', '', 'text', '.');
      expect(await talk.hearReply()).toMatch(/^250 /);
    };
    const { room, report } = await atrnWith(async (talk) => {
      await turned(talk);
      await bring(talk, 'me@mine.example');
      await bring(talk, 'me@mine.example');
      await bring(talk, 'you@mine.example');
      await replies(talk, 'QUIT');
    });
    expect(report.received).toBe(3);
    expect(await inbox(room)).toHaveLength(2);
    expect(room.events.filter(({ name }) => name === 'mail.arrived')).toMatchObject([{ payload: { count: 2 } }]);
  });

  it('does not take over what could not be filed', async () => {
    const provider = await startProvider(async (talk) => {
      await turned(talk);
      await replies(talk, 'MAIL FROM:<s@far.example>', 'RCPT TO:<me@mine.example>', 'DATA');
      talk.say('Subject: x', '', '.');
      expect(await talk.hearReply()).toMatch(/^451 /);
      await replies(talk, 'QUIT');
    });
    const room = await openRoom();
    const broken = () => Promise.reject(new Error('worker gone'));
    room.store.file = broken;
    const serverId = await room.addRelay(provider.port, { label: 'Provider', auth, kick: atrn });
    const report = await kickOf(room, serverId);
    await provider.ended();
    expect(provider.faults).toEqual([]);
    expect(report).toMatchObject({ ok: false, received: 0, error: { code: 'EIO' } });
    expect(report.text).toContain('could not be filed here and stays at the server');
  });

  it('lets go of a provider that falls silent', async () => {
    const { report } = await atrnWith(
      async (talk) => {
        await turned(talk);
        expect(await talk.hear()).toMatch(/^421 /);
        expect(await talk.hear()).toBe(null);
      },
      { timeouts: { commandMs: 200 } },
    );
    expect(report).toMatchObject({ ok: false, error: { code: 'ETIMEOUT' } });
  });

  it('lets go of a provider that makes nothing but mistakes', async () => {
    const { report } = await atrnWith(async (talk) => {
      await turned(talk);
      for (let reply = ''; !reply.startsWith('421'); reply = await talk.hearReply()) talk.say('GET / HTTP/1.0');
    });
    expect(report).toMatchObject({ ok: false, error: { code: 'EPROTOCOL' } });
  });
});

describe('a trigger port', () => {
  async function triggered(script: (talk: Talk) => Promise<void>, kick: Record<string, unknown> = {}) {
    const provider = await startProvider(script);
    const room = await openRoom();
    const serverId = await room.addRelay(await closedPort(), {
      label: 'Relay',
      kick: { kind: 'trigger-port', port: provider.port, line: 'go me', ...kick },
    });
    return { provider, report: await kickOf(room, serverId) };
  }

  it('gets the line, and the answer is shown', async () => {
    const { provider, report } = await triggered(async (talk) => {
      await talk.hear();
      talk.say('started\u0007 for', 'an hour');
    });
    expect(provider.heard).toEqual(['go me']);
    expect(report).toMatchObject({ ok: true, received: 0 });
    expect(report.text).toBe(`127.0.0.1:${provider.port} was reached. It said: started· for an hour`);
    expect(report.transcript).toEqual(['C: go me', 'S: started· for', 'S: an hour']);
  });

  it('need not answer', async () => {
    const provider = await startProvider(async (talk) => {
      await talk.hear();
      await talk.hear();
    });
    const context = {
      server: serverAt('relay', [provider.port]),
      meet: async () => undefined,
      credentials: async () => ({ kind: 'none' }) as const,
      now: () => 0,
      signal: new AbortController().signal,
      report: () => undefined,
      transcript: [],
    };
    const kick = { kind: 'trigger-port', port: provider.port, line: '', when: 'on-demand' } as const;
    const { ok, text } = await pullTrigger(kick, context, { answerMs: 50 });
    expect({ ok, text }).toEqual({ ok: true, text: `127.0.0.1:${provider.port} was reached; it said nothing.` });
  });

  it('is read no further than 4 KiB', async () => {
    const { report } = await triggered(async (talk) => {
      await talk.hear();
      talk.raw('x'.repeat(1_000_000));
      await talk.hear();
    });
    expect(report.transcript.join('').length).toBeLessThan(4200);
  });

  it('that nobody listens on is a failure in words', async () => {
    const room = await openRoom();
    const port = await closedPort();
    const serverId = await room.addRelay(25, {
      label: 'Relay',
      kick: { kind: 'trigger-port', host: '127.0.0.1', port },
    });
    expect(await kickOf(room, serverId)).toMatchObject({ ok: false, error: { code: 'EREFUSED' } });
  });
});

describe('a wake-up mail', () => {
  const wakeUp = { kind: 'wake-up-mail', to: 'wake@provider.example' };

  it('leaves by this server only, from an identity that may use it, and does not pile up', async () => {
    const room = await openRoom();
    const other = await room.addRelay(await closedPort(), { label: 'Other' });
    const serverId = await room.addRelay(await closedPort(), {
      label: 'Relay',
      senders: ['@mine.example'],
      kick: wakeUp,
    });
    await room.addIdentity('not@mine.example', { kind: 'only', serverId: other });
    await room.addIdentity('*@mine.example');
    await room.addIdentity('me@mine.example');
    const report = await kickOf(room, serverId);
    expect(report).toMatchObject({
      ok: true,
      text: 'A wake-up mail to wake@provider.example is in the Outbox and leaves through Relay.',
    });
    const [item, ...more] = await room.store.activeOutbox();
    expect(more).toEqual([]);
    expect(item).toMatchObject({
      serverIds: [serverId],
      reversePath: 'me@mine.example',
      recipients: [{ mailbox: 'wake@provider.example' }],
    });
    const bytes = Buffer.from(await room.store.read(item?.messageKey ?? never())).toString();
    expect(bytes).toContain('Auto-Submitted: auto-generated\r\n');
    expect((await kickOf(room, serverId)).text).toContain('is still in the Outbox');
    expect(await room.store.activeOutbox()).toHaveLength(1);
  });

  it('needs an identity', async () => {
    const room = await openRoom();
    const serverId = await room.addRelay(25, { label: 'Relay', kick: wakeUp });
    expect((await kickOf(room, serverId)).error?.code).toBe('EINVALID');
  });
});

function never(): never {
  throw new Error('nothing there');
}

describe('coming onto a network', () => {
  async function counting(): Promise<Provider> {
    return startProvider(async (talk) => {
      await greetPolitely(talk);
      talk.say('250 started');
      await talk.hear();
    });
  }
  const onConnect = { ...etrn, when: 'on-connect' };
  const kicks = (room: OutboxHarness) => room.jobs.list().filter(({ jobKind }) => jobKind === 'kick');
  const ended = (room: OutboxHarness, count: number) =>
    expect.poll(() => kicks(room).filter(({ state }) => state.kind === 'succeeded').length).toBe(count);

  it('kicks at the start and on each network, with a rest for each; only where the server may be used', async () => {
    const [always, here, off, asked] = [await counting(), await counting(), await counting(), await counting()];
    const [clock, network] = [handClock(), handNetwork()];
    const room = await openRoom({ clock, network });
    const { locationId } = await room.handlers['network.location']({});
    await room.addRelay(always.port, { kick: onConnect });
    await room.addRelay(here.port, { kick: onConnect, networks: { rule: 'only', locations: [locationId] } });
    await room.addRelay(off.port, { kick: onConnect, enabled: false });
    await room.addRelay(asked.port, { kick: etrn });
    await room.outbox.startSchedule();
    await ended(room, 2);
    const moveTo = async (mac: string): Promise<void> => {
      network.isPlugged = false;
      clock.advance(2000);
      await expect.poll(() => lastNetwork(room)?.isOnline).toBe(false);
      network.gatewayMac = mac;
      network.isPlugged = true;
      clock.advance(2000);
      await expect.poll(() => lastNetwork(room)?.isOnline).toBe(true);
    };
    await moveTo('02:00:00:00:00:55');
    await ended(room, 3);
    await moveTo('02:00:00:00:00:99');
    await moveTo('02:00:00:00:00:55');
    // Its clock jumped: the computer slept, and wakes up where it was.
    clock.advance(5 * 60_000);
    await ended(room, 4);
    await moveTo('02:00:00:00:00:99');
    await ended(room, 6);
    expect([always, here, off, asked].map(({ connections }) => connections)).toEqual([4, 2, 0, 0]);
  });

  it('is quiet about what fails: the condition says it', async () => {
    const room = await openRoom();
    const serverId = await room.addRelay(await closedPort(), { label: 'Gone', kick: onConnect });
    await room.outbox.startSchedule();
    await ended(room, 1);
    const [condition] = await room.handlers['server.conditions']({});
    expect(condition).toMatchObject({ serverId, kick: { ok: false } });
    expect(room.faults).toEqual([]);
  });

  it('is refused by hand where the server may not be used, and without a kick', async () => {
    const room = await openRoom();
    const provider = await counting();
    const networks = { rule: 'only', locations: ['elsewhere'] };
    const elsewhere = await room.addRelay(provider.port, { label: 'There', kick: etrn, networks });
    const { jobId } = await room.handlers['server.kick']({ serverId: elsewhere });
    expect(await finished(room, jobId)).toMatchObject({ kind: 'failed', error: { code: 'EINVALID' } });
    expect(provider.connections).toBe(0);
    const plain = await room.addRelay(provider.port);
    await expect(room.handlers['server.kick']({ serverId: plain })).rejects.toMatchObject({ code: 'EINVALID' });
  });
});

function lastNetwork({ events }: OutboxHarness): { isOnline: boolean } | undefined {
  const last = events.findLast(({ name }) => name === 'network.changed')?.payload;
  if (typeof last !== 'object' || last === null || !('isOnline' in last)) return undefined;
  return { isOnline: last.isOnline === true };
}
