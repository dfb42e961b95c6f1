import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, type RunningApp, test } from './app.ts';
import { saveDownload, showFolder } from './pages/mailbox.ts';
import { accountOn, add, commandJson, identityOf, plainMail, serverOn } from './pages/profile.ts';
import { startMaildrop } from './servers/maildrop.ts';
import { type Sink, startSink } from './servers/sink.ts';

// What a person does with mail all day.
test.describe.configure({ mode: 'default' });
test.use({ startOptions: { preferences: { undoSendSeconds: 0 } } });

let sink: Sink;

test.beforeAll(async () => {
  sink = await startSink();
});

test.afterAll(() => sink?.stop());

/** Mail in the Inbox, an identity, and an outgoing server that takes everything. */
async function furnish(app: RunningApp, mails: readonly Buffer[]): Promise<void> {
  const folder = join(app.profileDir, 'incoming');
  await mkdir(folder);
  await Promise.all(mails.map((mail, index) => writeFile(join(folder, `${index}.eml`), mail)));
  await add(app, 'server', serverOn('Sink', sink.port));
  await add(app, 'identity', identityOf('anna@home.test'));
  await commandJson(app, ['import', folder, '--folder', 'Inbox']);
}

function rows(page: Page, folder = 'Inbox'): Locator {
  return page.getByRole('listbox', { name: `Messages in ${folder}` }).getByRole('option');
}

function folderRow(page: Page, name: string): Locator {
  return page.getByRole('navigation', { name: 'Folders' }).getByRole('row', { name: new RegExp(`^${name}`) });
}

function composer(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Subject' }).locator('xpath=ancestor::section[1]');
}

/** The last message the sink took, once it has come. */
async function nextTaken(count: number): Promise<string> {
  await expect.poll(() => sink.taken.length).toBe(count);
  return sink.taken.at(-1)?.bytes.toString() ?? '';
}

test('own folders: make, move into by dragging and by key, rename, remove', async ({ app, page }) => {
  await furnish(
    app,
    ['One', 'Two', 'Three', 'Four', 'Five'].map((subject) => plainMail(subject)),
  );
  await app.open(page);
  await expect(rows(page)).toHaveCount(5);

  await page.getByRole('button', { name: 'New folder' }).click();
  const dialog = page.getByRole('dialog', { name: 'New folder' });
  await dialog.getByLabel('Name').fill('Inbox');
  await dialog.getByRole('button', { name: 'New folder' }).click();
  await expect(dialog.getByText('There is a folder “Inbox” already. Choose another name.')).toBeVisible();
  await dialog.getByLabel('Name').fill('Projects/House');
  await dialog.getByRole('button', { name: 'New folder' }).click();
  await expect(folderRow(page, 'House')).toBeVisible();

  await rows(page).filter({ hasText: 'Two' }).dragTo(folderRow(page, 'House'));
  await expect(page.getByText('Message moved to')).toBeVisible();
  await expect(rows(page)).toHaveCount(4);

  // Several at once: by Shift and Ctrl with the mouse, then M and a part of the folder's name.
  await rows(page).nth(0).click();
  await rows(page)
    .nth(1)
    .click({ modifiers: ['Shift'] });
  await rows(page)
    .nth(3)
    .click({ modifiers: ['ControlOrMeta'] });
  await expect(page.getByText('3 messages selected')).toBeVisible();
  await page.keyboard.press('m');
  await page.getByRole('searchbox', { name: 'Find a folder' }).fill('hous');
  await page.getByRole('option', { name: /House/ }).click();
  await expect(page.getByText('3 messages moved to')).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(rows(page)).toHaveCount(4);

  await folderRow(page, 'House').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('dialog', { name: 'Rename' }).getByLabel('Name').fill('Projects/Garden');
  await page.getByRole('dialog', { name: 'Rename' }).getByRole('button', { name: 'Rename' }).click();
  await folderRow(page, 'Garden').click();
  await expect(rows(page, 'Projects/Garden').or(rows(page, 'Garden')).filter({ hasText: 'Two' })).toHaveCount(1);
  await expect(folderRow(page, 'House')).toHaveCount(0);

  await folderRow(page, 'Garden').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await expect(page.getByText(/Its messages are in Trash/)).toBeVisible();
  await expect(folderRow(page, 'Garden')).toHaveCount(0);
  await showFolder(page, 'Trash');
  await expect(rows(page, 'Trash').filter({ hasText: 'Two' })).toHaveCount(1);
});

test('reply, reply to all, and forward with the attachment', async ({ app, page }) => {
  const plan = randomBytes(3000);
  const mail =
    'From: Friend <friend@away.test>\r\nTo: Anna <anna@home.test>, Carl <carl@away.test>\r\nCc: dora@away.test\r\n' +
    'Subject: The plan\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <the-plan@away.test>\r\n' +
    'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n' +
    'Here is the plan.\r\n--b\r\nContent-Type: application/octet-stream; name="plan.bin"\r\n' +
    'Content-Disposition: attachment; filename="plan.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n' +
    `${plan.toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n--b--\r\n`;
  await furnish(app, [Buffer.from(mail)]);
  await app.open(page);
  const before = sink.taken.length;
  await rows(page).first().click();
  await expect(page.getByRole('article').getByText('Here is the plan.')).toBeVisible();

  await page.keyboard.press('r');
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveValue('Re: The plan');
  const body = page.getByRole('textbox', { name: 'Message', exact: true });
  await expect(body).toHaveValue(/> Here is the plan\./);
  await expect(body).toBeFocused();
  await page.keyboard.type('Thanks. ');
  await page.keyboard.press('Control+Enter');
  const reply = await nextTaken(before + 1);
  expect(reply).toMatch(/^In-Reply-To: <the-plan@away\.test>\r$/m);
  expect(reply).toMatch(/^Thanks\./m);
  expect(sink.taken.at(-1)?.to).toEqual(['friend@away.test']);
  await expect(rows(page).first()).toHaveAccessibleName(/answered/);

  await rows(page).first().click();
  await page.keyboard.press('a');
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveValue('Re: The plan');
  await page.keyboard.press('Control+Enter');
  await nextTaken(before + 2);
  expect([...(sink.taken.at(-1)?.to ?? [])].sort()).toEqual(['carl@away.test', 'dora@away.test', 'friend@away.test']);

  await rows(page).first().click();
  await page.keyboard.press('f');
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveValue('Fwd: The plan');
  await expect(page.getByRole('list', { name: 'Attachments' }).getByText('plan.bin')).toBeVisible();
  await page.getByRole('combobox', { name: 'To' }).fill('emma@away.test');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Subject' }).focus();
  await page.keyboard.press('Control+Enter');
  const forwarded = await nextTaken(before + 3);
  expect(forwarded.replaceAll('\r\n', '')).toContain(plan.toString('base64'));
  await expect(rows(page).first()).toHaveAccessibleName(/forwarded/);
});

test('attachments by the button and by drop, saved again byte for byte', async ({ app, page }) => {
  await furnish(app, [plainMail('Something to begin with')]);
  await app.open(page);
  const before = sink.taken.length;
  const byButton = { name: 'büro plan.bin', mimeType: 'application/octet-stream', buffer: randomBytes(200_000) };
  const dropped = 'Line one\r\nline two\n.\nno end';
  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByRole('combobox', { name: 'To' }).fill('friend@away.test');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Subject' }).fill('Two files');
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Attach files' }).click(),
  ]);
  await chooser.setFiles([byButton]);
  const attached = page.getByRole('list', { name: 'Attachments' });
  await expect(attached.getByText(byButton.name)).toBeVisible();

  const transfer = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'notes.txt', { type: 'text/plain' }));
    return data;
  }, dropped);
  await composer(page).dispatchEvent('dragover', { dataTransfer: transfer });
  await composer(page).dispatchEvent('drop', { dataTransfer: transfer });
  await expect(attached.getByText('notes.txt')).toBeVisible();
  await expect(attached.getByRole('listitem')).toHaveCount(2);
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Both are attached.');
  await page.keyboard.press('Control+Enter');
  await nextTaken(before + 1);

  await showFolder(page, 'Sent');
  await rows(page, 'Sent').filter({ hasText: 'Two files' }).click();
  const cards = page.getByRole('region', { name: '2 attachments' });
  const first = await saveDownload(page, cards.getByRole('button', { name: `Save ${byButton.name}` }));
  expect(first.name).toBe(byButton.name);
  expect(createHash('sha256').update(first.bytes).digest('hex')).toBe(
    createHash('sha256').update(byButton.buffer).digest('hex'),
  );
  const second = await saveDownload(page, cards.getByRole('button', { name: 'Save notes.txt' }));
  expect(second.bytes.toString()).toBe(dropped);
});

test('rich text goes out as HTML with its plain twin', async ({ app, page }) => {
  await furnish(app, [plainMail('Something to begin with')]);
  await app.open(page);
  const before = sink.taken.length;
  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByRole('combobox', { name: 'To' }).fill('friend@away.test');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Subject' }).fill('With some weight');
  await page.getByRole('button', { name: 'Make it rich text' }).click();
  const body = page.getByRole('textbox', { name: 'Message', exact: true });
  await body.click();
  await page.getByRole('button', { name: /^Bold/ }).click();
  await page.keyboard.type('Very');
  await page.getByRole('button', { name: /^Bold/ }).click();
  await page.keyboard.type(' important');
  await expect(body.locator('strong')).toHaveText('Very');
  await page.keyboard.press('Control+Enter');
  const sent = await nextTaken(before + 1);
  expect(sent).toContain('multipart/alternative');
  expect(sent).toContain('<strong>Very</strong> important');
  expect(sent).toMatch(/^Very important\r$/m);
});

test('a sender joins the address book and completes from there', async ({ app, page }) => {
  await furnish(app, [plainMail('Hello', 'Hi.\r\n', '"Zoë Quince" <zq@away.test>')]);
  await app.open(page);
  await rows(page).first().click();
  await page.getByRole('button', { name: /Zoë Quince/ }).click();
  await page.getByRole('menuitem', { name: 'Add to address book' }).click();
  await expect(page.getByText('Zoë Quince is in the address book')).toBeVisible();

  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByRole('combobox', { name: 'To' }).pressSequentially('quin');
  const suggestions = page.getByRole('listbox').filter({ hasNotText: 'Hello' });
  await suggestions.getByRole('option', { name: /Zoë Quince/ }).click();
  await expect(page.getByRole('grid', { name: 'Addresses in To' }).getByRole('row')).toHaveText([/Zoë Quince/]);
});

test('source and print', async ({ app, page }) => {
  await furnish(app, [plainMail('On paper', 'To be read by the fire.\r\n')]);
  await page.addInitScript(() => {
    window.print = () => document.documentElement.setAttribute('data-printed', '');
  });
  await app.open(page);
  await rows(page).first().click();
  await expect(page.getByRole('article').getByText('To be read by the fire.')).toBeVisible();
  await page.keyboard.press('p');
  await expect(page.locator('html')).toHaveAttribute('data-printed', '');
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('article').getByText('To be read by the fire.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'On paper' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Folders' })).toBeHidden();
  await expect(page.getByRole('listbox', { name: /Inbox/ })).toBeHidden();
  await page.emulateMedia({ media: 'screen' });

  await page.keyboard.press('v');
  const source = page.getByRole('region', { name: 'Source' });
  await expect(source).toContainText('Message-ID: <On-paper@away.test>');
  const saved = await saveDownload(page, source.getByRole('button', { name: 'Save as file' }));
  expect(saved.bytes).toEqual(plainMail('On paper', 'To be read by the fire.\r\n'));
});

test('new mail is announced while the window is not looked at', async ({ app, page, context }) => {
  const maildrop = await startMaildrop([plainMail('Knock knock')]);
  try {
    await add(app, 'account', accountOn(maildrop.port));
    await context.grantPermissions(['notifications']);
    await page.addInitScript(() => {
      const announced: string[] = [];
      Object.defineProperty(document, 'hasFocus', { value: () => false });
      Object.defineProperty(window, 'announced', { value: announced });
      window.Notification = class extends Notification {
        constructor(title: string, options?: NotificationOptions) {
          super(title, options);
          announced.push(`${title}: ${options?.body ?? ''}`);
        }
      };
    });
    await app.open(page);
    await page.getByRole('button', { name: 'Collect', exact: true }).click();
    await expect(rows(page).filter({ hasText: 'Knock knock' })).toBeVisible();
    await expect
      .poll(() => page.evaluate(() => ('announced' in window ? window.announced : [])))
      .toEqual(['New message: Friend: Knock knock']);
    expect((await readFile(join(app.profileDir, 'settings.json'), 'utf8')).includes('secret')).toBe(false);
  } finally {
    await maildrop.close();
  }
});
