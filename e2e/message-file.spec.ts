import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';
import { askToRaise } from '../src-main/host-node/control-socket.ts';
import { expect, type RunningApp, startApp, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { saveDownload } from './pages/mailbox.ts';
import { commandJson } from './pages/profile.ts';

// A message file from the disk: chosen or dropped, read without being kept, copied where the person says. One
// application for both, whose only message is the one that is copied in the end.
test.describe.configure({ mode: 'default' });

let app: RunningApp & { stop(): Promise<void> };
test.beforeAll(async () => {
  app = await startApp();
});
test.afterAll(() => app?.stop());

const letter = [
  'From: Dora Lindqvist <dora@away.test>',
  'To: Anna <anna@home.test>',
  'Subject: From the disk',
  'Date: Sat, 21 Nov 2026 10:00:00 +0000',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>Greetings <b>from the lake</b>.</p><img src="http://tracker.test/x.png"><script>document.title="run"</script>',
  '--b',
  'Content-Type: text/csv',
  'Content-Disposition: attachment; filename=depths.csv',
  '',
  '1;2;3',
  '--b',
  'Content-Type: message/rfc822',
  'Content-Disposition: attachment; filename=note.eml',
  '',
  'From: Carl <carl@away.test>',
  'Subject: A note within',
  '',
  'The crane comes on Tuesday.',
  '--b--',
  '',
].join('\r\n');

/** As a person drops a file on the window. */
async function drop(page: Page, files: { name: string; type: string; text: string }[]): Promise<void> {
  const transfer = await page.evaluateHandle((dropped) => {
    const data = new DataTransfer();
    for (const { name, type, text } of dropped) data.items.add(new File([text], name, { type }));
    return data;
  }, files);
  await page.dispatchEvent('main', 'dragover', { dataTransfer: transfer });
  await expect(page.getByText('Drop a message file here to read it')).toBeVisible();
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer });
  await expect(page.getByText('Drop a message file here to read it')).toHaveCount(0);
}

test('what is no message is refused in words, and the window stays', async ({ page }) => {
  await app.open(page);
  const address = page.url();
  await drop(page, [{ name: 'plan.pdf', type: 'application/pdf', text: '%PDF-1.7\n1 0 obj\n' }]);
  await expect(page.getByText('plan.pdf cannot be read as a message')).toBeVisible();
  await expect(page.getByText('it does not begin with the header of one')).toBeVisible();
  await expectAccessible(page, 'a file that is no message');
  await page.getByRole('main').getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('heading', { name: 'Welcome to Postrider' })).toBeVisible();
  const two = ['one.eml', 'two.eml'].map((name) => ({ name, type: 'message/rfc822', text: letter }));
  await drop(page, two);
  await expect(page.getByText('One message file at a time')).toBeVisible();
  expect(page.url()).toBe(address);
  // What was opened and closed is not kept.
  await expect.poll(() => readdir(join(app.profileDir, 'uploads'))).toEqual([]);
});

test('a message file is chosen and read, and copied to a folder by the keyboard; dropped, it is read too', async ({
  page,
}) => {
  await app.open(page);
  const before = await commandJson(app, ['folders']);

  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Control+o')]);
  await chooser.setFiles([{ name: 'lake.eml', mimeType: 'message/rfc822', buffer: Buffer.from(letter) }]);
  const file = page.getByRole('article', { name: 'Message file lake.eml' });
  await expect(file.getByRole('heading', { name: 'From the disk' })).toBeVisible();
  await expect(file.frameLocator('iframe').getByText('from the lake')).toBeVisible();
  await expect(file.getByText('It lies in no folder of Postrider.')).toBeVisible();
  await expect(file.getByText('A picture from the internet was not loaded')).toBeVisible();
  await expect(page).toHaveTitle(/lake\.eml/);
  await expect(file.getByRole('button', { name: /^(Reply|Delete|Archive|Flag)$/ })).toHaveCount(0);
  const saved = await saveDownload(page, file.getByRole('button', { name: 'Save depths.csv' }));
  expect(saved.bytes.toString().trim()).toBe('1;2;3');
  await expectAccessible(page, 'a message file');

  // A message attached to it is read in the same way; Escape goes back one step at a time.
  await file.getByRole('button', { name: 'Read note.eml' }).click();
  const note = page.getByRole('article', { name: 'Message file note.eml' });
  await expect(note.getByText('The crane comes on Tuesday.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(file.getByRole('heading', { name: 'From the disk' })).toBeVisible();
  expect(await commandJson(app, ['folders'])).toEqual(before);

  await file.getByRole('button', { name: 'Copy to folder' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('Archive');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Message copied to Archive')).toBeVisible();
  await page.getByRole('button', { name: 'Show it there' }).click();
  await expect(page.getByRole('option', { name: /From the disk/ })).toHaveAttribute('aria-selected', 'true');
  const [row] = JSON.parse(`[${(await app.command(['--json', 'list', 'Archive'])).stdout.trim()}]`);
  expect((await app.command(['show', row.messageKey, '--raw'])).stdout).toBe(letter);

  await drop(page, [{ name: 'again.eml', type: 'message/rfc822', text: letter }]);
  const again = page.getByRole('article', { name: 'Message file again.eml' });
  await expect(again.getByRole('heading', { name: 'From the disk' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'Archive', level: 1 })).toBeVisible();

  // As a file manager opens one: by a second start.
  await writeFile(join(app.profileDir, 'double click.eml'), letter);
  expect(await askToRaise(app.profileDir, pathToFileURL(join(app.profileDir, 'double click.eml')).href)).toBe(true);
  const clicked = page.getByRole('article', { name: 'Message file double click.eml' });
  await expect(clicked.getByRole('heading', { name: 'From the disk' })).toBeVisible();
  expect(await askToRaise(app.profileDir, pathToFileURL(app.profileDir).href)).toBe(true);
  await expect(page.getByText('is not a file')).toBeVisible();
});
