import { expect, type RunningApp, startApp, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { showFolder, writeTo } from './pages/mailbox.ts';
import { accountOn, add, commandJson, identityOf, plainMail, serverOn } from './pages/profile.ts';
import { type Maildrop, startMaildrop } from './servers/maildrop.ts';
import { type Sink, startSink } from './servers/sink.ts';

// An identity of a whole domain: the address is typed, checked, sent from, and offered again; a rule's failure is told.
test.describe.configure({ mode: 'default' });

let app: RunningApp & { stop(): Promise<void> };
let sink: Sink;
let maildrop: Maildrop;

test.beforeAll(async () => {
  [sink, maildrop] = await Promise.all([startSink(), startMaildrop()]);
  app = await startApp({ preferences: { undoSendSeconds: 0 } });
  await add(app, 'account', accountOn(maildrop.port));
  await add(app, 'server', serverOn('Sink', sink.port));
});

test.afterAll(async () => {
  await app?.stop();
  await Promise.all([sink?.stop(), maildrop?.close()]);
});

test('any address of the domain can be written from', async ({ page }) => {
  await add(app, 'identity', identityOf('*@home.test'));
  maildrop.deliver(plainMail('Hello'));
  await commandJson(app, ['collect']);
  await app.open(page);
  await writeTo(page, 'bob@away.test', 'From the shop');
  const from = page.getByRole('combobox', { name: 'Write from this address of home.test' });
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Say which address of home.test this message is from.')).toBeVisible();
  await from.fill('no way');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('no way@home.test is not an address of home.test one can write from.')).toBeVisible();
  await from.fill('shop');
  await expectAccessible(page, 'composer with any address');
  await page.screenshot({ path: test.info().outputPath('composer.png') });
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => sink.taken.length).toBe(1);
  expect(sink.taken[0]?.bytes.toString()).toContain('<shop@home.test>');
  await writeTo(page, 'bob@away.test', 'Again');
  await expect(page.locator('datalist option[value="shop"]')).toHaveCount(1);
});

test('a key pressed before the message is there is not lost; what the junk filter says is asked of any message', async ({
  page,
}) => {
  await app.open(page);
  await showFolder(page, 'Inbox');
  await page.getByRole('option').filter({ hasText: 'Hello' }).click();
  await page.keyboard.press('v');
  await expect(page.getByRole('region', { name: 'Source' })).toBeVisible();
  await page.keyboard.press('v');
  await page.getByRole('toolbar').getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'What the junk filter says' }).click();
  await expect(page.getByRole('dialog').getByText('does not take this message for junk')).toBeVisible();
  await expectAccessible(page, 'junk verdict');
});
