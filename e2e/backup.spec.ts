import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { generatedMail } from '../src-main/core/incoming/testing/generated-mail.ts';
import { expect, type RunningApp, startApp, test } from './app.ts';
import { commandJson, countIn } from './pages/profile.ts';

// A backup made, checked, looked into and restored by the screen; a second profile takes it over.
test.describe.configure({ mode: 'serial' });

const count = 60;

let app: RunningApp & { stop(): Promise<void> };
let out: string;

test.beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'postrider-backups-'));
  app = await startApp();
  const folder = join(app.profileDir, 'given');
  await mkdir(folder);
  await Promise.all(generatedMail(count).map((mail, index) => writeFile(join(folder, `${index}.eml`), mail)));
  await commandJson(app, ['import', folder, '--folder', 'Räume/Küche']);
});

test.afterAll(async () => {
  await app?.stop();
  if (out !== undefined) await rm(out, { recursive: true, force: true });
});

async function openScreen(page: Page, on: RunningApp = app): Promise<void> {
  await on.open(page);
  await page.getByRole('button', { name: 'Backup and export' }).click();
  await expect(page.getByRole('heading', { name: 'Backup', exact: true })).toBeVisible();
}

async function backups(): Promise<string[]> {
  return (await readdir(out)).filter((name) => name.endsWith('.zip')).sort();
}

async function choose(page: Page, label: RegExp, option: RegExp): Promise<void> {
  await page.getByRole('button', { name: label }).click();
  await page.getByRole('option', { name: option }).click();
}

test('a folder is chosen, a backup made and checked', async ({ page }) => {
  await openScreen(page);
  await expect(page.getByText('There is no backup yet.')).toBeVisible();
  await page.getByLabel('Folder for backups').fill(out);
  await page.getByLabel('Folder for backups').press('Tab');
  await choose(page, /By itself/, /Every week/);
  await expect(page.getByText(/While Postrider runs\. Next:/)).toBeVisible();
  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByText(`${count} messages are backed up.`)).toBeVisible();
  await expect(page.getByText(/Last backup: now|Last backup: \d+ seconds? ago/)).toBeVisible();
  expect(await backups()).toEqual([expect.stringMatching(/^postrider-.*-full\.zip$/)]);
  await page.getByRole('button', { name: 'Check the last backup' }).click();
  await expect(page.getByText(`The backup holds: ${count} messages`, { exact: false })).toBeVisible();
});

test('the next one holds only what is new; a passphrase is asked for passwords', async ({ page }) => {
  await writeFile(join(app.profileDir, 'new.eml'), 'Subject: Something new\r\n\r\nNew.\r\n');
  await commandJson(app, ['import', join(app.profileDir, 'new.eml'), '--folder', 'Inbox']);
  await openScreen(page);
  await page.getByRole('checkbox', { name: /^With passwords/ }).check({ force: true });
  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByText('Passwords go in only under a passphrase.').first()).toBeVisible();
  await page.getByLabel('Passphrase', { exact: true }).fill('correct horse');
  await page.getByLabel('Once more').fill('correct hearse');
  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByText('The two are not the same.')).toBeVisible();
  await page.getByLabel('Once more').fill('correct horse');
  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByText(`${count + 1} messages are backed up.`)).toBeVisible();
  expect(await backups()).toEqual([expect.stringMatching(/-full\.zip$/), expect.stringMatching(/-incremental\.zip$/)]);
});

test('one message, then one folder come back, and nothing twice', async ({ page }) => {
  const rows = (await app.command(['--json', 'list', 'Räume/Küche'])).stdout.trim().split('\n');
  const keys = rows.map((row): string => JSON.parse(row).messageKey);
  const kept = join(app.mailFolder, '.R&AOQ-ume.K&APw-che');
  for (const sub of ['new', 'cur']) for (const name of await readdir(join(kept, sub))) await rm(join(kept, sub, name));
  await expect.poll(() => countIn(app, 'Räume/Küche')).toBe(0);

  await openScreen(page);
  await page.getByRole('button', { name: 'Look inside' }).click();
  await choose(page, /^What Everything|Everything.*What/, /Küche/);
  await page.getByRole('button', { name: /^Show more/ }).click();
  const box = page.getByRole('checkbox', { name: /Message 44/ });
  await box.press('Space');
  await expect(box).toBeChecked();
  await page.getByRole('button', { name: 'Restore one message' }).click();
  await expect(page.getByText('One message was restored.')).toBeVisible();
  expect(await countIn(app, 'Räume/Küche')).toBe(1);
  await box.press('Space');
  await page.getByRole('button', { name: 'Restore Räume/Küche' }).click();
  await expect(page.getByText(`${count - 1} messages were restored.`)).toBeVisible();
  await expect(page.getByText('One was here already.')).toBeVisible();
  expect(await countIn(app, 'Räume/Küche')).toBe(count);
  const again = (await app.command(['--json', 'list', 'Räume/Küche'])).stdout.trim().split('\n');
  expect(again.map((row): string => JSON.parse(row).messageKey).sort()).toEqual(keys.sort());
});

test('another profile takes everything over, by the keyboard; a damaged backup is refused, what is intact in it is not', async ({
  page,
}) => {
  const other = await startApp();
  try {
    const newest = join(out, (await backups()).at(-1) ?? '');
    await openScreen(page, other);
    await page.getByLabel('File', { exact: true }).fill(newest);
    await page.getByRole('button', { name: 'Look inside' }).focus();
    await page.keyboard.press('Enter');
    const restore = page.getByRole('button', { name: 'Restore everything' });
    await page.getByLabel('Passphrase', { exact: true }).fill('wrong');
    await restore.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main').getByRole('alert')).toContainText('This passphrase does not open');
    await page.getByLabel('Passphrase', { exact: true }).fill('correct horse');
    await restore.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByText(`${count + 1} messages were restored.`)).toBeVisible();
    expect(await countIn(other, 'Räume/Küche')).toBe(count);

    const bytes = await readFile(newest);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(newest, bytes);
    await restore.press('Enter');
    await expect(page.getByRole('main').getByRole('alert')).toContainText('damaged');
    expect((await app.command(['backup', 'verify', newest])).code).toBe(65);
    const told = await other.command(['--json', 'backup', 'restore', newest, '--intact']);
    expect(told.code).toBe(65);
    expect(JSON.parse(told.stdout)).toMatchObject({ restored: 0, damaged: [{ entry: 'READ ME.txt' }] });

    await page.getByRole('button', { name: 'Restore what is intact' }).press('Enter');
    await expect(page.getByText('The backup is damaged, but every message')).toBeVisible();
    await page.getByText('What is damaged').click();
    await expect(page.getByText('“READ ME.txt” is damaged')).toBeVisible();
    expect(await countIn(other, 'Räume/Küche')).toBe(count);
  } finally {
    await other.stop();
  }
});
