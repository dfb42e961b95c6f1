import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, harness, message, start } from './testing/delivery-harness.ts';
import type { Script } from './testing/scripted-smtp.ts';
import { serverAt } from './testing/servers.ts';

afterEach(closeAll);

const to = ['one@b.example', 'two@b.example', 'three@b.example'];

/** Sends by a server of this script, with a polite one behind it. */
async function send(script: Script, { recipients = to, auth }: { recipients?: string[]; auth?: object } = {}) {
  const [odd, good] = [await start(script), await start()];
  const made = harness({ odd: 'secret' });
  const end = await made.run(
    [serverAt('odd', [odd.port], auth === undefined ? {} : { auth }), serverAt('good', [good.port])],
    recipients,
  );
  return { odd, good, end, ...made };
}

describe('an introduction', () => {
  it('in lower case, with odd spaces and the old form of AUTH is understood', async () => {
    const { odd, attempts } = await send(
      {
        ehlo: [
          '250-scripted.example at your service',
          '250-  pipelining ',
          '250-size   100000',
          '250-auth=plain login',
          '250-x-odd a=b=c',
          '250-',
          '250 chunking',
        ],
      },
      { auth: { method: 'auto', user: 'a' } },
    );
    expect(attempts).toMatchObject([{ outcome: 'accepted' }]);
    expect(odd.commands.find((line) => line.startsWith('AUTH'))).toMatch(/^AUTH PLAIN /);
    expect(odd.commands).toContain(`MAIL FROM:<a@a.example> SIZE=${message.length}`);
    // CHUNKING (RFC 3030) is offered, not asked for.
    expect(odd.commands).toContain('DATA');
    expect(odd.accepted[0]?.bytes.equals(message)).toBe(true);
  });

  it.each(['500 5.5.1 what?', '502 5.5.1 not here'])('“%s” to EHLO: HELO does', async (ehlo) => {
    const { odd, attempts } = await send({ ehlo, helo: '250 scripted.example' });
    expect(attempts).toMatchObject([{ outcome: 'accepted' }]);
    expect(odd.commands.slice(0, 2).map((line) => line.slice(0, 4))).toEqual(['EHLO', 'HELO']);
    expect(odd.commands).toContain('MAIL FROM:<a@a.example>');
  });

  it('by HELO alone is none that somebody signs in after', async () => {
    const { odd, good, attempts } = await send(
      { ehlo: '502 5.5.1 no', helo: '250 scripted.example' },
      { auth: { method: 'plain', user: 'a' } },
    );
    expect(attempts).toMatchObject([{ stage: 'auth' }, { outcome: 'accepted' }]);
    expect(odd.commands.some((line) => /AUTH|MAIL/.test(line))).toBe(false);
    expect(good.accepted).toHaveLength(1);
  });
});

describe('a sign-in by CRAM-MD5', () => {
  it.each([
    ['an empty challenge', '334 '],
    ['none at all', '334'],
    ['a yes without a challenge', '250 fine'],
    ['two challenges', ['334-PDFAaGVyZT4=', '334 PDJAaGVyZT4=']],
  ] as const)('with %s does not hang, and sends nothing', async (_what, challenge) => {
    const { odd, good, attempts } = await send(
      { offers: ['AUTH CRAM-MD5'], challenge },
      { auth: { method: 'cram-md5', user: 'a' } },
    );
    expect(attempts).toMatchObject([{ stage: 'auth' }, { outcome: 'accepted' }]);
    expect(attempts[0]?.text).not.toMatch(/connection .* was lost/);
    expect(odd.commands.some((line) => line.startsWith('MAIL'))).toBe(false);
    expect(good.accepted).toHaveLength(1);
  });

  it('with a challenge that is no base64 answers it all the same', async () => {
    const challenge = `334 ${'!*'.repeat(500)}`;
    const { attempts } = await send({ offers: ['AUTH CRAM-MD5'], challenge }, { auth: { method: 'auto', user: 'a' } });
    expect(attempts).toMatchObject([{ outcome: 'accepted' }]);
  });
});

describe.each([[['PIPELINING']], [[]]])('recipients (offering %j)', (offers) => {
  it('421 among them: nothing is taken here, all of them go to the next server', async () => {
    const { odd, good, attempts, recipients } = await send({
      offers,
      rcpt: { 'two@b.example': '421 4.3.2 going down' },
    });
    expect(odd.messages).toHaveLength(0);
    expect(attempts.at(-1)).toMatchObject({ outcome: 'accepted' });
    expect(good.accepted).toMatchObject([{ to }]);
    expect([...recipients.values()].map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted']);
  });

  it('one put off, the others taken, and then DATA is refused: nobody has it, all are asked elsewhere', async () => {
    const { odd, good, recipients } = await send({
      offers,
      rcpt: { 'one@b.example': '450 4.2.0 greylisted' },
      data: '554 5.5.0 no',
    });
    expect(odd.messages).toHaveLength(0);
    expect(good.accepted).toMatchObject([{ to }]);
    expect([...recipients.values()].every(({ state }) => state === 'accepted')).toBe(true);
  });

  it.each([
    ['250 5.1.1 who is that', 'accepted', 'odd'],
    ['550 2.1.5 fine', 'refused', 'odd'],
    ['450 5.1.1 not now', 'accepted', 'good'],
    ['550 4.2.1 unknown', 'refused', 'odd'],
  ] as const)('“%s”: the reply code decides, not the status', async (reply, state, serverId) => {
    const { recipients } = await send({ offers, rcpt: { 'two@b.example': reply } });
    expect(recipients.get('two@b.example')).toMatchObject({ state, serverId });
    expect(recipients.get('one@b.example')).toMatchObject({ state: 'accepted', serverId: 'odd' });
  });

  it('354 and the line is dropped: whoever may have it is not sent it again', async () => {
    const { good, recipients } = await send({ offers, data: { torn: '354 go on\r\n', end: 'drop' } });
    const states = new Set([...recipients.values()].map(({ state }) => state));
    // Heard before the last octets left, it is safe to go on; after, nobody knows.
    expect(states.size).toBe(1);
    expect(good.accepted).toHaveLength(states.has('uncertain') ? 0 : 1);
  });
});

it('octets no mail should have go as they are: NUL, 5,000 to a line, bare LF within', async () => {
  const server = await start();
  const { run } = harness();
  const bytes = Buffer.from(`Subject: odd\r\n\r\na\0b\r\n${'x'.repeat(5000)}\r\nc\nd\r\n\n.\ne\r\n..\r\n.\r\nend`);
  await run([serverAt('one', [server.port])], ['b@b.example'], { bytes });
  expect(server.accepted).toHaveLength(1);
  expect(server.messages).toHaveLength(1);
  expect(server.accepted[0]?.bytes.toString('latin1').replace(/\r\n$/, '')).toContain('x'.repeat(5000));
});

it('3,000 recipients at a server that takes 100 at a time: each once', async () => {
  let asked = 0;
  const server = await start({
    offers: ['PIPELINING'],
    mail: () => {
      asked = 0;
      return '250 2.1.0 fine';
    },
    rcpt: () => {
      asked += 1;
      return asked > 100 ? '452 4.5.3 too many recipients' : '250 2.1.5 fine';
    },
  });
  const { run, recipients } = harness();
  const many = Array.from({ length: 3000 }, (_, index) => `r${index}@b.example`);
  await run([serverAt('one', [server.port])], many);
  const taken = server.accepted.flatMap((accepted) => accepted.to);
  expect(taken).toHaveLength(3000);
  expect(new Set(taken).size).toBe(3000);
  expect([...recipients.values()].every(({ state }) => state === 'accepted')).toBe(true);
});

it('a sender whose own mailbox is full is no message that is too large', async () => {
  const { attempts, lessons } = await send({ mail: '552 5.2.2 over quota' });
  expect(attempts).toMatchObject([{ outcome: 'permanent' }, { outcome: 'accepted' }]);
  expect(lessons[0]).toMatchObject({ remember: 'refused-sender' });
});
