import type { Locator, Page } from '@playwright/test';
import { expect, test } from './app.ts';
import { openPractice } from './pages/mailbox.ts';

test.describe.configure({ mode: 'default' });

function hits(page: Page): Locator {
  return page.getByRole('listbox', { name: 'Search results' }).getByRole('option');
}

test('operators narrow a search down, by the keyboard; what was found is marked; what makes no sense is said', async ({
  app,
  page,
}) => {
  await app.open(page);
  await openPractice(page);
  await page.keyboard.press('/');
  const field = page.getByRole('searchbox', { name: 'Search mail' });
  await expect(field).toBeFocused();

  // The empty field tells what can be asked for; a choice is typed into it.
  // The arrows go there, Tab past it.
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Activity' })).toBeFocused();
  await field.focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('button', { name: /Who wrote it/ })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(field).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(field).toHaveValue('from:');
  await expect(field).toBeFocused();
  await page.keyboard.type('lindqvist has:attachment');
  await expect(hits(page)).toHaveCount(1);
  await expect(hits(page)).toContainText(['Winter berth']);
  await expect(hits(page).first().locator('mark').first()).toHaveText('Lindqvist');

  await field.fill('from:lindqvist -has:attachment');
  await expect(hits(page).filter({ hasText: 'Winter berth' })).toHaveCount(0);
  await expect(hits(page).first()).toBeVisible();
  await field.fill('from:lindqvist');
  await expect.poll(() => hits(page).count()).toBeGreaterThan(1);

  // In German street names and without the accents.
  await field.fill('from:grossmann OR subject:"winter berth" ');
  await expect(hits(page)).toHaveCount(2);
  await expect(hits(page).locator('mark').filter({ hasText: 'Großmann' })).toBeVisible();

  await field.fill('before:soon harbour ');
  await expect(page.getByText('before: takes a day such as 2026-11-21')).toBeVisible();
  await field.fill('');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('listbox', { name: 'Messages in Inbox' })).toBeVisible();
});

test('a search kept under a name stands below the folders, follows what comes, is renamed and removed', async ({
  app,
  page,
}) => {
  await app.open(page);
  await openPractice(page);
  const field = page.getByRole('searchbox', { name: 'Search mail' });
  await field.fill('is:unread in:inbox');
  await expect(hits(page).first()).toBeVisible();
  await page.getByRole('button', { name: 'Save this search' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save this search' });
  await dialog.getByLabel('Name').fill('Still to read');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();

  const saved = page.getByRole('region', { name: 'Saved searches' }).getByRole('button', { name: 'Still to read' });
  await page.getByRole('button', { name: 'Clear search' }).click();
  await expect(page.getByRole('listbox', { name: 'Messages in Inbox' })).toBeVisible();
  await saved.click();
  await expect(field).toHaveValue('is:unread in:inbox');
  await expect(hits(page).first()).toBeVisible();

  await page.reload();
  await saved.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('dialog', { name: 'Rename' }).getByLabel('Name').fill('To read');
  await page.keyboard.press('Enter');
  const renamed = page.getByRole('region', { name: 'Saved searches' }).getByRole('button', { name: 'To read' });
  await expect(renamed).toBeVisible();
  await renamed.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await expect(renamed).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(renamed).toBeVisible();
});
