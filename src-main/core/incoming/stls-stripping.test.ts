import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MailError } from '#shared/mail-error.ts';
import { createPop3Server } from '../practice/pop3-server.ts';
import { openPop3Session } from './pop3-session.ts';
import { createCertificate, type TestCertificate } from './testing/certificates.ts';
import { createMaildrop, message, realClock } from './testing/maildrops.ts';
import { scriptedServer } from './testing/scripted-server.ts';

// STLS stripped, answered strangely, words injected around it: no password, and nothing believed that came in clear.

const password = 'geheim-wort';
let good: TestCertificate;
const before = getCACertificates('default');
beforeAll(async () => {
  const authority = await createCertificate({ commonName: 'Authority', altNames: [], isAuthority: true });
  good = await createCertificate({ commonName: 'localhost', altNames: ['DNS:localhost'], issuer: authority });
  setDefaultCACertificates([...before, authority.cert]);
});
afterAll(() => setDefaultCACertificates(before));

function connectTo(port: number) {
  return openPop3Session({
    endpoint: { host: 'localhost', port, security: 'starttls' },
    credentials: { user: 'anna', secret: password, auth: 'auto' },
    clock: realClock,
    signal: new AbortController().signal,
    timeouts: { connectMs: 1000, tlsMs: 300, greetingMs: 300, commandMs: 300 },
  });
}

const offers = '+OK\r\nSTLS\r\nUSER\r\nSASL PLAIN\r\n.\r\n';

interface Trick {
  readonly greeting?: string;
  readonly capa?: string | null;
  readonly stls?: string | null;
}

const tricks: Readonly<Record<string, Trick>> = {
  'STLS is not offered': { capa: '+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n' },
  'STLS is overwritten': { capa: '+OK\r\nXXXX\r\nUSER\r\n.\r\n' },
  'STLS is overwritten in part': { capa: '+OK\r\nSTLX\r\nUSER\r\n.\r\n' },
  'nothing is offered': { capa: '+OK\r\n.\r\n' },
  'CAPA is refused, and so is STLS': { capa: '-ERR what\r\n', stls: '-ERR what\r\n' },
  'CAPA never ends': { capa: '+OK\r\nUSER\r\n' },
  'CAPA is answered by the end': { capa: null },
  'CAPA is answered by another protocol': { capa: 'HTTP/1.1 200 OK\r\n\r\n' },
  'the answer is no': { stls: '-ERR not now\r\n' },
  'the answer is no, with a reason': { stls: '-ERR [SYS/TEMP] try in clear\r\n' },
  'the answer is nonsense': { stls: 'EVIL\r\n' },
  'the answer is an empty line': { stls: '\r\n' },
  'the answer asks for more': { stls: '+ \r\n' },
  'the answer is half a yes': { stls: '+O' },
  'there is no answer': { stls: '' },
  'the answer is the end': { stls: null },
  'a yes that goes on in clear': { stls: '+OK go ahead\r\n' },
  'behind the yes: a sign-in accepted': { stls: '+OK go\r\n+OK signed in\r\n' },
  'behind the yes: capabilities': { stls: `+OK go\r\n${offers}` },
  'behind the yes: a whole session': { stls: `+OK go\r\n${offers}+OK\r\n+OK 1 100\r\n+OK\r\n1 EVIL\r\n.\r\n` },
  'behind the yes: half a line': { stls: '+OK go\r\n+OK EV' },
  'behind the yes: one octet': { stls: '+OK go\r\n+' },
  'behind the yes: a line end': { stls: '+OK go\r\n\r\n' },
  'behind the yes: a zero': { stls: '+OK go\r\n\0' },
  'behind the yes: an alert': { stls: '+OK go\r\n\x15\x03\x03\x00\x02\x02\x28' },
  'the greeting brings capabilities along': { greeting: `+OK\r\n${offers}` },
  'the greeting brings the whole start along': { greeting: `+OK\r\n${offers}+OK go\r\n+OK signed in\r\n` },
  'the greeting is a no': { greeting: '-ERR EVIL\r\n' },
  'the greeting is of another protocol': { greeting: '* PREAUTH EVIL\r\n' },
};

describe('somebody on the way', () => {
  test.each(Object.entries(tricks))('%s: the password stays here', async (_name, trick) => {
    const { greeting = '+OK ready\r\n', capa = offers, stls = '+OK go\r\n' } = trick;
    const octets: Buffer[] = [];
    const seen = new WeakSet<object>();
    const server = await scriptedServer(greeting, (line, socket) => {
      if (!seen.has(socket)) socket.on('data', (chunk: Buffer) => octets.push(chunk));
      seen.add(socket);
      if (line === 'CAPA') return capa;
      // Everything else is welcome.
      return line === 'STLS' ? stls : '+OK fine\r\n';
    });
    try {
      const outcome = await connectTo(server.port).catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(MailError);
      if (outcome instanceof MailError) expect(outcome.message).toMatch(/^\S.{10,}\.$/s);
      const clear = `${server.heard.join('\n')}${Buffer.concat(octets).toString('latin1')}`;
      for (const secret of [password, btoa(password), btoa(`\0anna\0${password}`), 'USER', 'APOP', 'AUTH']) {
        expect(clear).not.toContain(secret);
      }
    } finally {
      await server.close();
    }
  });
});

test('a timestamp in a greeting in clear does not choose how to sign in after STLS', async () => {
  const maildrop = createMaildrop([message('a')]);
  const server = await createPop3Server({ maildrop, user: 'anna', password, apop: true, stls: good });
  try {
    const session = await connectTo(server.port);
    session.close();
    expect(server.sessions[0]?.commands.slice(0, 3)).toEqual(['CAPA', 'STLS', 'CAPA']);
    expect(server.sessions[0]?.commands.some((line) => line.startsWith('APOP'))).toBe(false);
  } finally {
    await server.close();
  }
});
