import { defineConfig } from '@playwright/test';
import { moveToMemoryDisk } from '../scripts/lib/memory-disk.ts';
import { browserArguments, executablePath } from './browser.ts';

moveToMemoryDisk();

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  // Each test has an application, a profile and servers of its own; two cores carry two of them.
  workers: 2,
  fullyParallel: true,
  // Waiting ends with the event it is for: only a failing test, or a machine that is busy elsewhere, takes this long.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: process.env.CI !== undefined,
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e.json' }]],
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
    // What a page was is in the trace; a film of every test would cost each of them some of its time.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      args: browserArguments,
    },
  },
});
