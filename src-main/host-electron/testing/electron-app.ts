import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import type { AboutPanelOptionsOptions } from 'electron';
import { world } from './electron-world.ts';

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
  handedOver: Record<string, unknown> | undefined;
  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    this.acts.push('requestSingleInstanceLock');
    this.handedOver = additionalData;
    return this.hasLock;
  }
  setAboutPanelOptions(options: AboutPanelOptionsOptions): void {
    this.acts.push(`setAboutPanelOptions ${options.applicationName} ${options.applicationVersion}`);
  }
  getVersion(): string {
    return '0.1.0';
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
