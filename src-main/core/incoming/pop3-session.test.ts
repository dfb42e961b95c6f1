import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '#shared/mail/endpoint.ts';
import { MailError } from '#shared/mail-error.ts';
import { createPop3Server, type Pop3ServerOptions } from '../practice/pop3-server.ts';
import { openPop3Session, type Pop3Session, type SessionOptions } from './pop3-session.ts';
import { createCertificate, type TestCertificate } from './testing/certificates.ts';
import { freePorts } from './testing/dovecot.ts';
import { createMaildrop, message, realClock } from './testing/maildrops.ts';
import { scriptedServer } from './testing/scripted-server.ts';

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function keep<T extends { close(): unknown }>(one: T): T {
  open.push(one);
  return one;
}

async function serve(options: Partial<Pop3ServerOptions> = {}) {
  const maildrop = createMaildrop([message('a'), message('b')]);
  return keep(await createPop3Server({ maildrop, user: 'anna', password: 'pässword', ...options }));
}

type Patch = Partial<Omit<SessionOptions, 'endpoint'>> & { endpoint?: Partial<Endpoint> };

function connectTo(port: number, { endpoint, ...patch }: Patch = {}): Promise<Pop3Session> {
  return openPop3Session({
    endpoint: { host: '127.0.0.1', port, security: 'none', ...endpoint },
    credentials: { user: 'anna', secret: 'pässword', auth: 'auto' },
    clock: realClock,
    signal: new AbortController().signal,
    timeouts: { connectMs: 1000, tlsMs: 1000, greetingMs: 300, commandMs: 300 },
    ...patch,
  });
}

const failing = (code: MailError['code'], more: Record<string, unknown> = {}) =>
  expect.objectContaining({ code, ...more });

describe('signing in', () => {
  const sasl = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'XOAUTH2'];

  test.each(['user-pass', 'apop', 'plain', 'login', 'cram-md5'] as const)('%s', async (auth) => {
    const server = await serve({ apop: true, sasl });
    const session = keep(await connectTo(server.port, { credentials: { user: 'anna', secret: 'pässword', auth } }));
    expect(await session.stat()).toEqual({ messages: 2, octets: 52 });
    await expect(connectTo(server.port, { credentials: { user: 'anna', secret: 'wrong', auth } })).rejects.toEqual(
      failing('EAUTH'),
    );
  });

  test.each([
    ['of octets beyond ASCII', '<\xff@\xfe>'],
    ['of any length', `<${'x'.repeat(5000)}@y>`],
    ['without an @', '<no-at>'],
    ['that is missing', ''],
  ])('no APOP by a timestamp %s', async (_, timestamp) => {
    const server = keep(await scriptedServer(`+OK ready ${timestamp}\r\n`, () => '-ERR\r\n'));
    const credentials = { user: 'anna', secret: 'pässword', auth: 'apop' } as const;
    await expect(connectTo(server.port, { credentials })).rejects.toEqual(failing('EAUTH_SETUP'));
    expect(server.heard).toEqual(['CAPA']);
  });

  test('auto veils the password on a connection in clear', async () => {
    const server = await serve({ apop: true, sasl });
    keep(await connectTo(server.port));
    expect(server.sessions[0]?.commands).toContain('AUTH CRAM-MD5');
  });

  test('a refused password is not tried again by another way', async () => {
    const server = await serve({ apop: true, sasl });
    await expect(connectTo(server.port, { credentials: { user: 'anna', secret: 'no', auth: 'auto' } })).rejects.toEqual(
      failing('EAUTH'),
    );
    expect(server.sessions[0]?.commands.filter((line) => /^(AUTH|APOP|USER|PASS)/.test(line))).toHaveLength(1);
  });

  test('xoauth2: one refusal asks for a fresh token', async () => {
    const server = await serve({ sasl, accessToken: 'fresh' });
    const asked: boolean[] = [];
    const secret = {
      get: async ({ force }: { force: boolean }) => {
        asked.push(force);
        return force ? 'fresh' : 'stale';
      },
    };
    keep(await connectTo(server.port, { credentials: { user: 'anna', secret, auth: 'xoauth2' } }));
    expect(asked).toEqual([false, true]);
    const never = { get: async () => 'stale' };
    await expect(
      connectTo(server.port, { credentials: { user: 'anna', secret: never, auth: 'auto' } }),
    ).rejects.toEqual(failing('EAUTH'));
  });

  test('what the server says decides what it means', async () => {
    const cases: [string, MailError['code']][] = [
      ['[IN-USE] Locked', 'EIN_USE'],
      ['Maildrop already locked', 'EIN_USE'],
      ['[LOGIN-DELAY] Too soon', 'ELOGIN_DELAY'],
      ['[SYS/TEMP] Later', 'EAUTH_TEMPORARY'],
      ['[SYS/PERM] Never', 'EMAILBOX'],
      ['Service temporarily unavailable', 'EAUTH_TEMPORARY'],
      ['[AUTH] No', 'EAUTH'],
      ['No such user', 'EAUTH'],
    ];
    for (const [words, code] of cases) {
      const server = await serve({ intercept: (line) => (line.startsWith('PASS') ? `-ERR ${words}\r\n` : null) });
      await expect(connectTo(server.port)).rejects.toEqual(failing(code, { server: words, command: 'PASS' }));
    }
  });

  test('a second session finds the maildrop in use', async () => {
    const server = await serve();
    keep(await connectTo(server.port));
    await expect(connectTo(server.port)).rejects.toEqual(failing('EIN_USE'));
  });

  test('a server that wants encryption first gets no password in clear', async () => {
    const capabilities = '+OK\r\nSTLS\r\nTOP\r\n.\r\n';
    const server = keep(await scriptedServer('+OK\r\n', (line) => (line === 'CAPA' ? capabilities : '-ERR\r\n')));
    await expect(connectTo(server.port)).rejects.toEqual(failing('EAUTH_SETUP'));
    expect(server.heard).toEqual(['CAPA']);
  });

  test('no line break can be smuggled in by a user name', async () => {
    const server = await serve();
    const credentials = { user: 'anna\r\nDELE 1', secret: 'x', auth: 'user-pass' as const };
    await expect(connectTo(server.port, { credentials })).rejects.toEqual(failing('EINVALID'));
  });

  test('the transcript shows dots for secrets', async () => {
    const server = await serve({ sasl, apop: true });
    for (const auth of ['user-pass', 'apop', 'plain', 'login', 'cram-md5'] as const) {
      const lines: string[] = [];
      const session = await connectTo(server.port, {
        credentials: { user: 'anna', secret: 'pässword', auth },
        onLine: (line) => lines.push(line),
      });
      session.close();
      const all = lines.join('\n');
      expect(all).toContain('••••');
      expect(all).not.toContain('pässword');
      expect(all).not.toContain(Buffer.from('pässword').toString('base64'));
    }
  });
});

describe('faults on the way', () => {
  test('a number that is listed twice is one message', async () => {
    const answers: Record<string, string> = { CAPA: '-ERR\r\n', LIST: '+OK\r\n1 5\r\n2 7\r\n1 5\r\n.\r\n' };
    const server = keep(await scriptedServer('+OK\r\n', (line) => answers[line] ?? '+OK\r\n'));
    const session = keep(
      await connectTo(server.port, { credentials: { user: 'anna', secret: 's', auth: 'user-pass' } }),
    );
    expect(await session.list()).toEqual([
      { messageNumber: 1, octets: 5 },
      { messageNumber: 2, octets: 7 },
    ]);
  });

  test('unknown host', async () => {
    await expect(connectTo(110, { endpoint: { host: 'nowhere.invalid' } })).rejects.toEqual(failing('EUNKNOWNHOST'));
  });

  test('refused', async () => {
    const [port = 0] = await freePorts(1);
    await expect(connectTo(port)).rejects.toEqual(failing('EREFUSED', { server: `127.0.0.1:${port}` }));
  });

  test('black hole: no greeting', async () => {
    const server = keep(await scriptedServer(''));
    await expect(connectTo(server.port)).rejects.toEqual(failing('ETIMEOUT', { command: 'greeting' }));
  });

  test('black hole: no handshake', async () => {
    const server = keep(await scriptedServer(''));
    await expect(connectTo(server.port, { endpoint: { security: 'tls' } })).rejects.toEqual(
      failing('ETIMEOUT', { command: 'TLS' }),
    );
  });

  test('silence after any command', async () => {
    for (const silent of ['CAPA', 'USER', 'PASS', 'STAT', 'LIST', 'UIDL', 'RETR', 'DELE', 'QUIT']) {
      const server = await serve({ intercept: (line) => (line.startsWith(silent) ? '' : null) });
      const visit = async () => {
        const session = await connectTo(server.port);
        await session.stat();
        await session.list();
        await session.uidl();
        await session.retrieve({ messageNumber: 1, octets: 10 });
        await session.delete(1);
        await session.quit();
      };
      await expect(visit()).rejects.toEqual(failing('ETIMEOUT', { command: silent }));
    }
  });

  test('a body that stops in the middle', async () => {
    const server = await serve({ intercept: (line) => (line === 'RETR 1' ? '+OK\r\nSubject: x\r\n' : null) });
    const session = await connectTo(server.port);
    await expect(session.retrieve({ messageNumber: 1, octets: 100 })).rejects.toEqual(
      failing('ETIMEOUT', { command: 'RETR' }),
    );
  });

  test('a slow body is no fault as long as it comes', async () => {
    const pieces = Array.from({ length: 8 }, () => 'drip\r\n');
    const server = keep(
      await scriptedServer('+OK\r\n', (line, socket) => {
        if (line === 'CAPA') return '-ERR\r\n';
        if (!line.startsWith('RETR')) return '+OK\r\n';
        const drip = setInterval(() => {
          const piece = pieces.shift();
          socket.write(piece ?? '.\r\n');
          if (piece === undefined) clearInterval(drip);
        }, 100);
        return '+OK\r\n';
      }),
    );
    const session = keep(await connectTo(server.port));
    expect(await session.retrieve({ messageNumber: 1, octets: 48 })).toHaveLength(48);
  });

  test('a greeting that refuses', async () => {
    const server = keep(await scriptedServer('-ERR [SYS/TEMP] Too busy\r\n'));
    await expect(connectTo(server.port)).rejects.toEqual(failing('ETRANSIENT', { server: '[SYS/TEMP] Too busy' }));
  });

  test('another protocol', async () => {
    const server = keep(await scriptedServer('220 mail.example ESMTP\r\n'));
    await expect(connectTo(server.port)).rejects.toEqual(failing('EPROTOCOL'));
  });

  test('hangs up at once', async () => {
    const server = keep(await scriptedServer(null));
    await expect(connectTo(server.port)).rejects.toEqual(failing('ECLOSED'));
  });

  test('TLS on a port that speaks in clear', async () => {
    const server = await serve();
    await expect(connectTo(server.port, { endpoint: { security: 'tls' } })).rejects.toEqual(failing('ETLS'));
  });

  test('cancelled at any stage', async () => {
    for (const word of ['CAPA', 'USER', 'PASS', 'STAT']) {
      const stop = new AbortController();
      const server = await serve({
        intercept: (line) => {
          if (!line.startsWith(word)) return null;
          stop.abort(new MailError('ECANCELLED', 'Cancelled.'));
          return '';
        },
      });
      const visit = async () => (await connectTo(server.port, { signal: stop.signal })).stat();
      await expect(visit()).rejects.toEqual(failing('ECANCELLED'));
    }
  });

  test('a listing that cannot be read', async () => {
    const server = await serve({ intercept: (line) => (line === 'LIST' ? '+OK\r\none two\r\n.\r\n' : null) });
    const session = keep(await connectTo(server.port));
    await expect(session.list()).rejects.toEqual(failing('EPROTOCOL', { command: 'LIST' }));
  });
});

test('pipelined: the next RETR is on its way before the former was answered', async () => {
  const waiting: string[] = [];
  const server = keep(
    await scriptedServer('+OK\r\n', (line) => {
      if (line === 'CAPA') return '+OK\r\nPIPELINING\r\nUSER\r\n.\r\n';
      if (!line.startsWith('RETR')) return '+OK\r\n';
      waiting.push(line);
      // Answers nothing until it has heard all three.
      return waiting.length < 3 ? '' : '+OK\r\n1\r\n.\r\n+OK\r\n2\r\n.\r\n+OK\r\n3\r\n.\r\n';
    }),
  );
  const session = keep(await connectTo(server.port));
  const bodies = await Promise.all([1, 2, 3].map((messageNumber) => session.retrieve({ messageNumber, octets: 3 })));
  expect(bodies.map((body) => Buffer.from(body).toString())).toEqual(['1\r\n', '2\r\n', '3\r\n']);
});

describe('encryption', () => {
  let authority: TestCertificate;
  let good: TestCertificate;
  const altNames = ['DNS:localhost', 'IP:127.0.0.1'];

  beforeAll(async () => {
    authority = await createCertificate({ commonName: 'Test authority', altNames: [], isAuthority: true });
    good = await createCertificate({ commonName: 'localhost', altNames, issuer: authority });
    setDefaultCACertificates([...getCACertificates('bundled'), authority.cert]);
  });

  async function tlsServer(certificate: TestCertificate): Promise<number> {
    const heard: string[] = [];
    const server = createTlsServer({ key: certificate.key, cert: certificate.cert }, (socket) => {
      socket.on('error', () => socket.destroy());
      socket.write('+OK ready\r\n');
      socket.on('data', (chunk) => {
        heard.push(chunk.toString());
        socket.write(chunk.toString().startsWith('CAPA') ? '-ERR\r\n' : '+OK\r\n');
      });
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    keep({
      close: () => {
        expect(heard.filter((line) => line.includes('PASS')).length).toBeLessThanOrEqual(1);
        server.close();
      },
    });
    const address = server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  }

  const tls = { security: 'tls' as const };

  test('TLS and STLS with a valid certificate', async () => {
    const facts: string[] = [];
    const session = await connectTo(await tlsServer(good), {
      endpoint: tls,
      onCertificate: ({ sha256 }) => facts.push(sha256),
    });
    session.close();
    const server = await serve({ stls: good });
    const upgraded = await connectTo(server.port, { endpoint: { host: 'localhost', security: 'starttls' } });
    expect(await upgraded.stat()).toMatchObject({ messages: 2 });
    upgraded.close();
    expect(facts).toEqual([good.sha256]);
    expect(server.sessions[0]?.commands.slice(0, 3)).toEqual(['CAPA', 'STLS', 'CAPA']);
  });

  test('expired, self-signed, for another host, from a stranger: each by its name, and no password is sent', async () => {
    const expired = await createCertificate({
      commonName: 'localhost',
      altNames,
      issuer: authority,
      notBefore: '20200101000000Z',
      notAfter: '20200201000000Z',
    });
    const own = await createCertificate({ commonName: 'localhost', altNames });
    const other = await createCertificate({
      commonName: 'other.test',
      altNames: ['DNS:other.test'],
      issuer: authority,
    });
    const stranger = await createCertificate({ commonName: 'Stranger', altNames: [], isAuthority: true });
    const strange = await createCertificate({ commonName: 'localhost', altNames, issuer: stranger });
    const cases: [TestCertificate, MailError['code']][] = [
      [expired, 'ECERT_EXPIRED'],
      [own, 'ECERT_SELFSIGNED'],
      [other, 'ECERT_HOST'],
      [strange, 'ECERT_UNTRUSTED'],
    ];
    for (const [certificate, code] of cases) {
      await expect(connectTo(await tlsServer(certificate), { endpoint: tls })).rejects.toEqual(failing(code));
      const server = await serve({ stls: certificate });
      await expect(connectTo(server.port, { endpoint: { security: 'starttls' } })).rejects.toEqual(failing(code));
      expect(server.sessions[0]?.commands).toEqual(['CAPA', 'STLS']);
    }
  });

  test('a pinned certificate is trusted alone', async () => {
    const own = await createCertificate({ commonName: 'elsewhere', altNames: [] });
    const port = await tlsServer(own);
    (await connectTo(port, { endpoint: { ...tls, pinnedCertificateSha256: own.sha256 } })).close();
    await expect(
      connectTo(await tlsServer(good), { endpoint: { ...tls, pinnedCertificateSha256: own.sha256 } }),
    ).rejects.toEqual(failing('ECERT_CHANGED'));
  });

  test('STLS missing: nothing is sent', async () => {
    const server = await serve();
    await expect(connectTo(server.port, { endpoint: { security: 'starttls' } })).rejects.toEqual(
      failing('ENOSTARTTLS'),
    );
    expect(server.sessions[0]?.commands).toEqual(['CAPA']);
    const silent = await serve({ capa: false });
    await expect(connectTo(silent.port, { endpoint: { security: 'starttls' } })).rejects.toEqual(
      failing('ENOSTARTTLS'),
    );
    expect(silent.sessions[0]?.commands).toEqual(['CAPA', 'STLS']);
  });

  test.each(['+OK\r\n+OK injected\r\n', '+OK\r\n+OK half a li'])(
    'what came before TLS is not heard after it: %j',
    async (reply) => {
      const server = keep(
        await scriptedServer('+OK\r\n', (line) => (line === 'CAPA' ? '+OK\r\nSTLS\r\nUSER\r\n.\r\n' : reply)),
      );
      await expect(connectTo(server.port, { endpoint: { security: 'starttls' } })).rejects.toEqual(
        failing('EPROTOCOL'),
      );
      expect(server.heard).toEqual(['CAPA', 'STLS']);
    },
  );
});
