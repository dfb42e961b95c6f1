import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../app.ts';

// Colours depend on the scheme and layout on the size: two looks see all four.
const looks = [
  { width: 900, height: 600, colorScheme: 'light' },
  { width: 1920, height: 1080, colorScheme: 'dark' },
] as const;

/** What axe calls serious or critical, on this screen, in light and dark, small and large. */
async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const { colorScheme, ...size } of looks) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // What react-aria speaks lies there for a moment, as an image whose words are being filled in.
    const builder = new AxeBuilder({ page }).exclude('iframe').exclude('[data-live-announcer]');
    // In the page itself: the other way opens a second page for each look, only to join what frames found.
    const { violations: all } = await builder
      .setLegacyMode()
      .options({ resultTypes: ['violations'] })
      .analyze();
    for (const { id, impact, nodes } of all)
      if (impact === 'serious' || impact === 'critical')
        found.push(...nodes.map(({ html }) => `${id} (${size.width}, ${colorScheme}): ${html.slice(0, 200)}`));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (overflow > 0) found.push(`wider than the window by ${overflow} (${size.width})`);
  }
  return found;
}

/** Lets axe look at this screen in every look; afterwards the window is as large as before. */
export async function expectAccessible(page: Page, screen: string): Promise<void> {
  const size = page.viewportSize();
  await test.step(screen, async () => expect.soft(await violations(page), screen).toEqual([]));
  if (size !== null) await page.setViewportSize(size);
}
