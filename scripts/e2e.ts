// Runs the end-to-end tests over a fresh build; what follows `--` goes to Playwright.
import { buildIfStale } from './build.ts';
import { run } from './lib/run.ts';

await buildIfStale();
const { code } = await run('playwright', ['test', '--config', 'e2e/playwright.config.ts', ...process.argv.slice(2)]);
process.exitCode = code;
