import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, startApp, test } from './app.ts';
import { openPractice } from './pages/mailbox.ts';
import { accountOn, add, countIn, plainMail } from './pages/profile.ts';
import { startMaildrop } from './servers/maildrop.ts';

const run = promisify(execFile);
const host = join(import.meta.dirname, '../dist/host-browser/main.js');

test('settings that are not JSON are kept aside, and the application starts and says so', async ({ page }) => {
  const broken = '{"version": 1, "accounts": [';
  const app = await startApp({
    prepare: async (profileDir) => {
      await mkdir(join(profileDir, 'Mail', 'cur'), { recursive: true });
      await writeFile(join(profileDir, 'settings.json'), broken);
    },
  });
  try {
    await app.open(page);
    await expect(page.getByText(/Your settings could not be read/)).toBeVisible();
    await expect(page.getByText(/Your mail is not affected/)).toBeVisible();
    const kept = (await readdir(app.profileDir)).filter(
      (name) => name.startsWith('settings') && name !== 'settings.json',
    );
    expect(kept).toHaveLength(1);
    expect(await readFile(join(app.profileDir, kept[0] ?? ''), 'utf8')).toBe(broken);
    await page.getByRole('button', { name: 'Dismiss' }).first().click();
    await expect(page.getByText(/Your settings could not be read/)).toBeHidden();
    await openPractice(page);
  } finally {
    await app.stop();
  }
});

test('a second start on the same profile raises the first and ends well', async ({ app, page }) => {
  await app.open(page);
  const second = await run(process.execPath, [host, '--no-window', '--profile', app.profileDir]);
  expect(second.stdout).toContain('running already');
  await expect(page.getByRole('button', { name: /try a practice mailbox/i })).toBeVisible();
});

test('a Mail folder that has gone stops collecting, in words', async ({ app, page }) => {
  const maildrop = await startMaildrop([plainMail('First'), plainMail('Second')]);
  try {
    await add(app, 'account', accountOn(maildrop.port));
    await app.open(page);
    await page.getByRole('button', { name: 'Collect', exact: true }).click();
    await expect(page.getByRole('listbox', { name: 'Messages in Inbox' }).getByRole('option')).toHaveCount(2);
    await rename(app.mailFolder, `${app.mailFolder}-away`);
    maildrop.deliver(plainMail('Third'));
    await page.getByRole('button', { name: 'Collect', exact: true }).click();
    await expect(page.getByText('The Mail folder is not where it should be')).toBeVisible();
    await expect(page.getByRole('contentinfo', { name: 'Status' }).getByText(/collecting failed/)).toBeVisible();

    await rename(`${app.mailFolder}-away`, app.mailFolder);
    await app.restart();
    await app.open(page);
    await page.getByRole('button', { name: 'Collect', exact: true }).click();
    await expect(
      page.getByRole('listbox', { name: 'Messages in Inbox' }).getByText('Third', { exact: true }),
    ).toBeVisible();
    expect(await countIn(app, 'Inbox')).toBe(3);
  } finally {
    await maildrop.close();
  }
});

test('the connection to the application breaks and comes back', async ({ app, page }) => {
  await app.open(page);
  await openPractice(page);
  await app.kill();
  await expect(page.getByText('The connection to Postrider was lost. Trying again.')).toBeVisible();
  // What was there stays readable.
  await expect(page.getByText('Welcome to the practice mailbox').first()).toBeVisible();
});
