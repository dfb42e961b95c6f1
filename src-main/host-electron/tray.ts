import { Menu, type MenuItemConstructorOptions, Tray } from 'electron';
import { t } from './words.ts';

/** What the icon in the notification area tells. */
export interface TrayState {
  /** Messages that wait in the Outbox. */
  readonly waiting: number;
  readonly isPaused: boolean;
}

export interface TrayActions {
  showWindow(): void;
  compose(): void;
  collect(): void;
  sendNow(): void;
  pause(isPaused: boolean): void;
  quit(): void;
}

export interface AppTray {
  show(state: TrayState): void;
  close(): void;
}

/**
 * Postrider's icon in the notification area (menu bar on macOS). Everything is in its menu: whether a click alone does
 * something is up to the system (https://electronjs.org/docs/api/tray, Platform Considerations).
 */
export function openTray(asset: (name: string) => string, actions: TrayActions, platform = process.platform): AppTray {
  // macOS colours a picture whose name ends in Template to fit the menu bar.
  const tray = new Tray(asset(platform === 'darwin' ? 'icons/trayTemplate.png' : 'icons/tray.png'));
  // There a click opens the menu.
  if (platform !== 'darwin') tray.on('click', () => actions.showWindow());
  return {
    show(state) {
      tray.setToolTip(t('tray.tip', { words: wordsFor(state) }));
      // A menu that changed has to be set again on Linux.
      tray.setContextMenu(Menu.buildFromTemplate(trayTemplate(state, actions)));
    },
    close: () => tray.destroy(),
  };
}

export function trayTemplate(state: TrayState, actions: TrayActions): MenuItemConstructorOptions[] {
  return [
    { label: wordsFor(state), enabled: false },
    { type: 'separator' },
    { label: t('show'), click: () => actions.showWindow() },
    { label: t('compose'), click: () => actions.compose() },
    { type: 'separator' },
    { label: t('tray.collect'), click: () => actions.collect() },
    { label: t('sendNow'), enabled: state.waiting > 0 && !state.isPaused, click: () => actions.sendNow() },
    {
      label: t('tray.pause'),
      type: 'checkbox',
      checked: state.isPaused,
      click: ({ checked }) => actions.pause(checked),
    },
    { type: 'separator' },
    { label: t('quit'), click: () => actions.quit() },
  ];
}

function wordsFor({ waiting, isPaused }: TrayState): string {
  const waits = waiting === 0 ? t('tray.nothingWaits') : t('tray.waits', { count: waiting });
  return isPaused ? t('tray.paused', { words: waits }) : waits;
}
