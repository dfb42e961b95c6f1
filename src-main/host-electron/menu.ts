import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { WindowCommand } from '#shared/rpc/window-command.ts';
import { t } from './words.ts';

/** What the menu can ask for beside what Electron does by role. */
export interface MenuActions {
  compose(): void;
  openMessageFile(): void;
  collect(): void;
  sendNow(): void;
  showWindow(): void;
  openMailFolder(): void;
  becomeDefault(): void;
  installCommand(): void;
  quit(): void;
  /** Anything the page has a command for. */
  ask(command: WindowCommand): void;
  /** Absent where the program lies in no place that would last. */
  readonly atLogin?: { readonly isOn: boolean; set(isOn: boolean): void };
}

interface Around {
  readonly isMac: boolean;
  readonly isPackaged: boolean;
}

type Entry = MenuItemConstructorOptions;
const line: Entry = { type: 'separator' };

/**
 * The application's menu; on Windows and Linux it is hidden until Alt is pressed. A key goes to the page first, and to
 * the menu when the page does nothing with it: while text is typed, or in a window that is only coming up.
 */
export function createAppMenu(actions: MenuActions, around: Around): Menu {
  return Menu.buildFromTemplate(menuTemplate(actions, around));
}

export function menuTemplate(actions: MenuActions, around: Around): Entry[] {
  return [
    ...(around.isMac ? [appMenu(actions)] : []),
    fileMenu(actions, around),
    editMenu(actions),
    viewMenu(actions, around),
    goMenu(actions),
    messageMenu(actions, around),
    windowMenu(actions),
    helpMenu(actions, around),
  ];
}

const settingsEntry = (actions: MenuActions): Entry => ({
  label: t('menu.settings'),
  accelerator: 'CmdOrCtrl+,',
  click: () => actions.ask('go-settings'),
});

/** By hand, since the role has no place for the settings, which are looked for here on macOS. */
function appMenu(actions: MenuActions): Entry {
  return {
    label: t('app'),
    submenu: [
      { role: 'about' },
      line,
      settingsEntry(actions),
      line,
      { role: 'services' },
      line,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      line,
      { role: 'quit' },
    ],
  };
}

function fileMenu(actions: MenuActions, { isMac }: Around): Entry {
  const { atLogin } = actions;
  const login: Entry[] =
    atLogin === undefined
      ? []
      : [
          {
            label: t('menu.atLogin'),
            type: 'checkbox',
            checked: atLogin.isOn,
            click: ({ checked }) => atLogin.set(checked),
          },
        ];
  const leave: Entry = isMac
    ? { role: 'close' }
    : { label: t('quit'), accelerator: 'CmdOrCtrl+Q', click: () => actions.quit() };
  return {
    label: t('menu.file'),
    submenu: [
      { label: t('compose'), accelerator: 'CmdOrCtrl+N', click: () => actions.compose() },
      { label: t('menu.openMessageFile'), accelerator: 'CmdOrCtrl+O', click: () => actions.openMessageFile() },
      line,
      { label: t('menu.collect'), accelerator: 'F9', click: () => actions.collect() },
      { label: t('sendNow'), click: () => actions.sendNow() },
      line,
      { label: t('menu.setUp'), click: () => actions.ask('go-setup') },
      { label: t('menu.import'), click: () => actions.ask('go-import') },
      { label: t('menu.backup'), click: () => actions.ask('go-backup') },
      { label: t('menu.openMailFolder'), click: () => actions.openMailFolder() },
      line,
      { label: t('menu.print'), accelerator: 'CmdOrCtrl+P', click: () => actions.ask('print') },
      line,
      ...login,
      ...(isMac ? [] : [settingsEntry(actions)]),
      ...(isMac && login.length === 0 ? [] : [line]),
      leave,
    ],
  };
}

/** The roles are about text; what was done to messages is taken back by the page. */
function editMenu(actions: MenuActions): Entry {
  return {
    label: t('menu.edit'),
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      line,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'pasteAndMatchStyle' },
      { role: 'delete' },
      { role: 'selectAll' },
      line,
      { label: t('menu.undo'), click: () => actions.ask('undo') },
      { label: t('menu.search'), accelerator: 'CmdOrCtrl+F', click: () => actions.ask('search') },
    ],
  };
}

function viewMenu(actions: MenuActions, { isPackaged }: Around): Entry {
  const developer: Entry[] = isPackaged ? [] : [line, { role: 'reload' }, { role: 'toggleDevTools' }];
  return {
    label: t('menu.view'),
    submenu: [
      { label: t('menu.threads'), click: () => actions.ask('threads') },
      { label: t('menu.source'), click: () => actions.ask('source') },
      line,
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      line,
      { role: 'togglefullscreen' },
      ...developer,
    ],
  };
}

function goMenu({ ask }: MenuActions): Entry {
  return {
    label: t('menu.go'),
    submenu: [
      { label: t('menu.go.Inbox'), click: () => ask('go-Inbox') },
      { label: t('menu.go.Drafts'), click: () => ask('go-Drafts') },
      { label: t('menu.go.Outbox'), click: () => ask('go-Outbox') },
      { label: t('menu.go.Sent'), click: () => ask('go-Sent') },
      { label: t('menu.go.Archive'), click: () => ask('go-Archive') },
      { label: t('menu.go.Junk'), click: () => ask('go-Junk') },
      { label: t('menu.go.Trash'), click: () => ask('go-Trash') },
      line,
      { label: t('menu.go.servers'), click: () => ask('go-servers') },
      { label: t('menu.go.networks'), click: () => ask('go-networks') },
      { label: t('menu.go.rules'), click: () => ask('go-rules') },
    ],
  };
}

/**
 * The page's keys for messages are single letters, which must stay letters where text is typed: on Windows and Linux
 * they are shown and not registered, and macOS, which registers whatever is shown, shows none.
 */
function messageMenu({ ask }: MenuActions, { isMac }: Around): Entry {
  const entry = (label: string, key: string, command: WindowCommand): Entry => ({
    label,
    ...(isMac ? {} : { accelerator: key, registerAccelerator: false }),
    click: () => ask(command),
  });
  return {
    label: t('menu.message'),
    submenu: [
      entry(t('menu.reply'), 'R', 'reply'),
      entry(t('menu.replyAll'), 'A', 'reply-all'),
      entry(t('menu.forward'), 'F', 'forward'),
      line,
      entry(t('menu.read'), 'U', 'read'),
      entry(t('menu.flag'), 'S', 'flag'),
      entry(t('menu.tags'), 'T', 'tag'),
      line,
      entry(t('menu.archive'), 'E', 'archive'),
      entry(t('menu.move'), 'M', 'move'),
      entry(t('menu.copy'), 'Y', 'copy'),
      entry(t('menu.junk'), '!', 'junk'),
      entry(t('menu.delete'), 'Delete', 'delete'),
    ],
  };
}

function windowMenu(actions: MenuActions): Entry {
  return {
    role: 'windowMenu',
    submenu: [
      { role: 'minimize' },
      { role: 'zoom' },
      { label: t('show'), accelerator: 'CmdOrCtrl+1', click: () => actions.showWindow() },
    ],
  };
}

function helpMenu(actions: MenuActions, { isMac }: Around): Entry {
  const about: Entry[] = isMac ? [] : [line, { role: 'about' }];
  return {
    role: 'help',
    submenu: [
      { label: t('menu.palette'), accelerator: 'CmdOrCtrl+K', click: () => actions.ask('palette') },
      { label: t('menu.keys'), click: () => actions.ask('keys') },
      line,
      { label: t('menu.becomeDefault'), click: () => actions.becomeDefault() },
      { label: t('menu.installCommand'), click: () => actions.installCommand() },
      ...about,
    ],
  };
}
