import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Node's request as the web's: what the core's blob handler takes. The signal trips when the page hangs up. */
export function toWebRequest(request: IncomingMessage, base: string, maxOctets: number): Request {
  const headers = new Headers();
  for (const name of ['content-type', 'content-length', 'range', 'accept']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const hangUp = new AbortController();
  request.once('close', () => {
    if (!request.complete) hangUp.abort();
  });
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
  return new Request(new URL(request.url ?? '/', base), {
    method: request.method ?? 'GET',
    headers,
    signal: hangUp.signal,
    ...(hasBody ? { body: Readable.toWeb(Readable.from(limited(request, maxOctets))), duplex: 'half' } : {}),
  });
}

/** Thrown into a body that grows past what was allowed, whatever its Content-Length promised. */
export class BodyTooLarge extends Error {
  constructor() {
    super('The body is larger than allowed.');
    this.name = 'BodyTooLarge';
  }
}

/** The chunks of a body, up to a limit. */
export async function* limited(body: AsyncIterable<Buffer>, maxOctets: number): AsyncGenerator<Buffer> {
  let octets = 0;
  for await (const chunk of body) {
    octets += chunk.length;
    if (octets > maxOctets) throw new BodyTooLarge();
    yield chunk;
  }
}

/** Sends the web's response by Node's, as fast as the page reads it. */
export async function sendWebResponse(
  response: Response,
  out: ServerResponse,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  out.writeHead(response.status, { ...Object.fromEntries(response.headers), ...headers });
  if (response.body === null || out.req.method === 'HEAD') {
    out.end();
    return;
  }
  await pipeline(Readable.fromWeb(response.body), out);
}
