import { readFile } from 'node:fs/promises';
import { fromExchange, fromGoogle, fromThunderbird } from '../src-main/core/message/testing/invitations.ts';
import { expect, type RunningApp, startApp, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { showFolder } from './pages/mailbox.ts';
import { accountOn, add, commandJson, identityOf, serverOn } from './pages/profile.ts';
import { type Maildrop, startMaildrop } from './servers/maildrop.ts';
import { type Sink, startSink } from './servers/sink.ts';

// An invitation is read where the reader is, answered by keyboard, taken back, and answered again.
test.describe.configure({ mode: 'default' });
test.use({ timezoneId: 'America/New_York' });

let app: RunningApp & { stop(): Promise<void> };
let sink: Sink;
let maildrop: Maildrop;

test.beforeAll(async () => {
  [sink, maildrop] = await Promise.all([startSink(), startMaildrop()]);
  app = await startApp({ preferences: { undoSendSeconds: 10 } });
  await add(app, 'account', accountOn(maildrop.port));
  await add(app, 'server', serverOn('Sink', sink.port));
  await add(app, 'identity', identityOf('anna@work.example'));
  await add(app, 'identity', identityOf('anna@home.example'));
  for (const message of [fromGoogle(), fromExchange(), fromThunderbird('DECLINED')])
    maildrop.deliver(Buffer.from(message));
  await commandJson(app, ['collect']);
});

test.afterAll(async () => {
  await app?.stop();
  await Promise.all([sink?.stop(), maildrop?.close()]);
});

test('an invitation is answered by keyboard; what was answered is seen, and leaves by the Outbox', async ({ page }) => {
  await app.open(page);
  await showFolder(page, 'Inbox');
  await page.getByRole('option').filter({ hasText: 'Crane review @' }).click();
  const card = page.getByRole('region', { name: 'Invitation' });
  await expect(card.getByRole('heading', { name: 'Crane review' })).toBeVisible();
  await expect(card).toContainText('Tuesday, November 24, 2026');
  await expect(card).toContainText('4:00');
  await expect(card).toContainText('Your answer goes to dora@away.example, from anna@home.example.');
  // It says what the file says, which is therefore not listed once more.
  await expect(page.getByRole('region', { name: /attachment/ })).toHaveCount(0);
  await page.screenshot({ path: test.info().outputPath('invitation.png') });

  await card.getByRole('button', { name: 'Tentative' }).press('Enter');
  await expect(card.getByText('You said that you may come. The answer is in the Outbox.')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(card.getByText('Your answer goes to dora@away.example')).toBeVisible();
  await expect(card.getByRole('button', { name: 'Tentative' })).toHaveAttribute('aria-pressed', 'false');

  await card.getByRole('button', { name: 'Accept' }).press('Enter');
  await expect(card.getByText('You accepted. The answer is in the Outbox.')).toBeVisible();
  await expectAccessible(page, 'invitation that was answered');
  await commandJson(app, ['outbox', 'flush', '--now']);
  await expect(card.getByText('You accepted. The answer was sent on')).toBeVisible();
  expect(sink.taken.map(({ to }) => to)).toEqual([['dora@away.example']]);
  const sent = sink.taken[0]?.bytes.toString() ?? '';
  expect(sent).toContain('<anna@home.example>');
  expect(sent).toMatch(/Content-Type: text\/calendar; charset=utf-8; method=REPLY/);
  const calendar = /method=REPLY[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(sent)?.[1] ?? '';
  expect(Buffer.from(calendar, 'base64').toString()).toContain('ATTENDEE;PARTSTAT=ACCEPTED');
});

test('a series by clocks of elsewhere, somebody’s answer, and a cancellation', async ({ page }) => {
  await app.open(page);
  await showFolder(page, 'Inbox');
  await page.getByRole('option').filter({ hasText: 'Crane review @' }).click();
  const asked = page.getByRole('region', { name: 'Invitation' });
  await expect(asked.getByRole('button', { name: 'Accept' })).toHaveAttribute('aria-pressed', 'true');
  const cancelled = fromGoogle({ method: 'CANCEL' })
    .replaceAll('calendar-1', 'calendar-2')
    .replace('Subject: Invitation', 'Subject: Cancelled');
  maildrop.deliver(
    Buffer.from(
      cancelled.replaceAll('SEQUENCE:0', 'SEQUENCE:1').replace(/--m\r\nContent-Type: application[\s\S]*--m--/, '--m--'),
    ),
  );
  await commandJson(app, ['collect']);
  await expect(asked.getByText('A later message cancels this.')).toBeVisible();
  await expect(asked.getByRole('button', { name: 'Accept' })).toHaveCount(0);
  await page.screenshot({ path: test.info().outputPath('later.png') });
  await asked.getByRole('button', { name: 'Show it' }).press('Enter');
  await expect(
    page.getByRole('region', { name: 'Cancelled' }).getByRole('heading', { name: 'Crane review' }),
  ).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('cancelled.png') });
  await page.getByRole('option').filter({ hasText: 'Wochenrunde' }).click();
  const card = page.getByRole('region', { name: 'Invitation, changed' });
  await expect(card).toContainText('Every Tuesday until March 3, 2027');
  await expect(card).toContainText('in Europe/Berlin');
  await card.getByText('One day is otherwise').click();
  await expect(card).toContainText('Wochenrunde, später');
  await page.screenshot({ path: test.info().outputPath('series.png') });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: test.info().outputPath('series-dark.png') });
  await page.setViewportSize({ width: 680, height: 800 });
  await page.screenshot({ path: test.info().outputPath('series-narrow.png') });
  await card.getByRole('button', { name: 'Open teams.microsoft.example' }).click();
  await expect(page.getByRole('dialog')).toContainText('teams.microsoft.example');
  await page.keyboard.press('Escape');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    card.getByRole('button', { name: 'Save as .ics' }).click(),
  ]);
  expect(await readFile(await download.path(), 'utf8')).toContain('TZID:W. Europe Standard Time');

  await page.keyboard.press('Escape');
  await page.getByRole('option').filter({ hasText: 'a@away.example' }).click();
  const reply = page.getByRole('region', { name: 'Carl declined' });
  await expect(reply).toContainText('On the boat that week.');
  await expect(reply.getByRole('button', { name: 'Accept' })).toHaveCount(0);
  await page.screenshot({ path: test.info().outputPath('reply-narrow.png') });
});
