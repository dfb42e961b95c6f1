import { afterEach, describe, expect, it } from 'vitest';
import { blackHole, closeAll, closedPort, harness, message, start } from './testing/delivery-harness.ts';
import { serverAt } from './testing/servers.ts';

afterEach(closeAll);

describe('deliver', () => {
  it('hands a message to the first server, byte for byte', async () => {
    const server = await start({ offers: ['PIPELINING', '8BITMIME'] });
    const { run, recipients, attempts, dots } = harness();
    await run([serverAt('one', [server.port])]);
    expect(server.accepted.map(({ from, to, bytes }) => ({ from, to, text: bytes.toString() }))).toEqual([
      { from: 'a@a.example', to: ['b@b.example'], text: message.toString() },
    ]);
    expect(recipients.get('b@b.example')).toMatchObject({ state: 'accepted', replyCode: 250, serverId: 'one' });
    expect(dots).toEqual([['b@b.example']]);
    expect(attempts).toHaveLength(1);
    expect(attempts[0]).toMatchObject({ outcome: 'accepted', stage: 'final-dot', replyCode: 250 });
    expect(attempts[0]?.stages.map(({ stage, ok }) => `${stage} ${ok}`)).toEqual([
      'resolve true',
      'connect true',
      'greeting true',
      'ehlo true',
      'mail true',
      'rcpt true',
      'data true',
      'final-dot true',
    ]);
    expect(attempts[0]?.transcript).toContain('S: 220 scripted.example ESMTP');
    expect(attempts[0]?.transcript.join('\n')).not.toContain('220 ready');
  });

  it('goes on to the next server when nothing listens on the first', async () => {
    const server = await start();
    const { run, attempts, lessons } = harness();
    await run([serverAt('dead', [await closedPort()]), serverAt('good', [server.port])]);
    expect(attempts.map(({ serverId, outcome, stage }) => [serverId, outcome, stage])).toEqual([
      ['dead', 'unreachable', 'connect'],
      ['good', 'accepted', 'final-dot'],
    ]);
    expect(attempts[0]?.meaning).toBe('The server could not be reached; the next server is tried.');
    expect(lessons[0]).toMatchObject({ kind: 'refusal', remember: 'cool-down' });
  });
});

describe('cycling', () => {
  it('sends on only to those a server refused for now, and never twice to anybody', async () => {
    const first = await start({
      rcpt: {
        'grey@b.example': '450 4.2.0 later',
        'gone@b.example': '550 5.1.1 unknown',
        'far@c.example': '554 5.7.1 Relay access denied',
      },
    });
    const second = await start();
    const { run, recipients, attempts } = harness();
    const to = ['ok@b.example', 'grey@b.example', 'gone@b.example', 'far@c.example'];
    await run([serverAt('first', [first.port]), serverAt('second', [second.port])], to);
    expect(first.accepted.map((taken) => taken.to)).toEqual([['ok@b.example']]);
    expect(second.accepted.map((taken) => taken.to)).toEqual([['grey@b.example', 'far@c.example']]);
    expect(to.map((mailbox) => recipients.get(mailbox)?.state)).toEqual([
      'accepted',
      'accepted',
      'refused',
      'accepted',
    ]);
    expect(attempts[0]?.meaning).toBe('first took it for 1 of 4 recipients; the next server is asked for the others.');
    expect(attempts[0]?.recipients).toHaveLength(4);
  });

  it('splits a long list of recipients over transactions of one session', async () => {
    const server = await start({ offers: ['PIPELINING'] });
    const { run, recipients } = harness();
    const to = ['1@b.example', '2@b.example', '3@b.example', '4@b.example', '5@b.example'];
    await run([serverAt('one', [server.port], { maxRecipients: 2 })], to);
    expect(server.accepted.map((taken) => taken.to.length)).toEqual([2, 2, 1]);
    expect(server.connections).toBe(1);
    expect([...recipients.values()].every(({ state }) => state === 'accepted')).toBe(true);
  });

  it('does not retry a refused password: not by another mechanism, not at another port of the same server', async () => {
    const first = await start({ offers: ['AUTH CRAM-MD5 PLAIN LOGIN'], auth: '535 5.7.8 no' });
    const again = await start({ offers: ['AUTH PLAIN'] });
    const { run, attempts } = harness({ one: 'wrong' });
    await run([serverAt('one', [first.port, again.port], { auth: { method: 'auto', user: 'me' } })]);
    expect(first.commands.filter((line) => line.startsWith('AUTH'))).toEqual(['AUTH CRAM-MD5']);
    expect(again.connections).toBe(0);
    expect(attempts).toHaveLength(1);
  });

  it.each(['plain', 'login', 'cram-md5', 'xoauth2', 'auto'])(
    'signs in by %s and keeps the secret out of the transcript',
    async (method) => {
      const server = await start({ offers: ['AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2'] });
      const { run, attempts } = harness({ one: 'geheim-wort' });
      await run([serverAt('one', [server.port], { auth: { method, user: 'somebody' } })]);
      expect(attempts[0]?.outcome).toBe('accepted');
      const kept = JSON.stringify(attempts);
      expect(kept).toContain('AUTH');
      const secrets = ['geheim-wort', btoa('geheim-wort'), btoa('\0somebody\0geheim-wort'), btoa('somebody')];
      for (const secret of secrets) expect(kept).not.toContain(secret);
    },
  );

  it('says clearly what a server does not offer and goes on', async () => {
    const plain = await start();
    const able = await start({ offers: ['8BITMIME', 'SMTPUTF8'] });
    const { run, attempts } = harness();
    const servers = [serverAt('plain', [plain.port]), serverAt('able', [able.port])];
    await run(servers, ['jörg@bücher.example'], { isEightBit: true });
    expect(attempts[0]).toMatchObject({ outcome: 'permanent', stage: 'mail' });
    expect(attempts[0]?.text).toContain('SMTPUTF8');
    expect(able.commands).toContain('RCPT TO:<jörg@xn--bcher-kva.example>');
    expect(able.commands.find((line) => line.startsWith('MAIL'))).toMatch(/SMTPUTF8 BODY=8BITMIME/);
  });

  it('asks nobody to take more than it announced', async () => {
    const small = await start({ offers: ['SIZE 20'] });
    const large = await start({ offers: ['SIZE 100000'] });
    const { run, lessons } = harness();
    await run([serverAt('small', [small.port]), serverAt('large', [large.port])]);
    expect(small.commands.some((line) => line.startsWith('MAIL'))).toBe(false);
    expect(lessons[0]).toMatchObject({ remember: 'refused-size' });
    expect(large.commands.find((line) => line.startsWith('MAIL'))).toBe(
      `MAIL FROM:<a@a.example> SIZE=${message.length}`,
    );
  });

  it('uses a session again, and replaces a dead one without blaming anybody', async () => {
    const server = await start();
    const { run, attempts, lessons } = harness();
    const one = serverAt('one', [server.port]);
    await run([one]);
    await run([one]);
    expect(server.connections).toBe(1);
    server.dropAll();
    await run([one]);
    expect(server.connections).toBe(2);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(lessons.map(({ kind }) => kind)).toEqual(['success', 'success', 'success']);
  });

  it('notices that a kept session dies at MAIL, and says nothing of a failure', async () => {
    const server = await start();
    const { run, attempts } = harness();
    const one = serverAt('one', [server.port]);
    await run([one]);
    server.script = { mail: 'drop' };
    const second = run([one]);
    await server.until(() => server.commands.filter((line) => line.startsWith('MAIL')).length === 2);
    server.script = {};
    await second;
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
  });

  it('clears a transaction that was left open before the next message', async () => {
    const server = await start({ rcpt: { 'gone@b.example': '550 5.1.1 unknown' } });
    const { run } = harness();
    const one = serverAt('one', [server.port]);
    await run([one], ['gone@b.example']);
    await run([one], ['ok@b.example']);
    expect(server.connections).toBe(1);
    expect(server.commands.slice(-4).map((line) => line.split(/[ :]/)[0])).toEqual(['RSET', 'MAIL', 'RCPT', 'DATA']);
  });
});

describe('what slow and dead servers cost', () => {
  /** Connections here are never answered: a full backlog, like a firewall that drops. */
  it('gives an unanswered connect one second, then the next server has it; losing counts for nothing', async () => {
    const hole = await blackHole();
    const good = await start();
    const { run, attempts, lessons } = harness();
    const began = performance.now();
    await run([
      serverAt('hole', [{ port: hole.port, host: hole.host, security: 'none' }]),
      serverAt('good', [good.port]),
    ]);
    // Well before the connect is given up; the bound leaves room for a busy machine.
    expect(performance.now() - began).toBeLessThan(5000);
    expect(attempts.map(({ serverId, outcome }) => [serverId, outcome])).toEqual([
      ['good', 'accepted'],
      ['hole', 'cancelled'],
    ]);
    expect(lessons.map(({ kind }) => kind)).toEqual(['slow', 'success']);
  });

  it('lets a server that accepts take its time to greet', async () => {
    const slow = await start({ greeting: 'silence' });
    const good = await start();
    const { run, attempts } = harness();
    await run([serverAt('slow', [slow.port], { timeouts: { greetingMs: 300 } }), serverAt('good', [good.port])]);
    expect(attempts.map(({ stage, outcome }) => [stage, outcome])).toEqual([
      ['greeting', 'unreachable'],
      ['final-dot', 'accepted'],
    ]);
  });
});

describe('what was said', () => {
  it('is kept word for word on both sides, each stage with its answer', async () => {
    const { port } = await start({ rcpt: '250-2.1.5 known\r\n250 2.1.5 go on' });
    const { run, attempts } = harness();
    await run([serverAt('one', [port])]);
    const { transcript = [], stages = [] } = attempts[0] ?? {};
    expect(transcript.slice(transcript.indexOf('C: MAIL FROM:<a@a.example>'))).toEqual([
      'C: MAIL FROM:<a@a.example>',
      'S: 250 2.1.0 sender fine',
      'C: RCPT TO:<b@b.example>',
      'S: 250-2.1.5 known',
      'S: 250 2.1.5 go on',
      'C: DATA',
      'S: 354 go on',
      `C: (${message.length} octets of message)`,
      'S: 250 2.0.0 taken',
    ]);
    const words = stages.map(({ stage, text }) => [stage, text]).slice(-4);
    expect(words).toEqual([
      ['mail', '250 2.1.0 sender fine'],
      ['rcpt', '250-2.1.5 known 2.1.5 go on'],
      ['data', '354 go on'],
      ['final-dot', '250 2.0.0 taken'],
    ]);
  });

  it.each([
    ['mail', { mail: 'HTTP/1.1 400 Bad Request' }],
    ['rcpt', { rcpt: 'what?' }],
    ['data', { data: 'Send it' }],
  ] as const)('nonsense at %s: the next server has the message, once', async (stage, script) => {
    const babbling = await start(script);
    const good = await start();
    const { run, attempts, recipients } = harness();
    await run([serverAt('babbling', [babbling.port]), serverAt('good', [good.port])]);
    expect(attempts).toMatchObject([
      { stage, outcome: 'unreachable', text: '127.0.0.1 does not speak SMTP.' },
      { outcome: 'accepted' },
    ]);
    expect(babbling.messages).toHaveLength(0);
    expect(recipients.get('b@b.example')?.state).toBe('accepted');
  });

  it.each(['what?', '354 more', '150 perhaps', '999 so what', 'HTTP/1.1 200 OK'])(
    '“%s” to the message: nobody knows, and nobody else gets it',
    async (finalDot) => {
      const babbling = await start({ finalDot });
      const good = await start();
      const { run, attempts, recipients } = harness();
      await run([serverAt('babbling', [babbling.port]), serverAt('good', [good.port])]);
      expect(attempts).toMatchObject([{ stage: 'final-dot', outcome: 'uncertain' }]);
      expect(recipients.get('b@b.example')).toMatchObject({
        state: 'uncertain',
        text: `127.0.0.1 answered the message with “${finalDot}”, which is neither a yes nor a no.`,
      });
      expect(attempts[0]?.meaning).toMatch(/^The server had the whole message and answered with neither/);
      expect(good.messages).toHaveLength(0);
    },
  );

  it.each([
    ['to MAIL', { mail: '250 '.concat('x'.repeat(1 << 20)) }, 'unreachable'],
    ['to the message', { finalDot: '250 '.concat('x'.repeat(1 << 20)) }, 'uncertain'],
  ] as const)('a reply without end %s is said to be one', async (_where, script, outcome) => {
    const babbling = await start(script);
    const { run, attempts } = harness();
    await run([serverAt('babbling', [babbling.port])]);
    expect(attempts).toMatchObject([{ outcome, text: '127.0.0.1 answered with far more than a reply can be.' }]);
  });
});

describe('cancelling', () => {
  it.each([
    ['greeting', { greeting: 'silence' }],
    ['EHLO', { ehlo: 'silence' }],
    ['MAIL', { mail: 'silence' }],
    ['RCPT', { rcpt: 'silence' }],
    ['DATA', { data: 'silence' }],
  ] as const)('stops at %s; nothing is sent and nobody else is asked', async (verb, script) => {
    const server = await start(script);
    const other = await start();
    const { run, recipients, attempts, lessons } = harness();
    const abort = new AbortController();
    const running = run([serverAt('one', [server.port]), serverAt('other', [other.port])], ['b@b.example'], {
      signal: abort.signal,
    });
    await server.until(() =>
      verb === 'greeting' ? server.connections === 1 : server.commands.some((line) => line.startsWith(verb)),
    );
    abort.abort();
    await running;
    expect(attempts.at(-1)?.outcome).toBe('cancelled');
    expect(recipients.get('b@b.example')?.state ?? 'pending').toBe('pending');
    expect(other.connections).toBe(0);
    expect(lessons.filter(({ kind }) => kind === 'refusal')).toEqual([]);
  });

  it('does not cut off a message whose final dot is out', async () => {
    const server = await start({ finalDot: 'silence' });
    const { run, recipients } = harness();
    const abort = new AbortController();
    const running = run([serverAt('one', [server.port], { timeouts: { finalDotMs: 400 } })], ['b@b.example'], {
      signal: abort.signal,
    });
    await server.until(() => server.messages.length === 1);
    abort.abort();
    await running;
    expect(recipients.get('b@b.example')?.state).toBe('uncertain');
  });

  it('hears the answer to a message whose final dot is out', async () => {
    const abort = new AbortController();
    const finalDot = (): string => {
      abort.abort();
      return '250 2.0.0 taken';
    };
    const server = await start({ finalDot });
    const { run, recipients, attempts } = harness();
    await run([serverAt('one', [server.port])], ['b@b.example'], { signal: abort.signal });
    expect(recipients.get('b@b.example')?.state).toBe('accepted');
    expect(attempts).toMatchObject([{ outcome: 'accepted', replyCode: 250 }]);
  });
});

describe('what a server must not be able to do', () => {
  it('answers before it has the message: nothing is taken for sent', async () => {
    const eager = await start({ data: ['354 go on', '250 2.0.0 taken'] });
    const { run, recipients, attempts } = harness();
    await run([serverAt('eager', [eager.port])]);
    expect(attempts[0]?.outcome).toBe('unreachable');
    expect(recipients.get('b@b.example')?.state).toBe('pending');
  });

  it('breaks off in the middle of a long message: it is not uncertain, the next server has it whole', async () => {
    const cutting = await start({ duringData: { octets: 100_000, say: 'drop' } });
    const good = await start();
    const { run, dots } = harness();
    const bytes = Buffer.concat([message, Buffer.alloc(39_999_999, 'x\r\n')]);
    await run([serverAt('cutting', [cutting.port]), serverAt('good', [good.port])], ['b@b.example'], { bytes });
    expect(good.accepted[0]?.bytes.equals(bytes)).toBe(true);
    expect(dots).toHaveLength(1);
  });

  it('refuses in the middle of a long message: the rest does not follow', async () => {
    const refusing = await start({ duringData: { octets: 100_000, say: '552 5.3.4 enough' } });
    const good = await start();
    const { run, attempts } = harness();
    const bytes = Buffer.concat([message, Buffer.alloc(3_000_000, 'x\r\n')]);
    await run([serverAt('refusing', [refusing.port]), serverAt('good', [good.port])], ['b@b.example'], { bytes });
    expect(attempts[0]).toMatchObject({ outcome: 'permanent', replyCode: 552 });
    expect(good.accepted).toHaveLength(1);
  });

  it('gives half a reply to the final dot: that is no reply', async () => {
    const torn = await start({ finalDot: 'half' });
    const { run, recipients } = harness();
    await run([serverAt('torn', [torn.port])]);
    expect(recipients.get('b@b.example')?.state).toBe('uncertain');
  });

  it.each([
    ['small', 10],
    ['large', 200_000],
  ])('holds the last octets of a %s message back until the ledger has noted that they leave', async (_size, octets) => {
    const server = await start();
    const { run, recipients, ports } = harness();
    const asked = Promise.withResolvers<void>();
    const noted = Promise.withResolvers<void>();
    ports.beforeLastOctets = () => {
      asked.resolve();
      return noted.promise;
    };
    const bytes = Buffer.from(`From: a@a.example\r\n\r\n${'x'.repeat(octets)}\r\n`);
    const running = run([serverAt('one', [server.port])], ['b@b.example'], { bytes });
    await asked.promise;
    // A whole turn of the loop and more: whatever was to leave has left.
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(server.messages).toHaveLength(0);
    noted.resolve();
    await running;
    expect(server.messages[0]?.bytes.equals(bytes)).toBe(true);
    expect(recipients.get('b@b.example')?.state).toBe('accepted');
  });

  it('is not sent another octet when the ledger cannot note that the message leaves', async () => {
    const server = await start();
    const { run, recipients, ports } = harness();
    ports.beforeLastOctets = () => Promise.reject(new Error('disk full'));
    await run([serverAt('one', [server.port])]);
    expect(server.messages).toHaveLength(0);
    expect(recipients.get('b@b.example')?.state).toBe('pending');
  });
});
