import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServerId } from '#shared/ids.ts';
import type { KickReport } from '#shared/job.ts';
import { folder } from '#shared/mail/folder.ts';
import { type MadeCertificates, makeCertificates } from '../testing/certificates.ts';
import { closeAll } from '../testing/delivery-harness.ts';
import { type OutboxHarness, openOutbox } from '../testing/outbox-harness.ts';
import { answered, atrn, auth, finished, kickOf, openRoom } from './testing/kick-harness.ts';
import { greetPolitely, type Provider, startProvider, type Talk } from './testing/scripted-provider.ts';

afterEach(closeAll);

/** For tests that only add a server of their own to it. */
let shared: OutboxHarness;
beforeAll(async () => {
  shared = await openOutbox();
});
afterAll(async () => {
  await shared.shut();
  await shared.remove();
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
    const { report, provider } = await answered(shared, atrn, reply);
    expect(report).toMatchObject({ ok, received: 0 });
    expect(report.text).toContain(text);
    expect(report.error?.code).toBe(code);
    expect(provider.heard).toContain('ATRN mine.example,xn--bcher-kva.example');
  });

  it('is not asked for without a sign-in', async () => {
    const { report, provider } = await answered(shared, atrn, '250 ok', { auth: { method: 'none' } });
    expect(report.error?.code).toBe('EAUTH_SETUP');
    expect(provider.connections).toBe(0);
    // Mail may still go out by this server.
    const memory = await shared.handlers['server.memory']({});
    expect(memory.filter(({ kind }) => kind === 'auth-failed')).toEqual([]);
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

  it('is called off in the middle: what came is kept, the rest stays there', async () => {
    const provider = await startProvider(async (talk) => {
      await turned(talk);
      await replies(talk, 'MAIL FROM:<s@far.example>', 'RCPT TO:<me@mine.example>', 'DATA');
      talk.say('Subject: kept', '', '.');
      await talk.hearReply();
      await replies(talk, 'MAIL FROM:<s@far.example>', 'RCPT TO:<me@mine.example>', 'DATA');
      talk.say('Subject: half');
      await talk.hear();
    });
    const room = await openRoom();
    const serverId = await room.addRelay(provider.port, { label: 'Provider', auth, kick: atrn });
    const { jobId } = await room.handlers['server.kick']({ serverId });
    await expect.poll(() => provider.heard.filter((line) => line.startsWith('354')).length).toBe(2);
    room.jobs.cancel(jobId);
    expect((await finished(room, jobId)).kind).toBe('cancelled');
    expect(await inbox(room)).toEqual(['Subject: kept\r\n\r\n']);
    expect(room.events.filter(({ name }) => name === 'mail.arrived')).toHaveLength(1);
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

describe('a provider that encrypts', () => {
  let certificates: MadeCertificates;
  beforeAll(async () => {
    certificates = await makeCertificates();
  });

  async function encrypted(security: 'tls' | 'starttls', pin: 'good' | 'selfSigned') {
    const body = Buffer.alloc(3_000_000, '.line of text\r\n..\r\n');
    const provider = await startProvider(async (talk) => {
      if (security === 'starttls') {
        talk.say('220 provider.example');
        await talk.hear();
        talk.say('250-provider.example', '250 STARTTLS');
        await talk.hear();
        talk.say('220 go');
      }
      talk.startTls(certificates.good.context);
      if (security === 'tls') await turned(talk);
      else {
        await talk.hear();
        talk.say('250-provider.example', '250 AUTH PLAIN');
        await talk.hear();
        talk.say('235 2.7.0 welcome');
        await talk.hear();
        talk.say('250 OK now reversing');
        await talk.hearReply();
        await replies(talk, 'EHLO provider.example');
      }
      await replies(talk, 'MAIL FROM:<s@far.example>', 'RCPT TO:<me@mine.example>', 'DATA');
      talk.raw(Buffer.concat([Buffer.from('Subject: large\r\n\r\n'), body, Buffer.from('\r\n.\r\n')]));
      expect(await talk.hearReply()).toMatch(/^250 2.0.0 filed/);
      await replies(talk, 'QUIT');
    });
    const room = await openRoom();
    const pinnedCertificateSha256 = certificates[pin].sha256;
    const endpoints = [{ host: '127.0.0.1', port: provider.port, security, pinnedCertificateSha256 }];
    const serverId = await room.addServer({ label: 'Provider', endpoints, auth, kick: atrn });
    return { provider, room, report: await kickOf(room, serverId) };
  }

  it.each(['tls', 'starttls'] as const)('hands over a large message whole (%s)', async (security) => {
    const { provider, room, report } = await encrypted(security, 'good');
    await provider.ended();
    expect(provider.faults).toEqual([]);
    expect(report).toMatchObject({ ok: true, received: 1 });
    const [message = ''] = await inbox(room);
    expect(message.length).toBeGreaterThan(2_500_000);
    expect(message).not.toMatch(/^\.line/m);
    expect(message.startsWith('Subject: large\r\n\r\nline of text\r\n.\r\nline of text\r\n')).toBe(true);
  });

  it.each(['tls', 'starttls'] as const)('is told nothing when it shows another certificate (%s)', async (security) => {
    const { provider, report } = await encrypted(security, 'selfSigned');
    expect(report).toMatchObject({ ok: false, error: { code: 'ECERT_CHANGED' } });
    expect(provider.heard.some((line) => line.startsWith('AUTH'))).toBe(false);
  });
});
