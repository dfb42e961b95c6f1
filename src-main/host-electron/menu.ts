import { Menu, type MenuItemConstructorOptions } from 'electron';

/** What the menu can ask for beside what Electron does by role. */
export interface MenuActions {
  compose(): void;
  showWindow(): void;
  openMailFolder(): void;
  becomeDefault(): void;
  installCommand(): void;
  quit(): void;
  /** Absent where the program lies in no place that would last. */
  readonly atLogin?: { readonly isOn: boolean; set(isOn: boolean): void };
}

/** The application's menu; on Windows and Linux it is hidden until Alt is pressed. */
export function createAppMenu(actions: MenuActions, options: { isMac: boolean; isPackaged: boolean }): Menu {
  return Menu.buildFromTemplate(menuTemplate(actions, options));
}

export function menuTemplate(
  actions: MenuActions,
  { isMac, isPackaged }: { isMac: boolean; isPackaged: boolean },
): MenuItemConstructorOptions[] {
  const appMenu: MenuItemConstructorOptions[] = isMac ? [{ role: 'appMenu' }] : [];
  const developer: MenuItemConstructorOptions[] = isPackaged
    ? []
    : [{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }];
  const leave: MenuItemConstructorOptions = isMac
    ? { role: 'close' }
    : { label: 'Quit Postrider', accelerator: 'CmdOrCtrl+Q', click: () => actions.quit() };
  const { atLogin } = actions;
  const login: MenuItemConstructorOptions[] =
    atLogin === undefined
      ? []
      : [
          {
            label: 'Start Postrider when I log in',
            type: 'checkbox',
            checked: atLogin.isOn,
            click: ({ checked }) => atLogin.set(checked),
          },
        ];
  return [
    ...appMenu,
    {
      label: '&File',
      submenu: [
        { label: 'New message', accelerator: 'CmdOrCtrl+N', click: () => actions.compose() },
        { type: 'separator' },
        { label: 'Open mail folder', click: () => actions.openMailFolder() },
        ...login,
        { type: 'separator' },
        leave,
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...developer,
      ],
    },
    {
      role: 'windowMenu',
      submenu: [
        { role: 'minimize' },
        { role: 'zoom' },
        { label: 'Show Postrider', accelerator: 'CmdOrCtrl+1', click: () => actions.showWindow() },
      ],
    },
    {
      role: 'help',
      submenu: [
        { label: 'Use Postrider for mail links', click: () => actions.becomeDefault() },
        { label: 'Install the postrider command', click: () => actions.installCommand() },
      ],
    },
  ];
}
