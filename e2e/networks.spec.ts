import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from '@playwright/test';
import { expect, type RunningApp, startApp, test } from './app.ts';
import { browserArguments, executablePath } from './browser.ts';
import { showFolder, writeTo } from './pages/mailbox.ts';
import { add, commandJson, identityOf, serverOn } from './pages/profile.ts';
import { makeNamespace, type Namespace, whyNoNamespaces } from './servers/namespaces.ts';
import { hasPostfix, type Postfix, startPostfix } from './servers/postfix.ts';

// Where the computer is: seen, named, bound to servers, forgotten; and off every network, where mail waits.
test.describe.configure({ mode: 'default' });

const cards = (page: Page): Locator => page.getByRole('list', { name: /^Networks/ }).locator(':scope > li');

async function here(app: RunningApp): Promise<string> {
  const networks = [await commandJson(app, ['network', 'list'])].flat();
  const current: unknown = networks.find(
    (one: unknown) => typeof one === 'object' && one !== null && 'isCurrent' in one && one.isCurrent === true,
  );
  if (typeof current !== 'object' || current === null || !('locationId' in current)) throw new Error('We are nowhere.');
  return String(current.locationId);
}

test.describe('at home', () => {
  test.use({ startOptions: { preferences: { undoSendSeconds: 0 } } });

  test('name the network, bind a server to it, see what is remembered, forget and take that back', async ({
    app,
    page,
  }) => {
    test.skip(!(await hasPostfix()), 'Postfix (as root) is needed here.');
    const postfix = await startPostfix({ mailboxes: ['friend@away.test'] });
    const relay = await add(app, 'server', serverOn('Office relay', postfix.port));
    await add(app, 'identity', identityOf('anna@home.test'));
    await app.open(page);
    await page
      .getByRole('contentinfo')
      .getByRole('button', { name: /^On |^Not connected/ })
      .click();
    await expect(page.getByRole('heading', { name: 'Networks', level: 1 })).toBeVisible();
    // A machine without any network but loopback cannot be anywhere.
    test.skip(await page.getByText('This computer is not connected now.').isVisible(), 'A network is needed here.');
    const card = cards(page).first();
    await expect(card).toContainText('You are here');
    await card.getByRole('button', { name: 'Give it a name' }).click();
    await page.keyboard.type('Office');
    await page.keyboard.press('Enter');
    await expect(card.getByRole('heading', { name: 'Office' })).toBeVisible();
    await expect(page.getByRole('contentinfo').getByText('On Office')).toBeVisible();

    const networks = { rule: 'only', locations: [await here(app)] };
    await commandJson(app, ['server', 'set', relay], { networks });
    await expect(card).toContainText('Office relay is used only here');
    await expect(card).toContainText('stay bound');
    await writeTo(page, 'friend@away.test', 'From the office');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => postfix.delivered('friend@away.test').then(({ length }) => length)).toBe(1);
    await expect(card).toContainText(`Took mail by 127.0.0.1:${postfix.port}`);

    await card.getByRole('button', { name: 'Forget Office' }).click();
    await expect(page.getByText('Office was forgotten.')).toBeVisible();
    await expect(card).toContainText('no name yet');
    await expect(card).toContainText('Nothing yet: no mail left from here.');
    await expect(card).toContainText('Office relay');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(card.getByRole('heading', { name: 'Office' })).toBeVisible();
    await expect(card).toContainText('Took mail');

    // Bound the other way round, it may not go from here, and says so.
    await commandJson(app, ['server', 'set', relay], { networks: { ...networks, rule: 'never' } });
    await writeTo(page, 'friend@away.test', 'Not from here');
    await page.keyboard.press('Control+Enter');
    await showFolder(page, 'Outbox');
    await expect(page.getByText(/No outgoing server may be used on this network/)).toBeVisible();
    // Allowed again, it goes by itself.
    await commandJson(app, ['server', 'set', relay], { networks });
    await expect.poll(() => postfix.delivered('friend@away.test').then(({ length }) => length)).toBe(2);
    await expect(page.getByText('Nothing waits here')).toBeVisible();

    await page.getByRole('contentinfo').getByRole('button', { name: 'On Office' }).click();
    await card.getByRole('button', { name: 'Open Office relay' }).click();
    await expect(page.getByRole('region', { name: 'Office relay', exact: true })).toBeVisible();
    await postfix.stop();
  });
});

test.describe('off every network', () => {
  let why: string | null;
  let folder: string;
  let laptop: Namespace;
  let provider: Namespace;
  let postfix: Postfix;
  let app: RunningApp & { stop(): Promise<void> };
  let browser: Browser;

  test.beforeAll(async () => {
    why = (await hasPostfix()) ? await whyNoNamespaces() : 'Postfix (as root) is needed here.';
    test.skip(why !== null, why ?? '');
    folder = await mkdtemp(join(tmpdir(), 'postrider-offline-'));
    [laptop, provider] = [await makeNamespace('laptop'), await makeNamespace('provider')];
    await laptop.ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', provider.name);
    await provider.ip('address', 'add', '10.77.0.1/24', 'dev', 'eth0');
    await provider.ip('link', 'set', 'eth0', 'up');
    postfix = await startPostfix({
      mailboxes: ['friend@away.test'],
      place: {
        through: provider.through,
        listen: ['10.77.0.1:2525'],
        hostName: 'relay.test',
        networks: ['10.77.0.0/24'],
      },
    });
    app = await startApp({ preferences: { undoSendSeconds: 0 }, through: laptop.through });
    // The window has to be where the application is: on this laptop's own loopback.
    const wrapper = join(folder, 'browser');
    await writeFile(
      wrapper,
      `#!/bin/sh\nexec ${laptop.through.join(' ')} ${executablePath ?? chromium.executablePath()} "$@"\n`,
    );
    await chmod(wrapper, 0o755);
    browser = await chromium.launch({ executablePath: wrapper, args: browserArguments });
  });

  test.afterAll(async () => {
    await browser?.close();
    await app?.stop();
    await postfix?.stop();
    await Promise.all([laptop?.close(), provider?.close()]);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  test('mail waits and says so; when the cable is in, it goes by itself', async () => {
    const page = await browser.newPage();
    const relay = serverOn('Relay', 2525, { endpoints: [{ host: '10.77.0.1', port: 2525, security: 'none' }] });
    await add(app, 'server', relay);
    await add(app, 'identity', identityOf('anna@home.test'));
    await app.open(page);
    await expect(page.getByRole('contentinfo').getByText('Not connected')).toBeVisible();
    await writeTo(page, 'friend@away.test', 'From the train');
    await expect(page.getByText('when online')).toBeVisible();
    await page.keyboard.press('Control+Enter');
    await showFolder(page, 'Outbox');
    const row = page.getByRole('listitem').filter({ hasText: 'From the train' });
    await expect(row).toContainText('waits for a network');
    await expect(row).toContainText('You are offline. It goes as soon as you are not.');

    await laptop.ip('address', 'add', '10.77.0.2/24', 'dev', 'eth0');
    await laptop.ip('link', 'set', 'eth0', 'up');
    await laptop.ip('route', 'add', 'default', 'via', '10.77.0.1');
    await expect.poll(() => postfix.delivered('friend@away.test').then(({ length }) => length)).toBe(1);
    await expect(page.getByText('Nothing waits here')).toBeVisible();
    await expect(page.getByRole('contentinfo').getByText('On Network at 10.77.0.1')).toBeVisible();
  });
});
