import { expect, type Locator, type Page } from '@playwright/test';

/** The screen of outgoing servers, by its tabs. */
export class OutgoingServers {
  readonly page: Page;
  readonly list: Locator;

  constructor(page: Page) {
    this.page = page;
    this.list = page.getByRole('grid', { name: 'Outgoing servers, in order' });
  }

  async open(): Promise<void> {
    await this.page.getByRole('button', { name: 'Outgoing servers', exact: true }).click();
    await expect(this.page.getByRole('heading', { name: 'Outgoing servers', level: 1 })).toBeVisible();
  }

  async showTab(name: 'Servers' | 'Identities' | 'What would happen' | 'Probe a host'): Promise<void> {
    await this.page.getByRole('tab', { name }).click();
    await expect(this.page.getByRole('tab', { name })).toHaveAttribute('aria-selected', 'true');
  }

  row(label: string): Locator {
    return this.list.getByRole('row', { name: label });
  }

  /** Opens the editor of a server by its row. */
  async edit(label: string): Promise<Locator> {
    await this.row(label).getByText(label, { exact: true }).click();
    return this.editor(label);
  }

  /** Opens the editor of a server that does not exist yet. */
  async add(): Promise<Locator> {
    await this.page.getByRole('button', { name: 'Add server' }).click();
    return this.editor('New outgoing server');
  }

  /** A folded part of an editor, opened. */
  async part(editor: Locator, title: string): Promise<Locator> {
    const part = editor
      .locator('details')
      .filter({ has: this.page.locator('summary').getByText(title, { exact: true }) });
    if ((await part.getAttribute('open')) === null) await part.locator('summary').click();
    return part;
  }

  async save(editor: Locator, label: string): Promise<void> {
    await editor.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(this.page.getByText(new RegExp(`^${label} was (added|saved)\\.$`)).first()).toBeVisible();
  }

  editor(label: string): Locator {
    return this.page.getByRole('region', { name: label, exact: true });
  }

  /** The names of the servers from the top. */
  names(): Locator {
    return this.list.locator('.servers-name');
  }
}
