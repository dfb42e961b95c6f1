import { isDovecotInstalled } from '../src-main/core/incoming/testing/dovecot.ts';
import { expect, test } from './app.ts';
import { showFolder, writeTo } from './pages/mailbox.ts';
import { OutgoingServers } from './pages/outgoing-servers.ts';
import { add, commandJson, identityOf, serverOn } from './pages/profile.ts';
import { choose, typeEndpoint } from './pages/wizard.ts';
import { startGuardedRelay } from './servers/guarded-relay.ts';
import { hasPostfix, type Postfix, startPostfix } from './servers/postfix.ts';

// The outgoing-server manager, on real servers: one that refuses the sender, one that takes everything, and one that
// wants STARTTLS and a password before it does.
test.describe.configure({ mode: 'default' });
test.use({ startOptions: { preferences: { undoSendSeconds: 0 } } });

let strict: Postfix;
let willing: Postfix;
let guarded: Postfix;

test.beforeAll(async () => {
  test.skip(!isDovecotInstalled || !(await hasPostfix()), 'Dovecot and Postfix (as root) are needed here.');
  const mailboxes = ['friend@away.test'];
  [strict, willing, guarded] = await Promise.all([
    startPostfix({ refuseSenders: ['anna@home.test'] }),
    startPostfix({ mailboxes }),
    startGuardedRelay(mailboxes),
  ]);
});

test.afterAll(async () => {
  await Promise.all([strict, willing, guarded].map((server) => server?.stop()));
});

test('add a server with STARTTLS and a password, test it live, accept its certificate, send by it', async ({
  app,
  page,
}) => {
  await app.open(page);
  const servers = new OutgoingServers(page);
  await servers.open();
  await page.getByRole('button', { name: 'Add server' }).click();
  const editor = servers.editor('New outgoing server');
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(editor.getByText('Give the server a name.')).toBeVisible();
  await editor.getByLabel('Name', { exact: true }).fill('Guarded relay');
  await typeEndpoint(editor, { host: '127.0.0.1', port: guarded.port, security: 'STARTTLS' });
  await choose(editor, 'Signing in', /^PLAIN/);
  await editor.getByLabel('User name').fill('anna');
  await editor.getByLabel('Password', { exact: true }).fill('wrong');

  await editor.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(editor.getByRole('status').getByText(/vouches|signed by nobody/)).toBeVisible();
  await editor.getByRole('button', { name: 'Accept this certificate' }).click();
  await expect(editor.getByLabel('Accepted certificate (SHA-256)')).not.toHaveValue('');
  await editor.getByRole('button', { name: 'Test again' }).click();
  await expect(editor.getByText(/user name or (the )?password/).first()).toBeVisible();

  await editor.getByLabel('Password', { exact: true }).fill('secret');
  await editor.getByRole('button', { name: 'Test again' }).click();
  await expect(editor.getByText('It works.')).toBeVisible();
  const steps = editor.getByRole('list', { name: `Steps at 127.0.0.1:${guarded.port}` });
  for (const stage of ['connect', 'TLS', 'auth'])
    await expect(steps.getByRole('listitem').filter({ hasText: stage })).toContainText('done');
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Guarded relay was added.')).toBeVisible();
  await expect(servers.row('Guarded relay')).toBeVisible();

  await servers.showTab('Identities');
  await page.getByRole('button', { name: 'Add identity' }).click();
  const identity = servers.editor('New identity');
  await identity.getByLabel('Your name').fill('Anna Ö.');
  await identity.getByLabel('Address', { exact: true }).fill('anna@home.test');
  await identity.getByText('Only one server, never another').click();
  await identity.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('anna@home.test was added.')).toBeVisible();
  await expect(page.getByText('only Guarded relay')).toBeVisible();

  await writeTo(page, 'friend@away.test', 'Through the guard');
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => guarded.delivered('friend@away.test').then(({ length }) => length)).toBe(1);
  const [delivered = Buffer.alloc(0)] = await guarded.delivered('friend@away.test');
  expect(delivered.toString()).toContain('Through the guard');
  expect(await guarded.log()).toContain('sasl_method=PLAIN, sasl_username=anna');
});

test('order by keyboard, switch off, what would happen, remove', async ({ app, page }) => {
  const first = await add(app, 'server', serverOn('First relay', strict.port));
  await add(app, 'server', serverOn('Second relay', willing.port));
  await add(app, 'identity', identityOf('anna@home.test', { route: { kind: 'only', serverId: first } }));
  await add(app, 'identity', identityOf('desk@home.test'));
  await app.open(page);
  const servers = new OutgoingServers(page);
  await servers.open();
  await expect(servers.names()).toHaveText(['First relay', 'Second relay']);

  await servers
    .row('First relay')
    .getByRole('button', { name: /First relay/ })
    .focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Insert between First relay and Second relay' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('button', { name: 'Insert after Second relay' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(servers.names()).toHaveText(['Second relay', 'First relay']);
  await expect(page.getByText('The order was changed.')).toBeVisible();

  await servers.showTab('What would happen');
  await choose(page.locator('main'), 'From', /desk@home\.test/);
  await page.getByLabel('To', { exact: true }).fill('friend@away.test');
  const order = page.getByRole('main').getByRole('list').first();
  await expect(order.getByRole('listitem')).toHaveCount(2);
  await expect(order.getByRole('listitem').first()).toContainText('Second relay');
  await choose(page.locator('main'), 'From', /anna@home\.test/);
  await expect(order.getByRole('listitem')).toHaveCount(1);
  await expect(order.getByRole('listitem').first()).toContainText('First relay');
  await expect(page.getByRole('main')).toContainText('Left out');

  await servers.showTab('Servers');
  let editor = await servers.edit('Second relay');
  await editor.getByText('Use this server').click();
  await editor.getByLabel('Name', { exact: true }).fill('Second relay, resting');
  await editor.getByText('Senders and networks').click();
  await editor.getByLabel('Senders it accepts').fill('@home.test');
  await editor.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Second relay, resting was saved.')).toBeVisible();
  await expect(servers.row('Second relay, resting')).toContainText('off');
  await expect(servers.row('Second relay, resting')).toContainText('@home.test');

  // One that an identity cannot do without stays; one that nobody names goes.
  editor = await servers.edit('First relay');
  await editor.getByRole('button', { name: 'Remove', exact: true }).click();
  const question = page.getByRole('alertdialog', { name: 'Remove First relay?' });
  await question.getByRole('button', { name: 'Remove First relay' }).click();
  await expect(question.getByText(/may leave only by it|anna@home\.test/).first()).toBeVisible();
  await question.getByRole('button', { name: 'Cancel' }).click();
  editor = await servers.edit('Second relay, resting');
  await editor.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove Second relay, resting' }).click();
  await expect(page.getByText('Second relay, resting was removed.')).toBeVisible();
  await expect(servers.names()).toHaveText(['First relay']);
});

test('a refusal is remembered, shown and forgotten; an identity prefers servers in an order of its own', async ({
  app,
  page,
}) => {
  await add(app, 'server', serverOn('Strict relay', strict.port));
  await add(app, 'server', serverOn('Willing relay', willing.port));
  await add(app, 'identity', identityOf('anna@home.test'));
  await app.open(page);
  await writeTo(page, 'friend@away.test', 'Past the strict one');
  await page.keyboard.press('Control+Enter');
  await showFolder(page, 'Sent');
  await expect(page.getByRole('listbox', { name: /Sent/ }).getByText('Past the strict one')).toBeVisible();

  const servers = new OutgoingServers(page);
  await servers.open();
  await expect(servers.row('Willing relay')).toContainText('took it');
  const editor = await servers.edit('Strict relay');
  await expect(editor.getByText('Refused the sender anna@home.test')).toBeVisible();
  await expect(editor.getByText(/sender not owned by you/)).toBeVisible();
  await servers.showTab('What would happen');
  await page.getByLabel('To', { exact: true }).fill('friend@away.test');
  await expect(page.getByRole('main')).toContainText(/Left out.*Strict relay.*It refused anna@home\.test/);

  await servers.showTab('Servers');
  await servers.edit('Strict relay');
  await editor.getByRole('button', { name: 'Forget everything' }).click();
  await expect(editor.getByText('Nothing is held against this server.')).toBeVisible();
  const route = await commandJson(app, ['route', 'explain', '--from', 'anna@home.test', '--to', 'friend@away.test']);
  expect(route).toMatchObject({ attempts: [{}, {}], skipped: [] });

  await servers.showTab('Identities');
  await page.getByRole('row', { name: /anna@home\.test/ }).click();
  const identity = servers.editor('anna@home.test');
  await identity.getByText('These servers, in this order').click();
  const preferred = identity.getByRole('list', { name: 'Servers in order' });
  for (const label of ['Strict relay', 'Willing relay'])
    if (!(await preferred.getByText(label).isVisible()))
      await choose(identity, 'Add a server', new RegExp(`^${label}$`));
  await identity.getByRole('button', { name: 'Try Willing relay earlier' }).click();
  await expect(preferred.getByRole('listitem').first()).toContainText('Willing relay');
  await identity.getByLabel('Signature').fill('Anna, by the sea');
  await identity.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('prefers Willing relay, Strict relay')).toBeVisible();
  await page.getByRole('button', { name: 'Compose' }).click();
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toHaveValue(/Anna, by the sea/);
});
