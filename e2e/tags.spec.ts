import { expect, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { openPractice } from './pages/mailbox.ts';

test.describe.configure({ mode: 'default' });

test('a tag by its number, by its name and a new one; shown, searched for, renamed and removed, each undone', async ({
  app,
  page,
}) => {
  test.slow();
  await app.open(page);
  await openPractice(page);
  const rows = page.getByRole('listbox', { name: 'Messages in Inbox' }).getByRole('option');
  await rows.first().click();
  await page.keyboard.press('1');
  await expect(page.getByText('Tagged “Important”')).toBeVisible();
  await expect(rows.first().locator('.ui-tag')).toHaveText('Important');
  await page.keyboard.press('z');
  await expect(rows.first().locator('.ui-tag')).toHaveCount(0);

  await page.keyboard.press('t');
  await page.getByRole('searchbox', { name: 'Find a tag, or name a new one' }).fill('Sailing');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(rows.first().locator('.ui-tag')).toHaveText('Sailing');
  await expectAccessible(page, 'a tagged message');

  const results = page.getByRole('listbox', { name: 'Search results' });
  await page.getByRole('button', { name: 'Show all messages tagged Sailing' }).click();
  await expect(results.getByRole('option')).toHaveCount(1);
  await expect(results).toBeFocused();

  // A search stands aside for a screen that is opened, is there again afterwards, and goes with Escape.
  await page.keyboard.press('Control+,');
  await expect(page.getByRole('textbox', { name: 'Name of tag 6' })).toHaveValue('Sailing');
  await page.keyboard.press('Escape');
  await expect(results.getByRole('option')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(rows.first()).toBeVisible();

  await page.keyboard.press('Control+,');
  const name = page.getByRole('textbox', { name: 'Name of tag 6' });
  await expect(name).toHaveValue('Sailing');
  await expect(page.getByRole('listitem').filter({ has: name })).toContainText('1 message');
  await name.fill('Boats');
  await name.press('Tab');
  await expect(page.getByText('Boats has its new name on 1 message')).toBeVisible();
  await page.getByRole('button', { name: 'Remove the tag Boats' }).click();
  await expect(page.getByText('The tag Boats is gone from 1 message')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(page.getByRole('button', { name: 'Remove the tag Boats' })).toBeVisible();
  await expectAccessible(page, 'the tags in the settings');
  const listed = await app.command(['--json', 'search', 'tag:Boats']);
  expect(listed.stdout).toContain('"tags":["Boats"]');
});
