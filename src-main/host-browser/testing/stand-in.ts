import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Transport } from '#shared/rpc/transport.ts';
import { openPageServer, type PageServer } from '../http-server.ts';
import { chooseOrigin, hostOf, type Origin } from '../origin.ts';
import { createSessions, type Sessions } from '../sessions.ts';

/** A page server on a free port with a core that only remembers what it was given. */
export interface StandIn {
  readonly origin: Origin;
  readonly host: string;
  readonly url: string;
  readonly sessions: Sessions;
  readonly server: PageServer;
  readonly attached: Transport[];
  readonly blobRequests: Request[];
  readonly errors: unknown[];
  /** Moves the sessions' clock. */
  advance(ms: number): void;
  answerBlobsWith(answer: (request: Request) => Promise<Response>): void;
  close(): Promise<void>;
}

export async function openStandIn(): Promise<StandIn> {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-page-'));
  await mkdir(join(folder, 'page/assets'), { recursive: true });
  await writeFile(join(folder, 'page/index.html'), '<!doctype html><title>Postrider</title>');
  await writeFile(join(folder, 'page/assets/app-1234.js'), 'export {};');
  await writeFile(join(folder, 'secret.html'), 'not for the page');
  let now = 1_000_000;
  let answerBlob = async (request: Request): Promise<Response> => new Response(`bytes of ${request.url}`);
  const origin = await chooseOrigin(folder);
  const sessions = createSessions(() => now);
  const attached: Transport[] = [];
  const blobRequests: Request[] = [];
  const errors: unknown[] = [];
  const server = await openPageServer({
    origin,
    sessions,
    rendererDir: join(folder, 'page'),
    core: {
      attachPage(transport) {
        attached.push(transport);
        return () => undefined;
      },
      async handleBlob(request) {
        blobRequests.push(request);
        return answerBlob(request);
      },
    },
    log: { info: () => undefined, warn: () => undefined, error: (_message, error) => void errors.push(error) },
    onExchanged: () => undefined,
    onPagesChanged: () => undefined,
  });
  return {
    origin,
    host: hostOf(origin),
    url: `http://${hostOf(origin)}`,
    sessions,
    server,
    attached,
    blobRequests,
    errors,
    advance(ms) {
      now += ms;
    },
    answerBlobsWith(answer) {
      answerBlob = answer;
    },
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Asks the port itself, with exactly these headers and this path: what a browser would tidy up stays as it is. */
export function ask(
  port: number,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<Answer> {
  return new Promise((settle, fail) => {
    const { method = 'GET', path = '/', headers = {}, body } = options;
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () =>
        settle({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    request.on('error', fail);
    request.end(body);
  });
}

/** Comes in as the page does: the cookie pair to send, and the page token. */
export async function signIn(standIn: StandIn): Promise<{ cookie: string; pageToken: string }> {
  const answer = await ask(standIn.origin.port, {
    method: 'POST',
    path: '/session',
    headers: { host: standIn.host, origin: standIn.url, 'content-type': 'application/json' },
    body: JSON.stringify({ token: standIn.sessions.issueLaunchToken() }),
  });
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const { pageToken }: { pageToken: string } = JSON.parse(answer.body);
  return { cookie, pageToken };
}

/** Opens the socket; answers it, or the status it was refused with. */
export function openSocket(
  port: number,
  options: { protocols: string[]; headers: Record<string, string>; path?: string },
): Promise<WebSocket | number> {
  return new Promise((settle) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${options.path ?? '/socket'}`, options.protocols, {
      headers: options.headers,
    });
    socket.once('open', () => settle(socket));
    socket.once('unexpected-response', (_request, response) => {
      settle(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.once('error', () => undefined);
  });
}
