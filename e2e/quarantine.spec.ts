import type { Page } from '@playwright/test';
import { likeClamscan, openScripts, type Scripts } from '../src-main/core/scanning/testing/scripts.ts';
import { expect, type RunningApp, startApp, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { showFolder } from './pages/mailbox.ts';
import { accountOn, add, commandJson, countIn, plainMail } from './pages/profile.ts';
import { type Maildrop, startMaildrop } from './servers/maildrop.ts';

// A scanner set up by the command, tried by the screen; what it rejects lies in Quarantine until a person decides.
test.describe.configure({ mode: 'default' });

let app: RunningApp & { stop(): Promise<void> };
let maildrop: Maildrop;
let scripts: Scripts;
let scanner: string;

test.beforeAll(async () => {
  scripts = await openScripts();
  scanner = await scripts.add('scan', likeClamscan);
  maildrop = await startMaildrop();
  app = await startApp();
  await add(app, 'account', accountOn(maildrop.port));
});

test.afterAll(async () => {
  await app?.stop();
  await maildrop?.close();
  await scripts?.dispose();
});

async function openScanner(page: Page): Promise<void> {
  await app.open(page);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('link', { name: 'Virus scanner' }).click();
}

test('a scanner is set by the command, shown and tried', async ({ page }) => {
  await openScanner(page);
  const section = page.getByRole('region', { name: 'Virus scanner' });
  // A page in a browser cannot name a program to run; it says how to.
  await expect(section.getByText('postrider quarantine scanner set -- clamdscan')).toBeVisible();
  await expect(section.getByRole('textbox', { name: 'Program' })).toBeDisabled();
  await expect(section.getByRole('switch')).toBeDisabled();
  await commandJson(app, ['quarantine', 'scanner', 'set', `${scanner}-missing`]);
  await expect(section.getByRole('textbox', { name: 'Program' })).toHaveValue(`${scanner}-missing`);
  await section.getByRole('button', { name: 'Try it' }).click();
  await expect(section.getByText('It gave no judgement.')).toBeVisible();
  await expect(section.getByText(/There is no program/).first()).toBeVisible();
  await commandJson(app, ['quarantine', 'scanner', 'set', '--', scanner, '-']);
  await expect(section.getByLabel('Arguments, one a line')).toHaveValue('-');
  await section.getByRole('button', { name: 'Try it' }).click();
  await expect(section.getByText('It works: the clean message passes')).toBeVisible();
  await expect(section.getByText('stdin: Eicar-Test-Signature FOUND')).toBeVisible();
  await section.getByLabel('Exit codes that mean clean').fill('none');
  await expect(section.getByText('Whole numbers from 0 to 255')).toBeVisible();
  await section.getByLabel('Exit codes that mean clean').fill('0');
  await expect(section.getByRole('switch')).toBeChecked();
  await expectAccessible(page, 'scanner settings');
  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 680],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 900 });
    await section.screenshot({ path: test.info().outputPath(`settings-${scheme}.png`) });
  }
});

test('what it rejects is not opened; released by hand it can be read, deleted it is gone', async ({ page }) => {
  for (const subject of ['Hello', 'infected one', 'infected two']) maildrop.deliver(plainMail(subject));
  await commandJson(app, ['collect']);
  expect([await countIn(app, 'Inbox'), await countIn(app, 'Quarantine')]).toEqual([1, 2]);
  await app.open(page);
  await expect(
    page.getByText('The virus scanner rejected mail: 2 messages lie in Quarantine, unopened.'),
  ).toBeVisible();
  await page.getByRole('button', { name: 'Open Quarantine' }).click();
  await expect(page.getByText('The virus scanner rejected mail')).toHaveCount(0);
  await page.getByRole('option').filter({ hasText: 'infected one' }).click();
  const card = page.getByRole('region', { name: 'Quarantine' });
  await expect(card.getByText('The virus scanner rejected this message.')).toBeVisible();
  await expect(card.getByText('stdin: Eicar-Test-Signature FOUND')).toBeVisible();
  await expect(page.getByText('A few words.')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Reply', exact: true })).toHaveCount(0);
  await page.keyboard.press('v');
  await expect(page.getByRole('region', { name: 'Source' }).getByText('A few words.')).toBeVisible();
  await page.keyboard.press('v');
  await expectAccessible(page, 'a message in Quarantine');
  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 680],
  ] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: test.info().outputPath(`held-${scheme}.png`) });
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  // It leaves by being released or deleted, and in no other way.
  await page.keyboard.press('e');
  await expect(page.getByText('Mail in Quarantine is not moved')).toBeVisible();
  const toolbar = page.getByRole('toolbar', { name: 'Actions for this message' });
  await expect(toolbar.getByRole('button', { name: /^(Archive|Move to|Reply)$/ })).toHaveCount(0);
  await toolbar.getByRole('button', { name: 'Release' }).click();
  await page.keyboard.press('Escape');
  await card.getByRole('button', { name: 'Release to Inbox' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Release to Inbox' }).click();
  await expect(page.getByRole('option').filter({ hasText: 'infected one' })).toHaveCount(0);
  await page.getByRole('option').filter({ hasText: 'infected two' }).click();
  await card.getByRole('button', { name: 'Delete for good' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByRole('option').filter({ hasText: 'infected two' })).toHaveCount(0);
  await showFolder(page, 'Inbox');
  await page.getByRole('option').filter({ hasText: 'infected one' }).click();
  await expect(page.getByText('The virus scanner rejected this message; you released it.')).toBeVisible();
  await expect(page.getByText('A few words.').first()).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('released.png') });
});

test('the command lists, releases, deletes and tries', async () => {
  for (const subject of ['infected three', 'infected four']) maildrop.deliver(plainMail(subject));
  await commandJson(app, ['collect']);
  const { stdout } = await app.command(['--json', 'quarantine', 'list']);
  const held = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(held).toMatchObject([{ state: 'rejected' }, { state: 'rejected' }]);
  expect((await app.command(['quarantine', 'list'])).stdout).toContain('Eicar-Test-Signature FOUND');
  expect((await app.command(['quarantine', 'release', held[0].messageKey])).stdout).toContain('is in Inbox now');
  expect((await app.command(['quarantine', 'delete', held[1].messageKey])).code).toBe(0);
  expect((await app.command(['quarantine', 'list'])).stdout).toContain('Nothing is in Quarantine.');
  expect((await app.command(['quarantine', 'release', held[1].messageKey])).code).toBe(65);
  expect((await app.command(['quarantine'])).code).toBe(64);
  expect(await commandJson(app, ['quarantine', 'try'])).toMatchObject({ infected: { verdict: 'rejected' } });
});
