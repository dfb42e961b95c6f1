import { expect, test } from './app.ts';
import { openPractice, sendTo, showFolder } from './pages/mailbox.ts';

// main-job.spec.ts waits the time out in which a message can be called back.
test.use({ startOptions: { preferences: { undoSendSeconds: 0 } } });

test('a newcomer sees cycling work within a minute', async ({ app, page }) => {
  await app.open(page);
  await openPractice(page);
  await page.getByText('Welcome to the practice mailbox').first().click();
  await expect(page.getByRole('heading', { name: 'Welcome to the practice mailbox' })).toBeVisible();

  await sendTo(page, 'you@practice.postrider.test', 'A first ride');
  await showFolder(page, 'Sent');
  await page.getByRole('option').filter({ hasText: 'A first ride' }).click();
  await page.getByRole('button', { name: 'Show the way it took' }).click();
  await expect(page.getByText('relaying denied', { exact: false }).first()).toBeVisible();
  await expect(page.getByText('took it').first()).toBeVisible();

  await page.getByRole('button', { name: 'Collect', exact: true }).click();
  await showFolder(page, 'Inbox');
  await expect(page.getByRole('option').filter({ hasText: 'A first ride' })).toBeVisible();
});

test('a lost reply is uncertain: it is held, explained, and sent again only when told to', async ({ app, page }) => {
  await app.open(page);
  await openPractice(page);
  await page.getByText('Settings', { exact: true }).click();
  await page.getByRole('button', { name: /Second outgoing server/ }).click();
  await page.getByRole('option', { name: /final dot/i }).click();
  await showFolder(page, 'Inbox');

  await sendTo(page, 'friend@practice.postrider.test', 'Did you get this');
  await showFolder(page, 'Outbox');
  await expect(page.getByText('Did it arrive?')).toBeVisible();
  await expect(page.getByText('uncertain').first()).toBeVisible();

  await page.getByRole('button', { name: 'It arrived' }).click();
  await expect(page.getByText('The message is counted as sent.')).toBeVisible();
  await showFolder(page, 'Sent');
  await expect(page.getByRole('option').filter({ hasText: 'Did you get this' })).toBeVisible();
});

test('a mailing list is left by the message it asks for, which goes by the servers as any other', async ({
  app,
  page,
}) => {
  await app.open(page);
  await openPractice(page);
  await page.getByText('The Post Road, issue 31').first().click();
  await page.getByRole('button', { name: 'Unsubscribe' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('leave@post-road.example');
  await expect(dialog.getByRole('button', { name: 'Unsubscribe' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('The message to leave@post-road.example is in the Outbox')).toBeVisible();
  await showFolder(page, 'Sent');
  await expect(page.getByRole('option').filter({ hasText: 'leave@post-road.example' })).toBeVisible();
});

test('a draft is there after the program was killed', async ({ app, page }) => {
  await app.open(page);
  await openPractice(page);
  await page.keyboard.press('c');
  await page.getByRole('textbox', { name: 'Subject' }).fill('Unfinished');
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Half a thought');
  await expect(page.getByText(/^Saved /)).toBeVisible();
  await app.restart();
  await app.open(page);
  await showFolder(page, 'Drafts');
  await page.getByText('Unfinished').first().click();
  await expect(page.getByText('Half a thought').last()).toBeVisible();
});

test('delete, undo, flag, unread and archive, by keyboard alone', async ({ app, page }) => {
  await app.open(page);
  await openPractice(page);
  const rows = page.getByRole('option').filter({ hasText: 'Welcome to the practice mailbox' });
  await page.getByText('Welcome to the practice mailbox').first().click();
  await page.keyboard.press('s');
  await expect(rows.first()).toHaveAccessibleName(/flagged/);
  await page.keyboard.press('Delete');
  // The flag has a bar of its own: each says what it takes back.
  const bar = page.locator('.ui-toast').filter({ hasText: 'Message moved to Trash' });
  await expect(rows).toHaveCount(0);
  await bar.getByRole('button', { name: 'Undo' }).click();
  await expect(rows).toHaveCount(1);
  await page.getByText('Welcome to the practice mailbox').first().click();
  await page.keyboard.press('e');
  await expect(rows).toHaveCount(0);
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page.getByRole('heading', { name: 'Archive' })).toBeVisible();
  await expect(page.getByText('Welcome to the practice mailbox').first()).toBeVisible();
});

test('search finds words of the text as they are typed', async ({ app, page }) => {
  await app.open(page);
  await openPractice(page);
  await page.keyboard.press('/');
  await page.keyboard.type('hofputz');
  await expect(page.getByText('1 message found')).toBeVisible();
  await expect(page.getByText('Jürgen Großmann').first()).toBeVisible();
  await page.keyboard.press('Escape');
});

test('Enter makes a chip of an address, before its suggestion has come and after', async ({ app, page }) => {
  await app.open(page);
  await openPractice(page);
  await page.getByRole('button', { name: 'Compose' }).click();
  const to = page.getByRole('combobox', { name: 'To' });
  const chips = page.getByRole('grid', { name: 'Addresses in To' });
  await to.fill('office@lindqvist.example');
  await to.press('Enter');
  await expect(chips.getByRole('row')).toHaveCount(1);
  await to.fill('hello@postrider.example');
  await expect(page.getByRole('option').filter({ hasText: 'hello@postrider.example' })).toBeVisible();
  await to.press('Enter');
  await expect(chips.getByRole('row')).toHaveCount(2);
  await page.getByRole('button', { name: 'Add Bcc' }).click();
  await expect(page.getByRole('combobox', { name: 'Bcc' })).toBeVisible();
});
