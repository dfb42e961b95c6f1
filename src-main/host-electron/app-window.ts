import { join } from 'node:path';
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { Log } from '../core/ports.ts';
import { appPage } from './app-protocol.ts';
import { guardContents } from './guard.ts';
import { keepWindowState, readWindowState } from './window-state.ts';

const usualSize = { width: 1280, height: 860 };
const leastSize = { width: 480, height: 400 };
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
    ...(kept?.bounds ?? usualSize),
    minWidth: leastSize.width,
    minHeight: leastSize.height,
    title: 'Postrider',
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
  options.onMade(window);
  window.once('ready-to-show', () => {
    if (kept?.isMaximized) window.maximize();
    window.show();
  });
  window.on('close', () => {
    const state = { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() };
    keepWindowState(statePath, state).catch((error: unknown) => log.error('The window’s place was not kept.', error));
  });
  // A page that died, of lack of memory for instance, comes back; the core and all mail are in another process.
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    log.warn('The window’s process ended; it is loaded anew.', { reason });
    window.webContents.reload();
  });
  await window.loadURL(appPage);
  return window;
}
