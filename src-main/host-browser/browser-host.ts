import type { AppCore } from '../core/app-core.ts';
import { type NodeCore, openNodeCore } from '../host-node/node-core.ts';
import type { Profile } from '../host-node/profile.ts';
import { type ServedApp, serveApp } from '../host-node/serve-app.ts';
import { systemClock } from '../host-node/system-clock.ts';
import { createBrowserDesktop } from './browser-desktop.ts';
import { type Browser, hasDisplay } from './find-browser.ts';
import { openPageServer, type PageServer } from './http-server.ts';
import { type LaunchPage, openLaunchPage } from './launch-page.ts';
import { type AppWindow, browserFolder, openWindow } from './open-window.ts';
import { chooseOrigin, hostOf } from './origin.ts';
import { createSessions } from './sessions.ts';

/** How long the app stays when its last window is gone: a reload, or a page opened by hand, comes back within it. */
const lingerMs = 10_000;
const raiseDelayMs = 1000;

export interface BrowserHostOptions {
  readonly profile: Profile;
  /** The browser to open windows of; null: pages are opened by hand. */
  readonly browser: Browser | null;
  readonly port?: number;
  readonly address?: string;
  /** Also ends when nothing shows it any more; without, only by `close`. */
  readonly endsWithLastWindow: boolean;
}

export interface BrowserHost {
  readonly launchPage: string;
  readonly url: string;
  /** Settles when the host should end, because its last window is gone. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** The whole app in the browser host. Throws `MailError` ELOCKED when the profile is in use. */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const desktop = createBrowserDesktop({ platform: process.platform, hasDisplay: hasDisplay() });
  const node = await openNodeCore({ profile: options.profile, desktop });
  try {
    return await serve(options, node);
  } catch (error) {
    await node.close();
    throw error;
  }
}

async function serve(options: BrowserHostOptions, node: NodeCore): Promise<BrowserHost> {
  const { profileDir } = options.profile;
  const { core, log } = node;
  const origin = await chooseOrigin(profileDir, options.port);
  const sessions = createSessions(() => systemClock.now());
  const windows = new Windows(options, core);
  const server: PageServer = await openPageServer({
    origin,
    sessions,
    core,
    log,
    rendererDir: node.files.rendererDir,
    onExchanged: () => void launchPage.renew(),
    onPagesChanged: () => windows.pagesChanged(server.pageCount()),
  });
  const folder = browserFolder(profileDir, options.browser);
  const launchPage: LaunchPage = await openLaunchPage({ folder, origin, sessions, clock: systemClock, log });
  const app: ServedApp = await serveApp(node, profileDir, (address) => {
    windows.show({ folder, launchPage, address }).catch((error: unknown) => {
      log.error('The window could not be shown.', error);
    });
  });
  if (options.browser !== null) await windows.show({ folder, launchPage, address: options.address });
  log.info('The browser host is ready.', { port: origin.port });
  return {
    launchPage: launchPage.path,
    url: `http://${hostOf(origin)}/`,
    ended: windows.ended,
    async close() {
      await app.close();
      await launchPage.close();
      windows.close();
      await server.close();
      await node.close();
    },
  };
}

/** Keeps track of what shows the app: windows we opened, and pages that are connected however they came. */
class Windows {
  readonly ended: Promise<void>;
  readonly #options: BrowserHostOptions;
  readonly #core: AppCore;
  readonly #open = new Set<AppWindow>();
  #end: () => void = () => undefined;
  #pageCount = 0;
  #cancelEnd: () => void = () => undefined;
  /** What to open in the page that is about to come. */
  #addressForNext: string | undefined;

  constructor(options: BrowserHostOptions, core: AppCore) {
    this.#options = options;
    this.#core = core;
    this.ended = new Promise((settle) => {
      this.#end = settle;
    });
  }

  pagesChanged(count: number): void {
    const hasCome = count > this.#pageCount;
    this.#pageCount = count;
    const address = this.#addressForNext;
    if (hasCome && address !== undefined) {
      this.#addressForNext = undefined;
      // A page that has just come listens only once its screens are up.
      systemClock.after(raiseDelayMs, () => this.#core.raise(address));
    }
    this.#considerEnd();
  }

  /** Brings what is there to the front, or opens a window. */
  async show({ folder, launchPage, address }: ShowRequest): Promise<void> {
    const { browser } = this.#options;
    if (this.#pageCount > 0) this.#core.raise(address);
    else this.#addressForNext = address;
    for (const window of this.#open) {
      if (await window.raise()) return;
    }
    // A page opened by hand cannot be reached by us; it was told, which is all there is to do.
    if (browser === null || this.#pageCount > 0) return;
    await launchPage.renew();
    const window = await openWindow({ browser, folder, launchPage: launchPage.path });
    this.#open.add(window);
    this.#considerEnd();
    window.onExit(() => {
      this.#open.delete(window);
      this.#considerEnd();
    });
  }

  close(): void {
    this.#cancelEnd();
    for (const window of this.#open) window.close();
  }

  #considerEnd(): void {
    this.#cancelEnd();
    if (!this.#options.endsWithLastWindow || this.#pageCount > 0 || this.#open.size > 0) return;
    this.#cancelEnd = systemClock.after(lingerMs, () => this.#end());
  }
}

interface ShowRequest {
  readonly folder: string;
  readonly launchPage: LaunchPage;
  readonly address: string | undefined;
}
