// `npm start`: builds when needed, then opens the app in Electron, or in a window of an installed browser.
import { join } from 'node:path';
import { findBrowser, hasDisplay } from '../src-main/host-browser/find-browser.ts';
import { buildIfStale } from './build.ts';
import { aptInstall, mayInstall } from './lib/apt.ts';
import { findElectron } from './lib/electron-binary.ts';
import { run } from './lib/run.ts';

const root = join(import.meta.dirname, '..');
// npm changes to the project's folder; paths on the command line are meant from where the person stood.
const cwd = process.env.INIT_CWD ?? process.cwd();
const isRoot = process.getuid?.() === 0;
/** An Electron that ends this soon, and not well, never came to show anything. */
const soonMs = 8000;

async function start(args: string[]): Promise<number> {
  await buildIfStale();
  const wantsWindow = !args.includes('--no-window') && hasDisplay();
  const whyNotElectron = wantsWindow ? await tryElectron(args) : whyNoWindow(args);
  if (typeof whyNotElectron === 'number') return whyNotElectron;
  if (wantsWindow) await provideBrowser();
  // On standard error: with --no-window, standard output is for whatever drives the app.
  console.error(`Postrider runs in the browser host, because ${whyNotElectron}.`);
  return (await run(process.execPath, [join(root, 'dist/host-browser/main.js'), ...args], { cwd })).code;
}

function whyNoWindow(args: string[]): string {
  return args.includes('--no-window') ? 'it was asked for without a window' : 'there is no screen here';
}

/** Runs Electron to its end and answers its exit code; a sentence says why that could not be. */
async function tryElectron(args: string[]): Promise<number | string> {
  const electron = await findElectron(root);
  if (electron.kind === 'missing') return electron.why;
  console.error('Postrider runs in Electron, because its program is installed.');
  // Chromium does not start as root with its sandbox; for anybody else it stays on.
  const { code, durationMs } = await run(electron.path, [...(isRoot ? ['--no-sandbox'] : []), root, ...args], { cwd });
  if (code === 0 || durationMs > soonMs) return code;
  return `Electron ended at once (code ${code}); a library or the sandbox may be missing on this computer`;
}

async function provideBrowser(): Promise<void> {
  if (findBrowser() !== null) return;
  if (mayInstall()) {
    console.error('No Chromium, Chrome or Edge was found. Installing Debian’s Chromium.');
    if ((await aptInstall(['chromium'])) && findBrowser() !== null) return;
    console.error('Chromium could not be installed.');
  }
  console.error('Postrider’s window needs Chromium, Chrome or Edge. On Debian: sudo apt-get install chromium');
}

try {
  process.exitCode = await start(process.argv.slice(2));
} catch (error) {
  console.error('Postrider could not be built or started.');
  console.error(error);
  process.exitCode = 1;
}
