import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { createCertificate, type TestCertificate } from '../src-main/core/incoming/testing/certificates.ts';
import {
  type Dovecot,
  freePorts,
  isDovecotInstalled,
  startDovecot,
} from '../src-main/core/incoming/testing/dovecot.ts';
import { type ScriptedServer, scriptedServer } from '../src-main/core/incoming/testing/scripted-server.ts';
import { expect, type RunningApp, startApp, test } from './app.ts';
import { type TypedEndpoint, typeEndpoint, Wizard } from './pages/wizard.ts';
import { hasPostfix, type Postfix, startPostfix } from './servers/postfix.ts';

// What the live test of the wizard says when something is wrong. One application and one set of servers for all of
// them: nothing is stored before the last page.
test.describe.configure({ mode: 'default' });

/** An address of this computer on which the usual ports are free for one Dovecot of ours. */
const usualHost = '127.0.0.95';

let app: RunningApp & { stop(): Promise<void> };
let authority: TestCertificate;
let dovecot: Dovecot;
let expired: Dovecot;
let otherHost: Dovecot;
let usual: Dovecot;
let postfix: Postfix;
let withoutStls: ScriptedServer;
let blackHole: ScriptedServer;
let folder: string;

test.beforeAll(async () => {
  test.skip(!isDovecotInstalled || !(await hasPostfix()), 'Dovecot and Postfix (as root) are needed here.');
  folder = await mkdtemp(join(tmpdir(), 'postrider-authority-'));
  authority = await createCertificate({ commonName: 'Test authority', altNames: [], isAuthority: true });
  await writeFile(join(folder, 'authority.pem'), authority.cert);
  [dovecot, expired, otherHost, usual, postfix, withoutStls, blackHole] = await Promise.all([
    startDovecot(),
    startDovecot({
      certificate: await createCertificate({
        commonName: 'localhost',
        altNames: ['IP:127.0.0.1'],
        issuer: authority,
        notBefore: '20200101000000Z',
        notAfter: '20210101000000Z',
      }),
    }),
    startDovecot({
      certificate: await createCertificate({
        commonName: 'elsewhere.test',
        altNames: ['DNS:elsewhere.test'],
        issuer: authority,
      }),
    }),
    startDovecot({
      certificate: await createCertificate({ commonName: usualHost, altNames: [`IP:${usualHost}`], issuer: authority }),
      config: `service pop3-login {
        inet_listener pop3s-usual {
          address = ${usualHost}
          port = 995
          ssl = yes
        }
      }`,
    }),
    startPostfix(),
    scriptedServer('+OK here\r\n', (line) => (line === 'CAPA' ? '+OK\r\nUSER\r\nUIDL\r\n.\r\n' : '-ERR what\r\n')),
    scriptedServer(''),
  ]);
  app = await startApp({ environment: { NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') } });
});

test.afterAll(async () => {
  await Promise.all(
    [app, dovecot, expired, otherHost, usual, postfix]
      .map((one) => one?.stop())
      .concat([withoutStls, blackHole].map((one) => one?.close())),
  );
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const receiving = (page: Page): Locator => page.getByRole('region', { name: 'Receiving' });

/** Fills the wizard for receiving only, up to the live test. */
async function testIncoming(page: Page, endpoint: TypedEndpoint, password = 'secret'): Promise<void> {
  await app.open(page);
  const wizard = new Wizard(page);
  await wizard.open();
  await page.getByText('Receiving only').click();
  await wizard.who('Anna', 'anna@home.test');
  await wizard.incoming(endpoint, 'anna', password);
  await wizard.next();
  await expect(page.getByRole('heading', { name: 'Does it work?' })).toBeVisible();
}

async function expectFailure(page: Page, words: RegExp): Promise<void> {
  await expect(receiving(page).getByText(words).first()).toBeVisible();
  await expect(page.getByText('Something does not work yet.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save anyway' })).toBeEnabled();
  await expect(page.getByRole('button', { name: 'Edit these settings' })).toBeVisible();
}

test('a wrong password: the server’s own words are shown, and going back keeps what was typed', async ({ page }) => {
  await testIncoming(page, { host: '127.0.0.1', port: dovecot.port, security: 'None' }, 'wrong');
  await expectFailure(page, /user name or (the )?password/);
  await expect(
    receiving(page)
      .getByText(/Authentication failed/)
      .first(),
  ).toBeVisible();

  await page.getByRole('button', { name: 'Edit these settings' }).click();
  await expect(page.getByLabel('Server', { exact: true })).toHaveValue('127.0.0.1');
  await expect(page.getByLabel('Port', { exact: true })).toHaveValue(String(dovecot.port));
  await expect(page.getByLabel('User name')).toHaveValue('anna');
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('wrong');
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect(page.getByLabel('Your name')).toHaveValue('Anna');
  await expect(page.getByLabel('Mail address')).toHaveValue('anna@home.test');
  await expect(page.getByRole('radio', { name: 'Receiving only' })).toBeChecked();

  const wizard = new Wizard(page);
  await wizard.next();
  await expect(page.getByLabel('User name')).toHaveValue('anna');
  await page.getByLabel('Password', { exact: true }).fill('secret');
  await wizard.next();
  await expect(page.getByText('Everything works.', { exact: true })).toBeVisible();
});

test('every fault is told in words: name, port, STARTTLS, certificates', async ({ page }) => {
  const [closed = 0] = await freePorts(1);
  const faults: { what: string; endpoint: TypedEndpoint; words: RegExp }[] = [
    {
      what: 'unknown host',
      endpoint: { host: 'pop.nowhere.invalid', port: 995, security: 'TLS' },
      words: /pop\.nowhere\.invalid.*(spelling|looked up)/,
    },
    {
      what: 'connection refused',
      endpoint: { host: '127.0.0.1', port: closed, security: 'None' },
      words: new RegExp(`nothing answers on port ${closed}`),
    },
    {
      what: 'STARTTLS missing',
      endpoint: { host: '127.0.0.1', port: withoutStls.port, security: 'STARTTLS' },
      words: /does not offer (encryption|STARTTLS)/,
    },
    {
      what: 'certificate expired',
      endpoint: { host: '127.0.0.1', port: expired.tlsPort, security: 'TLS' },
      words: /expired|out of date/,
    },
    {
      what: 'certificate for another host',
      endpoint: { host: '127.0.0.1', port: otherHost.tlsPort, security: 'TLS' },
      words: /other name|another (server )?name|elsewhere\.test/,
    },
  ];
  for (const [index, { what, endpoint, words }] of faults.entries())
    await test.step(what, async () => {
      if (index === 0) await testIncoming(page, endpoint);
      else {
        await page.getByRole('button', { name: 'Back', exact: true }).click();
        await typeEndpoint(page.locator('main'), endpoint);
        await new Wizard(page).next();
      }
      await expectFailure(page, words);
    });
  // Whatever the server has heard, no password was in it.
  expect(withoutStls.heard.filter((line) => /^(USER|PASS|AUTH|APOP)/.test(line))).toEqual([]);
});

test('another port is offered when it works, and one press takes it', async ({ page }) => {
  await testIncoming(page, { host: usualHost, port: 110, security: 'STARTTLS' });
  await expectFailure(page, /nothing answers on port 110/);
  await expect(receiving(page).getByText('Port 995 with TLS works on this server.')).toBeVisible();
  await receiving(page)
    .getByRole('button', { name: `Use ${usualHost}:995` })
    .click();
  await expect(page.getByText('Everything works.', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect(page.getByLabel('Port', { exact: true })).toHaveValue('995');
});

test('a self-signed certificate is accepted by its fingerprint, and then the test goes on', async ({ page }) => {
  await testIncoming(page, { host: '127.0.0.1', port: dovecot.tlsPort, security: 'TLS' });
  await expectFailure(page, /vouches (only )?for itself/);
  const fingerprint = dovecot.certificate.sha256.match(/../g)?.join(':') ?? '';
  await expect(receiving(page).getByText(`SHA-256 ${fingerprint}`)).toBeVisible();
  await receiving(page).getByRole('button', { name: 'Accept this certificate' }).click();
  await expect(page.getByText('Everything works.', { exact: true })).toBeVisible();
});

test('a black hole can be stopped', async ({ page }) => {
  await testIncoming(page, { host: '127.0.0.1', port: blackHole.port, security: 'None' });
  await expect(page.getByText('Testing …')).toBeVisible();
  await expect(
    receiving(page)
      .getByText(/greeting/i)
      .first(),
  ).toBeVisible();
  await page.getByRole('button', { name: 'Stop the test' }).click();
  await expectFailure(page, /The test was stopped\./);
  await page.getByRole('button', { name: 'Test again' }).click();
  await expect(page.getByRole('button', { name: 'Stop the test' })).toBeVisible();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Where does your mail wait?' })).toBeVisible();
});

test('an outgoing server says as much: refused, and one without STARTTLS', async ({ page }) => {
  const [closed = 0] = await freePorts(1);
  await app.open(page);
  const wizard = new Wizard(page);
  await wizard.open();
  await page.getByText('Sending only').click();
  await page.getByLabel('Your name').fill('Anna');
  await page.getByLabel('Mail address').fill('anna@home.test');
  await wizard.next();
  await wizard.outgoing(1, { host: '127.0.0.1', port: closed, security: 'None' }, 'Closed');
  await page.getByRole('button', { name: 'Add another outgoing server' }).click();
  await wizard.outgoing(2, { host: '127.0.0.1', port: postfix.port, security: 'STARTTLS' }, 'In clear');
  await wizard.next();
  const first = page.getByRole('region', { name: 'Sending by Closed' });
  await expect(first.getByText(/does not accept connections|nothing answers|refused/i).first()).toBeVisible();
  const second = page.getByRole('region', { name: 'Sending by In clear' });
  await expect(second.getByText(/does not offer (encryption|STARTTLS)/).first()).toBeVisible();
});

test('“Save anyway” keeps everything, and collecting says what is wrong', async ({ page }) => {
  await testIncoming(page, { host: '127.0.0.1', port: dovecot.port, security: 'None' }, 'wrong');
  await expectFailure(page, /user name or (the )?password/);
  await page.getByRole('button', { name: 'Save anyway' }).click();
  await expect(page.getByText(/Nothing is deleted on the server/)).toBeVisible();
  await page.getByRole('button', { name: 'Finish and collect' }).click();
  await expect(page.getByText('anna@home.test is set up.')).toBeVisible();
  await expect(page.getByRole('contentinfo', { name: 'Status' }).getByText(/collecting failed/)).toBeVisible();
  await expect(page.getByText(/The server did not accept the user name or password/)).toBeVisible();
  const { stdout } = await app.command(['account', 'list', '--json']);
  expect(JSON.parse(stdout)).toMatchObject([{ host: '127.0.0.1', port: dovecot.port, user: 'anna', hasSecret: true }]);
});
