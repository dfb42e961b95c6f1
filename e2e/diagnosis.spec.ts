import { type AddressInfo, createServer, type Server } from 'node:net';
import { freePorts, isDovecotInstalled } from '../src-main/core/incoming/testing/dovecot.ts';
import { expect, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { showFolder, writeTo } from './pages/mailbox.ts';
import { OutgoingServers } from './pages/outgoing-servers.ts';
import { add, commandJson, identityOf, serverOn } from './pages/profile.ts';
import { choose } from './pages/wizard.ts';
import { startGuardedRelay } from './servers/guarded-relay.ts';
import { hasPostfix, type Postfix, startPostfix } from './servers/postfix.ts';

// What is wrong with a server, in a word and a sentence, and the one button that helps: on real Postfix servers.
test.describe.configure({ mode: 'default' });
test.use({ startOptions: { preferences: { undoSendSeconds: 0 } } });

const friend = 'friend@away.test';
let guarded: Postfix;
let open: Postfix;

test.beforeAll(async () => {
  test.skip(!isDovecotInstalled || !(await hasPostfix()), 'Dovecot and Postfix (as root) are needed here.');
  [guarded, open] = await Promise.all([
    startGuardedRelay([friend]),
    startPostfix({ mailboxes: [friend], messageSizeLimit: 10_240_000, settings: ['fast_flush_domains = home.test'] }),
  ]);
});

test.afterAll(async () => {
  await Promise.all([guarded, open].map((server) => server?.stop()));
});

/** A Postfix of this name at a port of loopback that another one may take over. */
function postfixNamed(hostName: string, port: number, host = '127.0.0.1'): Promise<Postfix> {
  return startPostfix({
    mailboxes: [friend],
    // Any address of loopback may be listened on, but only one is an interface's.
    settings: ['inet_interfaces = loopback-only'],
    place: { through: [], listen: [`${host}:${port}`], hostName, networks: ['127.0.0.0/8'] },
  });
}

const verdict = (within: ReturnType<OutgoingServers['editor']>) => within.locator('.ui-check-verdict');

test('a closed port: the one that answers is used by one press, and mail goes out', async ({ app, page }) => {
  const host = '127.0.0.91';
  const relay = await postfixNamed('relay.home.test', 587, host);
  try {
    const endpoints = [{ host, port: 2525, security: 'none' }];
    await add(app, 'server', serverOn('Office relay', 2525, { endpoints }));
    await add(app, 'identity', identityOf('anna@home.test'));
    await app.open(page);
    const servers = new OutgoingServers(page);
    await servers.open();
    const editor = await servers.edit('Office relay');
    await editor.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(verdict(editor)).toContainText('The server does not answer.');
    await expectAccessible(page, 'a test that failed, with advice');
    await editor.getByRole('button', { name: `Use ${host}:587` }).click();
    await expect(page.getByText('Office relay was saved.')).toBeVisible();
    await expect(verdict(editor)).toContainText('another port does');
    await expect(servers.row('Office relay')).toContainText(`${host}:587`);

    await writeTo(page, friend, 'By the other port');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => relay.delivered(friend).then(({ length }) => length)).toBe(1);
  } finally {
    await relay.stop();
  }
});

test('needs signing in, a certificate nobody vouches for, a wrong password: each has its word', async ({
  app,
  page,
}) => {
  const endpoints = [{ host: '127.0.0.1', port: guarded.port, security: 'starttls' }];
  await add(app, 'server', serverOn('Guarded relay', guarded.port, { endpoints }));
  await app.open(page);
  const servers = new OutgoingServers(page);
  await servers.open();
  const editor = await servers.edit('Guarded relay');
  await editor.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(verdict(editor)).toContainText('The certificate is not the one to expect.');
  const facts = editor.getByRole('table', { name: `What 127.0.0.1:${guarded.port} said` });
  await expect(facts.getByRole('row', { name: /Certificate for/ })).toContainText('relay.test');
  await expect(facts.getByRole('row', { name: /Valid until/ })).toBeVisible();
  await expectAccessible(page, 'a certificate to trust');
  // Nothing else waits to be saved: trusting it is one press, and the test runs again.
  await editor.getByRole('button', { name: 'Accept this certificate' }).click();
  await expect(page.getByText('Guarded relay was saved.')).toBeVisible();
  await expect(verdict(editor)).toContainText('The server wants you to sign in.');
  await expect(facts.getByRole('row', { name: /Encryption/ })).toContainText(/TLSv1\.[23]/);
  await expect(facts.getByRole('row', { name: /Signing in/ })).toContainText('PLAIN');

  await choose(editor, 'Signing in', /^PLAIN/);
  await editor.getByLabel('User name').fill('anna');
  await editor.getByLabel('Password', { exact: true }).fill('wrong');
  await editor.getByRole('button', { name: 'Test again' }).click();
  await expect(verdict(editor)).toContainText('Signing in failed.');
  await expect(editor.getByText(/535/).first()).toBeVisible();
  await editor.getByText('The whole conversation').click();
  await expect(editor.locator('.ui-check-endpoint pre')).toContainText('S: 220');
  await expect(editor.locator('.ui-check-endpoint pre')).not.toContainText('wrong');
  await editor.getByLabel('Password', { exact: true }).fill('secret');
  await editor.getByRole('button', { name: 'Test again' }).click();
  await expect(verdict(editor)).toContainText('It works.');
});

test('something answers in the server’s place: told, waited for, and accepted by one press', async ({ app, page }) => {
  const [port = 0] = await freePorts(1);
  let there = await postfixNamed('mail.provider-one.test', port);
  try {
    await add(app, 'server', serverOn('Provider', port));
    await add(app, 'identity', identityOf('anna@home.test'));
    await app.open(page);
    await writeTo(page, friend, 'While it is itself');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => there.delivered(friend).then(({ length }) => length)).toBe(1);
    const servers = new OutgoingServers(page);
    await servers.open();
    const editor = await servers.edit('Provider');
    const known = editor.getByRole('list', { name: 'What it is known by' });
    await expect(known).toContainText('as provider-one.test');

    await there.stop();
    there = await postfixNamed('relay.hotel-lobby.test', port);
    await editor.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(verdict(editor)).toContainText('Something else answers in its place.');
    await expect(verdict(editor)).toContainText('hotel-lobby.test');
    await expect(editor.getByText(/Whoever runs this network can read the mail/)).toBeVisible();
    await expectAccessible(page, 'something in its place');
    await writeTo(page, friend, 'From the lobby');
    await page.keyboard.press('Control+Enter');
    await showFolder(page, 'Outbox');
    await expect(page.getByText(/Something else answers in the place of the server/).first()).toBeVisible();
    expect(await there.delivered(friend)).toEqual([]);

    await servers.open();
    await servers.edit('Provider');
    await editor.getByRole('button', { name: 'Test', exact: true }).click();
    await editor.getByRole('button', { name: 'Accept this network’s relay here' }).click();
    await expect(page.getByText(`Mail may leave by 127.0.0.1:${port} on this network.`)).toBeVisible();
    await expect(verdict(editor)).toContainText('It works.');
    await expect(known).toContainText(`You let what answers at 127.0.0.1:${port} take mail`);
    await showFolder(page, 'Outbox');
    const again = page.getByRole('button', { name: /^(Send now|Try now)/ });
    if (await again.first().isVisible()) await again.first().click();
    await expect
      .poll(() => there.delivered(friend).then(([mail]) => mail?.toString() ?? ''))
      .toContain('From the lobby');

    // Forgotten, it counts as a stranger again.
    await servers.open();
    await servers.edit('Provider');
    await known.getByRole('button', { name: /Forget this: You let what answers/ }).click();
    await editor.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(verdict(editor)).toContainText('Something else answers in its place.');
  } finally {
    await there.stop();
  }
});

test('any host can be probed, and what answered becomes a server', async ({ app, page }) => {
  const [closed = 0] = await freePorts(1);
  await app.open(page);
  const servers = new OutgoingServers(page);
  await servers.open();
  await servers.showTab('Probe a host');
  await page.getByLabel('Host', { exact: true }).fill('two words');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/A host name has no spaces/)).toBeVisible();
  await page.getByLabel('Host', { exact: true }).fill('127.0.0.1');
  await page.getByLabel('Ports', { exact: true }).fill(`${open.port}, ${closed}`);
  await page.getByRole('button', { name: 'Probe', exact: true }).click();
  const main = page.getByRole('main');
  await expect(verdict(main)).toContainText(String(open.port));
  const facts = main.getByRole('table', { name: `What 127.0.0.1:${open.port} said` });
  await expect(facts.getByRole('row', { name: /Largest message/ })).toContainText('10.2 MB');
  await expect(facts.getByRole('row', { name: /Encryption/ })).toContainText('none, in clear');
  await expect(main.getByRole('table', { name: `What 127.0.0.1:${closed} said` })).toHaveCount(0);
  await expectAccessible(page, 'a host probed');
  await page.getByRole('button', { name: 'Add as outgoing server' }).click();
  const editor = servers.editor('New outgoing server');
  await expect(editor.getByLabel('Server', { exact: true })).toHaveValue('127.0.0.1');
  await expect(editor.getByLabel('Port', { exact: true })).toHaveValue(String(open.port));
  await servers.save(editor, '127.0.0.1');
});

test('a kick: one line on a trigger port, and ETRN', async ({ app, page }) => {
  const bell = await startBell();
  try {
    await add(app, 'server', serverOn('Dial-in relay', open.port));
    await app.open(page);
    const servers = new OutgoingServers(page);
    await servers.open();
    const editor = await servers.edit('Dial-in relay');
    const kick = await servers.part(editor, 'Kick');
    await choose(kick, 'Nudge the server', /^Trigger port/);
    await expect(kick.getByText(/Needs a provider that listens there/)).toBeVisible();
    await expect(kick.getByLabel('Trigger port number')).toHaveValue('79');
    await kick.getByLabel('Trigger port number').fill(String(bell.port));
    await kick.getByLabel('Line to send').fill('anna@home.test');
    await expect(kick.getByRole('button', { name: 'Kick now' })).toBeDisabled();
    await servers.save(editor, 'Dial-in relay');
    await kick.getByRole('button', { name: 'Kick now' }).click();
    await expect(kick.getByText('The kick was taken.')).toBeVisible();
    await expect.poll(() => bell.heard()).toContain('anna@home.test');
    await expectAccessible(page, 'a kick given');

    await choose(kick, 'Nudge the server', /^ETRN/);
    await kick.getByLabel('Host or domain').fill('home.test');
    await servers.save(editor, 'Dial-in relay');
    await kick.getByRole('button', { name: 'Kick now' }).click();
    await expect(kick.getByText(/Dial-in relay begins to deliver what waits for home\.test/)).toBeVisible();
    await kick.getByText('The whole conversation').click();
    await expect(kick.locator('pre')).toContainText('ETRN home.test');
    // One it does not do this for.
    await kick.getByLabel('Host or domain').fill('strange.test');
    await servers.save(editor, 'Dial-in relay');
    await kick.getByRole('button', { name: 'Kick now' }).click();
    await expect(kick.getByText('The kick did not work.')).toBeVisible();
    expect(await commandJson(app, ['server', 'list'])).toMatchObject([
      { kick: { kind: 'etrn', host: 'strange.test', when: 'on-demand' } },
    ]);
  } finally {
    await bell.stop();
  }
});

/** Listens for one line, as the daemon behind a trigger port does. */
async function startBell(): Promise<{ port: number; heard(): string; stop(): Promise<void> }> {
  const chunks: Buffer[] = [];
  const server: Server = createServer((socket) => {
    socket.on('data', (data) => chunks.push(data));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const isAddress = (address: AddressInfo | string | null): address is AddressInfo =>
    typeof address === 'object' && address !== null;
  const address = server.address();
  if (!isAddress(address)) throw new Error('The bell has no port.');
  return {
    port: address.port,
    heard: () => Buffer.concat(chunks).toString(),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
