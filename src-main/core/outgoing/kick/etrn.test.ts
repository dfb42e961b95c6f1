import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closeAll, closedPort } from '../testing/delivery-harness.ts';
import { type HandClock, handClock, type OutboxHarness, openOutbox } from '../testing/outbox-harness.ts';
import { answered, auth, etrn, finished, kickOf, listen, openRoom } from './testing/kick-harness.ts';
import { greetPolitely, startProvider, type Talk } from './testing/scripted-provider.ts';

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

/** Begins the schedule after the rest of every kick so far; resolves when a server at the end of the list was kicked. */
async function comeOnline(room: OutboxHarness, clock: HandClock): Promise<void> {
  const last = await startProvider(async (talk) => {
    await greetPolitely(talk);
    talk.say('250 started');
    await talk.hear();
  });
  await room.addRelay(last.port, { label: 'Last', kick: { ...etrn, when: 'on-connect' } });
  clock.advance(5 * 60_000);
  await room.outbox.startSchedule();
  await expect.poll(() => last.connections).toBe(1);
}

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
    const { report, provider, serverId } = await answered(shared, etrn, reply);
    expect(report).toMatchObject({ kind: 'kick', ok, received: 0 });
    expect(report.text).toContain(text);
    expect(report.error?.code).toBe(code);
    if (!ok) expect(report.text).toContain(`(It said: ${reply})`);
    expect(provider.heard).toContain('ETRN mine.example');
    expect(report.transcript).toContain('C: ETRN mine.example');
    expect(JSON.stringify(report)).not.toContain(btoa('\0me\0geheim-wort'));
    const conditions = await shared.handlers['server.conditions']({});
    const own = conditions.find((condition) => condition.serverId === serverId);
    expect(own?.kick).toMatchObject({ ok, text: report.text });
    expect(shared.faults).toEqual([]);
  });

  it('needs no sign-in where the server has none', async () => {
    const { report, provider } = await answered(shared, etrn, '250 ok', { auth: { method: 'none' } });
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
    const room = shared;
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
    const room = shared;
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
    const clock = handClock();
    const room = await openRoom({ clock });
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
    await comeOnline(room, clock);
    expect(room.jobs.list().filter(({ jobKind }) => jobKind === 'kick')).toHaveLength(2);
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
  it('keeps a password refused at an endpoint of its own apart from the one for mail, and does not repeat it either', async () => {
    const provider = await startProvider(async (talk) => {
      talk.say('220 ready');
      await talk.hear();
      talk.say('250-hello', '250 AUTH PLAIN');
      await talk.hear();
      talk.say('535 5.7.8 no');
      await talk.hear();
    });
    const clock = handClock();
    const room = await openRoom({ clock });
    const endpoint = { host: '127.0.0.1', port: provider.port, security: 'none' };
    const kick = { ...etrn, endpoint, when: 'on-connect' };
    const serverId = await room.addRelay(await closedPort(), { auth, kick });
    expect((await kickOf(room, serverId)).error?.code).toBe('EAUTH');
    const memory = await room.handlers['server.memory']({});
    expect(memory.filter(({ kind }) => kind === 'auth-failed')).toEqual([]);
    await comeOnline(room, clock);
    expect(room.jobs.list().filter(({ jobKind }) => jobKind === 'kick')).toHaveLength(2);
    expect(provider.connections).toBe(1);
  });

  it.each(odd)('a server that %s is a failure in words', async (_what, script, code) => {
    const provider = await startProvider(script);
    const room = shared;
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
    const room = shared;
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
    const room = shared;
    const serverId = await room.addRelay(provider.port, { label: 'Provider', auth, kick: etrn });
    expect((await kickOf(room, serverId)).ok).toBe(true);
    provider.heard.length = 0;
    const report = await kickOf(room, serverId);
    expect(report).toMatchObject({ ok: false, error: { code: 'EINTERCEPTED' } });
    expect(provider.heard.filter((line) => !/^(EHLO|QUIT)/.test(line))).toEqual([]);
  });

  it('is called off like every job', async () => {
    const provider = await startProvider(listen);
    const room = shared;
    const serverId = await room.addRelay(provider.port, { kick: etrn });
    const { jobId } = await room.handlers['server.kick']({ serverId });
    await expect.poll(() => provider.connections).toBe(1);
    room.jobs.cancel(jobId);
    expect((await finished(room, jobId)).kind).toBe('cancelled');
    await provider.ended();
  });

  it.each(['mine.example\r\nMAIL FROM:<x@y>', 'mine example', '', 'a,b'])('cannot be set up for %j', async (host) => {
    await expect(shared.addRelay(25, { kick: { kind: 'etrn', host } })).rejects.toThrow();
  });
});
