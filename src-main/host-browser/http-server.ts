import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { SessionRequest, sessionPath, socketPath, socketProtocol } from '#shared/rpc/browser-session.ts';
import type { Transport } from '#shared/rpc/transport.ts';
import type { AppCore } from '../core/app-core.ts';
import type { Log } from '../core/ports.ts';
import { readPageFile } from '../host-node/page-files.ts';
import { asAttachment, blobHeaders, pageHeaders, safeHeaders } from '../host-node/page-policy.ts';
import { cookieName, cookieOf, createGate, type Gate, type Refusal } from './gate.ts';
import { hostOf, type Origin } from './origin.ts';
import type { Sessions } from './sessions.ts';
import { socketTransport } from './socket-transport.ts';
import { BodyTooLarge, limited, sendWebResponse, toWebRequest } from './web-request.ts';

const maxUploadOctets = 512 * 2 ** 20;
const maxExchangeOctets = 1024;
const maxFrameOctets = 64 * 2 ** 20;

const tooLarge = { status: 413, text: 'This is too large.' };

export interface PageServer {
  /** How many pages are connected now. */
  pageCount(): number;
  close(): Promise<void>;
}

export interface PageServerOptions {
  readonly origin: Origin;
  readonly sessions: Sessions;
  readonly core: Pick<AppCore, 'attachPage' | 'handleBlob'>;
  readonly log: Log;
  readonly rendererDir: string;
  /** A launch token was used up. */
  readonly onExchanged: () => void;
  /** A page came or went. */
  readonly onPagesChanged: () => void;
}

/** Serves the page, its socket and the bytes on 127.0.0.1, to whoever came in by the launch page and nobody else. */
export async function openPageServer(options: PageServerOptions): Promise<PageServer> {
  const gate = createGate(options.origin, options.sessions);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameOctets,
    // The token is a protocol as well; answering with it would be legal and wrong.
    handleProtocols: () => socketProtocol,
    perMessageDeflate: false,
  });
  const server = createServer(
    { maxHeaderSize: 16 * 1024, requestTimeout: 0, headersTimeout: 15_000 },
    (request, out) => {
      answer(options, gate, request, out).catch((error: unknown) => giveUp(options.log, out, error));
    },
  );
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const refusal = pathOf(request) === socketPath ? gate.forSocket(request) : { status: 404, text: 'Nothing here.' };
    if (refusal !== null) return refuseUpgrade(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      webSocket.on('close', options.onPagesChanged);
      const transport: Transport = socketTransport(webSocket);
      options.core.attachPage(transport);
      options.onPagesChanged();
    });
  });
  await listen(server, options.origin.port);
  return {
    pageCount: () => sockets.clients.size,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      // 1001: going away, so that the page says that Postrider was closed.
      for (const client of sockets.clients) client.close(1001);
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((settle, fail) => {
    server.once('error', fail);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.off('error', fail);
      settle();
    });
  });
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/';
}

async function answer(
  options: PageServerOptions,
  gate: Gate,
  request: IncomingMessage,
  out: ServerResponse,
): Promise<void> {
  const path = pathOf(request);
  if (path === sessionPath) return exchange(options, gate, request, out);
  if (path.startsWith('/blob/')) return serveBytes(options, gate, request, out);
  const refusal = gate.forPage(request);
  if (refusal !== null) return refuse(out, refusal);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(out, { status: 405, text: 'Only GET.' });
  const file = await readPageFile(options.rendererDir, path);
  if (file === null) return refuse(out, { status: 404, text: 'Nothing here.' });
  out.writeHead(200, {
    ...pageHeaders,
    'content-type': file.contentType,
    'content-length': file.bytes.byteLength,
    'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-store',
  });
  out.end(request.method === 'HEAD' ? undefined : file.bytes);
}

async function exchange(
  options: PageServerOptions,
  gate: Gate,
  request: IncomingMessage,
  out: ServerResponse,
): Promise<void> {
  const refusal = gate.forExchange(request);
  if (refusal !== null) return refuse(out, refusal);
  // A form of another page can post text/plain, but not this.
  const isJson = /^application\/json(;|$)/.test(request.headers['content-type'] ?? '');
  if (request.method !== 'POST' || !isJson) return refuse(out, { status: 405, text: 'Only POST of JSON.' });
  const asked = SessionRequest.safeParse(await readJson(request));
  const session = asked.success ? options.sessions.exchange(asked.data.token, cookieOf(request.headers)) : null;
  if (session === null) return refuse(out, { status: 401, text: 'Open Postrider again from its launch page.' });
  out.writeHead(200, {
    ...safeHeaders,
    'cache-control': 'no-store',
    'content-type': 'application/json',
    'set-cookie': `${cookieName}=${session.cookie}; HttpOnly; SameSite=Strict; Path=/`,
  });
  out.end(JSON.stringify({ pageToken: session.pageToken }));
  options.onExchanged();
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of limited(request, maxExchangeOctets)) chunks.push(chunk);
  try {
    return z.json().parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch {
    return undefined;
  }
}

async function serveBytes(
  options: PageServerOptions,
  gate: Gate,
  request: IncomingMessage,
  out: ServerResponse,
): Promise<void> {
  const refusal = gate.forBytes(request);
  if (refusal !== null) return refuse(out, refusal);
  if (Number(request.headers['content-length'] ?? 0) > maxUploadOctets) throw new BodyTooLarge();
  const webRequest = toWebRequest(request, `http://${hostOf(options.origin)}`, maxUploadOctets);
  const response = await options.core.handleBlob(webRequest);
  const disposition = asAttachment(response.headers.get('content-disposition'));
  await sendWebResponse(response, out, { ...blobHeaders, 'content-disposition': disposition });
}

function refuse(out: ServerResponse, { status, text }: Refusal | { status: number; text: string }): void {
  // What was not read of the request would hold the connection up.
  out.writeHead(status, { ...safeHeaders, 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  out.end(`${text}\n`);
}

function refuseUpgrade(socket: Duplex, { status, text }: { status: number; text: string }): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${text}\n`);
}

function giveUp(log: Log, out: ServerResponse, error: unknown): void {
  if (out.headersSent) {
    // Half an answer must not look like a whole one. A page that went away is no fault.
    out.destroy();
    return;
  }
  const isTooLarge = error instanceof BodyTooLarge;
  if (!isTooLarge) log.error('A request failed unexpectedly.', error);
  refuse(out, isTooLarge ? tooLarge : { status: 500, text: 'Something went wrong inside Postrider.' });
}
