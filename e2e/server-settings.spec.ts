import { startScriptedSocks } from '../src-main/core/outgoing/testing/scripted-socks.ts';
import { expect, type RunningApp, test } from './app.ts';
import { expectAccessible } from './pages/accessible.ts';
import { showFolder, writeTo } from './pages/mailbox.ts';
import { OutgoingServers } from './pages/outgoing-servers.ts';
import { add, commandJson, identityOf, serverOn } from './pages/profile.ts';
import { choose, typeEndpoint } from './pages/wizard.ts';
import { hasPostfix, type Postfix, startPostfix } from './servers/postfix.ts';

// Everything that can be set about an outgoing server, typed as a person does, and kept to when mail goes out.
test.describe.configure({ mode: 'default' });
test.use({ startOptions: { preferences: { undoSendSeconds: 0 } } });

let relay: Postfix;

test.beforeAll(async () => {
  test.skip(!(await hasPostfix()), 'Postfix (as root) is needed here.');
  relay = await startPostfix({ mailboxes: ['friend@away.test', 'anna@home.test'] });
});

test.afterAll(() => relay?.stop());

async function storedServer(app: RunningApp, label: string): Promise<unknown> {
  const servers = await commandJson(app, ['server', 'list']);
  if (!Array.isArray(servers)) throw new Error('The servers are no list.');
  return servers.find(
    (one: unknown) => typeof one === 'object' && one !== null && 'label' in one && one.label === label,
  );
}

test('every setting is stored; what is wrong is told at its field; what was typed is never lost', async ({
  app,
  page,
}) => {
  await add(app, 'server', serverOn('Office relay', relay.port));
  await app.open(page);
  const servers = new OutgoingServers(page);
  await servers.open();
  let editor = await servers.edit('Office relay');

  const use = await servers.part(editor, 'Senders and networks');
  await use.getByLabel('Senders it accepts').fill('home.test');
  const limits = await servers.part(editor, 'Limits');
  await limits.getByLabel('Largest message').fill('7.5');
  await limits.getByLabel('Recipients per message').fill('20');
  await limits.getByLabel('Messages per hour').fill('many');
  await limits.getByLabel('Messages per day').fill('400');
  await limits.locator('summary').click();
  await editor.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(editor.getByText('2 things to mend before it can be saved.')).toBeVisible();
  await expect(use.getByText('Write addresses (a@b.c), domains (@b.c), or *.')).toBeVisible();
  // A part with something wrong opens by itself.
  await expect(limits.getByText('A whole number above 0.')).toBeVisible();
  await expectAccessible(page, 'editor with something to mend');
  await use.getByLabel('Senders it accepts').fill('@home.test, anna@away.test');
  await limits.getByLabel('Messages per hour').fill('50');

  const reports = await servers.part(editor, 'Delivery reports');
  await reports.getByText('Never, not even of failures').click();
  await reports.getByText('When it is late').click();
  await expect(reports.getByLabel('Never, not even of failures')).not.toBeChecked();
  await reports.getByText('The whole message').click();
  const proxy = await servers.part(editor, 'Proxy');
  await proxy.getByText('Reach this server through a SOCKS5 proxy').click();
  await proxy.getByLabel('Proxy', { exact: true }).fill('127.0.0.1');
  await proxy.getByLabel('Proxy port').fill('9050');
  await proxy.getByLabel('Proxy user').fill('anna');
  await proxy.getByLabel('Proxy password').fill('tunnel');
  const timeouts = await servers.part(editor, 'Timeouts and EHLO name');
  const seconds = { Connect: '5', Greeting: '20', 'Answer to a command': '30', 'Sending the text': '60' };
  for (const [label, value] of Object.entries(seconds)) await timeouts.getByLabel(label, { exact: true }).fill(value);
  await timeouts.getByLabel('Answer to the final dot').fill('900');
  await timeouts.getByLabel('EHLO name', { exact: true }).fill('laptop.home.test');
  const kick = await servers.part(editor, 'Kick');
  await choose(kick, 'Nudge the server', /^ATRN/);
  await expect(kick.getByText(/Needs a provider of on-demand mail relay/)).toBeVisible();
  await kick.getByLabel('Domains', { exact: true }).fill('home.test, other.test');
  await kick.getByText('Ask at another endpoint').click();
  await expect(kick.getByLabel('Port', { exact: true })).toHaveValue('366');

  // Away by Escape and back: everything is still there.
  await page.keyboard.press('Escape');
  await expect(page.getByText('Your changes to Office relay are kept. They are not saved yet.')).toBeVisible();
  await expect(servers.row('Office relay')).toContainText('changes not saved');
  await expect(servers.row('Office relay')).toBeFocused();
  await page.keyboard.press('Enter');
  editor = servers.editor('Office relay');
  await expect(editor.getByText('Changes not saved yet.')).toBeVisible();
  const words = {
    'Senders and networks': '2 senders',
    Limits: 'up to 7.5 MB, 50 an hour, 400 a day, 20 recipients a message',
    'Delivery reports': 'asked for: delays, with the whole message',
    Proxy: 'through 127.0.0.1',
    'Timeouts and EHLO name': '5 timeouts set, as laptop.home.test',
    Kick: 'ATRN, when asked',
  };
  for (const [title, set] of Object.entries(words))
    await expect(editor.locator('summary').filter({ hasText: title })).toContainText(set);
  // Discarded, and taken back.
  await editor.getByRole('button', { name: 'Cancel' }).click();
  await expect(servers.row('Office relay')).not.toContainText('changes not saved');
  await page.getByRole('button', { name: 'Undo' }).click();
  await servers.save(editor, 'Office relay');

  expect(await storedServer(app, 'Office relay')).toMatchObject({
    senders: ['@home.test', 'anna@away.test'],
    sizeLimitOctets: 7.5 * 1024 * 1024,
    rate: { perHour: 50, perDay: 400 },
    maxRecipients: 20,
    dsn: { notify: ['delay'], ret: 'full' },
    proxy: { kind: 'socks5', host: '127.0.0.1', port: 9050, user: 'anna' },
    timeouts: { connectMs: 5000, greetingMs: 20_000, commandMs: 30_000, dataMs: 60_000, finalDotMs: 900_000 },
    ehloName: 'laptop.home.test',
    kick: {
      kind: 'atrn',
      domains: ['home.test', 'other.test'],
      endpoint: { host: '127.0.0.1', port: 366, security: 'none' },
      when: 'on-demand',
    },
  });
  // And away again, also the parts of the proxy.
  await (await servers.part(editor, 'Proxy')).getByLabel('Proxy user').fill('');
  await choose(await servers.part(editor, 'Kick'), 'Nudge the server', /^No kick/);
  await (await servers.part(editor, 'Limits')).getByLabel('Messages per hour').fill('');
  await editor.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(editor.getByText('Changes not saved yet.')).toBeHidden();
  const after = await storedServer(app, 'Office relay');
  expect(after).toMatchObject({ rate: { perDay: 400 } });
  expect(after).not.toHaveProperty('kick');
  expect(after).not.toHaveProperty('proxy.user');
});

test('by keyboard alone: to the servers, into one, a part unfolded, a limit set, saved', async ({ app, page }) => {
  await add(app, 'server', serverOn('Office relay', relay.port));
  await app.open(page);
  await expect(page.getByRole('button', { name: 'Outgoing servers', exact: true })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  const servers = new OutgoingServers(page);
  await expect(servers.row('Office relay')).toBeVisible();
  await tabUntil(servers.row('Office relay'));
  await page.keyboard.press('Enter');
  const editor = servers.editor('Office relay');
  await expect(editor).toBeVisible();
  const summary = editor.locator('summary').filter({ hasText: 'Limits' });
  await tabUntil(summary);
  await page.keyboard.press('Enter');
  await tabUntil(editor.getByLabel('Messages per hour'));
  await page.keyboard.type('12');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Office relay was saved.')).toBeVisible();
  expect(await storedServer(app, 'Office relay')).toMatchObject({ rate: { perHour: 12 } });
  await page.keyboard.press('Escape');
  await expect(editor).toBeHidden();
  await expect(servers.row('Office relay')).toBeFocused();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Probe');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Host', { exact: true })).toBeFocused();

  async function tabUntil(target: ReturnType<OutgoingServers['row']>): Promise<void> {
    for (let presses = 0; presses < 60; presses += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error('Tab does not lead there.');
  }
});

test('direct delivery is told for what it is, and needs a name', async ({ app, page }) => {
  await app.open(page);
  const servers = new OutgoingServers(page);
  await servers.open();
  const editor = await servers.add();
  await editor.getByLabel('Name', { exact: true }).fill('Straight there');
  await choose(editor, 'How it sends', /^Directly to the recipients/);
  await expect(editor.getByText(/Most of this mail is refused or lands in junk/)).toBeVisible();
  await expect(editor.getByText(/Only an identity whose route names it/)).toBeVisible();
  await expect(editor.getByLabel('Server', { exact: true })).toHaveCount(0);
  await editor.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(editor.getByText(/Enter the public name of this computer/)).toBeVisible();
  await expect(editor.getByLabel('EHLO name', { exact: true })).toBeFocused();
  await page.keyboard.type('mail.home.test');
  await expectAccessible(page, 'editor of direct delivery');
  await servers.save(editor, 'Straight there');
  await expect(servers.row('Straight there')).toContainText('the servers of each recipient, port 25');
  expect(await storedServer(app, 'Straight there')).toMatchObject({
    kind: 'direct-mx',
    endpoints: [],
    ehloName: 'mail.home.test',
  });
});

test('mail goes through the proxy, and a report comes back when it was asked for', async ({ app, page }) => {
  const socks = await startScriptedSocks({ signIn: { user: 'anna', password: 'tunnel' } });
  try {
    await add(app, 'identity', identityOf('anna@home.test'));
    await app.open(page);
    const servers = new OutgoingServers(page);
    await servers.open();
    const editor = await servers.add();
    await editor.getByLabel('Name', { exact: true }).fill('Behind the proxy');
    await typeEndpoint(editor, { host: '127.0.0.1', port: relay.port, security: 'None' });
    await choose(editor, 'Signing in', /^None/);
    const proxy = await servers.part(editor, 'Proxy');
    await proxy.getByText('Reach this server through a SOCKS5 proxy').click();
    await proxy.getByLabel('Proxy', { exact: true }).fill('127.0.0.1');
    await proxy.getByLabel('Proxy port').fill(String(socks.port));
    await proxy.getByLabel('Proxy user').fill('anna');
    await proxy.getByLabel('Proxy password').fill('tunnel');
    const reports = await servers.part(editor, 'Delivery reports');
    await reports.getByText('When it was delivered').click();
    await servers.save(editor, 'Behind the proxy');

    await writeTo(page, 'friend@away.test', 'Through the tunnel');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => relay.delivered('friend@away.test').then(textOf)).toContain('Through the tunnel');
    expect(socks.requests).toContain(`ipv4 127.0.0.1:${relay.port}`);
    expect(socks.signIns.length).toBeGreaterThan(0);
    await expect
      .poll(() => relay.delivered('anna@home.test').then(textOf))
      .toContain('Successful Mail Delivery Report');
  } finally {
    await socks.close();
  }
});

test('a limit of messages holds the next one back, and the Outbox says so', async ({ app, page }) => {
  await add(app, 'server', serverOn('Office relay', relay.port));
  await add(app, 'identity', identityOf('anna@home.test'));
  await app.open(page);
  const servers = new OutgoingServers(page);
  await servers.open();
  const editor = await servers.edit('Office relay');
  await (await servers.part(editor, 'Limits')).getByLabel('Messages per hour').fill('1');
  await servers.save(editor, 'Office relay');
  for (const subject of ['Within the limit', 'Over the limit']) {
    await writeTo(page, 'friend@away.test', subject);
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveCount(0);
    if (subject === 'Within the limit')
      await expect.poll(() => relay.delivered('friend@away.test').then(textOf)).toContain(subject);
  }
  await showFolder(page, 'Outbox');
  await expect(page.getByRole('button', { name: /Over the limit/ })).toBeVisible();
  await expect(page.getByText(/: 1 an hour reached, goes on /).first()).toBeVisible();
  await servers.open();
  await servers.showTab('What would happen');
  await page.getByLabel('To', { exact: true }).fill('friend@away.test');
  await expect(page.getByRole('main')).toContainText('Office relay: its limit of messages is used up for now');
});

test('never on this network: chosen from the networks seen, and the route says why', async ({ app, page }) => {
  await add(app, 'server', serverOn('Not here', relay.port));
  await add(app, 'server', serverOn('Anywhere', relay.port));
  await add(app, 'identity', identityOf('anna@home.test'));
  await app.open(page);
  const servers = new OutgoingServers(page);
  await servers.open();
  const editor = await servers.edit('Not here');
  const use = await servers.part(editor, 'Senders and networks');
  await use.getByText('Never use it on these networks').click();
  await editor.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(use.getByText('Choose at least one network.')).toBeVisible();
  await use.getByText(/\(you are here\)/).click();
  await servers.save(editor, 'Not here');
  await expect(servers.row('Not here')).toContainText(/never/);
  await servers.showTab('What would happen');
  await page.getByLabel('To', { exact: true }).fill('friend@away.test');
  const main = page.getByRole('main');
  await expect(main).toContainText('Not here: it is not used on this network');
  await expect(main.getByRole('list').first().getByRole('listitem')).toHaveCount(1);
  await expectAccessible(page, 'what would happen');
  // It is heeded, too.
  await writeTo(page, 'friend@away.test', 'By the other one');
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => relay.delivered('friend@away.test').then(textOf)).toContain('By the other one');
  await servers.open();
  await expect(servers.row('Anywhere')).toContainText('took it');
  await expect(servers.row('Not here')).toContainText('not used yet');
});

test('an address of a big provider begins with “only”, by that provider’s server, and says why', async ({
  app,
  page,
}) => {
  await add(app, 'server', serverOn('Office relay', relay.port));
  const gmail = { endpoints: [{ host: 'smtp.gmail.com', port: 465, security: 'tls' }] };
  await add(app, 'server', serverOn('Gmail', 465, gmail));
  await app.open(page);
  const servers = new OutgoingServers(page);
  await servers.open();
  await servers.showTab('Identities');
  await page.getByRole('button', { name: 'Add identity' }).click();
  const identity = servers.editor('New identity');
  await expect(identity.getByRole('radio', { name: /Any allowed server/ })).toBeChecked();
  await identity.getByLabel('Address', { exact: true }).fill('anna@gmail.com');
  await expect(identity.getByRole('radio', { name: /Only one server/ })).toBeChecked();
  await expect(identity.getByText(/may only be sent by its own servers/)).toBeVisible();
  await identity.getByText('Any allowed server').click();
  await expect(identity.getByRole('button', { name: 'Use “only”' })).toBeVisible();
  await expectAccessible(page, 'identity of a big provider');
  await identity.getByRole('button', { name: 'Use “only”' }).click();
  await identity.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('only Gmail')).toBeVisible();
  // Any other address may use any server.
  await page.getByRole('button', { name: 'Add identity' }).click();
  await servers.editor('New identity').getByLabel('Address', { exact: true }).fill('anna@home.test');
  await expect(servers.editor('New identity').getByRole('radio', { name: /Any allowed server/ })).toBeChecked();
});

function textOf(files: readonly Buffer[]): string {
  return files.map((file) => file.toString()).join('\n');
}
