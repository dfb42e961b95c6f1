import { expect, type Locator, type Page } from '@playwright/test';

/** One endpoint as a person types it. */
export interface TypedEndpoint {
  readonly host: string;
  readonly port: number;
  readonly security: 'TLS' | 'STARTTLS' | 'None';
}

/** The set-up wizard, page by page, as somebody uses it. */
export class Wizard {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(): Promise<void> {
    await this.page.getByRole('button', { name: /set up my mail/i }).click();
    await expect(this.page.getByRole('heading', { name: 'Who are you?' })).toBeVisible();
  }

  async who(name: string, address: string): Promise<void> {
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByLabel('Mail address').fill(address);
    await this.next();
    await expect(this.page.getByRole('heading', { name: 'Where does your mail wait?' })).toBeVisible();
  }

  async incoming(endpoint: TypedEndpoint, user: string, password: string): Promise<void> {
    await typeEndpoint(this.page.locator('main'), endpoint);
    await this.page.getByLabel('User name').fill(user);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
  }

  async outgoing(number: number, endpoint: TypedEndpoint, label: string): Promise<void> {
    const card = this.page.locator('.wizard-server').nth(number - 1);
    const removeEndpoint = card.getByRole('button', { name: 'Remove this endpoint' });
    for (let proposed = await removeEndpoint.count(); proposed > 1; proposed -= 1) await removeEndpoint.last().click();
    await typeEndpoint(card, endpoint);
    await card.getByLabel('Name', { exact: true }).fill(label);
    await choose(card, 'Sign in with', /nothing: the server knows me/);
  }

  async next(): Promise<void> {
    await this.page.getByRole('button', { name: 'Next' }).click();
  }
}

/** Fills host, port and security of one endpoint. */
export async function typeEndpoint(within: Locator, { host, port, security }: TypedEndpoint): Promise<void> {
  await within.getByLabel('Server', { exact: true }).fill(host);
  await within.getByLabel('Port', { exact: true }).fill(String(port));
  await choose(within, 'Security', new RegExp(`^${security}`));
  // The port may follow the security; a person looks again.
  await within.getByLabel('Port', { exact: true }).fill(String(port));
}

/** Opens a select and takes an option. */
export async function choose(within: Locator, label: string, option: RegExp): Promise<void> {
  await within.getByRole('button', { name: new RegExp(label) }).click();
  await within.page().getByRole('option', { name: option }).click();
}
