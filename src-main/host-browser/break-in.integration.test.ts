import { once } from 'node:events';
import { createServer } from 'node:http';
import { type Browser, chromium, type Page } from '@playwright/test';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { findBrowser } from './find-browser.ts';
import { openStandIn, type StandIn } from './testing/stand-in.ts';

// A real browser that is signed in visits a hostile page on another loopback port: the nearest an attacker on the web
// or another user of this machine gets, as cookies ignore ports and loopback ports count as one site.

let standIn: StandIn;
let browser: Browser;
let evilPort: number;
let page: Page;
const evil = createServer((_request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><title>evil</title>');
});

beforeAll(async () => {
  standIn = await openStandIn();
  evil.listen(0, '127.0.0.1');
  await once(evil, 'listening');
  const address = evil.address();
  evilPort = typeof address === 'object' && address !== null ? address.port : 0;
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath: findBrowser()?.path, args });
});
afterAll(async () => {
  await browser.close();
  evil.close();
  await standIn.close();
});

beforeEach(async () => {
  const context = await browser.newContext();
  const own = await context.newPage();
  await own.goto(`${standIn.url}/`);
  const status = await own.evaluate(async (token) => {
    const answer = await fetch('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    return answer.status;
  }, standIn.sessions.issueLaunchToken());
  expect(status).toBe(200);
  standIn.blobRequests.length = 0;
  standIn.attached.length = 0;
  page = await context.newPage();
});

/** The same name on another port, and another name: same-site and cross-site. */
const places = () => [`http://${standIn.origin.name}.localhost:${evilPort}/`, `http://evil.localhost:${evilPort}/`];

test('reads no bytes and no page', async () => {
  for (const place of places()) {
    await page.goto(place);
    const results = await page.evaluate(async (url) => {
      const attempts: RequestInit[] = [
        { credentials: 'include' },
        { credentials: 'include', mode: 'no-cors' },
        { credentials: 'include', headers: { 'x-postrider-token': 'x'.repeat(43) } },
        { credentials: 'include', method: 'POST', body: 'x' },
      ];
      const read = async (path: string, init: RequestInit) => {
        const answer = await fetch(url + path, init).catch(() => null);
        return answer === null ? '' : await answer.text();
      };
      return Promise.all(['/blob/message/k', '/'].flatMap((path) => attempts.map((init) => read(path, init))));
    }, standIn.url);
    expect(results).toEqual(results.map(() => ''));
  }
  expect(standIn.blobRequests).toEqual([]);
});

test('opens no socket', async () => {
  for (const place of places()) {
    await page.goto(place);
    const opened = await page.evaluate(
      (url) =>
        new Promise((settle) => {
          const socket = new WebSocket(`${url.replace('http', 'ws')}/socket`, [
            'postrider.v1',
            `token.${'x'.repeat(43)}`,
          ]);
          socket.onopen = () => settle(true);
          socket.onerror = () => settle(false);
        }),
      standIn.url,
    );
    expect(opened).toBe(false);
  }
  expect(standIn.attached).toEqual([]);
});

test('puts our page into no frame and our scripts into no page', async () => {
  for (const place of places()) {
    await page.goto(place);
    await page.setContent(`<script type="module" src="${standIn.url}/assets/app-1234.js"
      onload="document.title = 'ran'" onerror="document.title = 'refused'"></script>`);
    await vi.waitFor(async () => expect(await page.title()).toBe('refused'));
    await page.setContent(`<iframe src="${standIn.url}/"></iframe>`);
    expect(await page.frames().at(-1)?.title()).not.toBe('Postrider');
  }
});

test('does not get in by a form, even with a token it knows', async () => {
  const token = standIn.sessions.issueLaunchToken();
  await page.goto(places()[0] ?? '');
  await page.setContent(`<form method="post" enctype="text/plain" action="${standIn.url}/session">
    <input name='${JSON.stringify({ token })}'><button>Go</button></form>`);
  await page.getByRole('button').click();
  await page.waitForURL(`${standIn.url}/session`);
  expect(await page.textContent('body')).toContain('Only Postrider’s own page');
  expect(standIn.sessions.exchange(token, undefined)).not.toBeNull();
});
