import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { generatedMail } from '../src-main/core/incoming/testing/generated-mail.ts';
import { expect, type RunningApp, startApp, test } from './app.ts';
import { commandJson, countIn } from './pages/profile.ts';

// Mail out in the four forms and in again. One mailbox for all of them: exporting changes nothing.
test.describe.configure({ mode: 'default' });

const run = promisify(execFile);
const count = 60;

let app: RunningApp & { stop(): Promise<void> };
let out: string;
let hashes: string[];

test.beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'postrider-export-'));
  app = await startApp();
  const folder = join(app.profileDir, 'given');
  await mkdir(folder);
  const mails = generatedMail(count);
  await Promise.all(mails.map((mail, index) => writeFile(join(folder, `${index}.eml`), mail)));
  await commandJson(app, ['import', folder, '--folder', 'Projects/House']);
  hashes = mails.map(sha256).sort();
});

test.afterAll(async () => {
  await app?.stop();
  if (out !== undefined) await rm(out, { recursive: true, force: true });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function hashesBelow(folder: string): Promise<string[]> {
  const files = (await filesBelow(folder)).filter((file) => /\.eml$|\/(new|cur)\//.test(file));
  return (await Promise.all(files.map(async (file) => sha256(await readFile(file))))).sort();
}

async function openScreen(page: Page): Promise<void> {
  await app.open(page);
  await page.getByRole('button', { name: 'Backup and export' }).click();
  await expect(page.getByRole('heading', { name: 'Export and import' })).toBeVisible();
}

async function exportHouse(page: Page, format: RegExp, target: string): Promise<void> {
  await openScreen(page);
  await page.getByText('These folders').click();
  await page.getByRole('checkbox', { name: /^Projects\/House/ }).check({ force: true });
  const choice = page.getByRole('radio', { name: format });
  await page.locator('label').filter({ has: choice }).click();
  await expect(choice).toBeChecked();
  await page.getByLabel('Where to').fill(target);
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(page.getByText(`${count} messages were exported.`)).toBeVisible();
}

/** Points the import at a path and looks inside. */
async function lookInside(page: Page, kind: string, source: string): Promise<void> {
  await page.getByRole('button', { name: 'Backup and export' }).click();
  await page.getByRole('button', { name: 'Import mail…' }).click();
  await expect(page.getByRole('heading', { name: 'Where is your mail now?' })).toBeVisible();
  await page
    .locator('label')
    .filter({ has: page.getByRole('radio', { name: kind }) })
    .click();
  await page.getByLabel('Where it lies').fill(source);
  await page.getByRole('button', { name: 'Look inside' }).click();
}

async function choose(page: Page, group: string): Promise<void> {
  await page
    .locator('label')
    .filter({ has: page.getByRole('radio', { name: group }) })
    .click();
}

/** Takes an export back in: everything is here already. */
async function importAgain(page: Page, kind: string, source: string): Promise<void> {
  await lookInside(page, kind, source);
  await expect(page.getByRole('heading', { name: 'What should come in?' })).toBeVisible();
  await choose(page, 'All into one folder');
  await page.getByRole('button', { name: /Into/ }).click();
  await page.getByRole('option', { name: 'Projects/House' }).click();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByText('Nothing new came in.')).toBeVisible();
  await expect(page.getByText(`${count} were here already`)).toBeVisible();
  expect(await countIn(app, 'Projects/House')).toBe(count);
  await page.getByRole('button', { name: 'Import something else' }).click();
  await expect(page.getByRole('heading', { name: 'Where is your mail now?' })).toBeVisible();
}

test('.eml files: byte for byte, and nothing comes twice', async ({ page }) => {
  const target = join(out, 'eml');
  await exportHouse(page, /^\.eml files/, target);
  await expect(page.getByText('Every message is byte for byte what is stored here.')).toBeVisible();
  expect(await hashesBelow(target)).toEqual(hashes);
  await importAgain(page, '.eml files', target);
});

test('Maildir: byte for byte, with the marks', async ({ page }) => {
  const target = join(out, 'maildir');
  await exportHouse(page, /^Maildir/, target);
  expect(await hashesBelow(target)).toEqual(hashes);
  await importAgain(page, 'Maildir', target);
});

test('zip: one archive that others can open', async ({ page }) => {
  const target = join(out, 'house.zip');
  await exportHouse(page, /^zip/, target);
  const unpacked = join(out, 'unpacked');
  await mkdir(unpacked);
  // An independent reader of the format.
  await run('python3', ['-m', 'zipfile', '-e', target, unpacked]);
  expect(await hashesBelow(unpacked)).toEqual(hashes);
  await importAgain(page, '.eml files', target);
});

test('mbox: mutt finds every message in it', async ({ page }) => {
  const target = join(out, 'house.mbox');
  await exportHouse(page, /^mbox/, target);
  const mutt = await run('mutt', ['-v']).catch(() => null);
  test.skip(mutt === null, 'mutt is needed here.');
  // mutt tags everything and copies it into a Maildir of its own.
  const copied = join(out, 'copied');
  const keys = `<tag-pattern>~A<enter><tag-prefix><copy-message>${copied}<enter><exit>`;
  const settings = 'set mbox_type=Maildir confirmcreate=no confirmappend=no wait_key=no quit=yes';
  const command = `mutt -n -F /dev/null -R -e '${settings}' -e 'push "${keys}"' -f ${target}`;
  await run('script', ['-qec', command, '/dev/null']);
  expect(await readdir(join(copied, 'new'))).toHaveLength(count);
});

test('import of hostile and faulty files says what it took, and shows the folder', async ({ page }) => {
  const folder = join(out, 'mixed');
  await mkdir(folder);
  await writeFile(join(folder, 'fine.eml'), 'From: a@b.test\r\nSubject: Fine\r\n\r\nFine.\r\n');
  await writeFile(join(folder, 'empty.eml'), '');
  await app.open(page);
  await lookInside(page, '.eml files', '');
  await expect(page.getByText('Say where the mail lies.')).toBeVisible();
  await page.getByLabel('Where it lies').fill(join(out, 'nothing-here'));
  await page.getByRole('button', { name: 'Look inside' }).click();
  await expect(page.getByRole('main').getByRole('alert').first()).toBeVisible();
  await page.getByLabel('Where it lies').fill(folder);
  await page.getByRole('button', { name: 'Look inside' }).click();
  await choose(page, 'All into one folder');
  await page.getByRole('button', { name: /Into/ }).click();
  await page.getByRole('option', { name: 'A new folder' }).click();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByText('A folder name cannot be empty.')).toBeVisible();
  await page.getByLabel('Name of the new folder').fill('Mixed');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByText(/(One message was|2 messages were) imported\./)).toBeVisible();
  await page.getByRole('button', { name: 'Show Mixed' }).click();
  await expect(
    page.getByRole('listbox', { name: 'Messages in Mixed' }).getByText('Fine', { exact: true }),
  ).toBeVisible();
});
