import type { Page } from '@playwright/test';
import { expect, type RunningApp, startApp, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { accountOn, add, commandJson, countIn, plainMail } from './pages/profile.ts';
import { type Maildrop, startMaildrop } from './servers/maildrop.ts';

// Rules made, tried, ordered and applied by the screen; mail that arrives goes where they say, a crash in between or not.
test.describe.configure({ mode: 'default' });

let app: RunningApp & { stop(): Promise<void> };
let maildrop: Maildrop;

test.beforeAll(async () => {
  maildrop = await startMaildrop(['Bill 1', 'Bill 2', 'Hello'].map((subject) => plainMail(subject)));
  app = await startApp();
  await add(app, 'account', accountOn(maildrop.port));
  await commandJson(app, ['collect']);
});

test.afterAll(async () => {
  await app?.stop();
  await maildrop?.close();
});

async function openRules(page: Page): Promise<void> {
  await app.open(page);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Open rules' }).click();
  await expect(page.getByRole('heading', { name: 'Rules, junk and automatic answers' })).toBeVisible();
}

async function choose(page: Page, group: string, field: RegExp, option: string): Promise<void> {
  await page.getByRole('group', { name: group }).getByRole('button', { name: field }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

test('a rule is written as a sentence, tried, saved and applied', async ({ page }) => {
  await openRules(page);
  await expect(page.getByText('No rule yet')).toBeVisible();
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page.getByRole('button', { name: 'Save rule' }).click();
  await expect(page.getByText('Give the rule a name.')).toBeVisible();
  await expect(page.getByText('Say what to look for.')).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('Bills');
  await choose(page, 'Condition 1', /What/, 'Subject');
  await choose(page, 'Condition 1', /How/, 'begins with');
  await page.getByRole('textbox', { name: 'Text' }).fill('bill');
  await choose(page, 'Act 1', /Folder/, 'A new folder');
  await page.getByRole('textbox', { name: /Name of the new folder|folder/i }).fill('Bills/2026');
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  await expect(page.getByText('2 messages of 3 fit.')).toBeVisible();
  const table = page.getByRole('table', { name: 'What would happen' });
  await expect(table.getByRole('row')).toHaveCount(3);
  expect(await countIn(app, 'Inbox')).toBe(3);
  await page.screenshot({ path: test.info().outputPath('editor.png'), fullPage: true });
  await expectAccessible(page, 'rule editor');
  await page.getByRole('button', { name: 'Apply to this folder' }).click();
  await expect(page.getByText('Done for 2 messages of 3.')).toBeVisible();
  expect(await countIn(app, 'Bills/2026')).toBe(2);
  await page.getByRole('button', { name: 'Save rule' }).click();
  await expect(page.getByText('If Subject begins with “bill”, then move it to Bills/2026.')).toBeVisible();
});

test('what arrives goes where the rule says, also when Postrider is killed in between', async ({ page }) => {
  const bills = Array.from({ length: 40 }, (_, index) => plainMail(`Bill no. ${index}`));
  for (const mail of [...bills, plainMail('Good morning')]) maildrop.deliver(mail);
  maildrop.holdAt(30);
  await app.open(page);
  await page.getByRole('button', { name: 'Collect', exact: true }).click();
  await expect.poll(() => maildrop.heard.includes('RETR 29')).toBe(true);
  await app.restart();
  maildrop.release();
  await commandJson(app, ['collect']);
  await expect.poll(() => countIn(app, 'Bills/2026')).toBe(42);
  expect(await countIn(app, 'Inbox')).toBe(2);
});

test('rules are ordered, switched off, removed and brought back by the keyboard', async ({ page }) => {
  await openRules(page);
  await page.getByRole('button', { name: 'Add a rule' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Name', { exact: true }).fill('Patterns');
  await choose(page, 'Condition 1', /How/, 'matches the pattern');
  await page.getByRole('textbox', { name: 'Text' }).fill('([');
  await choose(page, 'Act 1', /What/, 'flag it');
  await page.getByRole('textbox', { name: 'Text' }).press('Enter');
  await expect(page.getByRole('main').getByRole('alert')).toContainText('regular expression');
  await page.getByRole('textbox', { name: 'Text' }).fill('(a+)+$');
  await page.getByRole('textbox', { name: 'Text' }).press('Enter');
  const rows = page.getByRole('grid', { name: 'Rules in the order they are asked' }).getByRole('row');
  await expect(rows).toHaveCount(2);

  await rows.filter({ hasText: 'Bills' }).getByRole('button', { name: /^Drag/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Insert between Bills and Patterns' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('button', { name: 'Insert after Patterns' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText('The rules are asked in the new order.')).toBeVisible();
  await expect(rows.first()).toContainText('Patterns');

  await page.getByRole('switch', { name: 'Use Patterns' }).focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('switch', { name: 'Use Patterns' })).not.toBeChecked();
  await page.screenshot({ path: test.info().outputPath('list.png'), fullPage: true });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: test.info().outputPath('list-dark.png'), fullPage: true });
  await page.setViewportSize({ width: 680, height: 800 });
  await page.screenshot({ path: test.info().outputPath('list-narrow.png'), fullPage: true });
  await rows.first().click();
  await page.screenshot({ path: test.info().outputPath('editor-narrow.png'), fullPage: true });
  await page.keyboard.press('Escape');
  await expectAccessible(page, 'rules');

  await page.getByRole('button', { name: 'Remove Patterns' }).click();
  await expect(rows).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(rows.first()).toContainText('Patterns');
  const { stdout } = await app.command(['rules', 'list']);
  expect(stdout.split('\n')[0]).toMatch(/Patterns\s+off\s+flag/);
  expect((await app.command(['rules', 'run', 'Inbox', '--dry-run'])).stdout).toContain('0 messages of 2 fit a rule.');
});

test('junk is learnt by moving, and says why', async ({ page }) => {
  await openRules(page);
  await page.getByRole('tab', { name: 'Junk' }).click();
  await expect(page.getByText(/It has learnt from this much mail: 0 junk, \d+ good/)).toBeVisible();
  await expect(page.getByText('Nothing is in Junk.')).toBeVisible();
  for (let n = 0; n < 16; n += 1) {
    maildrop.deliver(plainMail(`Pills ${n}`, 'Cheap pills at https://pills.test/\r\n', 'Shop <shop@pills.test>'));
    maildrop.deliver(plainMail(`Minutes ${n}`, 'The committee met.\r\n', 'Bob <bob@work.test>'));
  }
  await commandJson(app, ['collect']);
  for (const [words, key] of [
    ['pills', '!'],
    ['minutes', 'e'],
  ] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.keyboard.press('/');
    await page.keyboard.type(`subject:${words}`);
    await expect(page.getByRole('option', { name: new RegExp(words, 'i') })).toHaveCount(16);
    await page.keyboard.press('Enter');
    // The last letters may still be on their way to the list, which then begins anew.
    await expect(async () => {
      await page.keyboard.press('Control+a');
      await expect(page.getByText('16 messages selected').first()).toBeVisible({ timeout: 500 });
    }).toPass();
    await page.keyboard.press(key);
    await expect(page.getByRole('button', { name: 'Undo' }).last()).toBeVisible();
  }
  await expect.poll(() => countIn(app, 'Junk')).toBe(16);
  maildrop.deliver(plainMail('More pills', 'Cheap pills at https://pills.test/\r\n', 'Shop <shop@pills.test>'));
  await openRules(page);
  await page.getByRole('tab', { name: 'Junk' }).click();
  await expect(page.getByText(/mail: 16 junk, \d+ good\. It judges what arrives\./)).toBeVisible();
  await commandJson(app, ['collect']);
  expect(await countIn(app, 'Junk')).toBe(17);
  await page.getByRole('button', { name: 'Why is “More pills” junk?' }).click();
  await expect(page.getByText(/Junk with a likelihood of \d+ %/)).toBeVisible();
  await expect(page.getByText('link:pills.test')).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('junk.png'), fullPage: true });
  await expectAccessible(page, 'junk');
  await page.getByRole('button', { name: '“More pills” is not junk' }).click();
  await expect.poll(() => countIn(app, 'Junk')).toBe(16);
});

test('a rule is begun at a message, and ends there', async ({ page }) => {
  await app.open(page);
  await page.getByRole('option').filter({ hasText: 'Hello' }).first().click();
  await page.getByRole('toolbar').getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Make a rule for mail like this' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Friend');
  await expect(page.getByRole('textbox', { name: 'Text' })).toHaveValue('friend@away.test');
  await page.screenshot({ path: test.info().outputPath('like.png') });
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'Hello' })).toBeVisible();
});

test('an automatic answer is written and kept', async ({ page }) => {
  await add(app, 'identity', { displayName: 'Anna', address: 'anna@home.test', route: { kind: 'any' } });
  await openRules(page);
  await page.getByRole('tab', { name: 'Automatic answers' }).click();
  await page.getByRole('switch', { name: 'Answer by itself' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Write what the answer says.')).toBeVisible();
  await page.getByLabel('From', { exact: true }).fill('2026-12-24');
  await page.getByLabel('Until').fill('2026-12-20');
  await page.getByLabel('What it says').fill('I am away until the new year.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('The last day lies before the first.')).toBeVisible();
  await page.getByLabel('Until').fill('2027-01-02');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Mail to anna@home.test is answered by itself.')).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('answer.png'), fullPage: true });
  await expectAccessible(page, 'automatic answers');
  await page.reload();
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Open rules' }).click();
  await page.getByRole('tab', { name: 'Automatic answers' }).click();
  await expect(page.getByLabel('What it says')).toHaveValue('I am away until the new year.');
});
