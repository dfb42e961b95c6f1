import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import type {
  CustomScheme,
  Dialog,
  HandlerDetails,
  MenuItemConstructorOptions,
  OpenDialogOptions,
  SafeStorage,
  Shell,
  WebPreferences,
} from 'electron';

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

export class FakeFrame {
  readonly origin: string;
  constructor(origin: string) {
    this.origin = origin;
  }
}

export class FakeContents extends EventEmitter {
  readonly sent: { channel: string; frame: unknown }[] = [];
  mainFrame = new FakeFrame('app://postrider');
  reloads = 0;
  isGone = false;
  #windowOpenHandler: ((details: Pick<HandlerDetails, 'url'>) => { action: string }) | undefined;

  setWindowOpenHandler(handler: (details: Pick<HandlerDetails, 'url'>) => { action: string }): void {
    this.#windowOpenHandler = handler;
  }
  openWindow(url: string): { action: string } | undefined {
    return this.#windowOpenHandler?.({ url });
  }
  send(channel: string, frame: unknown): void {
    this.sent.push({ channel, frame });
  }
  isDestroyed(): boolean {
    return this.isGone;
  }
  reload(): void {
    this.reloads += 1;
  }
  /** Emits an event that can be prevented; answers whether it was. */
  tryTo(event: string, details: Record<string, unknown>): boolean {
    let isPrevented = false;
    this.emit(event, {
      ...details,
      preventDefault: () => {
        isPrevented = true;
      },
    });
    return isPrevented;
  }
}

interface WindowOptions {
  width: number;
  height: number;
  x?: number;
  y?: number;
  show: boolean;
  webPreferences: WebPreferences;
}

export class FakeWindow extends EventEmitter {
  static readonly all: FakeWindow[] = [];
  readonly options: WindowOptions;
  readonly webContents = new FakeContents();
  readonly acts: string[] = [];
  loaded: string | undefined;
  isGone = false;
  isSmall = false;

  constructor(options: WindowOptions) {
    super();
    this.options = options;
    FakeWindow.all.push(this);
  }
  async loadURL(url: string): Promise<void> {
    this.loaded = url;
    if (world.loadProblem !== null) throw world.loadProblem;
    this.emit('ready-to-show');
  }
  show(): void {
    this.acts.push('show');
  }
  focus(): void {
    this.acts.push('focus');
  }
  restore(): void {
    this.acts.push('restore');
    this.isSmall = false;
  }
  maximize(): void {
    this.acts.push('maximize');
  }
  isMinimized(): boolean {
    return this.isSmall;
  }
  isMaximized(): boolean {
    return false;
  }
  isDestroyed(): boolean {
    return this.isGone;
  }
  getNormalBounds() {
    return { x: 40, y: 50, width: 900, height: 600 };
  }
  close(): void {
    this.emit('close');
    this.isGone = true;
    this.webContents.isGone = true;
    this.webContents.emit('destroyed');
    this.emit('closed');
  }
}

export class FakeUtilityProcess extends EventEmitter {
  static readonly all: FakeUtilityProcess[] = [];
  readonly posted: unknown[] = [];
  readonly modulePath: string;
  pid: number | undefined = 4711;
  readonly options: { execArgv: string[]; env: Record<string, string>; stdio: string };
  isKilled = false;

  constructor(modulePath: string, options: FakeUtilityProcess['options']) {
    super();
    this.modulePath = modulePath;
    this.options = options;
    FakeUtilityProcess.all.push(this);
  }
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  kill(): boolean {
    this.isKilled = true;
    return true;
  }
}

export class FakeTray extends EventEmitter {
  static readonly all: FakeTray[] = [];
  readonly image: string;
  tip = '';
  menu: MenuItemConstructorOptions[] = [];
  isGone = false;

  constructor(image: string) {
    super();
    this.image = image;
    FakeTray.all.push(this);
  }
  setToolTip(tip: string): void {
    this.tip = tip;
  }
  setContextMenu(menu: MenuItemConstructorOptions[]): void {
    this.menu = menu;
  }
  destroy(): void {
    this.isGone = true;
  }
}

export class FakeNotification extends EventEmitter {
  static readonly all: FakeNotification[] = [];
  static isSupported = () => true;
  readonly options: { title: string; body: string };
  isShown = false;

  constructor(options: { title: string; body: string }) {
    super();
    this.options = options;
    FakeNotification.all.push(this);
  }
  show(): void {
    this.isShown = true;
  }
}

/** What a test sets and looks at. */
export const world = {
  openedOutside: [] as string[],
  shownInFolder: [] as string[],
  openedPaths: [] as string[],
  openPathProblem: '',
  dialogOptions: [] as OpenDialogOptions[],
  dialogAnswer: { canceled: false, filePaths: [] as string[] },
  questions: [] as unknown[],
  buttonPressed: 1,
  errorBoxes: [] as string[],
  clipboard: '',
  popups: [] as MenuItemConstructorOptions[][],
  backend: 'gnome_libsecret' as ReturnType<SafeStorage['getSelectedStorageBackend']>,
  hasKeychain: true,
  /** `v10` is the key everybody knows, `v11` one of a password service's. */
  sealMark: 'v11',
  schemes: [] as CustomScheme[],
  protocolHandlers: new Map<string, (request: Request) => Promise<Response>>(),
  menu: [] as MenuItemConstructorOptions[],
  quits: 0,
  loadProblem: null as Error | null,
};

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
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };

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

/** The life of the app; what happened is in `acts`, in order. */
class FakeApp extends EventEmitter {
  isPackaged = true;
  readonly acts: string[] = [];
  readonly dock = { hide: () => void this.acts.push('dock.hide') };
  hasLock = true;
  isDefault = true;
  metrics: { pid: number; memory: { workingSetSize: number } }[] = [];
  #ready = Promise.withResolvers<void>();
  #isReady = false;
  #startsAtLogin = false;

  reset(): void {
    this.removeAllListeners();
    this.acts.length = 0;
    this.hasLock = true;
    this.isDefault = true;
    this.metrics = [];
    this.#isReady = false;
    this.#ready = Promise.withResolvers();
  }
  becomeReady(): void {
    this.acts.push('ready');
    this.#isReady = true;
    this.#ready.resolve();
  }
  whenReady(): Promise<void> {
    return this.#ready.promise;
  }
  isReady(): boolean {
    return this.#isReady;
  }
  /** As Electron's: what belongs before it is ready is refused later. */
  #early(act: string): void {
    if (this.#isReady) throw new Error(`${act} comes too late.`);
    this.acts.push(act);
  }
  setName(name: string): void {
    this.#early(`setName ${name}`);
  }
  enableSandbox(): void {
    this.#early('enableSandbox');
  }
  setPath(name: string, path: string): void {
    this.#early(`setPath ${name} ${path}`);
    if (!existsSync(path)) throw new Error('Failed to set path');
  }
  setAppUserModelId(id: string): void {
    this.acts.push(`setAppUserModelId ${id}`);
  }
  requestSingleInstanceLock(): boolean {
    this.acts.push('requestSingleInstanceLock');
    return this.hasLock;
  }
  getAppPath(): string {
    return '/checkout';
  }
  getAppMetrics(): FakeApp['metrics'] {
    return this.metrics;
  }
  quit(): void {
    world.quits += 1;
    let isPrevented = false;
    this.emit('before-quit', {
      preventDefault: () => {
        isPrevented = true;
      },
    });
    this.acts.push(isPrevented ? 'quit prevented' : 'quit');
  }
  exit(code = 0): void {
    this.acts.push(`exit ${code}`);
    this.emit('fake-exit', code);
  }
  /** Windows alone: the person switched it off there. */
  isLoginBarred = false;
  getLoginItemSettings(): { openAtLogin: boolean; executableWillLaunchAtLogin: boolean } {
    const openAtLogin = this.#startsAtLogin;
    return { openAtLogin, executableWillLaunchAtLogin: openAtLogin && !this.isLoginBarred };
  }
  setLoginItemSettings({ openAtLogin }: { openAtLogin: boolean }): void {
    this.#startsAtLogin = openAtLogin;
  }
  setAsDefaultProtocolClient(): boolean {
    return this.isDefault;
  }
}
export const app = new FakeApp();
