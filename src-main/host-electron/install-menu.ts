import { pathToFileURL } from 'node:url';
import { app, dialog, Menu } from 'electron';
import type { Api } from '#shared/rpc/client.ts';
import type { Log } from '../core/ports.ts';
import type { ElectronHost } from './electron-host.ts';
import { becomeDefault, offerCommand, startAtLogin } from './help-actions.ts';
import type { LoginItem } from './login-item.ts';
import { createAppMenu, type MenuActions } from './menu.ts';
import { t } from './words.ts';

/** Gives the app its menu. */
export function installMenu(around: {
  host: Pick<ElectronHost, 'show' | 'ask'>;
  api: Pick<Api, 'call'>;
  log: Log;
  icon: string;
  openMailFolder: () => Promise<void> | undefined;
  atLogin: LoginItem | undefined;
}): void {
  const { host, api, log, openMailFolder, atLogin } = around;
  const attempt = (what: Promise<unknown> | undefined): void =>
    void what?.catch((error: unknown) => log.warn('What the menu was asked for failed.', { reason: String(error) }));
  const actions: MenuActions = {
    compose: () => host.show('mailto:'),
    openMessageFile: () => attempt(openMessageFile((address) => host.show(address))),
    collect: () => attempt(api.call('collect.start', {})),
    sendNow: () => attempt(api.call('outbox.flush', { now: true })),
    showWindow: () => host.show(),
    openMailFolder: () => attempt(openMailFolder()),
    becomeDefault: () => attempt(becomeDefault()),
    installCommand: () => attempt(offerCommand(log)),
    quit: () => app.quit(),
    ask: (command) => host.ask(command),
    ...(atLogin === undefined
      ? {}
      : { atLogin: { isOn: atLogin.isOn, set: (isOn: boolean) => attempt(startAtLogin(atLogin, isOn, log)) } }),
  };
  // Linux shows of these only what is given.
  app.setAboutPanelOptions({
    applicationName: t('app'),
    applicationVersion: app.getVersion(),
    iconPath: around.icon,
  });
  const isMac = process.platform === 'darwin';
  Menu.setApplicationMenu(createAppMenu(actions, { isMac, isPackaged: app.isPackaged }));
}

/** By the system's own box, so that it works while no window is open, too (macOS). */
async function openMessageFile(open: (address: string) => void): Promise<void> {
  const { canceled, filePaths } = await dialog.showOpenDialog({
    title: t('open.title'),
    filters: [
      { name: t('open.messages'), extensions: ['eml'] },
      { name: t('open.all'), extensions: ['*'] },
    ],
    properties: ['openFile'],
  });
  const [path] = filePaths;
  if (!canceled && path !== undefined) open(pathToFileURL(path).href);
}
