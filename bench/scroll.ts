import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { chromium, type Locator } from '@playwright/test';
import { z } from 'zod';
import { browserArguments, executablePath } from '../e2e/browser.ts';
import { median } from './measure.ts';

const program = join(import.meta.dirname, '../dist/host-browser/main.js');
const Ready = z.object({ launchPage: z.string() });

/** The row “scroll at 60 frames/s”: the time between frames while a long list is scrolled fast, and jumps through it. */
export async function benchScroll(profileDir: string): Promise<string> {
  const child = spawn(process.execPath, [program, '--no-window', '--profile', profileDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: browserArguments,
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(pathToFileURL(await launchPageOf(createInterface({ input: child.stdout }))).href);
    const list = page.getByRole('listbox', { name: 'Messages in Inbox' });
    const total = Number(await list.locator('[aria-setsize]').first().getAttribute('aria-setsize'));
    const still = await frames(list, 0);
    const wheel = await frames(list, 240);
    const fling = await frames(list, 5000);
    const jumps: number[] = [];
    for (const key of ['End', 'Home', 'End', 'Home', 'End']) {
      const begin = performance.now();
      await list.press(key);
      await list.locator(`[aria-posinset="${key === 'End' ? total : 1}"][aria-selected="true"]`).waitFor();
      jumps.push(performance.now() - begin);
    }
    return [
      `Scroll a list of ${total} messages in Chromium (aim: 60 frames/s, 16.7 ms each)`,
      row('standing still', still),
      row('240 pixels a frame', wheel),
      row('5,000 pixels a frame', fling),
      `  ${'to the end or the beginning, until selected'.padEnd(44)} ${median(jumps).toFixed(0).padStart(8)} ms  (${jumps.map((ms) => ms.toFixed(0)).join(', ')})`,
    ].join('\n');
  } finally {
    await browser.close();
    child.kill('SIGTERM');
    await exited;
  }
}

async function launchPageOf(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) if (line.startsWith('{')) return Ready.parse(JSON.parse(line)).launchPage;
  throw new Error('The host ended before it was ready. Is it built (npm run build)?');
}

/** Of the page, where the counting runs. */
declare const requestAnimationFrame: (next: () => void) => void;

/** Milliseconds between 240 frames, the list moved by so many pixels before each. */
async function frames(list: Locator, pixels: number): Promise<number[]> {
  return list.evaluate(
    (element, step) =>
      new Promise<number[]>((resolve) => {
        const taken: number[] = [];
        let last = performance.now();
        const next = (): void => {
          const now = performance.now();
          taken.push(now - last);
          last = now;
          element.scrollTop += step;
          if (taken.length < 240) requestAnimationFrame(next);
          else resolve(taken.slice(1));
        };
        requestAnimationFrame(next);
      }),
    pixels,
  );
}

function row(what: string, taken: readonly number[]): string {
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1);
  const late = taken.filter((ms) => ms > 25).length;
  return `  ${what.padEnd(44)} ${at(0.5).padStart(8)} ms a frame  p95 ${at(0.95)}  p99 ${at(0.99)}  ${late} of ${taken.length} frames late`;
}
