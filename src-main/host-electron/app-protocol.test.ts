import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appSchemePrivileges, createAppProtocol } from './app-protocol.ts';

let folder: string;
const errors: unknown[] = [];
const asked: string[] = [];
let handle: (request: Request) => Promise<Response>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-protocol-'));
  await mkdir(join(folder, 'page'));
  await writeFile(join(folder, 'page/index.html'), '<!doctype html>');
  await writeFile(join(folder, 'secret.html'), 'not for the page');
  handle = createAppProtocol({
    rendererDir: join(folder, 'page'),
    log: { info: () => undefined, warn: () => undefined, error: (_message, error) => void errors.push(error) },
    core: {
      async handleBlob(request) {
        asked.push(request.url);
        if (request.url.endsWith('/broken')) throw new Error('/home/anna');
        return new Response('<script>', { headers: { 'content-type': 'text/html', 'content-disposition': 'inline' } });
      },
    },
  });
});
afterAll(() => rm(folder, { recursive: true }));

/** A request as Electron makes it: the initiator is a property beside the standard ones. */
function request(url: string, options: { method?: string; initiator?: string } = {}): Request {
  const made = new Request(url, { method: options.method ?? 'GET' });
  return options.initiator === undefined ? made : Object.assign(made, { initiatorOrigin: options.initiator });
}

test('serves the page with its policy', async () => {
  const response = await handle(request('app://postrider/'));
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('<!doctype html>');
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
});

test.each([
  'app://postrider/../secret.html',
  'app://postrider/%2e%2e%2fsecret.html',
  'app://postrider/..%5csecret.html',
  'app://postrider/%00',
  'app://postrider/%',
  'app://postrider//etc/passwd',
  'app://postrider/nothing.html',
])('has no %s', async (url) => {
  const response = await handle(request(url));
  expect(response.status).toBe(404);
  expect(await response.text()).not.toContain('not for the page');
});

test.each([
  ['another host', 'app://elsewhere/', {}],
  ['another page', 'app://postrider/', { initiator: 'https://evil.example' }],
  ['a sandboxed frame', 'app://postrider/blob/message/k', { initiator: 'null' }],
])('serves nothing to %s', async (_who, url, options) => {
  expect((await handle(request(url, options))).status).toBe(403);
  expect(asked).toEqual([]);
});

test('serves bytes as an attachment that cannot run', async () => {
  const response = await handle(request('app://postrider/blob/message/k', { initiator: 'app://postrider' }));
  expect(await response.text()).toBe('<script>');
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-disposition': 'attachment',
    'content-security-policy': "sandbox; default-src 'none'",
    'x-content-type-options': 'nosniff',
  });
});

test('tells nothing of the inside when it fails', async () => {
  const response = await handle(request('app://postrider/blob/broken'));
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('anna');
  expect(errors).toHaveLength(1);
  expect((await handle(request('app://postrider/', { method: 'POST' }))).status).toBe(405);
});

test('asks for no privilege that steps around the policy', () => {
  expect(appSchemePrivileges.privileges).not.toHaveProperty('bypassCSP');
  expect(appSchemePrivileges.privileges).not.toHaveProperty('corsEnabled');
  expect(appSchemePrivileges.privileges).not.toHaveProperty('allowServiceWorkers');
});
