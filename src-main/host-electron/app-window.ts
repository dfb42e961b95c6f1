import { join } from 'node:path';
import { app, BrowserWindow, dialog, nativeTheme, screen } from 'electron';
import type { Log } from '../core/ports.ts';
import { appPage } from './app-protocol.ts';
import { offerContextMenu } from './context-menu.ts';
import { guardContents } from './guard.ts';
import { fitting, keepWindowState, readWindowState } from './window-state.ts';
import { t } from './words.ts';

const usualSize = { width: 1280, height: 860 };
const leastSize = { width: 480, height: 400 };
/** More deaths of the page than this within a minute are no accident. */
const mostDeaths = 3;
const deathsWithinMs = 60_000;
const paper = { light: '#ffffff', dark: '#161a1b' };

/** Opens the app's window where it was last; it shows once there is something to see. */
export async function openAppWindow(options: {
  stateFolder: string;
  preload: string;
  icon: string;
  log: Log;
  onMade: (window: BrowserWindow) => void;
}): Promise<BrowserWindow> {
  const { log } = options;
  const statePath = join(options.stateFolder, 'window.json');
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const kept = await readWindowState(statePath, screens);
  const window = new BrowserWindow({
    ...(kept?.bounds ?? fitting(usualSize, screen.getPrimaryDisplay().workArea)),
    minWidth: leastSize.width,
    minHeight: leastSize.height,
    title: t('app'),
    icon: options.icon,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? paper.dark : paper.light,
    autoHideMenuBar: true,
    webPreferences: {
      preload: options.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      // Elsewhere Chromium would fetch dictionaries from the network; macOS brings its own.
      spellcheck: process.platform === 'darwin',
    },
  });
  guardContents(window.webContents, log);
  offerContextMenu(window.webContents);
  options.onMade(window);
  let isShown = false;
  const showOnce = (): void => {
    if (isShown || window.isDestroyed()) return;
    isShown = true;
    if (kept?.isMaximized) window.maximize();
    window.show();
  };
  window.once('ready-to-show', showOnce);
  window.on('close', () => {
    const state = { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() };
    keepWindowState(statePath, state).catch((error: unknown) => log.error('The window’s place was not kept.', error));
  });
  comeBack(window, log);
  await window.loadURL(appPage).catch((error: unknown) => log.error('The page could not be loaded.', error));
  // Under Wayland “ready-to-show” may never come (https://github.com/electron/electron/issues/48859); and a window that
  // stays empty can at least be seen, and closed.
  showOnce();
  return window;
}

/** A page that died, of lack of memory for instance, comes back; the core and all mail are in another process. */
function comeBack(window: BrowserWindow, log: Log): void {
  let deaths: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const now = performance.now();
    deaths = [...deaths.filter((at) => now - at < deathsWithinMs), now];
    if (deaths.length <= mostDeaths) {
      log.warn('The window’s process ended; it is loaded anew.', { reason });
      window.webContents.reload();
      return;
    }
    // Loaded anew for ever, it would only heat the computer.
    log.warn('The window’s process keeps ending; it is left alone.', { reason });
    deaths = [];
    dialog
      .showMessageBox({
        type: 'error',
        message: t('window.failing'),
        detail: t('window.failing.text'),
        buttons: [t('tryAgain'), t('quit')],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      })
      .then(({ response }) => {
        if (response === 1) app.quit();
        else if (!window.isDestroyed()) window.webContents.reload();
      })
      .catch((error: unknown) => log.error('The window’s failure could not be told.', error));
  });
}
