import type { Page } from '@playwright/test';
import { type Dovecot, isDovecotInstalled, startDovecot } from '../src-main/core/incoming/testing/dovecot.ts';
import { expect, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { accountOn, add, countIn, plainMail } from './pages/profile.ts';

// Large messages by their beginning, what waits on a server looked at first, and a mailbox that fills up.
test.describe.configure({ mode: 'default' });

let dovecot: Dovecot;

/** Text first, then a large attachment. */
function film(name: string, lines: number): Uint8Array {
  const header = `From: Bea Blume <bea@example.org>\r\nTo: anna@home.test\r\nSubject: Film ${name}\r\nMessage-ID: <${name}@example.org>\r\nDate: Mon, 01 Jan 2024 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n`;
  const text = '--b\r\nContent-Type: text/plain\r\n\r\nHere is the film of the summer.\r\n';
  const file = `--b\r\nContent-Type: application/octet-stream; name=${name}.bin\r\nContent-Disposition: attachment; filename=${name}.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
  const body = Array.from({ length: lines }, () => 'QUJD'.repeat(19)).join('\r\n');
  return new Uint8Array(Buffer.from(`${header}${text}${file}${body}\r\n--b--\r\n`, 'latin1'));
}

test.beforeEach(async () => {
  test.skip(!isDovecotInstalled, 'Dovecot is needed here.');
  dovecot = await startDovecot();
});
test.afterEach(() => dovecot?.stop());

async function collect(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Collect', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Collect', exact: true })).toBeEnabled();
}

async function shots(page: Page, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: test.info().outputPath(`${name}-${scheme}.png`) });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  const size = page.viewportSize();
  await page.setViewportSize({ width: 680, height: 720 });
  await page.screenshot({ path: test.info().outputPath(`${name}-narrow.png`) });
  if (size !== null) await page.setViewportSize(size);
}

test('a large message says that it is only a beginning, and one press gets the whole into its place', async ({
  app,
  page,
}) => {
  test.setTimeout(180_000);
  await dovecot.deliver('anna', film('one', 30_000));
  await add(app, 'account', accountOn(dovecot.port, { maxOctets: 100_000, warnAboveOctets: 1_000_000 }));
  await app.open(page);
  await collect(page);
  const list = page.getByRole('listbox', { name: 'Messages in Inbox' });
  await expect(list.getByText('Beginning of 2.3 MB')).toBeVisible();
  // The mailbox is fuller than was set: it is said, and leads to what lies there.
  await expect(page.getByText(/holds 2.3 MB, more than the 1.0 MB you set/)).toBeVisible();
  await list.getByText('Film one', { exact: true }).click();
  const pane = page.getByRole('article');
  await expect(pane.getByText('Only the beginning of this message is here (2.3 MB).')).toBeVisible();
  await expect(pane.getByText('Here is the film of the summer.')).toBeVisible();
  await expect(pane.getByText('one.bin')).toBeHidden();
  await shots(page, 'beginning');
  await expectAccessible(page, 'a beginning');

  await page.keyboard.press('f');
  await expect(page.getByText(/so only that is forwarded, without what is attached/)).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('forward.png') });
  await page.keyboard.press('Escape');

  await pane.getByRole('button', { name: 'Get the whole message' }).click();
  await expect(pane.getByText('one.bin')).toBeVisible();
  await expect(pane.getByText(/Only the beginning/)).toBeHidden();
  await expect(list.getByText(/Beginning of/)).toBeHidden();
  expect(await countIn(app, 'Inbox')).toBe(1);
});

test('looking first: what waits is listed, chosen, collected or deleted, and what would be lost is said', async ({
  app,
  page,
}) => {
  test.setTimeout(180_000);
  await dovecot.deliver('anna', film('two', 30_000));
  await dovecot.deliver('anna', plainMail('A letter'));
  await dovecot.deliver('anna', plainMail('An advertisement'));
  await add(app, 'account', accountOn(dovecot.port, { maxOctets: 100_000 }));
  await app.open(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Look first');
  await page.keyboard.press('Enter');
  await expect(page.getByText('3 messages on the server')).toBeVisible();
  const row = (subject: string) => page.getByRole('row').filter({ hasText: subject });
  await expect(row('A letter').getByText('Not here')).toBeVisible();
  expect(await countIn(app, 'Inbox')).toBe(0);

  await row('Film two').getByRole('checkbox').check({ force: true });
  await shots(page, 'look');
  await expectAccessible(page, 'looking first');
  await page.getByRole('button', { name: 'Collect', exact: true }).last().click();
  await expect(row('Film two').getByText('Here', { exact: true })).toBeVisible();
  expect(await countIn(app, 'Inbox')).toBe(1);

  await row('An advertisement').getByRole('checkbox').check({ force: true });
  await row('Film two').getByRole('checkbox').check({ force: true });
  await page.getByRole('button', { name: 'Delete on the server' }).click();
  const question = page.getByRole('alertdialog');
  await expect(question.getByText(/One of them is not here whole. It will be gone for good/)).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('ask.png') });
  await question.getByRole('button', { name: 'Delete 2 for good' }).click();
  await expect(page.getByText('One message on the server')).toBeVisible();
  expect((await dovecot.files('anna')).size).toBe(1);
  expect(await countIn(app, 'Inbox')).toBe(1);
});

test('the account says what is collected, when it warns, and how a shared mailbox is sorted', async ({ app, page }) => {
  test.setTimeout(180_000);
  await add(app, 'account', accountOn(dovecot.port));
  await app.open(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Edit Home' }).click();
  const editor = page.getByRole('region', { name: 'Home' });
  await editor.getByRole('textbox', { name: 'Large messages' }).fill('25');
  await editor.getByRole('textbox', { name: 'Warn when the mailbox fills up' }).fill('900');
  await editor.getByText('This mailbox is shared by several people or a whole domain').click();
  await editor.getByRole('textbox', { name: 'Address, or @domain' }).fill('ann');
  await editor.getByRole('textbox', { name: 'Folder' }).fill('Ann');
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(editor.getByText(/Each line needs an address/)).toBeVisible();
  await shots(page, 'account');
  await editor.getByRole('textbox', { name: 'Address, or @domain' }).fill('ann@home.test');
  await expectAccessible(page, 'account');
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Home was saved.')).toBeVisible();
  const { stdout } = await app.command(['account', 'list', '--json']);
  expect(JSON.parse(stdout)).toMatchObject([
    {
      maxOctets: 25_000_000,
      warnAboveOctets: 900_000_000,
      multidrop: { fields: [], routes: [{ match: 'ann@home.test', folder: 'Ann' }] },
    },
  ]);
});
