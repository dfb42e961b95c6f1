import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAbook } from '../src-main/core/backup/testing/address-books.ts';
import { asSent, makeThunderbirdProfile, mozillaMbox } from '../src-main/core/backup/testing/thunderbird-profile.ts';
import { expect, type RunningApp, startApp, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { commandJson, countIn } from './pages/profile.ts';

// A newcomer brings mail along: Thunderbird is found on the computer, a Takeout is pointed at.
test.describe.configure({ mode: 'serial' });

let app: RunningApp & { stop(): Promise<void> };
let home: string;

test.beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'postrider-home-'));
  const root = join(home, '.thunderbird');
  await makeThunderbirdProfile(join(root, 'k3x9.default-release'));
  const people: Record<string, string>[] = [
    { DisplayName: 'Ann Example', PrimaryEmail: 'ann@example.com', SecondEmail: 'ann@home.example' },
    { DisplayName: 'Plumber' },
  ];
  makeAbook(join(root, 'k3x9.default-release', 'abook.sqlite'), people, ['Family'])();
  makeAbook(join(root, 'k3x9.default-release', 'history.sqlite'), [{ PrimaryEmail: 'shop@example.net' }])();
  await writeFile(
    join(root, 'profiles.ini'),
    '[Profile0]\nName=default-release\nIsRelative=1\nPath=k3x9.default-release\nDefault=1\n',
  );
  app = await startApp({ environment: { HOME: home } });
});

test.afterAll(async () => {
  await app?.stop();
  if (home !== undefined) await rm(home, { recursive: true, force: true });
});

test('from the first screen: Thunderbird is found, shown, chosen from and imported', async ({ page }) => {
  await app.open(page);
  await page.getByRole('button', { name: /Bring mail from elsewhere/ }).click();
  await expect(page.getByRole('heading', { name: 'Where is your mail now?' })).toBeVisible();
  await page.getByRole('button', { name: /Thunderbird default-release/ }).click();

  await expect(page.getByRole('heading', { name: 'What should come in?' })).toBeVisible();
  const account = page.getByRole('group', { name: 'bob@example.org' });
  await expect(account.getByText('5 messages', { exact: true })).toBeVisible();
  await expect(account.getByRole('checkbox', { name: 'Trash' })).not.toBeChecked();
  await expect(page.getByText(/2 IMAP folders are only on the server/)).toBeVisible();
  await expect(page.getByText(/Tags come along: Wichtig, Work/)).toBeVisible();
  const books = page.getByRole('group', { name: 'Address books' });
  await expect(books.getByRole('checkbox', { name: 'Personal Address Book' })).toBeChecked();
  await expect(books.getByRole('checkbox', { name: /^Collected Addresses/ })).not.toBeChecked();
  // By keys alone: the account's own box clears all of it, its Inbox is ticked again.
  await account.getByRole('checkbox', { name: 'All folders of bob@example.org' }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Space');
  await expect(account.getByRole('checkbox', { name: 'Inbox' })).not.toBeChecked();
  await account.getByRole('checkbox', { name: 'Inbox' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Import', exact: true }).click();

  await expect(page.getByText('14 messages were imported.')).toBeVisible();
  await expect(page.getByText(/3 had been deleted in the other program/)).toBeVisible();
  await expect(page.getByText('2 addresses are new in the address book.')).toBeVisible();
  await expect(page.getByText(/The mailing list Family stayed there/)).toBeVisible();
  expect(await countIn(app, 'Inbox')).toBe(6);
  expect(await countIn(app, 'Trash')).toBe(0);
  await page.getByRole('button', { name: 'Show Räume/Küche' }).click();
  await expect(page.getByRole('listbox', { name: 'Messages in Küche' }).getByText('stove')).toBeVisible();
});

test('people alone: from the address book’s own screen, out of a .vcf', async ({ page }) => {
  const path = join(home, 'people.vcf');
  await writeFile(path, 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoë\r\nEMAIL:zoe@example.com\r\nEND:VCARD\r\n');
  await app.open(page);
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Import people…' }).click();
  await page
    .locator('label')
    .filter({ has: page.getByRole('radio', { name: 'An address book' }) })
    .click();
  await page.getByLabel('Where it lies').fill(path);
  await page.getByLabel('Where it lies').press('Enter');
  await expect(page.getByText('one address', { exact: true })).toBeVisible();
  await expectAccessible(page, 'an address book to import');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('button', { name: 'Open the address book' }).click();
  await expect(page.getByRole('list', { name: 'People' }).getByText('Zoë')).toBeVisible();
  await expect(page.getByRole('list', { name: 'People' }).getByText('ann@home.example')).toBeVisible();

  // A nickname is written beside the name, completes the address, and goes out with everybody.
  await page.getByRole('button', { name: 'Edit Zoë' }).click();
  await page.getByLabel('Nickname').fill('Zippy');
  await page.getByLabel('Telephone').fill('030 1, +49 170 2');
  await expectAccessible(page, 'a person of the address book');
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await expect(page.getByRole('list', { name: 'People' }).getByText('030 1, +49 170 2')).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByRole('menuitem', { name: /vCard 3.0/ }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('Address book.vcf');
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toContain('NICKNAME:Zippy\r\nEMAIL;TYPE=INTERNET:zoe@example.com\r\nTEL;TYPE=voice:030 1\r\n');
  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByRole('combobox', { name: 'To' }).fill('zipp');
  await expect(page.getByRole('option', { name: 'Zoë' })).toBeVisible();
});

test('a second time nothing is doubled', async () => {
  const found = await commandJson(app, ['import', '--places']);
  expect(found).toMatchObject([{ kind: 'thunderbird', name: 'default-release' }]);
  const again = await commandJson(app, [
    'import',
    join(home, '.thunderbird'),
    ...['Trash', 'Blogs/Some blog'].flatMap((name) => ['--leave-out', name]),
  ]);
  expect(again).toMatchObject({
    imported: 0,
    duplicates: 14,
    deleted: 3,
    leftOut: 2,
    failed: [],
    contacts: { added: 0, known: 2 },
  });
});

test('a Takeout: labels become folders and tags, spam stays out', async ({ page }) => {
  const path = join(home, 'All mail Including Spam and Trash.mbox');
  const mails = [
    ['holiday', 'Inbox,Starred,Family'],
    ['prize', 'Spam,Unread'],
    ['invoice', '=?UTF-8?Q?Archived,Opened,R=C3=A4ume/K=C3=BCche,Steuer?='],
  ].map(
    ([subject = '', labels = ''], n) =>
      `From 178${n}@xxx Mon Jan 01 10:00:00 +0000 2024\r\nX-GM-THRID: 178${n}\r\nX-Gmail-Labels: ${labels}\r\n${asSent({ subject })}\r\n`,
  );
  await writeFile(path, mails.join(''));
  await app.open(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('import mail');
  await page.keyboard.press('Enter');
  await page
    .locator('label')
    .filter({ has: page.getByRole('radio', { name: 'Google Takeout' }) })
    .click();
  await page.getByLabel('Where it lies').fill(path);
  await page.getByLabel('Where it lies').press('Enter');
  await expect(page.getByText(/Gmail’s labels become folders/)).toBeVisible();
  await expect(page.getByRole('checkbox', { name: 'What Gmail calls spam' })).toBeChecked();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByText('2 messages were imported.')).toBeVisible();
  await expect(page.getByText('One was left out, as you chose.')).toBeVisible();
  expect(await countIn(app, 'Räume/Küche')).toBe(2);
  expect(await countIn(app, 'Junk')).toBe(0);
});

test('Outlook files and backups are told what to do with', async ({ page }) => {
  await app.open(page);
  await page.getByRole('button', { name: 'Backup and export' }).click();
  await page.getByRole('button', { name: 'Import mail…' }).click();
  await page
    .locator('label')
    .filter({ has: page.getByRole('radio', { name: 'Outlook' }) })
    .click();
  await expect(page.getByText(/readpst -r mail\.pst/)).toBeVisible();
  await page
    .locator('label')
    .filter({ has: page.getByRole('radio', { name: 'A Postrider backup' }) })
    .click();
  await page.getByRole('button', { name: 'Open the backups' }).click();
  await expect(page.getByRole('heading', { name: 'Restore', exact: true })).toBeVisible();
});

test('one that is stopped, or broken off by a crash, is gone on with and doubles nothing', async ({ page }) => {
  test.slow();
  const count = 5000;
  const folder = join(home, 'large');
  await mkdir(folder);
  const body = 'A line of about seventy octets, so that it takes its time to come in.\r\n'.repeat(20);
  await writeFile(
    join(folder, 'Large.mbox'),
    mozillaMbox(Array.from({ length: count }, (_, n) => ({ subject: `large ${n}`, body }))),
  );
  await app.open(page);
  await page.getByRole('button', { name: 'Backup and export' }).click();
  await page.getByRole('button', { name: 'Import mail…' }).click();
  await page
    .locator('label')
    .filter({ has: page.getByRole('radio', { name: 'mbox files' }) })
    .click();
  await page.getByLabel('Where it lies').fill(folder);
  await page.getByRole('button', { name: 'Look inside' }).click();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('progressbar', { name: /Importing large/ })).toBeVisible();
  await app.kill();
  await app.restart();
  await app.open(page);
  await page.getByRole('button', { name: 'Backup and export' }).click();
  await page.getByRole('button', { name: 'Import mail…' }).click();
  await expect(page.getByText(/was broken off\. What came in is safe\./)).toBeVisible();
  await page.getByRole('button', { name: 'Go on' }).click();
  // A fast computer is soon through: Stop is pressed as soon as it is there, not when it has come to rest.
  await page.getByRole('button', { name: 'Stop', exact: true }).dispatchEvent('click');
  await expect(page.getByText(/Stopped\. What came in before stays/)).toBeVisible();
  await page.getByRole('button', { name: 'Go on' }).click();
  // All runs together: what the killed one brought is not told as having been here before.
  await expect(page.getByText(/^5.?000 messages were imported\./)).toBeVisible({ timeout: 150_000 });
  expect(await countIn(app, 'Large')).toBe(count);
});

test('every page of it can be read and used by everybody', async ({ page }) => {
  test.slow();
  await app.open(page);
  await page.getByRole('button', { name: 'Backup and export' }).click();
  await page.getByRole('button', { name: 'Import mail…' }).click();
  await page
    .locator('label')
    .filter({ has: page.getByRole('radio', { name: 'Google Takeout' }) })
    .click();
  await expectAccessible(page, 'where');
  await page.getByRole('button', { name: /Thunderbird default-release/ }).click();
  await expect(page.getByRole('group', { name: 'bob@example.org' })).toBeVisible();
  await expectAccessible(page, 'what');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByText(/Nothing new came in|were imported\./)).toBeVisible();
  await expectAccessible(page, 'report');
  // What Thunderbird knew of the account is filled in.
  await page.getByRole('button', { name: 'Set up bob@example.org' }).click();
  await expect(page.getByRole('textbox', { name: 'Your name' })).toHaveValue('Bob "B" Builder');
  await expect(page.getByRole('textbox', { name: 'Mail address' })).toHaveValue('bob@example.org');
});
