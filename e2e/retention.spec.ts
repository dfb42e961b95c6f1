import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { type Dovecot, isDovecotInstalled, startDovecot } from '../src-main/core/incoming/testing/dovecot.ts';
import { expect, type RunningApp, test } from './app.ts';
import { accountOn, add, countIn, plainMail } from './pages/profile.ts';
import { Wizard } from './pages/wizard.ts';
import { startMaildrop } from './servers/maildrop.ts';

// What becomes of mail on the server, seen from both sides: the server's files and ours.
test.describe.configure({ mode: 'default' });

let dovecot: Dovecot;
const mails = Array.from({ length: 12 }, (_, index) =>
  plainMail(`Letter ${index + 1}`, `Number ${index + 1}.\r\n.\r\n..dots\r\n${'x'.repeat(index * 500)}\r\n`),
);

test.beforeAll(async () => {
  test.skip(!isDovecotInstalled, 'Dovecot is needed here.');
  dovecot = await startDovecot({
    users: ['anna', 'berta'].map((user) => ({ user, password: 'secret' })),
  });
  for (const mail of mails) for (const user of ['anna', 'berta']) await dovecot.deliver(user, mail);
});

test.afterAll(() => dovecot?.stop());

async function collect(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Collect', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Collect', exact: true })).toBeEnabled();
}

/** Opens what runs and what ran. */
async function lastCollection(page: Page, words: string): Promise<void> {
  await page.getByRole('button', { name: /^Activity|thing/ }).click();
  await expect(page.getByRole('dialog', { name: 'Activity' }).getByText(words).first()).toBeVisible();
  await page.keyboard.press('Escape');
}

async function storedHashes(app: RunningApp): Promise<string[]> {
  const files = await Promise.all(
    ['new', 'cur'].map(async (part) => {
      const folder = join(app.mailFolder, part);
      return (await readdir(folder)).map((name) => join(folder, name));
    }),
  );
  const bytes = await Promise.all(files.flat().map((file) => readFile(file)));
  return bytes.map((one) => createHash('sha256').update(one).digest('hex')).sort();
}

const hashes = mails.map((mail) => createHash('sha256').update(mail).digest('hex')).sort();

test('left on the server: everything stays there, and collecting again adds nothing', async ({ app, page }) => {
  await add(app, 'account', accountOn(dovecot.port));
  await app.open(page);
  await collect(page);
  const list = page.getByRole('listbox', { name: 'Messages in Inbox' });
  await expect(list.getByText('Letter 12', { exact: true })).toBeVisible();
  await lastCollection(page, '12 new messages');
  expect(await storedHashes(app)).toEqual(hashes);
  expect((await dovecot.files('anna')).size).toBe(12);

  await collect(page);
  await lastCollection(page, 'No new mail');
  expect(await countIn(app, 'Inbox')).toBe(12);

  // Also after a restart, and when something new has come in between.
  await app.restart();
  await dovecot.deliver('anna', plainMail('The thirteenth'));
  await app.open(page);
  await collect(page);
  await expect(list.getByText('The thirteenth', { exact: true })).toBeVisible();
  expect(await countIn(app, 'Inbox')).toBe(13);
  expect((await dovecot.files('anna')).size).toBe(13);
});

test('deleted on the server: the wizard says so, and the only copy is here, byte for byte', async ({ app, page }) => {
  await app.open(page);
  const wizard = new Wizard(page);
  await wizard.open();
  await page.getByText('Receiving only').click();
  await wizard.who('Berta', 'berta@home.test');
  await wizard.incoming({ host: '127.0.0.1', port: dovecot.port, security: 'None' }, 'berta', 'secret');
  await page.getByText('deleted there', { exact: true }).click();
  await wizard.next();
  await expect(page.getByText('Everything works.', { exact: true })).toBeVisible();
  expect((await dovecot.files('berta')).size).toBe(12);
  await wizard.next();
  await expect(page.getByText(/Each message is deleted on the server once its file is safe/)).toBeVisible();
  await page.getByRole('button', { name: 'Finish and collect' }).click();

  const list = page.getByRole('listbox', { name: 'Messages in Inbox' });
  await expect(list.getByText('Letter 12', { exact: true })).toBeVisible();
  await expect.poll(async () => (await dovecot.files('berta')).size).toBe(0);
  expect(await storedHashes(app)).toEqual(hashes);

  await collect(page);
  await lastCollection(page, 'No new mail');
  expect(await countIn(app, 'Inbox')).toBe(12);
});

test('a long collection can be stopped, and goes on where it was', async ({ app, page }) => {
  const total = 40;
  const server = await startMaildrop(Array.from({ length: total }, (_, index) => plainMail(`Parcel ${index + 1}`)));
  server.holdAt(20);
  try {
    await add(app, 'account', accountOn(server.port));
    await app.open(page);
    await page.getByRole('button', { name: 'Collect', exact: true }).click();
    await expect.poll(() => server.heard).toContain('RETR 20');
    await page.getByRole('button', { name: '1 thing runs' }).click();
    const activity = page.getByRole('dialog', { name: 'Activity' });
    await expect(activity.getByRole('progressbar', { name: /Collecting mail/ })).toBeVisible();
    await activity.getByRole('button', { name: /^Stop Collecting mail/ }).click();
    await expect(activity.getByText('Stopped')).toBeVisible();
    await page.keyboard.press('Escape');
    const kept = await countIn(app, 'Inbox');
    expect(kept).toBeLessThan(total);

    server.release();
    await collect(page);
    await lastCollection(page, `${total - kept} new messages`);
    expect(await countIn(app, 'Inbox')).toBe(total);
    expect(server.heard.filter((line) => line.startsWith('DELE'))).toEqual([]);
    // What was stored before was not asked for again.
    const asked = server.heard.filter((line) => line === 'RETR 1').length;
    expect(asked).toBe(kept > 0 ? 1 : 2);
  } finally {
    await server.close();
  }
});
