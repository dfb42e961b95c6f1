import type { Locator } from '@playwright/test';
import { expect, test } from './app.ts';
import { openPractice } from './pages/mailbox.ts';

// The keyboard is always somewhere, what it does is in view, and so is the window; also in colours the system chooses.
test.describe.configure({ mode: 'default' });

function ground(of: Locator): Promise<string> {
  return of.evaluate((element) => getComputedStyle(element).backgroundColor);
}

test('focus follows to screens and is never lost; keys leave messages out of view alone', async ({ app, page }) => {
  await app.open(page);
  await openPractice(page);
  const list = page.getByRole('listbox', { name: 'Messages in Inbox' });
  await list.getByRole('option').first().click();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Rules, junk');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Rules, junk and automatic answers' })).toBeFocused();

  // The message is still chosen in the list, but nobody sees it.
  await page.keyboard.press('Delete');
  await page.keyboard.press('m');
  await page.getByRole('button', { name: 'Add a rule' }).press('Enter');
  await page.getByRole('button', { name: 'Save rule' }).press('Enter');
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toBeFocused();
  await page.getByRole('button', { name: 'Add a condition' }).press('Enter');
  await expect(page.getByRole('group', { name: 'Condition 2' }).getByRole('button', { name: /What/ })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Add a rule' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
  await expect(page.locator('body')).not.toBeFocused();
  await page.keyboard.press('Escape');
  await expect(list).toBeFocused();

  // What was written gives the keyboard back to where it was asked from.
  await page.keyboard.press('r');
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(list).toBeFocused();

  await page.keyboard.press('w');
  await expect(page.getByRole('treegrid', { name: 'Messages in Inbox' })).toBeFocused();
  await page.keyboard.press('w');
  await expect(list).toBeFocused();

  // Whoever goes elsewhere sees it; what is written waits aside, and the keyboard comes back to where it was.
  await page.keyboard.press('r');
  await page.getByRole('textbox', { name: 'Subject' }).focus();
  await page.getByRole('button', { name: 'Settings', exact: true }).press('Enter');
  await expect(page.getByRole('textbox', { name: 'Subject' })).toBeHidden();
  await page.getByRole('button', { name: 'Reply' }).press('Enter');
  await expect(page.getByRole('textbox', { name: 'Subject' })).toBeFocused();
  await page.getByRole('button', { name: 'Put aside' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Reply' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Compose' }).focus();
  await page.keyboard.press('g');
  await page.keyboard.press('n');
  await expect(page.getByRole('region', { name: 'Networks', exact: true })).toBeFocused();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(list).toBeFocused();

  // G and a letter that stands for nothing by itself.
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(page.getByRole('region', { name: 'Outbox', exact: true })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(list).toBeFocused();

  // Whoever types on at once is where the last key took them.
  const search = page.getByRole('searchbox');
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await page.keyboard.press('/');
  await page.evaluate(async () => {
    for (let frame = 0; frame < 5; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
  await expect(search).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(list).toBeFocused();

  // What says that nothing is left has the keyboard then.
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await expect(page.getByRole('group', { name: 'Nothing in the Inbox' })).toBeFocused();
});

test('going to a section of the settings leaves the window where it is; a new tag is named at once', async ({
  app,
  page,
}) => {
  await app.open(page);
  await openPractice(page);
  await page.keyboard.press('Control+,');
  const current = page.getByRole('navigation', { name: 'Sections' }).locator('[aria-current]');
  await expect(current).toHaveText('Accounts');
  // The last one never comes to the top; gone to, it counts.
  await page.getByRole('link', { name: 'Practice servers' }).click();
  await expect(current).toHaveText('Practice servers');
  await page.getByRole('heading', { name: 'Composing' }).scrollIntoViewIfNeeded();
  await expect(current).toHaveText(/Reading|Composing/);
  await page.getByRole('link', { name: 'Tags' }).click();
  await expect(current).toHaveText('Tags');
  await expect(page.getByRole('textbox', { name: 'Name of tag 1' })).toBeFocused();
  await expect(page.getByRole('button', { name: 'Compose' })).toBeInViewport({ ratio: 1 });
  await page.getByRole('button', { name: 'New tag' }).press('Enter');
  const name = page.getByRole('textbox', { name: 'Name of tag 6' });
  await expect(name).toBeFocused();
  await page.keyboard.type('Harbour');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Remove the tag Harbour' }).press('Enter');
  await expect(name).toHaveCount(0);
  await expect(page.locator('body')).not.toBeFocused();

  await page.emulateMedia({ forcedColors: 'active' });
  const settings = page.getByRole('button', { name: 'Settings', exact: true });
  const backup = page.getByRole('button', { name: 'Backup and export' });
  expect(await ground(settings)).not.toBe(await ground(backup));
});
