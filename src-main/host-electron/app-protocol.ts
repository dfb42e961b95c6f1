import type { CustomScheme } from 'electron';
import type { AppCore } from '../core/app-core.ts';
import type { Log } from '../core/ports.ts';
import { readPageFile } from '../host-node/page-files.ts';
import { asAttachment, blobHeaders, pageHeaders, safeHeaders } from '../host-node/page-policy.ts';

/** The page's own scheme and origin. */
export const appScheme = 'app';
export const appOrigin = 'app://postrider';
export const appPage = `${appOrigin}/`;

/** To be registered before the app is ready. Standard and secure, so that it has an origin, storage and fetch; it bypasses no policy. */
export const appSchemePrivileges: CustomScheme = {
  scheme: appScheme,
  privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
};

/** Answers requests of our scheme: the page's files, and under `/blob/` the core's bytes, to our own page only. */
export function createAppProtocol(options: {
  rendererDir: string;
  core: Pick<AppCore, 'handleBlob'>;
  log: Log;
}): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await answer(options, request);
    } catch (error) {
      options.log.error('A request of the page failed unexpectedly.', error);
      return refusal(500, 'Something went wrong inside Postrider.');
    }
  };
}

async function answer(options: Parameters<typeof createAppProtocol>[0], request: Request): Promise<Response> {
  const url = new URL(request.url);
  if (`${url.protocol}//${url.host}` !== appOrigin || !isFromOurPage(request)) return refusal(403, 'Not for you.');
  if (url.pathname.startsWith('/blob/')) return asSafeBytes(await options.core.handleBlob(request));
  if (request.method !== 'GET') return refusal(405, 'Only GET.');
  const file = await readPageFile(options.rendererDir, url.pathname);
  if (file === null) return refusal(404, 'Nothing here.');
  return new Response(file.bytes, { headers: { ...pageHeaders, 'content-type': file.contentType } });
}

/** Electron tells who asked, which the asking page cannot forge; absent for what the window itself loads. */
function isFromOurPage(request: Request): boolean {
  const initiator: unknown = Reflect.get(request, 'initiatorOrigin');
  return initiator === undefined || initiator === appOrigin;
}

function asSafeBytes(response: Response): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(blobHeaders)) headers.set(name, value);
  headers.set('content-disposition', asAttachment(response.headers.get('content-disposition')));
  return new Response(response.body, { status: response.status, headers });
}

function refusal(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...safeHeaders, 'content-type': 'text/plain; charset=utf-8' },
  });
}
