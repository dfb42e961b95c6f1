import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from './app.ts';

const mail = [
  'From: Letters <letters@remote.example>',
  'Subject: A letter with a picture',
  'Date: Wed, 1 Jan 2025 10:00:00 +0000',
  'MIME-Version: 1.0',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>Hello</p><img src="https://remote.example/picture.png" alt="A picture">',
  '<p style="background: url(https://remote.example/hidden.png)">x</p>',
  '',
].join('\r\n');

test('pictures from elsewhere load when the reader asks, and only pictures', async ({ app, page }) => {
  const asked: string[] = [];
  await page.route('https://remote.example/**', (route) => {
    asked.push(route.request().url());
    return route.fulfill({ status: 200, contentType: 'image/png', body: '' });
  });
  const folder = join(app.profileDir, 'letters');
  await mkdir(folder);
  await writeFile(join(folder, 'letter.eml'), mail);
  const imported = await app.command(['import', folder, '--folder', 'Inbox', '--json']);
  expect(imported.code, imported.stderr).toBe(0);

  await app.open(page);
  await page.getByRole('option', { name: /A letter with a picture/ }).click();
  await expect(page.getByText('A picture from the internet was not loaded')).toBeVisible();
  expect(asked).toEqual([]);

  await page.getByRole('button', { name: 'Show pictures' }).click();
  await expect.poll(() => asked).toEqual(['https://remote.example/picture.png']);
  await expect(page.getByText('A picture from the internet was not loaded')).toBeHidden();
});
