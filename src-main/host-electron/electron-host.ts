import { join } from 'node:path';
import { app, type BrowserWindow, powerMonitor, protocol, session } from 'electron';
import type { Api } from '#shared/rpc/client.ts';
import type { WindowCommand } from '#shared/rpc/window-command.ts';
import { openNodeCore } from '../host-node/node-core.ts';
import type { Profile } from '../host-node/profile.ts';
import { type ServedApp, serveApp } from '../host-node/serve-app.ts';
import { systemClock } from '../host-node/system-clock.ts';
import { appScheme, createAppProtocol } from './app-protocol.ts';
import { openAppWindow } from './app-window.ts';
import { createElectronDesktop } from './electron-desktop.ts';
import { openElectronSecrets } from './electron-secrets.ts';
import { guardSession } from './guard.ts';
import { installMenu } from './install-menu.ts';
import { serveWindows } from './ipc-transport.ts';
import { keepRunning } from './keep-running.ts';
import { logFaults } from './log-faults.ts';
import { openLoginItem } from './login-item.ts';
import { followSending } from './sending-now.ts';
import { openTray, type TrayActions } from './tray.ts';
import { utilitySpawn } from './utility-spawn.ts';
import { whenListening } from './when-listening.ts';

/** After sleep the network needs a moment before anything can be reached. */
const afterResumeMs = 5000;

export interface ElectronHost {
  /** Brings the window forward, opening one when there is none; with an address, to open that (`addressAmong`). */
  show(address?: string): void;
  /** Has the window do something, opening one when there is none. */
  ask(command: WindowCommand): void;
  /** A message is being handed to a server. */
  readonly isSending: boolean;
  /** The user wants it to go on without a window. */
  readonly staysWithoutWindow: boolean;
  close(): Promise<void>;
}

/** The whole app in Electron, once that is ready. Throws `MailError` ELOCKED when the profile is in use. */
export async function startElectronHost(profile: Profile, address: string | undefined): Promise<ElectronHost> {
  const { profileDir, mailFolder } = profile;
  const desktop = createElectronDesktop(() => host.show());
  const openSecrets = () => openElectronSecrets(profileDir);
  const node = await openNodeCore({ profile, desktop, openSecrets, spawn: utilitySpawn });
  const { core, files, log } = node;
  const stopLogging = logFaults(log);
  const icon = files.asset('icons/icon-256.png');

  guardSession(session.defaultSession);
  protocol.handle(appScheme, createAppProtocol({ rendererDir: files.rendererDir, core, log }));
  const screens = whenListening(systemClock);
  if (address !== undefined) screens.tell(() => core.raise(address));
  const windows = serveWindows((transport) => {
    core.attachPage(transport);
    screens.attached(transport);
  });
  const shown = new ShownWindow(
    (onMade) => {
      const made = (window: BrowserWindow): void => {
        windows.add(window.webContents);
        onMade(window);
      };
      return openAppWindow({
        stateFolder: join(profileDir, 'electron'),
        preload: files.preload,
        icon,
        log,
        onMade: made,
      });
    },
    (error) => log.error('The window could not be opened.', error),
  );
  const host: ElectronHost = {
    show(address) {
      const isThere = shown.bringForward();
      if (isThere || address !== undefined) screens.tell(() => core.raise(address));
    },
    ask(command) {
      shown.bringForward();
      screens.tell(() => core.ask(command));
    },
    get isSending() {
      return sending.isSending();
    },
    get staysWithoutWindow() {
      return running.isWanted;
    },
    async close() {
      running.close();
      sending.close();
      stopResume();
      await served.close();
      windows.close();
      protocol.unhandle(appScheme);
      await node.close();
      stopLogging();
    },
  };
  const served: ServedApp = await serveApp(node, profileDir, (address) => host.show(address));
  const sending = followSending(served.api);
  const stopResume = wakeAfterSleep(served.api, log.warn);
  const ask = (what: Promise<unknown>): void =>
    void what.catch((error: unknown) => log.warn('What the menu was asked for failed.', { reason: String(error) }));
  const trayActions: TrayActions = {
    showWindow: () => host.show(),
    compose: () => host.show('mailto:'),
    collect: () => ask(served.api.call('collect.start', {})),
    sendNow: () => ask(served.api.call('outbox.flush', { now: true })),
    pause: (sendingPaused) => ask(served.api.call('settings.setPreferences', { sendingPaused })),
    quit: () => app.quit(),
  };
  const running = keepRunning(
    served.api,
    () => openTray(files.asset, trayActions),
    (error) => log.error('The icon in the notification area could not be made.', error),
  );
  const atLogin = app.isPackaged ? await openLoginItem() : undefined;
  installMenu({ host, api: served.api, log, icon, openMailFolder: () => desktop.openPath?.(mailFolder), atLogin });
  await shown.open();
  return host;
}

/** At most one window; asking again while it opens asks for the same one. */
class ShownWindow {
  readonly #openWindow: (onMade: (window: BrowserWindow) => void) => Promise<BrowserWindow>;
  readonly #onProblem: (error: unknown) => void;
  #window: BrowserWindow | null = null;
  #opening: Promise<void> | null = null;

  constructor(
    openWindow: (onMade: (window: BrowserWindow) => void) => Promise<BrowserWindow>,
    onProblem: (error: unknown) => void,
  ) {
    this.#openWindow = openWindow;
    this.#onProblem = onProblem;
  }

  /** False: there was none, and one is being opened. */
  bringForward(): boolean {
    const window = this.#window;
    if (window === null || window.isDestroyed()) {
      void this.open();
      return false;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
    return true;
  }

  open(): Promise<void> {
    this.#opening ??= this.#openWindow((window) => {
      this.#window = window;
      window.on('closed', () => {
        this.#window = null;
      });
    })
      .then(() => undefined, this.#onProblem)
      .finally(() => {
        this.#opening = null;
      });
    return this.#opening;
  }
}

/** Timers stand still while a computer sleeps: collects and sends what has fallen due. */
function wakeAfterSleep(api: Api, warn: (message: string, details?: Record<string, unknown>) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onResume = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      Promise.all([api.call('outbox.flush', {}), api.call('collect.start', {})]).catch((error: unknown) => {
        warn('Nothing was collected after sleep.', { reason: String(error) });
      });
    }, afterResumeMs);
  };
  powerMonitor.on('resume', onResume);
  return () => {
    powerMonitor.off('resume', onResume);
    clearTimeout(timer);
  };
}
