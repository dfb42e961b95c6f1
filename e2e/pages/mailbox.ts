import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page } from '@playwright/test';

/** Sets up the practice mailbox by its door and waits until its mail is listed. */
export async function openPractice(page: Page): Promise<void> {
  await page.getByRole('button', { name: /try a practice mailbox/i }).click();
  await expect(page.getByText('Welcome to the practice mailbox').first()).toBeVisible();
}

/** Opens a folder in the folder pane. */
export async function showFolder(page: Page, name: string): Promise<void> {
  await page
    .getByRole('row', { name: new RegExp(`^${name}`) })
    .first()
    .click();
}

/** Writes a plain message and leaves it open. */
export async function writeTo(page: Page, mailbox: string, subject: string): Promise<void> {
  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByRole('combobox', { name: 'To' }).fill(mailbox);
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Subject' }).fill(subject);
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('A few words.');
}

/** Writes a plain message and hands it over; the editor closes once the message is in the Outbox. */
export async function sendTo(page: Page, mailbox: string, subject: string): Promise<void> {
  await writeTo(page, mailbox, subject);
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveCount(0);
}

/** Presses what saves a file and reads what was saved. */
export async function saveDownload(page: Page, button: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}
