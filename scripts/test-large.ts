// The end-to-end tests of a large mailbox with all of its 100,000 messages (or as many as the first argument says): minutes,
// where the tests of every day take a share of it.
import { buildIfStale } from './build.ts';
import { run } from './lib/run.ts';

await buildIfStale();
const env = { ...process.env, LARGE_MESSAGES: process.argv[2] ?? '100000' };
const args = ['test', '--config', 'e2e/playwright.config.ts', 'large-profile', '--workers', '1'];
const { code } = await run('playwright', args, { env });
process.exitCode = code;
