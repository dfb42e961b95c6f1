import { execFile } from 'node:child_process';
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Locator, Page } from '@playwright/test';
import { wordOfRank, writeLargeMail } from '../bench/large-mail.ts';
import { expect, type RunningApp, test } from './app.ts';
import { countIn } from './pages/profile.ts';

// A large mailbox, indexed before the application starts. The tests of every day take a share of it;
// `npm run test:large` takes the 100,000.
const count = Number(process.env.LARGE_MESSAGES ?? 2000);
const run = promisify(execFile);
const command = join(import.meta.dirname, '../dist/cli/postrider.js');

test.describe.configure({ mode: 'default', timeout: 90_000 + count * 10 });
test.use({
  startOptions: {
    prepare: async (profileDir) => {
      writeLargeMail(join(profileDir, 'Mail'), { count, elsewhere: 20 });
      await run(process.execPath, [command, '--profile', profileDir, 'index', 'rebuild']);
    },
  },
});

const list = (page: Page): Locator => page.getByRole('listbox', { name: 'Messages in Inbox' });
const rows = (page: Page): Locator => list(page).locator('[aria-setsize]');

async function expectInInbox(app: RunningApp, wanted: number): Promise<void> {
  await expect.poll(() => countIn(app, 'Inbox'), { timeout: 60_000 }).toBe(wanted);
}

/** Frame by frame, as a hand does it. */
function scrollBy(page: Page, pixels: number, frames: number): Promise<void> {
  return list(page).evaluate(
    (element, { step, count }) =>
      new Promise<void>((resolve) => {
        let left = count;
        const next = (): void => {
          if (left-- === 0) resolve();
          else {
            element.scrollTop += step;
            element.ownerDocument.defaultView?.requestAnimationFrame(next);
          }
        };
        next();
      }),
    { step: pixels, count: frames },
  );
}

test('a large mailbox opens, goes to its end and back, is searched, and follows other programs', async ({
  app,
  page,
}) => {
  await app.open(page);
  await expect(rows(page).first()).toHaveAttribute('aria-setsize', String(count));
  await expect(rows(page).first()).toContainText(/\w/);

  await list(page).focus();
  await page.keyboard.press('End');
  const last = list(page).locator(`[aria-posinset="${count}"]`);
  await expect(last).toBeVisible();
  await expect(last).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Home');
  await expect(list(page).locator('[aria-posinset="1"]')).toHaveAttribute('aria-selected', 'true');

  // In the middle of it rows come where one stops: those that were there are written into, in the order of the list.
  await rows(page)
    .first()
    .evaluate((row) => row.setAttribute('data-before-the-leap', ''));
  await list(page).evaluate((element) => {
    element.scrollTop = element.scrollHeight / 2;
  });
  const middle = list(page).locator(`[aria-posinset="${Math.floor(count / 2) + 3}"]`);
  await expect(middle).toContainText(/\w{3}/);
  await expect(list(page).locator('[data-before-the-leap]')).toHaveAttribute('aria-posinset', /\d+/);
  const places = (): Promise<number[]> =>
    rows(page).evaluateAll((all) => all.map((row) => Number(row.getAttribute('aria-posinset'))));
  const inOrder = (from = 0): number[] => Array.from({ length: drawn.length }, (_, at) => from + at);
  const drawn = await places();
  expect(drawn).toEqual(inOrder(drawn[0]));

  // While one scrolls on they take turns; at rest those who read them by the document find them in order again.
  const first = list(page).locator(`[aria-posinset="${(drawn[0] ?? 0) + 5}"]`);
  await first.evaluate((row) => row.setAttribute('data-stays', ''));
  await scrollBy(page, 70, 10);
  await expect.poll(places).toEqual(inOrder((drawn[0] ?? 0) + 9));
  await scrollBy(page, -70, 5);
  await expect.poll(places).toEqual(inOrder((drawn[0] ?? 0) + 4));
  // Flown past, nothing is written until it slows, and then what is in sight.
  await scrollBy(page, -3000, 12);
  await expect(list(page).locator('[data-stays]')).toHaveAttribute('aria-posinset', /\d+/);
  const top = await list(page).evaluate((element) => element.scrollTop);
  await expect(list(page).locator(`[aria-posinset="${Math.ceil(top / 72) + 2}"]`)).toBeInViewport();
  await expect(page.locator('.list-flight')).toBeHidden();

  const field = page.getByRole('searchbox', { name: 'Search mail' });
  await field.fill(`"Order ${100_000 + count - 7}" `);
  await expect(page.getByRole('listbox', { name: 'Search results' }).getByRole('option')).toHaveCount(1);
  await field.fill(`${wordOfRank(3)} `);
  await expect(page.getByRole('listbox', { name: 'Search results' }).getByRole('option').first()).toBeVisible();
  await page.getByRole('button', { name: 'Clear search' }).click();

  // Another program archives a hundred messages; nobody asks, and the screen follows.
  const inMail = (...parts: string[]): string => join(app.mailFolder, ...parts);
  for (const name of readdirSync(inMail('cur')).slice(0, 100))
    renameSync(inMail('cur', name), inMail('.Archive', 'cur', name));
  await expect(rows(page).first()).toHaveAttribute('aria-setsize', String(count - 100), { timeout: 30_000 });
  expect((await app.command(['index', 'check'])).code).toBe(0);
});

/** Presses Stop the moment it is there, before even a fast computer is through. Resolves to what the bar says it counts. */
function stopAtOnce(page: Page): Promise<string | null> {
  return page.evaluate(
    () =>
      new Promise<string | null>((resolve) => {
        new MutationObserver((_changes, observer) => {
          const stop = [...document.querySelectorAll('button')].find((button) => button.textContent === 'Stop');
          if (stop === undefined) return;
          observer.disconnect();
          resolve(document.querySelector('[role=progressbar]')?.getAttribute('aria-label') ?? null);
          stop.click();
        }).observe(document.body, { subtree: true, childList: true });
      }),
  );
}

test('thousands are selected and deleted with a bar that tells how far, stopped, and brought back', async ({
  app,
  page,
}) => {
  await page.clock.install();
  await app.open(page);
  await expect(rows(page).first()).toHaveAttribute('aria-setsize', String(count));
  await list(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Control+a');
  // A bar comes only when it takes long: the first answer is late by more than that.
  app.pause();
  await page.keyboard.press('Delete');
  await page.clock.fastForward(1000);
  const stopped = stopAtOnce(page);
  app.resume();
  expect(await stopped).toMatch(/^Moving [\d,]+ messages/);
  await expect(page.getByRole('progressbar')).toBeHidden();
  const undo = page.getByRole('button', { name: 'Undo' });
  await expect(undo).toBeVisible();
  expect(await countIn(app, 'Trash')).toBeGreaterThan(0);
  expect(await countIn(app, 'Inbox')).toBeGreaterThan(0);

  await undo.click();
  await expectInInbox(app, count);
  await expect(rows(page).first()).toHaveAttribute('aria-setsize', String(count));

  // All of them, to the end.
  await list(page).focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await expectInInbox(app, 0);
  expect(await countIn(app, 'Trash')).toBe(count);
  expect((await app.command(['index', 'check'])).code).toBe(0);
});
