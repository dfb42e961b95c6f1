import type { Page } from '@playwright/test';
import { expect, test } from './app.ts';
import { openPractice, writeTo } from './pages/mailbox.ts';

// Writing itself: what a person does without thinking has to work without their thinking.
test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

/** As from a browser or an office program. */
async function copyRich(page: Page, html: string, text: string): Promise<void> {
  await page.evaluate(
    ([rich = '', plain = '']) =>
      navigator.clipboard.write([
        new ClipboardItem({
          'text/html': new Blob([rich], { type: 'text/html' }),
          'text/plain': new Blob([plain], { type: 'text/plain' }),
        }),
      ]),
    [html, text],
  );
}

test('undo after saving, many recipients, rich text pasted, discarded and brought back', async ({ app, page }) => {
  await app.open(page);
  await openPractice(page);
  await writeTo(page, 'friend@practice.postrider.test', 'Plans');
  const body = page.getByRole('textbox', { name: 'Message', exact: true });
  const subject = page.getByRole('textbox', { name: 'Subject' });
  await expect(body).toHaveAttribute('spellcheck', 'true');
  await expect(subject).toHaveAttribute('spellcheck', 'true');

  // Saving in between takes nothing from undo and redo.
  await body.press('ControlOrMeta+End');
  await body.pressSequentially(' And more.');
  await expect(page.getByText(/^Saved /)).toBeVisible();
  await body.press('ControlOrMeta+z');
  await expect(body).not.toHaveValue(/And more\.$/);
  await body.press('ControlOrMeta+Shift+z');
  await expect(body).toHaveValue(/And more\.$/);

  // Two hundred people pasted at once leave room to write.
  const people = Array.from({ length: 200 }, (_, at) => `Person ${at} <person.${at}@practice.postrider.test>`);
  await page.evaluate((list) => navigator.clipboard.writeText(list), people.join(', '));
  await page.getByRole('combobox', { name: 'To' }).press('ControlOrMeta+v');
  await page.getByRole('combobox', { name: 'To' }).press('Enter');
  await expect(page.getByRole('row', { name: /Person 199/ })).toBeAttached();
  await expect(page.getByRole('combobox', { name: 'To' })).toBeInViewport();
  await expect(subject).toBeInViewport();
  await expect(body).toBeInViewport({ ratio: 0.9 });
  await expect(page.getByRole('button', { name: /^Send/ }).first()).toBeInViewport();

  // What is pasted keeps its emphasis and loses what could run or call home.
  await page.getByRole('button', { name: 'Make it rich text' }).click();
  await expect(body).toHaveAttribute('contenteditable', 'true');
  await expect(body).toHaveAttribute('spellcheck', 'true');
  const html =
    '<p style="color:red">A <b>bold</b> <a href="javascript:alert(1)">link</a></p><img src="http://tracker.test/x.png" onerror="alert(1)"><script>alert(1)</script>';
  await copyRich(page, html, 'A bold link');
  await body.press('ControlOrMeta+End');
  await body.press('ControlOrMeta+v');
  await expect(body.locator('strong')).toHaveText('bold');
  await expect(body.locator('img, script, [style], a[href^="javascript"]')).toHaveCount(0);

  await page.getByRole('button', { name: 'Discard draft' }).click();
  await expect(page.getByText('The draft was moved to Trash.')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(subject).toHaveValue('Plans');
  await expect(body.locator('strong')).toHaveText('bold');
  await expect(page.getByRole('row', { name: /Person 199/ })).toBeAttached();
});
