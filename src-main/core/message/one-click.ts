import { type RequestOptions, request } from 'node:https';
import { MailError } from '#shared/mail-error.ts';

/** How the host is found and trusted, if not as everywhere. */
export type Reaching = Pick<RequestOptions, 'lookup' | 'ca' | 'port'>;

const limitMs = 20_000;
const wish = 'List-Unsubscribe=One-Click';

/**
 * Tells a list that the user leaves it (RFC 8058 §3.2): one POST over https, without cookies and without following where
 * it is sent on to. Throws a `MailError` when the server did not say yes, with what to do instead.
 */
export async function leaveByOneClick(address: string, reaching: Reaching = {}): Promise<void> {
  const url = new URL(address);
  const status = await post(url, reaching).catch((error: unknown) => {
    throw new MailError('EUNREACHABLE', `${url.hostname} cannot be reached. Nothing was changed; try again later.`, {
      server: url.hostname,
      cause: error,
    });
  });
  if (status >= 200 && status < 300) return;
  throw new MailError(
    'EREJECTED',
    `${url.hostname} did not take the wish (HTTP ${status}). Try its page, or mark the message as junk.`,
    { server: url.hostname },
  );
}

function post(url: URL, reaching: Reaching): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asked = request(
    url,
    {
      ...reaching,
      method: 'POST',
      agent: false,
      signal: AbortSignal.timeout(limitMs),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': wish.length },
    },
    (response) => {
      // What it says beside the status is for nobody.
      response.resume();
      resolve(response.statusCode ?? 0);
    },
  );
  asked.on('error', reject);
  asked.end(wish);
  return promise;
}
