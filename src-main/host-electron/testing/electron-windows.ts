import { EventEmitter } from 'node:events';
import type { HandlerDetails, MenuItemConstructorOptions, WebPreferences, WindowSessionEndEvent } from 'electron';
import { app } from './electron-app.ts';
import { world } from './electron-world.ts';

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
    app.emit('browser-window-created', {}, this);
  }
  async loadURL(url: string): Promise<void> {
    this.loaded = url;
    if (world.loadProblem !== null) throw world.loadProblem;
    if (world.saysReadyToShow) this.emit('ready-to-show');
  }
  /** Windows asks whether the session may end; answers whether this window said no. */
  askToEnd(reasons: WindowSessionEndEvent['reasons']): boolean {
    let isPrevented = false;
    this.emit('query-session-end', {
      reasons,
      preventDefault: () => {
        isPrevented = true;
      },
    });
    return isPrevented;
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
