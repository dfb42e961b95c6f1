// Makes docs/screenshots/ from a practice profile, so that the pictures in the README stay true. Needs a browser of the
// Chromium family, as the end-to-end tests do.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { type Browser, chromium, type Page } from '@playwright/test';
import { startApp } from '../e2e/app.ts';
import { browserArguments, executablePath } from '../e2e/browser.ts';
import { openPractice, showFolder, writeTo } from '../e2e/pages/mailbox.ts';
import { OutgoingServers } from '../e2e/pages/outgoing-servers.ts';
import { add, identityOf, plainMail, serverOn } from '../e2e/pages/profile.ts';
import { choose, Wizard } from '../e2e/pages/wizard.ts';
import { startMaildrop } from '../e2e/servers/maildrop.ts';
import { startSink } from '../e2e/servers/sink.ts';
import { buildIfStale } from './build.ts';

const folder = join(import.meta.dirname, '../docs/screenshots');
const wide = { width: 1280, height: 800 };
const narrow = { width: 680, height: 800 };
type Colours = 'light' | 'dark';
const shownSubject = 'Winter berth: our offer and a picture';

async function newPage(browser: Browser, colorScheme: Colours = 'light'): Promise<Page> {
  const context = await browser.newContext({ viewport: wide, colorScheme, reducedMotion: 'reduce', locale: 'en-GB' });
  return context.newPage();
}

/** Takes one picture once nothing moves, nothing floats and nothing has the focus ring. */
async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(640, 0);
  const toasts = page.getByRole('region', { name: 'Messages from Postrider' }).getByRole('button', { name: 'Dismiss' });
  while ((await toasts.count()) > 0) await toasts.first().click();
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  const png = compact(await page.screenshot({ animations: 'disabled', caret: 'hide' }));
  writeFileSync(join(folder, `${name}.png`), png);
  console.log(`${name}.png ${Math.round(png.length / 1000)} kB`);
}

const signatureOctets = 8;

/** Packs the same pixels tighter: browsers write PNG for speed, not for size. */
function compact(png: Buffer): Buffer {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = signatureOctets; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  const pixels = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  const packed = { type: 'IDAT', data: deflateSync(pixels, { level: 9, memLevel: 9 }) };
  const kept = chunks.filter(({ type }) => type === 'IHDR' || type === 'PLTE' || type === 'tRNS');
  return Buffer.concat([
    png.subarray(0, signatureOctets),
    ...[...kept, packed, { type: 'IEND', data: Buffer.alloc(0) }].map(writeChunk),
  ]);
}

function writeChunk({ type, data }: { type: string; data: Buffer }): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}

async function send(page: Page, mailbox: string, subject: string, text: string): Promise<void> {
  await writeTo(page, mailbox, subject);
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill(text);
  await page.keyboard.press('Control+Enter');
  await page.getByRole('textbox', { name: 'Subject' }).waitFor({ state: 'detached' });
}

async function setFault(page: Page, which: RegExp, fault: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await choose(page.locator('main'), which.source, fault);
}

/** The network gets the name a person would give it. */
async function nameNetwork(page: Page): Promise<void> {
  await page.getByRole('contentinfo').getByRole('button', { name: /^On / }).click();
  const card = page
    .getByRole('list', { name: /^Networks/ })
    .locator(':scope > li')
    .first();
  await card.getByRole('button', { name: 'Give it a name' }).click();
  await page.keyboard.type('Home');
  await page.keyboard.press('Enter');
  await page.getByRole('contentinfo').getByText('On Home').waitFor();
}

/** A mailbox somebody lives in: nearly everything has been read. */
async function readMost(page: Page): Promise<void> {
  await showFolder(page, 'Inbox');
  const rows = page.getByRole('listbox', { name: 'Messages in Inbox' }).getByRole('option');
  await rows.first().click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('u');
  await page
    .getByRole('option', { name: /^unread/ })
    .first()
    .waitFor({ state: 'detached' });
  await rows.nth(1).click();
  await rows.nth(3).click({ modifiers: ['ControlOrMeta'] });
  await page.keyboard.press('u');
  await page
    .getByRole('option', { name: /^unread/ })
    .first()
    .waitFor();
}

async function takeMailbox(page: Page, name: string, subject: string): Promise<void> {
  await showFolder(page, 'Inbox');
  await page.getByRole('option').filter({ hasText: subject }).first().click();
  await page.getByRole('article').getByRole('button', { name: 'Reply', exact: true }).waitFor();
  await take(page, name);
}

async function takeServers(page: Page, name: string, label: string): Promise<void> {
  const servers = new OutgoingServers(page);
  await servers.open();
  const editor = await servers.edit(label);
  await editor.getByRole('heading', { name: 'What is remembered' }).waitFor();
  await take(page, name);
}

async function takeWriting(page: Page): Promise<void> {
  await showFolder(page, 'Inbox');
  await writeTo(page, 'friend@practice.postrider.test', 'Saturday by the sea');
  await page
    .getByRole('textbox', { name: 'Message', exact: true })
    .fill(
      'Dear friend,\n\nthe house is free this weekend, and the forecast says sun. The train at 9:40 still has seats.\n' +
        'Shall I book two?\n\nWarmly,\nAnna\n',
    );
  await page.getByText(/^Saved /).waitFor();
  await take(page, 'composer-light');
  await page.getByRole('button', { name: 'Discard draft' }).click();
}

async function takeAttempts(page: Page): Promise<void> {
  await send(page, 'friend@practice.postrider.test', 'Notes from the harbour', 'Three boats came in this morning.\n');
  await showFolder(page, 'Sent');
  await page.getByRole('option').filter({ hasText: 'Notes from the harbour' }).click();
  await page.getByRole('button', { name: 'Show the way it took' }).click();
  await page.getByText('took it').first().waitFor();
  await take(page, 'attempts-light');
}

async function takeOutbox(page: Page): Promise<void> {
  await setFault(page, /Second outgoing server/, /final dot/);
  await send(page, 'friend@practice.postrider.test', 'Did you get this', 'A line went dead in the middle.\n');
  await showFolder(page, 'Outbox');
  await page.getByText('Did it arrive?').waitFor();
  await take(page, 'outbox-light');
  await setFault(page, /Second outgoing server/, /^Nothing/);
}

/** In a hotel: another server answers on the provider's port. */
async function takeInterception(browser: Browser): Promise<void> {
  const [app, provider] = await Promise.all([
    startApp({ preferences: { undoSendSeconds: 0 } }),
    startSink({ name: 'mail.provider.example' }),
  ]);
  const { port } = provider;
  await add(app, 'server', serverOn('Provider', port, { kick: { kind: 'etrn', host: 'home.example' } }));
  await add(app, 'identity', identityOf('anna@home.example'));
  const page = await newPage(browser);
  await app.open(page);
  const servers = new OutgoingServers(page);
  await servers.open();
  const editor = await servers.edit('Provider');
  const test = editor.getByRole('button', { name: /^Test/ });
  await test.click();
  await editor.getByText('It works.').waitFor();
  await provider.stop();
  const hotel = await startSink({ port, name: 'relay.hotel.example' });
  try {
    await test.click();
    await editor.getByRole('button', { name: 'Accept this network’s relay here' }).scrollIntoViewIfNeeded();
    await servers.row('Provider').getByText('answers in its place').waitFor();
    await take(page, 'servers-test-light');
    await servers.showTab('Probe a host');
    await page.getByLabel('Host', { exact: true }).fill('127.0.0.1');
    await page.getByLabel('Ports', { exact: true }).fill(String(port));
    await page.getByRole('button', { name: 'Probe', exact: true }).click();
    await page.getByRole('table').first().waitFor();
    await take(page, 'probe-light');
  } finally {
    await Promise.all([app.stop(), hotel.stop()]);
  }
}

async function takeBackup(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Backup and export' }).click();
  await page.getByRole('heading', { name: 'Backup', exact: true }).waitFor();
  await take(page, 'backup-light');
}

/** The wizard on servers of its own: one way out is closed, the other works. */
async function takeSetup(browser: Browser): Promise<void> {
  const [app, maildrop, sink, closed] = await Promise.all([
    startApp(),
    startMaildrop([plainMail('Welcome')]),
    startSink(),
    startSink(),
  ]);
  await closed.stop();
  try {
    const page = await newPage(browser);
    await app.open(page);
    const wizard = new Wizard(page);
    await wizard.open();
    await wizard.who('Anna Ö.', 'anna@home.example');
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Password', { exact: true }).fill('secret');
    await take(page, 'setup-light');
    await wizard.incoming({ host: 'localhost', port: maildrop.port, security: 'None' }, 'anna', 'secret');
    await wizard.next();
    await wizard.outgoing(1, { host: 'localhost', port: closed.port, security: 'None' }, 'Office relay');
    await page.getByRole('button', { name: 'Add another outgoing server' }).click();
    await wizard.outgoing(2, { host: 'localhost', port: sink.port, security: 'None' }, 'At home');
    await wizard.next();
    await page.getByText('Something does not work yet.').waitFor({ timeout: 60_000 });
    await take(page, 'setup-test-light');
  } finally {
    await Promise.all([app.stop(), maildrop.close(), sink.stop()]);
  }
}

async function main(): Promise<void> {
  await buildIfStale();
  mkdirSync(folder, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: browserArguments });
  const app = await startApp({ preferences: { undoSendSeconds: 0 } });
  try {
    const page = await newPage(browser);
    await app.open(page);
    await openPractice(page);
    await nameNetwork(page);
    await readMost(page);
    await takeMailbox(page, 'mailbox-light', shownSubject);
    await takeAttempts(page);
    await takeWriting(page);
    for (const subject of ['The rope we spoke of', 'Keys', 'Thursday, then'])
      await send(page, 'friend@practice.postrider.test', subject, 'A few words.\n');
    await showFolder(page, 'Sent');
    await page.getByRole('option').filter({ hasText: 'Thursday, then' }).waitFor();
    const dark = await newPage(browser, 'dark');
    await app.open(dark);
    await dark.getByText(shownSubject).first().waitFor();
    await takeMailbox(dark, 'mailbox-dark', shownSubject);
    await takeServers(dark, 'servers-dark', 'Practice relay 1 (refuses you)');
    await dark.close();
    await takeServers(page, 'servers-light', 'Practice relay 2');
    await takeOutbox(page);
    await takeBackup(page);
    await showFolder(page, 'Inbox');
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    await take(page, 'settings-light');
    await showFolder(page, 'Inbox');
    await page.setViewportSize(narrow);
    await take(page, 'narrow-light');
    await takeSetup(browser);
    await takeInterception(browser);
  } finally {
    await app.stop();
    await browser.close();
  }
}

await main();
