import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ask, openSocket, openStandIn, type StandIn, signIn } from './testing/stand-in.ts';

let standIn: StandIn;

beforeEach(async () => {
  standIn = await openStandIn();
});

afterEach(async () => {
  await standIn.close();
});

const json = { 'content-type': 'application/json' };

function exchange(token: string, headers: Record<string, string> = {}) {
  return ask(standIn.origin.port, {
    method: 'POST',
    path: '/session',
    headers: { host: standIn.host, origin: standIn.url, ...json, ...headers },
    body: JSON.stringify({ token }),
  });
}

describe('the launch token', () => {
  test('is exchanged for a cookie no script reads and a token for the page', async () => {
    const answer = await exchange(standIn.sessions.issueLaunchToken());
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^postrider-session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/),
    ]);
    expect(JSON.parse(answer.body)).toEqual({ pageToken: expect.stringMatching(/^[\w-]{43}$/) });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('works once', async () => {
    const token = standIn.sessions.issueLaunchToken();
    expect((await exchange(token)).status).toBe(200);
    const again = await exchange(token);
    expect(again.status).toBe(401);
    expect(again.headers['set-cookie']).toBeUndefined();
  });

  test('works for 30 seconds', async () => {
    const inTime = standIn.sessions.issueLaunchToken();
    standIn.advance(29_999);
    expect((await exchange(inTime)).status).toBe(200);
    const late = standIn.sessions.issueLaunchToken();
    standIn.advance(30_001);
    expect((await exchange(late)).status).toBe(401);
  });

  test('cannot be guessed', async () => {
    standIn.sessions.issueLaunchToken();
    expect((await exchange(randomBytes(32).toString('base64url'))).status).toBe(401);
    expect((await exchange('')).status).toBe(401);
    expect((await exchange('__proto__')).status).toBe(401);
  });

  test.each([
    ['another origin', { origin: 'http://evil.example' }, 403],
    ['another port of the same name', { origin: 'http://NAME:1' }, 403],
    ['an opaque origin, as a sandboxed frame has', { origin: 'null' }, 403],
    ['another host', { host: 'evil.example' }, 421],
    ['the bare address', { host: '127.0.0.1' }, 421],
    ['a request across sites', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a request from another loopback port', { 'sec-fetch-site': 'same-site' }, 403],
    ['a form', { 'content-type': 'text/plain' }, 405],
  ])('is not taken from %s', async (_who, headers, status) => {
    const answer = await exchange(standIn.sessions.issueLaunchToken(), headers);
    expect(answer.status).toBe(status);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('is not taken without an Origin', async () => {
    const answer = await ask(standIn.origin.port, {
      method: 'POST',
      path: '/session',
      headers: { host: standIn.host, ...json },
      body: JSON.stringify({ token: standIn.sessions.issueLaunchToken() }),
    });
    expect(answer.status).toBe(403);
  });

  test('is not read from an endless body', async () => {
    expect((await exchange('x'.repeat(100_000))).status).toBe(413);
  });

  test('of a second window keeps the first one signed in', async () => {
    const first = await signIn(standIn);
    const second = await exchange(standIn.sessions.issueLaunchToken(), { cookie: first.cookie });
    expect(second.headers['set-cookie']?.[0]).toContain(`${first.cookie};`);
    for (const pageToken of [first.pageToken, JSON.parse(second.body).pageToken]) {
      expect((await getBytes({ cookie: first.cookie, 'x-postrider-token': pageToken })).status).toBe(200);
    }
  });
});

function getBytes(headers: Record<string, string>, path = '/blob/message/k') {
  return ask(standIn.origin.port, { path, headers: { host: standIn.host, ...headers } });
}

describe('bytes', () => {
  test('are served as an attachment that cannot run, whatever the core says', async () => {
    const { cookie, pageToken } = await signIn(standIn);
    standIn.answerBlobsWith(
      async () =>
        new Response('<script>alert(1)</script>', {
          headers: { 'content-type': 'text/html', 'content-disposition': 'inline', 'content-security-policy': 'x' },
        }),
    );
    const answer = await getBytes({ cookie, 'x-postrider-token': pageToken });
    expect(answer).toMatchObject({ status: 200, body: '<script>alert(1)</script>' });
    expect(answer.headers).toMatchObject({
      'content-disposition': 'attachment',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-store',
    });
  });

  test('keep the name the core gave them', async () => {
    const { cookie, pageToken } = await signIn(standIn);
    standIn.answerBlobsWith(
      async () => new Response('x', { headers: { 'content-disposition': 'attachment; filename="a.pdf"' } }),
    );
    const answer = await getBytes({ cookie, 'x-postrider-token': pageToken });
    expect(answer.headers['content-disposition']).toBe('attachment; filename="a.pdf"');
  });

  test('need both the cookie and the token, of one session', async () => {
    const mine = await signIn(standIn);
    const other = await signIn(standIn);
    const attempts: [Record<string, string>, number][] = [
      [{}, 401],
      [{ cookie: mine.cookie }, 401],
      [{ 'x-postrider-token': mine.pageToken }, 401],
      [{ cookie: other.cookie, 'x-postrider-token': mine.pageToken }, 401],
      [{ cookie: mine.cookie, 'x-postrider-token': 'x'.repeat(43) }, 401],
      [{ cookie: 'postrider-session=', 'x-postrider-token': mine.pageToken }, 401],
      [{ cookie: mine.cookie, 'x-postrider-token': mine.pageToken, origin: 'http://evil.example' }, 403],
      [{ cookie: mine.cookie, 'x-postrider-token': mine.pageToken, 'sec-fetch-site': 'same-site' }, 403],
      [{ cookie: mine.cookie, 'x-postrider-token': mine.pageToken, host: 'evil.example' }, 421],
      [{ cookie: mine.cookie, 'x-postrider-token': mine.pageToken }, 200],
    ];
    for (const [headers, status] of attempts)
      expect([headers, (await getBytes(headers)).status]).toEqual([headers, status]);
    expect(standIn.blobRequests).toHaveLength(1);
  });

  test('come in as they are sent, from our page only', async () => {
    const { cookie, pageToken } = await signIn(standIn);
    standIn.answerBlobsWith(async (request) => new Response(String((await request.arrayBuffer()).byteLength)));
    const upload = (headers: Record<string, string>) =>
      ask(standIn.origin.port, {
        method: 'POST',
        path: '/blob/upload?name=a.bin',
        headers: { host: standIn.host, cookie, 'x-postrider-token': pageToken, ...headers },
        body: Buffer.alloc(3_000_000, 7),
      });
    expect(await upload({ origin: standIn.url })).toMatchObject({ status: 200, body: '3000000' });
    expect(standIn.blobRequests[0]?.url).toBe(`${standIn.url}/blob/upload?name=a.bin`);
    expect((await upload({})).status).toBe(403);
  });

  test('past the limit are refused before they are read', async () => {
    const { cookie, pageToken } = await signIn(standIn);
    const answer = await ask(standIn.origin.port, {
      method: 'POST',
      path: '/blob/upload',
      headers: {
        host: standIn.host,
        origin: standIn.url,
        cookie,
        'x-postrider-token': pageToken,
        'content-length': String(2 ** 31),
      },
      body: 'x',
    });
    expect(answer.status).toBe(413);
    expect(standIn.blobRequests).toHaveLength(0);
  });

  test('that break off in the middle do not look whole', async () => {
    const { cookie, pageToken } = await signIn(standIn);
    standIn.answerBlobsWith(async () => {
      let sent = 0;
      return new Response(
        new ReadableStream({
          pull(controller) {
            sent += 1;
            if (sent < 3) controller.enqueue(new Uint8Array(10));
            else controller.error(new Error('the disk went away'));
          },
        }),
      );
    });
    await expect(getBytes({ cookie, 'x-postrider-token': pageToken })).rejects.toThrow();
  });

  test('that fail inside tell nothing of the inside', async () => {
    const { cookie, pageToken } = await signIn(standIn);
    standIn.answerBlobsWith(async () => {
      throw new Error('/home/anna/secret');
    });
    const answer = await getBytes({ cookie, 'x-postrider-token': pageToken });
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('anna');
    expect(standIn.errors).toHaveLength(1);
  });

  test('of a strange path do not stop the server', async () => {
    const { cookie, pageToken } = await signIn(standIn);
    for (const path of ['/blob/%', '/blob/%00', '/blob/../../etc/passwd', '/blob//evil.example/']) {
      const answer = await getBytes({ cookie, 'x-postrider-token': pageToken }, path);
      expect(answer.status).toBeGreaterThanOrEqual(200);
    }
    for (const request of standIn.blobRequests) expect(new URL(request.url).origin).toBe(standIn.url);
  });
});

describe('the page', () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    ask(standIn.origin.port, { path, headers: { host: standIn.host, ...headers } });

  test('comes with its policy', async () => {
    const answer = await get('/');
    expect(answer).toMatchObject({ status: 200, body: '<!doctype html><title>Postrider</title>' });
    const policy = answer.headers['content-security-policy'];
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(answer.headers['cache-control']).toBe('no-store');
    expect((await get('/assets/app-1234.js')).headers['cache-control']).toContain('immutable');
  });

  test.each([
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/..%2fsecret.html',
    '/assets/../../secret.html',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.html',
    '/..\\secret.html',
    '/%5c..%5csecret.html',
    '//etc/passwd',
    '/index.html%00.js',
    '/assets/',
    '/assets',
    '/.hidden.html',
    '/%',
    '/nothing.html',
    '/etc/passwd',
  ])('has no %s', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('not for the page');
  });

  test('is not served under another name, nor into another site', async () => {
    expect((await get('/', { host: `localhost:${standIn.origin.port}` })).status).toBe(421);
    expect((await get('/', { host: `evil.example:${standIn.origin.port}` })).status).toBe(421);
    const asScript = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' };
    expect((await get('/assets/app-1234.js', asScript)).status).toBe(403);
    const inFrame = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
    expect((await get('/', inFrame)).status).toBe(403);
    const fromLaunchPage = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect((await get('/', fromLaunchPage)).status).toBe(200);
  });

  test('takes no other method, and answers no preflight', async () => {
    for (const method of ['POST', 'PUT', 'OPTIONS', 'DELETE']) {
      const answer = await ask(standIn.origin.port, { method, headers: { host: standIn.host } });
      expect(answer.status).toBe(405);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('the socket', () => {
  test('opens for our page and carries frames both ways', async () => {
    const { cookie, pageToken } = await signIn(standIn);
    const socket = await openSocket(standIn.origin.port, {
      protocols: ['postrider.v1', `token.${pageToken}`],
      headers: { host: standIn.host, origin: standIn.url, cookie },
    });
    if (!(socket instanceof WebSocket)) throw new Error(`refused with ${socket}`);
    expect(socket.protocol).toBe('postrider.v1');
    const transport = standIn.attached[0];
    const received: unknown[] = [];
    transport?.onMessage((frame) => {
      received.push(frame);
      transport.send({ echo: frame });
    });
    socket.send('{"a":1}');
    const [data] = await once(socket, 'message');
    expect(JSON.parse(String(data))).toEqual({ echo: { a: 1 } });
    expect(standIn.server.pageCount()).toBe(1);
    // What is no JSON ends this page's connection, and nothing else.
    const closed = once(socket, 'close');
    socket.send('{');
    expect((await closed)[0]).toBe(1003);
  });

  test('refuses everybody else', async () => {
    const { cookie, pageToken } = await signIn(standIn);
    const good = { host: standIn.host, origin: standIn.url, cookie };
    const protocols = ['postrider.v1', `token.${pageToken}`];
    const attempts: [string, string[], Record<string, string>, number][] = [
      ['another origin', protocols, { ...good, origin: 'http://evil.example' }, 403],
      ['another loopback port', protocols, { ...good, origin: `http://${standIn.origin.name}.localhost:1` }, 403],
      ['no origin', protocols, { host: standIn.host, cookie }, 403],
      ['another host', protocols, { ...good, host: 'evil.example' }, 421],
      ['cookie only', ['postrider.v1'], good, 401],
      ['token only', protocols, { host: standIn.host, origin: standIn.url }, 401],
      ['a wrong token', ['postrider.v1', `token.${'x'.repeat(43)}`], good, 401],
      ['no protocol of ours', [`token.${pageToken}`], good, 401],
    ];
    for (const [who, offered, headers, status] of attempts) {
      expect([who, await openSocket(standIn.origin.port, { protocols: offered, headers })]).toEqual([who, status]);
    }
    const elsewhere = await openSocket(standIn.origin.port, { protocols, headers: good, path: '/other' });
    expect(elsewhere).toBe(404);
    expect(standIn.attached).toHaveLength(0);
  });

  test('hangs up on a page that does not read, instead of filling the memory', async () => {
    const { cookie, pageToken } = await signIn(standIn);
    const socket = await openSocket(standIn.origin.port, {
      protocols: ['postrider.v1', `token.${pageToken}`],
      headers: { host: standIn.host, origin: standIn.url, cookie },
    });
    if (!(socket instanceof WebSocket)) throw new Error(`refused with ${socket}`);
    socket.pause();
    const frame = { text: 'x'.repeat(16 * 2 ** 20) };
    let isClosed = false;
    standIn.attached[0]?.onClose(() => {
      isClosed = true;
    });
    for (let count = 0; count < 10; count += 1) standIn.attached[0]?.send(frame);
    await vi.waitFor(() => expect(isClosed).toBe(true));
    expect(standIn.server.pageCount()).toBe(0);
    socket.terminate();
  });
});

test('listens on the loopback address only', async () => {
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address, scopeid }) => (scopeid === undefined || scopeid === 0 ? address : `${address}%${scopeid}`))
    .filter((address) => address !== '127.0.0.1' && !address.includes('%'));
  expect(others.length).toBeGreaterThan(0);
  for (const host of others) {
    const socket = connect({ host, port: standIn.origin.port });
    const [error] = await once(socket, 'error').catch((thrown: unknown) => [thrown]);
    expect(error).toMatchObject({ code: expect.stringMatching(/^E/) });
  }
});
