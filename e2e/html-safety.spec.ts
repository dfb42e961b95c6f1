import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, FrameLocator, Page } from '@playwright/test';
import { expect, test } from './app.ts';

/** Hostile HTML gathered from others' test suites; one JSON object a line. */
const corpus = join(import.meta.dirname, '../../shared/corpus/html-vectors.jsonl');

interface Vector {
  readonly id: string;
  readonly payload: string;
}

/** What the gathered ones leave out: everything in mail that could ask the network for something, or cover the window. */
const ownVectors: Vector[] = [
  { id: 'own-img', payload: '<img src="https://tracker.example/a.gif" srcset="https://tracker.example/b.gif 2x">' },
  { id: 'own-input-image', payload: '<input type=image src="https://tracker.example/a.gif">' },
  { id: 'own-picture', payload: '<picture><source srcset="https://tracker.example/a.gif"><img src=x></picture>' },
  { id: 'own-css-url', payload: '<div style="background:url(https://tracker.example/a.gif)">x</div>' },
  { id: 'own-css-escape', payload: '<div style="background:u\\72l(https://tracker.example/a.gif)">x</div>' },
  {
    id: 'own-css-var',
    payload: '<style>p{--a:url(https://tracker.example/a.gif);background:var(--a)}</style><p>x</p>',
  },
  {
    id: 'own-css-var-unset',
    payload: '<div style="background:var(--unset, url(https://tracker.example/a.gif))">x</div>',
  },
  {
    id: 'own-css-var-rule',
    payload: '<style>p{border-image:var(--unset, url(https://tracker.example/a.gif)) 1}</style><p>x</p>',
  },
  { id: 'own-css-set', payload: '<style>p{background:image-set("https://tracker.example/a.gif" 1x)}</style><p>x</p>' },
  { id: 'own-css-import', payload: '<style>@import "https://tracker.example/a.css"; p{color:red}</style><p>x</p>' },
  { id: 'own-css-import-escape', payload: '<style>@\\69mport url(https://tracker.example/a.css);</style><p>x</p>' },
  {
    id: 'own-css-font',
    payload: '<style>@font-face{font-family:a;src:url(https://tracker.example/a)}p{font-family:a}</style><p>x</p>',
  },
  { id: 'own-css-content', payload: '<style>p::before{content:url(https://tracker.example/a.gif)}</style><p>x</p>' },
  { id: 'own-css-list', payload: '<ul style="list-style-image:url(https://tracker.example/a.gif)"><li>x</ul>' },
  { id: 'own-css-cursor', payload: '<p style="cursor:url(https://tracker.example/a.cur),auto">x</p>' },
  {
    id: 'own-css-close',
    payload: '<style>a[title="</style><img src=https://tracker.example/a onerror=alert(1)>"]{}</style><p>x</p>',
  },
  {
    id: 'own-css-nested',
    payload: '<style>@media all{@supports (color:red){p{background:url(https://tracker.example/a)}}}</style><p>x</p>',
  },
  { id: 'own-body', payload: '<body background="https://tracker.example/a.gif" onload="alert(1)">x</body>' },
  { id: 'own-table', payload: '<table background="https://tracker.example/a.gif"><tr><td>x</table>' },
  {
    id: 'own-link',
    payload:
      '<link rel=stylesheet href="https://tracker.example/a.css"><link rel=dns-prefetch href="//tracker.example"><link rel=preload as=image href="https://tracker.example/a">',
  },
  { id: 'own-base', payload: '<base href="https://tracker.example/"><img src="a.gif"><a href="b">x</a>' },
  { id: 'own-meta', payload: '<meta http-equiv=refresh content="0;url=https://tracker.example/"><p>x</p>' },
  {
    id: 'own-form',
    payload: '<form action="https://tracker.example/"><input name=a autofocus><button>Go</button></form>',
  },
  {
    id: 'own-frame',
    payload: '<iframe src="https://tracker.example/"></iframe><iframe srcdoc="<script>alert(1)</script>"></iframe>',
  },
  {
    id: 'own-object',
    payload: '<object data="https://tracker.example/a.svg"></object><embed src="https://tracker.example/a">',
  },
  {
    id: 'own-media',
    payload:
      '<video src="https://tracker.example/a" poster="https://tracker.example/b"></video><audio src="https://tracker.example/c" autoplay></audio>',
  },
  {
    id: 'own-svg',
    payload:
      '<svg><image href="https://tracker.example/a"/><filter><feImage href="https://tracker.example/b"/></filter><use href="https://tracker.example/c#d"/></svg>',
  },
  {
    id: 'own-svg-data',
    payload: "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>\">",
  },
  {
    id: 'own-link-js',
    payload:
      '<a href="javascript:alert(1)">x</a><a href="  java\tscript:alert(1)">y</a><a href="data:text/html,<script>alert(1)</script>">z</a>',
  },
  {
    id: 'own-link-web',
    payload:
      '<a href="https://tracker.example/" target=_top>x</a><a href="/blob/message/x" download>y</a><a href="#z">z</a>',
  },
  { id: 'own-link-ping', payload: '<a href="https://tracker.example/" ping="https://tracker.example/ping">x</a>' },
  { id: 'own-map', payload: '<img usemap="#m"><map name=m><area shape=default href="https://tracker.example/"></map>' },
  { id: 'own-dialog', payload: '<div popover id=p>x</div><button popovertarget=p>y</button><dialog open>z</dialog>' },
  {
    id: 'own-template',
    payload:
      '<template><script>alert(1)</script></template><template shadowrootmode=open><img src="https://tracker.example/"></template>',
  },
];

function gathered(): Vector[] {
  return readFileSync(corpus, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const read: unknown = JSON.parse(line);
      if (!isVector(read)) throw new Error(`Not a vector: ${line.slice(0, 80)}`);
      return read;
    });
}

function isVector(value: unknown): value is Vector {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'payload' in value &&
    typeof value.payload === 'string'
  );
}

function asMail({ id, payload }: Vector, index: number): string {
  const date = new Date(Date.UTC(2025, 0, 1) - index * 60_000).toUTCString().replace('GMT', '+0000');
  const body = Buffer.from(`<p>Vector ${id}</p>${payload}`, 'utf8').toString('base64').replace(/.{76}/g, '$&\r\n');
  return [
    'From: Mallory <mallory@tracker.example>',
    'To: You <you@example.org>',
    `Subject: ${id}`,
    `Date: ${date}`,
    `Message-ID: <${id}@tracker.example>`,
    'MIME-Version: 1.0',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    body,
    '',
  ].join('\r\n');
}

/** What must not happen, written down when it does. */
function watch(page: Page, ownOrigin: () => string): string[] {
  const seen: string[] = [];
  page.on('dialog', (dialog) => {
    seen.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(ownOrigin()) && !/^(data|blob|about):/.test(url)) seen.push(`request: ${url}`);
  });
  page.on('pageerror', (error) => seen.push(`thrown: ${error.stack ?? error.message}`));
  page.on('popup', (popup) => seen.push(`popup: ${popup.url()}`));
  page.on('download', (download) => seen.push(`download: ${download.url()}`));
  page.on('framenavigated', (frame) => {
    if (frame.parentFrame() !== null && !/^about:/.test(frame.url())) seen.push(`navigated: ${frame.url()}`);
  });
  return seen;
}

/** The document of the frame, as written by the reading pane. */
async function readDocument(frame: FrameLocator): Promise<{ srcdoc: string; leftovers: string[] }> {
  return frame.owner().evaluate((element) => {
    if (!(element instanceof HTMLIFrameElement)) throw new Error('Not a frame.');
    const all = [...(element.contentDocument?.querySelectorAll('*') ?? [])];
    const forbidden =
      'script,iframe,frame,object,embed,form,input,button,link,base,svg,math,video,audio,template,dialog';
    const leftovers = all.flatMap((one) => [
      ...(one.matches(forbidden) ? [one.tagName] : []),
      ...[...one.attributes]
        .filter(
          ({ name, value }) =>
            /^on|^(action|formaction|ping|srcset|poster|background|srcdoc|target|download)$/.test(name) ||
            (/^(href|src|data|xlink:href)$/.test(name) && /^\s*(javascript|data:text)/i.test(value)),
        )
        .map(({ name, value }) => `${one.tagName} ${name}=${value}`),
    ]);
    return { srcdoc: element.srcdoc, leftovers };
  });
}

/** Looks at the same documents without sandbox and without policy, in a page of their own: what the sanitiser alone is worth. */
async function openUnprotected(context: BrowserContext): Promise<(srcdoc: string) => Promise<string[]>> {
  const page = await context.newPage();
  let seen: string[] = [];
  page.on('dialog', (dialog) => {
    seen.push(`ran: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!/^(data|about):/.test(request.url())) seen.push(`asked: ${request.url()}`);
  });
  return async (srcdoc) => {
    seen = [];
    await page.setContent(srcdoc.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''));
    // Everything a person could set off without meaning to.
    await page.evaluate(() => {
      for (const element of document.querySelectorAll('*'))
        for (const type of ['mouseover', 'focus', 'load', 'error', 'toggle', 'animationend'])
          element.dispatchEvent(new Event(type, { bubbles: true }));
    });
    return seen;
  };
}

// Recording a trace puts a script of its own into every frame, which the frame rightly refuses.
test.use({ trace: 'off' });

test('no hostile HTML runs, asks for anything, or leads away', async ({ app, page, context }) => {
  test.setTimeout(300_000);
  const hasCorpus = existsSync(corpus);
  if (!hasCorpus)
    test.info().annotations.push({ type: 'skipped', description: `The gathered vectors are not here: ${corpus}` });
  const vectors = [...ownVectors, ...(hasCorpus ? gathered() : [])];
  const folder = join(app.profileDir, 'vectors');
  await mkdir(folder);
  await Promise.all(
    vectors.map((vector, index) =>
      writeFile(join(folder, `${String(index).padStart(4, '0')}.eml`), asMail(vector, index)),
    ),
  );
  const imported = await app.command(['import', folder, '--folder', 'Inbox', '--json']);
  expect(imported.code, imported.stderr).toBe(0);

  await app.open(page);
  const list = page.getByRole('listbox', { name: 'Messages in Inbox' });
  await expect(list.getByRole('option')).not.toHaveCount(0);
  const seen = watch(page, () => new URL(page.url()).origin);
  const address = page.url();
  const showUnprotected = await openUnprotected(context);
  await page.bringToFront();
  await list.focus();
  await page.keyboard.press('Home');

  for (const vector of vectors) {
    await test.step(vector.id, async () => {
      await expect(page.getByRole('heading', { level: 2, name: vector.id, exact: true })).toBeVisible();
      const frame = page.frameLocator('iframe[title="Text of the message"]');
      await expect(frame.getByText(`Vector ${vector.id}`, { exact: true })).toBeAttached();
      const { srcdoc, leftovers } = await readDocument(frame);
      expect(leftovers, vector.id).toEqual([]);
      expect(await showUnprotected(srcdoc), vector.id).toEqual([]);
      await clickLinks(page, frame);
      expect(seen, vector.id).toEqual([]);
      expect(page.url()).toBe(address);
      expect(page.frames().length, vector.id).toBe(2);
    });
    await list.focus();
    await page.keyboard.press('j');
  }
});

/** Every link there is: it shows where it leads and goes nowhere. */
async function clickLinks(page: Page, frame: FrameLocator): Promise<void> {
  const links = await frame.locator('a, area').all();
  for (const link of links) {
    await link.dispatchEvent('click');
    const dialog = page.getByRole('dialog');
    const isAsked = (await link.getAttribute('data-postrider-link')) !== null;
    if (!isAsked) continue;
    await expect(dialog.or(page.getByRole('region', { name: 'Messages being written' }))).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  }
}
