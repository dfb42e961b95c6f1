import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, type RunningApp, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { showFolder } from './pages/mailbox.ts';
import { commandJson } from './pages/profile.ts';

// A folder shown as conversations.
test.describe.configure({ mode: 'default' });

interface Letter {
  readonly id: string;
  readonly subject: string;
  readonly from: string;
  readonly minute: number;
  readonly references?: readonly string[];
}

function bytesOf({ id, subject, from, minute, references = [] }: Letter): string {
  const named = references.map((each) => `<${each}@away.test>`).join(' ');
  return (
    `From: ${from}\r\nTo: Anna <anna@home.test>\r\nSubject: ${subject}\r\nMessage-ID: <${id}@away.test>\r\n` +
    `Date: Sat, 21 Nov 2026 10:${String(minute).padStart(2, '0')}:00 +0000\r\n` +
    `${named === '' ? '' : `References: ${named}\r\n`}\r\nThis is letter ${id}.\r\n`
  );
}

async function bring(app: RunningApp, folder: string, letters: readonly Letter[]): Promise<void> {
  const from = join(app.profileDir, `incoming-${folder}-${letters[0]?.id ?? ''}`);
  await mkdir(from);
  await Promise.all(letters.map((letter) => writeFile(join(from, `${letter.id}.eml`), bytesOf(letter))));
  await commandJson(app, ['import', from, '--folder', folder]);
}

const dora = 'Dora Lindqvist <dora@away.test>';
const carl = 'Carl <carl@away.test>';
const berth: readonly Letter[] = [
  { id: 'b1', subject: 'Winter berth', from: dora, minute: 1 },
  { id: 'b2', subject: 'Re: Winter berth', from: carl, minute: 5, references: ['b1'] },
  { id: 'b4', subject: 'Re: Winter berth', from: dora, minute: 20, references: ['b1', 'b2', 'b3'] },
];

async function furnish(app: RunningApp): Promise<void> {
  await bring(app, 'Inbox', [
    ...berth,
    { id: 'x', subject: 'Something else', from: carl, minute: 10 },
    { id: 'y', subject: 'Newest of all', from: carl, minute: 40 },
  ]);
  await bring(app, 'Sent', [
    { id: 'b3', subject: 'Re: Winter berth', from: 'Anna <anna@home.test>', minute: 9, references: ['b1', 'b2'] },
  ]);
}

function rows(page: Page): Locator {
  return page.getByRole('treegrid', { name: 'Messages in Inbox' }).getByRole('row');
}

test('one row a conversation; it opens and closes by keys, and acts act on all of it', async ({ app, page }) => {
  test.slow();
  await furnish(app);
  await app.open(page);
  await expect(page.getByRole('listbox', { name: 'Messages in Inbox' }).getByRole('option')).toHaveCount(5);
  await page.getByRole('button', { name: 'Show as conversations' }).click();
  await expect(rows(page)).toHaveCount(3);
  await expect(page.getByText('3 conversations, 5 messages, 5 unread')).toBeVisible();
  const head = rows(page).nth(1);
  await expect(head).toHaveAccessibleName(
    /^conversation of 3 messages, 3 unread: .*Dora Lindqvist, Carl, Re: Winter berth/,
  );
  await expect(head).toHaveAttribute('aria-expanded', 'false');
  await expect(rows(page).first()).not.toHaveAttribute('aria-expanded');
  await expectAccessible(page, 'conversations');

  // The newest is read; the strip tells where it stands and what acts act on.
  await head.click();
  await expect(page.getByRole('article').getByText('This is letter b4.')).toBeVisible();
  const strip = page.getByRole('navigation', { name: 'Conversation' });
  await expect(strip).toContainText('Message 4 of 4 in this conversation');
  await expect(strip).toContainText('act on all 3 in this folder');

  await page.keyboard.press('ArrowRight');
  await expect(rows(page)).toHaveCount(6);
  await expect(head).toHaveAttribute('aria-expanded', 'true');
  await expect(rows(page).nth(3)).toHaveAccessibleName(/in Sent To Anna, Re: Winter berth/);
  await expect(rows(page).nth(3)).toHaveAttribute('aria-level', '3');
  await expect(rows(page).nth(4)).toHaveAttribute('aria-level', '4');
  await expect(page.getByRole('article').getByText('This is letter b1.')).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('article').getByText('This is letter b2.')).toBeVisible();
  await page.keyboard.press(']');
  await expect(page.getByRole('article').getByText('This is letter b3.')).toBeVisible();
  await expect(strip).toContainText('Message 3 of 4');
  await expectAccessible(page, 'an open conversation');
  await rows(page).nth(3).click();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('article').getByText('This is letter b1.')).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(rows(page)).toHaveCount(3);
  await expect(head).toHaveAttribute('aria-selected', 'true');

  await page.keyboard.press('e');
  await expect(page.getByText('3 messages archived')).toBeVisible();
  await expect(rows(page)).toHaveCount(2);
  await page.keyboard.press('z');
  await expect(rows(page)).toHaveCount(3);
  await showFolder(page, 'Sent');
  await expect(page.getByRole('listbox', { name: /Sent/ }).getByRole('option')).toHaveCount(1);
});

test('each folder remembers how it is shown', async ({ app, page }) => {
  await furnish(app);
  await app.open(page);
  await page.getByRole('button', { name: 'Show as conversations' }).click();
  await expect(rows(page)).toHaveCount(3);
  await app.restart();
  await app.open(page);
  await expect(rows(page)).toHaveCount(3);
  await page.keyboard.press('w');
  await expect(page.getByRole('listbox', { name: 'Messages in Inbox' }).getByRole('option')).toHaveCount(5);
});

test('one message of an open conversation goes alone; new mail joins while another is read', async ({ app, page }) => {
  await furnish(app);
  await app.open(page);
  await page.getByRole('button', { name: 'Show as conversations' }).click();
  await rows(page).nth(1).locator('.list-twisty').click();
  await expect(rows(page)).toHaveCount(6);
  await rows(page).nth(2).click();
  await expect(page.getByRole('article').getByText('This is letter b2.')).toBeVisible();
  await page.keyboard.press('Delete');
  await expect(page.getByText('Message moved to Trash')).toBeVisible();
  await expect(rows(page)).toHaveCount(5);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(rows(page)).toHaveCount(6);

  await rows(page).nth(1).click();
  await page.keyboard.press('ArrowLeft');
  await expect(rows(page)).toHaveCount(3);
  await rows(page).nth(1).click();
  await expect(page.getByRole('article').getByText('This is letter b4.')).toBeVisible();
  await bring(app, 'Inbox', [
    { id: 'b5', subject: 'Re: Winter berth', from: carl, minute: 50, references: ['b1', 'b2', 'b3', 'b4'] },
  ]);
  await expect(rows(page).first()).toHaveAccessibleName(/^conversation of 4 messages/);
  await expect(page.getByRole('article').getByText('This is letter b4.')).toBeVisible();
  await expect(rows(page).first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('u');
  await expect(rows(page).first()).toHaveAccessibleName(/^conversation of 4 messages: /);
});
