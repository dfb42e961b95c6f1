import type { Locator, Page } from '@playwright/test';
import { type ScriptedSmtp, startScriptedSmtp } from '../src-main/core/outgoing/testing/scripted-smtp.ts';
import { expect, test } from './app.ts';
import { saveDownload, showFolder, writeTo } from './pages/mailbox.ts';
import { add, commandJson, identityOf, serverOn } from './pages/profile.ts';
import { fillOutbox } from './servers/full-outbox.ts';
import { hasPostfix, type Postfix, startPostfix } from './servers/postfix.ts';

// What a person does with a message on its way: with real Postfix where mail arrives, and with a scripted server for
// the one thing no Postfix does on request, losing the reply to the final dot.
test.describe.configure({ mode: 'default' });

let postfix: Postfix;
const friend = 'friend@away.test';

test.beforeAll(async () => {
  test.skip(!(await hasPostfix()), 'Postfix (as root) is needed here.');
  postfix = await startPostfix({ mailboxes: [friend, 'colleague@away.test'] });
});
test.afterAll(() => postfix?.stop());

const delivered = (subject: string, mailbox = friend): Promise<number> =>
  postfix
    .delivered(mailbox)
    .then((files) => files.filter((bytes) => bytes.toString().includes(`Subject: ${subject}`)).length);

function row(page: Page, subject: string): Locator {
  return page.getByRole('list', { name: 'Messages on their way' }).getByRole('listitem').filter({ hasText: subject });
}

const composer = (page: Page, subject: string): Locator =>
  page.getByRole('region', { name: 'Draft' }).filter({ has: page.getByRole('heading', { name: subject }) });

test.describe('with time to undo', () => {
  test.use({ startOptions: { preferences: { undoSendSeconds: 30 } } });

  test('undo send from the bar and from the Outbox, then send at once', async ({ app, page }) => {
    await add(app, 'server', serverOn('Relay', postfix.port));
    await add(app, 'identity', identityOf('anna@home.test'));
    await app.open(page);
    await writeTo(page, friend, 'Second thoughts');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(composer(page, 'Second thoughts')).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue(/A few words/);
    await page.keyboard.press('Control+Enter');
    await expect(composer(page, 'Second thoughts')).toHaveCount(0);

    await showFolder(page, 'Outbox');
    await expect(row(page, 'Second thoughts')).toContainText('can still be undone');
    await row(page, 'Second thoughts').getByRole('button', { name: 'Undo send' }).click();
    await expect(composer(page, 'Second thoughts')).toContainText('a new Message-ID');
    expect(await delivered('Second thoughts')).toBe(0);
    await page.keyboard.press('Control+Enter');
    await row(page, 'Second thoughts').getByRole('button', { name: 'Send now' }).click();
    await expect.poll(() => delivered('Second thoughts')).toBe(1);
    // No button that a key pressed once too often would press.
    await expect(page.getByRole('group', { name: 'Nothing waits here' })).toBeFocused();
  });
});

test.describe('without', () => {
  test.use({ startOptions: { preferences: { undoSendSeconds: 0 } } });

  test('send later keeps its moment through an edit; pause holds everything and says so everywhere', async ({
    app,
    page,
  }) => {
    await add(app, 'server', serverOn('Relay', postfix.port));
    await add(app, 'identity', identityOf('anna@home.test'));
    await app.open(page);
    await writeTo(page, friend, 'For tomorrow');
    await page.getByRole('button', { name: 'How it is sent' }).click();
    await page.getByRole('button', { name: /^Tomorrow morning/ }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Send / }).click();
    await showFolder(page, 'Outbox');
    await expect(row(page, 'For tomorrow')).toContainText('sends later');
    await row(page, 'For tomorrow').getByRole('button', { name: 'Edit' }).click();
    // The moment came along.
    await expect(composer(page, 'For tomorrow').getByRole('button', { name: /^Send .*\d/ })).toBeVisible();
    await composer(page, 'For tomorrow').getByRole('button', { name: 'Close and keep as draft' }).click();
    await expect(row(page, 'For tomorrow')).toHaveCount(0);
    // And stays with the draft.
    await showFolder(page, 'Drafts');
    await page.getByRole('option').filter({ hasText: 'For tomorrow' }).dblclick();
    await expect(composer(page, 'For tomorrow').getByRole('button', { name: /^Send .*\d/ })).toBeVisible();
    await composer(page, 'For tomorrow').getByRole('button', { name: 'Close and keep as draft' }).click();

    await page.getByRole('contentinfo').getByRole('button', { name: 'Pause sending' }).click();
    await expect(page.getByText('Sending is paused. Nothing leaves this computer until it goes on.')).toBeVisible();
    await writeTo(page, friend, 'While paused');
    await expect(page.getByText('sending is paused').first()).toBeVisible();
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText('Sending is paused. One message waits in the Outbox.')).toBeVisible();
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await expect(page.getByText('Sending is paused. One message waits in the Outbox.')).toBeVisible();
    await showFolder(page, 'Outbox');
    await expect(row(page, 'While paused')).toContainText('waits its turn');
    expect(await delivered('While paused')).toBe(0);
    await page.getByRole('button', { name: 'Go on sending' }).first().click();
    await expect.poll(() => delivered('While paused')).toBe(1);
    await expect(page.getByText('Sending is paused.', { exact: false })).toHaveCount(0);
  });

  test('edit and requeue with one refused recipient: only the other gets the draft', async ({ app, page }) => {
    const busy = await startScriptedSmtp({ rcpt: { 'colleague@away.test': '451 4.2.0 mailbox is busy' } });
    const busyId = await add(app, 'server', serverOn('Busy relay', busy.port));
    await add(app, 'identity', identityOf('anna@home.test', { route: { kind: 'only', serverId: busyId } }));
    await app.open(page);
    await writeTo(page, friend, 'Half of it');
    await page.getByRole('combobox', { name: 'To' }).fill('colleague@away.test');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Enter');
    await showFolder(page, 'Outbox');
    await expect(row(page, 'Half of it')).toContainText('sent to some');
    await row(page, 'Half of it')
      .getByRole('button', { name: /Half of it/ })
      .click();
    await expect(row(page, 'Half of it').getByRole('list', { name: 'Recipients' }).first()).toContainText(friend);
    await row(page, 'Half of it').getByRole('button', { name: 'Edit' }).click();
    const draft = composer(page, 'Half of it');
    await expect(draft).toContainText(`Already delivered to ${friend}`);
    await expect(draft.getByText('colleague@away.test')).toBeVisible();
    await expect(draft.getByRole('row', { name: friend })).toHaveCount(0);

    await add(app, 'server', serverOn('Relay', postfix.port));
    await page.getByRole('button', { name: 'How it is sent' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Send by/ })
      .click();
    await page.getByRole('option', { name: 'Relay', exact: true }).click();
    await page.keyboard.press('Escape');
    await draft.getByRole('button', { name: /^Send/ }).first().click();
    await expect.poll(() => delivered('Half of it', 'colleague@away.test')).toBe(1);
    expect(await delivered('Half of it')).toBe(0);
    expect(busy.accepted.map(({ to }) => to)).toEqual([[friend]]);
    await showFolder(page, 'Sent');
    await expect(page.getByRole('option').filter({ hasText: 'Half of it' })).toHaveCount(2);
    await busy.close();
  });

  test('cancel what a slow server is taking; another server for this message; the log to copy and save', async ({
    app,
    page,
    context,
  }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const silent = await startScriptedSmtp({ mail: 'silence' });
    await add(app, 'server', serverOn('Silent relay', silent.port));
    await add(app, 'identity', identityOf('anna@home.test'));
    await app.open(page);
    await writeTo(page, friend, 'Stop it');
    await page.keyboard.press('Control+Enter');
    await showFolder(page, 'Outbox');
    await row(page, 'Stop it').getByRole('button', { name: 'Stop and edit' }).click();
    await expect(composer(page, 'Stop it')).toBeVisible();
    await expect(page.getByText('Nothing waits here')).toBeVisible();

    silent.script = { mail: '550 5.7.1 not from you' };
    await page.keyboard.press('Control+Enter');
    await expect(row(page, 'Stop it')).toContainText('tried again later');
    const fold = row(page, 'Stop it').getByRole('button', { name: /^Stop it/ });
    await fold.click();
    await expect(row(page, 'Stop it')).toContainText('550 5.7.1 not from you');
    await row(page, 'Stop it').getByRole('button', { name: 'Copy as text' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain('Delivery log of one message, by Postrider');
    expect(copied).toContain('S: 550 5.7.1 not from you');
    const saved = await saveDownload(page, row(page, 'Stop it').getByRole('button', { name: 'Save as a file' }));
    expect(saved.name).toMatch(/^Delivery log \d{4}-\d\d-\d\d Stop it\.txt$/);
    expect(saved.bytes.toString()).toContain('S: 550 5.7.1 not from you');
    const [item] = [await commandJson(app, ['outbox', 'list'])].flat();
    const id = typeof item === 'object' && item !== null && 'outboxId' in item ? String(item.outboxId) : '';
    const log = await app.command(['outbox', 'log', id]);
    expect(log.stdout).toContain('Silent relay (127.0.0.1:');

    await add(app, 'server', serverOn('Relay', postfix.port));
    await row(page, 'Stop it').getByRole('button', { name: 'Send by' }).click();
    await page.getByRole('menuitem', { name: 'Relay', exact: true }).click();
    await expect.poll(() => delivered('Stop it')).toBe(1);
    await silent.close();
  });

  test('what may have arrived: it arrived, send again, discard', async ({ app, page }) => {
    const losing: ScriptedSmtp = await startScriptedSmtp({ finalDot: 'drop' });
    await add(app, 'server', serverOn('Losing relay', losing.port));
    await add(app, 'identity', identityOf('anna@home.test'));
    await app.open(page);
    for (const subject of ['Number one', 'Number two', 'Number three']) {
      await writeTo(page, friend, subject);
      await page.keyboard.press('Control+Enter');
      await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveCount(0);
    }
    await showFolder(page, 'Outbox');
    for (const subject of ['Number one', 'Number two', 'Number three']) {
      await expect(row(page, subject)).toContainText(`May have it: ${friend}.`);
      await expect(row(page, subject).getByRole('button', { name: 'Edit' })).toHaveCount(0);
      await expect(row(page, subject).getByRole('button', { name: 'Try now' })).toHaveCount(0);
    }
    // “Try all now” is no answer to the question.
    await page.getByRole('button', { name: 'Try all now' }).click();
    await row(page, 'Number one').getByRole('button', { name: 'It arrived' }).click();
    await expect(row(page, 'Number one')).toHaveCount(0);
    expect(losing.messages).toHaveLength(3);
    losing.script = {};
    await row(page, 'Number two').getByRole('button', { name: 'Send again' }).click();
    await expect(row(page, 'Number two')).toHaveCount(0);
    const ofTwo = losing.messages.filter(({ bytes }) => bytes.includes('Subject: Number two'));
    expect(ofTwo).toHaveLength(2);
    expect(ofTwo[0]?.bytes.equals(ofTwo[1]?.bytes ?? Buffer.alloc(0))).toBe(true);
    await row(page, 'Number three').getByRole('button', { name: 'Discard' }).click();
    await expect(page.getByText('Nothing waits here')).toBeVisible();
    expect(losing.messages).toHaveLength(4);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(composer(page, 'Number three')).toContainText('whoever has it gets it twice');
    await showFolder(page, 'Sent');
    for (const subject of ['Number one', 'Number two'])
      await expect(page.getByRole('option').filter({ hasText: subject })).toHaveCount(1);
    await losing.close();
  });
});

test.describe('ten thousand messages', () => {
  test.use({
    startOptions: {
      preferences: { undoSendSeconds: 0, sendingPaused: true },
      prepare: (profileDir) => fillOutbox(profileDir, 10_000),
    },
  });

  test('are a list like any other: few rows at a time, by keyboard from end to end, the focus kept', async ({
    app,
    page,
  }) => {
    await app.open(page);
    await showFolder(page, 'Outbox');
    await expect(page.getByText('10,000 messages are not delivered yet.')).toBeVisible();
    const rows = page.getByRole('list', { name: 'Messages on their way' }).locator(':scope > li');
    await expect(rows.first()).toBeVisible();
    expect(await rows.count()).toBeLessThan(60);
    await rows.first().locator('.outbox-fold').focus();
    await page.keyboard.press('End');
    const focused = page.locator('.outbox-fold:focus');
    const focusedRow = rows.filter({ has: focused });
    await expect(focusedRow).toHaveAttribute('aria-posinset', '10000');
    await expect(focusedRow).toBeInViewport({ ratio: 1 });
    expect(await rows.count()).toBeLessThan(60);
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowUp');
    await expect(focusedRow).toHaveAttribute('aria-posinset', '9997');
    await expect(focusedRow).toBeInViewport({ ratio: 1 });
    // Opened, its attempts are asked for; closed by the same key.
    await page.keyboard.press('Enter');
    await expect(focusedRow.getByText(/No server has been tried yet|attempts/)).toBeVisible();
    await page.keyboard.press('Enter');
    // The list may change above: the row that has the focus stays the same one, and in sight.
    const subject = await focused.textContent();
    await commandJson(app, ['outbox', 'resolve', '00000000-0000-4000-8000-000000000002', '--discard']);
    await expect(focused).toHaveText(subject ?? '');
    await expect(focusedRow).toBeInViewport({ ratio: 1 });
    await page.keyboard.press('Home');
    await expect(focusedRow).toHaveAttribute('aria-posinset', '1');
    await expect(focusedRow).toBeInViewport({ ratio: 1 });
  });
});
