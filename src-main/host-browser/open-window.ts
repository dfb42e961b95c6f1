import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makePrivateFolder } from '../host-node/private-file.ts';
import { createDevtoolsPipe, type DevtoolsPipe } from './devtools-pipe.ts';
import type { Browser } from './find-browser.ts';

/** The app's window: a browser process of its own. */
export interface AppWindow {
  /** Brings it to the front; false when it cannot be reached that way. */
  raise(): Promise<boolean>;
  onExit(listener: () => void): void;
  close(): void;
}

/**
 * Where the launch page and the browser's own data lie: the profile, but for a snap, which may only enter a folder of
 * its own.
 */
export function browserFolder(profileDir: string, browser: Browser | null): string {
  if (browser?.snapName == null) return profileDir;
  const name = createHash('sha256').update(profileDir).digest('hex').slice(0, 16);
  return join(homedir(), 'snap', browser.snapName, 'common', `postrider-${name}`);
}

/** Opens the launch page as a window of its own, with its own browser profile. The page's token is never an argument. */
export async function openWindow(options: {
  browser: Browser;
  folder: string;
  launchPage: string;
}): Promise<AppWindow> {
  const dataDir = join(options.folder, 'browser');
  await makePrivateFolder(dataDir);
  const child = spawn(options.browser.path, browserArguments(dataDir, options.launchPage, isRoot()), {
    // fds 3 and 4 carry the DevTools protocol: to this process only, no port is opened.
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    // Ctrl+C in the terminal goes to us; we close the window in order.
    detached: process.platform !== 'win32',
    windowsHide: false,
  });
  const devtools = devtoolsOf(child);
  const exitListeners = new Set<() => void>();
  let isGone = false;
  const gone = (): void => {
    if (isGone) return;
    isGone = true;
    for (const listener of exitListeners) listener();
  };
  child.once('exit', gone);
  child.once('error', gone);
  return {
    raise: async () => !isGone && devtools !== null && (await bringToFront(devtools)),
    onExit(listener) {
      if (isGone) listener();
      else exitListeners.add(listener);
    },
    close: () => void child.kill('SIGTERM'),
  };
}

/** The browser's arguments. Without its sandbox only as root, where it would not start otherwise. */
export function browserArguments(dataDir: string, launchPage: string, isRoot: boolean): string[] {
  return [
    `--app=${pathToFileURL(launchPage).href}`,
    `--user-data-dir=${dataDir}`,
    '--window-size=1280,860',
    '--class=Postrider',
    '--remote-debugging-pipe',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-background-mode',
    '--disable-component-update',
    '--disable-sync',
    '--disable-default-apps',
    '--hide-crash-restore-bubble',
    '--password-store=basic',
    '--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication',
    ...(isRoot ? ['--no-sandbox'] : []),
  ];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function devtoolsOf(child: ChildProcess): DevtoolsPipe | null {
  const [, , , toBrowser, fromBrowser] = child.stdio;
  if (!toBrowser || !fromBrowser || !('write' in toBrowser) || !('read' in fromBrowser)) return null;
  return createDevtoolsPipe(toBrowser, fromBrowser);
}

async function bringToFront(devtools: DevtoolsPipe): Promise<boolean> {
  try {
    const page = (await devtools.targets()).find(({ type }) => type === 'page' || type === 'app');
    if (page === undefined) return false;
    await devtools.showNormally(page.targetId);
    await devtools.activate(page.targetId);
    return true;
  } catch {
    return false;
  }
}
