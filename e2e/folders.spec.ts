import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, type RunningApp, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { commandJson, countIn } from './pages/profile.ts';

// Folders made, renamed, moved and removed, here, by the command and by another program.
test.describe.configure({ mode: 'default' });

async function bring(app: RunningApp, folder: string, count: number): Promise<void> {
  const from = join(app.profileDir, `incoming-${count}`);
  await mkdir(from);
  for (let at = 1; at <= count; at++)
    await writeFile(join(from, `${at}.eml`), `From: a@away.test\r\nSubject: Letter ${at} of ${count}\r\n\r\nx\r\n`);
  await commandJson(app, ['import', from, '--folder', folder]);
}

const own = (page: Page): Locator => page.getByRole('treegrid', { name: 'Folders' });

async function openMenu(page: Page, folder: string): Promise<void> {
  await own(page).getByRole('row', { name: folder, exact: false }).first().click({ button: 'right' });
}

async function name(page: Page, dialog: string, value: string): Promise<void> {
  const field = page.getByRole('dialog', { name: dialog }).getByRole('textbox', { name: 'Name' });
  await field.fill(value);
  await field.press('Enter');
}

test('folders in folders, in any letters: made, renamed with their view, moved, removed and brought back', async ({
  app,
  page,
}) => {
  test.slow();
  await commandJson(app, ['folders', 'create', 'Reisen']);
  await bring(app, 'Reisen', 2);
  await app.open(page);

  await page.getByRole('button', { name: 'New folder' }).click();
  await name(page, 'New folder', 'reisen/x');
  await expect(page.getByText('Write “Reisen/x”')).toBeVisible();
  await name(page, 'New folder', 'Année/Été/日本');
  await expect(own(page).getByRole('row', { name: '日本' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);

  // Shown as conversations; renamed and moved into another, it still is, and stays in view.
  await own(page).getByRole('row', { name: 'Reisen' }).click();
  await page.getByRole('button', { name: 'Show as conversations' }).click();
  await expect(page.getByRole('treegrid', { name: 'Messages in Reisen' })).toBeVisible();
  await openMenu(page, 'Reisen');
  await page.getByRole('menuitem', { name: 'Rename or move' }).click();
  await name(page, 'Rename or move', 'Année/Été/Voyages');
  await expect(page.getByText('“Reisen” is “Année/Été/Voyages” now.')).toBeVisible();
  await expect(page.getByRole('treegrid', { name: 'Messages in Voyages' }).getByRole('row')).toHaveCount(2);
  await expectAccessible(page, 'a folder within folders');

  // With all in it; Undo brings folders and mail back.
  await openMenu(page, 'Année');
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await expect(page.getByText('and 3 folders in it')).toBeVisible();
  await expect(own(page).getByRole('row', { name: '日本' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(own(page).getByRole('row', { name: 'Voyages' })).toBeVisible();
  await expect(own(page).getByRole('row', { name: '日本' })).toBeVisible();
  await expect.poll(() => countIn(app, 'Année/Été/Voyages')).toBe(2);

  // Another program and the command rename: both are taken up here, and nothing doubles.
  await rename(join(app.mailFolder, '.Ann&AOk-e.&AMk-t&AOk-.Voyages'), join(app.mailFolder, '.Journeys'));
  await expect(own(page).getByRole('row', { name: 'Journeys' })).toBeVisible();
  await expect(own(page).getByRole('row', { name: 'Voyages' })).toHaveCount(0);
  await own(page).getByRole('row', { name: 'Journeys' }).click();
  await expect(page.getByRole('treegrid', { name: 'Messages in Journeys' }).getByRole('row')).toHaveCount(2);
  const renamed = await commandJson(app, ['folders', 'rename', 'Année', 'Jahr']);
  expect(renamed).toEqual({ folder: 'Jahr', followed: [] });
  await expect(own(page).getByRole('row', { name: 'Jahr' })).toBeVisible();
  await expect(own(page).getByRole('row', { name: 'Année' })).toHaveCount(0);
});

test('what is in view goes along when its folder is renamed elsewhere, and is left when it is removed', async ({
  app,
  page,
}) => {
  await bring(app, 'Boats', 3);
  await commandJson(app, ['folders', 'create', 'Boats/Old']);
  await app.open(page);
  await own(page).getByRole('row', { name: 'Boats' }).click();
  const letter = page.getByRole('option').filter({ hasText: 'Letter 2 of 3' });
  await letter.click();
  const subject = page.getByRole('article').getByRole('heading', { name: 'Letter 2 of 3' });
  await expect(subject).toBeVisible();

  // Another program; what is chosen and read stays so.
  await rename(join(app.mailFolder, '.Boats'), join(app.mailFolder, '.Ships'));
  await expect(page.getByRole('heading', { name: 'Ships', level: 1 })).toBeVisible();
  await expect(page.getByRole('option')).toHaveCount(3);
  await expect(letter).toHaveAttribute('aria-selected', 'true');
  await expect(subject).toBeVisible();

  // The same profile by another way: the folder around it gets another name, too.
  await commandJson(app, ['folders', 'create', 'Fleet']);
  await commandJson(app, ['folders', 'rename', 'Ships', 'Fleet/Vessels']);
  await expect(page.getByRole('heading', { name: 'Vessels', level: 1 })).toBeVisible();
  await commandJson(app, ['folders', 'rename', 'Fleet', 'Navy']);
  await expect(own(page).getByRole('row', { name: 'Navy' })).toBeVisible();
  await expect(page.getByRole('listbox', { name: 'Messages in Vessels' }).getByRole('option')).toHaveCount(3);
  await expect(letter).toHaveAttribute('aria-selected', 'true');
  await expect(subject).toBeVisible();
  await page.keyboard.press('s');
  await expect(page.getByRole('option', { name: /flagged/i })).toHaveCount(1);

  await commandJson(app, ['folders', 'remove', 'Navy/Vessels']);
  await expect(page.getByRole('heading', { name: 'Inbox', level: 1 })).toBeVisible();
});
