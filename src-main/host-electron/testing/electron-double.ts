import { EventEmitter } from 'node:events';
import type { CustomScheme, Dialog, MenuItemConstructorOptions, OpenDialogOptions, SafeStorage, Shell } from 'electron';
import { app } from './electron-app.ts';
import { FakeNotification, FakeTray, FakeUtilityProcess, FakeWindow } from './electron-windows.ts';
import { world } from './electron-world.ts';

export { app } from './electron-app.ts';
export {
  FakeContents,
  FakeFrame,
  FakeNotification,
  FakeTray,
  FakeUtilityProcess,
  FakeWindow,
} from './electron-windows.ts';
export { world } from './electron-world.ts';

/**
 * A stand-in for the `electron` module: what our code calls, kept where a test can look. The parts whose types are
 * plain are held to Electron's own (`satisfies`), so that an upgrade that changes them fails to compile here.
 */

type PermissionHandler = (
  contents: unknown,
  permission: string,
  callback: (isGranted: boolean) => void,
  details: { requestingUrl: string },
) => void;
type RequestListener = (
  details: { url: string; resourceType: string },
  callback: (answer: { cancel?: boolean }) => void,
) => void;

export const shell = {
  openExternal: async (url: string) => void world.openedOutside.push(url),
  openPath: async (path: string) => {
    world.openedPaths.push(path);
    return world.openPathProblem;
  },
  showItemInFolder: (path: string) => void world.shownInFolder.push(path),
} satisfies Pick<Shell, 'openExternal' | 'openPath' | 'showItemInFolder'>;

export const safeStorage = {
  isAsyncEncryptionAvailable: async () => world.hasKeychain,
  getSelectedStorageBackend: () => world.backend,
  encryptStringAsync: async (text: string) => Buffer.from(world.sealMark + [...text].reverse().join('')),
  decryptStringAsync: async (sealed: Buffer) => ({
    shouldReEncrypt: false,
    result: [...sealed.toString().slice(world.sealMark.length)].reverse().join(''),
  }),
} satisfies Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptStringAsync' | 'decryptStringAsync'
>;

export const dialog: Pick<Dialog, 'showOpenDialog' | 'showErrorBox' | 'showMessageBox'> = {
  showMessageBox: async (...args: unknown[]) => {
    world.questions.push(args.at(-1));
    return { response: world.buttonPressed, checkboxChecked: false };
  },
  showOpenDialog: async (...args: unknown[]) => {
    world.dialogOptions.push(...args.filter(isDialogOptions));
    return world.dialogAnswer;
  },
  showErrorBox: (title, text) => void world.errorBoxes.push(`${title}: ${text}`),
};

function isDialogOptions(value: unknown): value is OpenDialogOptions {
  return typeof value === 'object' && value !== null && 'properties' in value;
}

class FakeSession {
  permissionRequest: PermissionHandler | undefined;
  permissionCheck: ((contents: unknown, permission: string, origin: string) => boolean) | undefined;
  device: (() => boolean) | undefined;
  request: RequestListener | undefined;
  readonly webRequest = {
    onBeforeRequest: (listener: RequestListener): void => {
      this.request = listener;
    },
  };
  setPermissionRequestHandler(handler: PermissionHandler): void {
    this.permissionRequest = handler;
  }
  setPermissionCheckHandler(handler: FakeSession['permissionCheck']): void {
    this.permissionCheck = handler;
  }
  setDevicePermissionHandler(handler: () => boolean): void {
    this.device = handler;
  }
}

export const fakeSession = new FakeSession();
export const session = { defaultSession: fakeSession };
export const clipboard = {
  writeText(text: string): void {
    world.clipboard = text;
  },
};
export const ipcMain = new EventEmitter();
export const powerMonitor = new EventEmitter();
export const BrowserWindow = FakeWindow;
export const Notification = FakeNotification;
export const Tray = FakeTray;
export const nativeTheme = { shouldUseDarkColors: false };
export const screen = {
  getAllDisplays: () => [{ workArea: world.workArea }],
  getPrimaryDisplay: () => ({ workArea: world.workArea }),
};

export const utilityProcess = {
  fork: (modulePath: string, _args: string[], options: FakeUtilityProcess['options']) =>
    new FakeUtilityProcess(modulePath, options),
};

export const protocol = {
  handle: (scheme: string, handler: (request: Request) => Promise<Response>) =>
    void world.protocolHandlers.set(scheme, handler),
  unhandle: (scheme: string) => void world.protocolHandlers.delete(scheme),
  registerSchemesAsPrivileged: (schemes: CustomScheme[]) => {
    if (app.isReady()) throw new Error('registerSchemesAsPrivileged comes too late.');
    world.schemes.push(...schemes);
  },
};

export const Menu = {
  buildFromTemplate: (template: MenuItemConstructorOptions[]) =>
    Object.assign([...template], { popup: () => void world.popups.push(template) }),
  setApplicationMenu(template: MenuItemConstructorOptions[]): void {
    world.menu = template;
  },
};
