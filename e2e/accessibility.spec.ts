import type { Page } from '@playwright/test';
import { expect, type RunningApp, startApp, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { openPractice, showFolder, writeTo } from './pages/mailbox.ts';
import { OutgoingServers } from './pages/outgoing-servers.ts';
import { choose, Wizard } from './pages/wizard.ts';

// Every screen in both colour schemes and both sizes, looked at by axe; and the whole way by keyboard alone.
test.describe.configure({ mode: 'default' });

let app: RunningApp & { stop(): Promise<void> };

test.beforeAll(async () => {
  app = await startApp({ preferences: { undoSendSeconds: 0 } });
});

test.afterAll(() => app?.stop());

test('first run and the wizard', async ({ page }) => {
  await app.open(page);
  await expect(page.getByRole('heading', { name: 'Welcome to Postrider' })).toBeVisible();
  await expectAccessible(page, 'first run');
  const wizard = new Wizard(page);
  await wizard.open();
  await expectAccessible(page, 'wizard: you');
  await wizard.who('Anna', 'anna@home.example');
  await expectAccessible(page, 'wizard: receiving');
  await wizard.incoming({ host: '127.0.0.1', port: 9, security: 'None' }, 'anna', 'secret');
  await wizard.next();
  await expect(page.getByRole('heading', { name: 'How may your mail leave?' })).toBeVisible();
  await expectAccessible(page, 'wizard: sending');
  await wizard.outgoing(1, { host: '127.0.0.1', port: 9, security: 'None' }, 'Nowhere');
  await wizard.next();
  await expect(page.getByText('Something does not work yet.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Stop the test' })).toHaveCount(0);
  await expectAccessible(page, 'wizard: test');
  await page.getByRole('button', { name: 'Save anyway' }).click();
  await expect(page.getByRole('heading', { name: 'What will happen' })).toBeVisible();
  await expectAccessible(page, 'wizard: summary');
});

test('mailbox, composer, servers, outbox, settings, export and import', async ({ page }) => {
  test.setTimeout(180_000);
  await app.open(page);
  await openPractice(page);
  await page.getByRole('option').filter({ hasText: 'Welcome to the practice mailbox' }).first().click();
  await expect(page.getByRole('button', { name: 'Reply', exact: true })).toBeVisible();
  await expectAccessible(page, 'mailbox');
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await choose(page.locator('main'), 'Second outgoing server', /final dot/);
  await expectAccessible(page, 'settings');
  await page.setViewportSize({ width: 1280, height: 800 });

  await showFolder(page, 'Inbox');
  await writeTo(page, 'friend@practice.postrider.test', 'Did you get this');
  await expectAccessible(page, 'composer');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.keyboard.press('Control+Enter');
  await showFolder(page, 'Outbox');
  await expect(page.getByText('Did it arrive?')).toBeVisible();
  await expectAccessible(page, 'outbox with an uncertain message');
  await page.setViewportSize({ width: 1280, height: 800 });

  const servers = new OutgoingServers(page);
  await servers.open();
  await expect(servers.list.getByRole('row').first()).toBeVisible();
  await expectAccessible(page, 'outgoing servers');
  await page.setViewportSize({ width: 1280, height: 800 });
  await servers.edit('Practice relay 2');
  await expectAccessible(page, 'outgoing server editor');
  await page.setViewportSize({ width: 1280, height: 800 });

  await servers.showTab('Identities');
  await page.getByText('you@practice.postrider.test').first().click();
  await expect(page.getByRole('textbox', { name: 'Signature' })).toBeVisible();
  await expectAccessible(page, 'identity editor');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await expectAccessible(page, 'keyboard map');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Look first' }).click();
  await expect(page.getByRole('cell', { name: 'Welcome to the practice mailbox', exact: true })).toBeVisible();
  await expectAccessible(page, 'look first');
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Open networks' }).click();
  await expect(page.getByRole('heading', { name: 'Networks', level: 1 })).toBeVisible();
  await expectAccessible(page, 'networks');
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByRole('button', { name: 'Backup and export' }).click();
  await expect(page.getByRole('heading', { name: 'Export and import' })).toBeVisible();
  await expectAccessible(page, 'export and import');
});

test('from the first run to a sent message with the keyboard alone', async ({ page }) => {
  const own = await startApp({ preferences: { undoSendSeconds: 0 } });
  try {
    await own.open(page);
    const door = page.getByRole('button', { name: /try a practice mailbox/i });
    await expect(door).toBeVisible();
    await tabTo(page, /Try a practice mailbox/);
    await page.keyboard.press('Enter');
    const list = page.getByRole('listbox', { name: 'Messages in Inbox' });
    await expect(list.getByText('Welcome to the practice mailbox')).toBeVisible();

    await tabTo(page, /Messages in Inbox/);
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await expect(page.getByRole('heading', { level: 2 })).toBeVisible();
    await page.keyboard.press('c');
    await expect(page.getByRole('combobox', { name: 'To' })).toBeFocused();
    await page.keyboard.type('friend@practice.postrider.test');
    await page.keyboard.press('Enter');
    await tabTo(page, /^Subject/);
    await page.keyboard.type('By hand and key');
    await page.keyboard.press('Tab');
    await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeFocused();
    await page.keyboard.type('No mouse was moved.');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveCount(0);
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await expect(page.getByRole('heading', { name: 'Sent', level: 1 })).toBeVisible();
    await expect(page.getByRole('option').filter({ hasText: 'By hand and key' })).toBeVisible();
  } finally {
    await own.stop();
  }
});

/** Presses Tab until something of that name has the focus; a person gives up after a while. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    const focused = await page.evaluate(() => {
      const element = document.activeElement === document.body ? null : document.activeElement;
      const labels = (element?.getAttribute('aria-labelledby') ?? '')
        .split(' ')
        .map((id) => document.getElementById(id)?.textContent ?? '');
      return element?.getAttribute('aria-label') ?? (labels.join(' ').trim() || (element?.textContent ?? ''));
    });
    if (name.test(focused)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${name}.`);
}

test('tabbing through the folders leaves no screen; Enter does', async ({ app, page }) => {
  await app.open(page);
  await openPractice(page);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  const heading = page.getByRole('heading', { name: 'Settings', level: 1 });
  await expect(heading).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search mail' }).focus();
  for (let press = 0; press < 30; press++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement?.closest('[role=treegrid]') !== null)) break;
  }
  await expect(page.getByRole('row', { name: /^Inbox/ })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('row', { name: /^Drafts/ })).toBeFocused();
  await expect(heading).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Drafts', level: 1 })).toBeVisible();
});
