import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dovecot, isDovecotInstalled, startDovecot } from '../src-main/core/incoming/testing/dovecot.ts';
import { expect, test } from './app.ts';
import { Wizard } from './pages/wizard.ts';
import { hasPostfix, type Postfix, startPostfix } from './servers/postfix.ts';

// The whole job on real servers: Dovecot for what comes in, two Postfixes for what goes out, of which the first does
// not take this sender.
let dovecot: Dovecot;
let strict: Postfix;
let willing: Postfix;

test.beforeAll(async () => {
  test.skip(!isDovecotInstalled || !(await hasPostfix()), 'Dovecot and Postfix (as root) are needed here.');
  [dovecot, strict, willing] = await Promise.all([
    startDovecot(),
    startPostfix({ refuseSenders: ['anna@home.test'] }),
    startPostfix({ mailboxes: ['friend@away.test', 'hidden@away.test'] }),
  ]);
  await dovecot.deliver('anna', mail('A letter from the sea', 'The wind has turned.\r\n'));
  await dovecot.deliver('anna', mail('Second letter', 'Nothing new here.\r\n'));
});

test.afterAll(async () => {
  await Promise.all([dovecot?.stop(), strict?.stop(), willing?.stop()]);
});

function mail(subject: string, body: string): Buffer {
  return Buffer.from(
    `From: Friend <friend@away.test>\r\nTo: Anna <anna@home.test>\r\nSubject: ${subject}\r\n` +
      `Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${subject.replaceAll(' ', '-')}@away.test>\r\n\r\n${body}`,
  );
}

/** What a relay adds in front, and what it makes of line ends, taken off again. */
function asBuilt(delivered: Buffer): string {
  const text = delivered.toString('latin1').replaceAll('\n', '\r\n');
  return text.replace(/^(?:(?:Return-Path|X-Original-To|Delivered-To|Received):[^\r]*\r\n(?:[ \t][^\r]*\r\n)*)+/, '');
}

test('set up, collect, read, write, send past a refusing server, see why, export', async ({ app, page }) => {
  await app.open(page);

  const wizard = new Wizard(page);
  await wizard.open();
  await wizard.who('Anna Ö.', 'anna@home.test');
  await wizard.incoming({ host: '127.0.0.1', port: dovecot.port, security: 'None' }, 'anna', 'secret');
  await wizard.next();
  await wizard.outgoing(1, { host: '127.0.0.1', port: strict.port, security: 'None' }, 'Strict relay');
  await page.getByRole('button', { name: 'Add another outgoing server' }).click();
  await wizard.outgoing(2, { host: '127.0.0.1', port: willing.port, security: 'None' }, 'Willing relay');
  await wizard.next();
  await expect(page.getByText('Everything works.', { exact: true })).toBeVisible();
  await wizard.next();
  await expect(page.getByText(/Nothing is deleted on the server/)).toBeVisible();
  await page.getByRole('button', { name: 'Finish and collect' }).click();

  const list = page.getByRole('listbox', { name: /Inbox/ });
  await expect(list.getByText('A letter from the sea')).toBeVisible();
  await list.getByText('A letter from the sea').click();
  await expect(page.getByText('The wind has turned.').last()).toBeVisible();

  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByRole('combobox', { name: 'To' }).fill('friend@away.test');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Add Bcc' }).click();
  await page.getByRole('combobox', { name: 'Bcc' }).fill('hidden@away.test');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Subject' }).fill('Grüße vom Land');
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Dear friend,\n.\nall is well.\n');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Sending “Grüße vom Land”')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();

  await expect
    .poll(() => willing.delivered('friend@away.test').then(({ length }) => length), { timeout: 30_000 })
    .toBe(1);
  await page
    .getByRole('row', { name: /^Sent/ })
    .or(page.getByRole('treeitem', { name: /^Sent/ }))
    .click();
  const sent = page.getByRole('listbox', { name: /Sent/ });
  await sent.getByText('Grüße vom Land').click();
  await page.getByRole('button', { name: 'Show the way it took' }).click();
  await expect(page.getByText(/sender not owned by you/).first()).toBeVisible();
  await expect(page.getByText('Willing relay').first()).toBeVisible();

  // Byte for byte what was built, without the Bcc field that the Sent copy keeps.
  const sentFolder = join(app.mailFolder, '.Sent', 'cur');
  const [name = ''] = await readdir(sentFolder);
  const stored = await readFile(join(sentFolder, name), 'latin1');
  expect(stored).toMatch(/^Bcc: hidden@away\.test\r\n/m);
  const [delivered = Buffer.alloc(0)] = await willing.delivered('friend@away.test');
  expect(asBuilt(delivered)).toBe(stored.replace(/^Bcc:[^\r]*\r\n/m, ''));
  expect(await willing.delivered('hidden@away.test')).toHaveLength(1);

  const out = join(app.profileDir, 'inbox.mbox');
  await page.getByText('Backup and export').click();
  await page.getByText('These folders').click();
  await page.getByRole('checkbox', { name: /^Inbox/ }).check({ force: true });
  await page.getByLabel('Where to').fill(out);
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(page.getByText('2 messages were exported.')).toBeVisible();
  expect((await readFile(out, 'latin1')).match(/^From /gm)).toHaveLength(2);
});
