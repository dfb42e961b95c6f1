import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { LookupFunction } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MadeCertificates, makeCertificates } from '../outgoing/testing/certificates.ts';
import { leaveByOneClick, type Reaching } from './one-click.ts';

let certificates: MadeCertificates;
let server: Server;
let status = 200;
const asked: { method: string | undefined; url: string | undefined; cookie: string | undefined; body: string }[] = [];

beforeAll(async () => {
  certificates = await makeCertificates();
  server = createServer(certificates.good.pem, async (request, response) => {
    const { method, url, headers } = request;
    asked.push({ method, url, cookie: headers.cookie, body: await text(request) });
    response.writeHead(status, { location: 'https://localhost/elsewhere', 'set-cookie': 'id=1' }).end('<p>Bye</p>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => server.close());

function reaching(more: Partial<Reaching> = {}): Reaching {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { ca: certificates.authorityPem, port, ...more };
}

it.each([200, 202])('says the one sentence of RFC 8058, and nothing of the user; %d is a yes', async (code) => {
  asked.length = 0;
  status = code;
  await leaveByOneClick('https://localhost/leave?id=1', reaching());
  expect(asked).toEqual([
    { method: 'POST', url: '/leave?id=1', cookie: undefined, body: 'List-Unsubscribe=One-Click' },
  ]);
});

it.each([300, 302, 404, 500])('does not take %d for a yes, and follows nobody', async (code) => {
  asked.length = 0;
  status = code;
  await expect(leaveByOneClick('https://localhost/leave', reaching())).rejects.toMatchObject({
    code: 'EREJECTED',
    message: expect.stringContaining(String(code)),
  });
  expect(asked).toHaveLength(1);
});

it('says nothing to a server that cannot prove its name', async () => {
  asked.length = 0;
  await expect(leaveByOneClick('https://localhost/leave', reaching({ ca: undefined }))).rejects.toMatchObject({
    code: 'EUNREACHABLE',
  });
  expect(asked).toEqual([]);
});

it('names the host that cannot be found', async () => {
  const lookup: LookupFunction = (_host, _options, done) => done(new Error('ENOTFOUND'), '', 4);
  await expect(leaveByOneClick('https://list.example/leave', reaching({ lookup }))).rejects.toThrow('list.example');
});
