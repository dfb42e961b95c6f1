import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { WindowCommand } from '#shared/rpc/window-command.ts';

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
  label: 'Settings…',
  accelerator: 'CmdOrCtrl+,',
  click: () => actions.ask('go-settings'),
});

/** By hand, since the role has no place for the settings, which are looked for here on macOS. */
function appMenu(actions: MenuActions): Entry {
  return {
    label: 'Postrider',
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
            label: 'Start Postrider when I log in',
            type: 'checkbox',
            checked: atLogin.isOn,
            click: ({ checked }) => atLogin.set(checked),
          },
        ];
  const leave: Entry = isMac
    ? { role: 'close' }
    : { label: 'Quit Postrider', accelerator: 'CmdOrCtrl+Q', click: () => actions.quit() };
  return {
    label: '&File',
    submenu: [
      { label: 'New message', accelerator: 'CmdOrCtrl+N', click: () => actions.compose() },
      { label: 'Open message file…', accelerator: 'CmdOrCtrl+O', click: () => actions.openMessageFile() },
      line,
      { label: 'Collect mail', accelerator: 'F9', click: () => actions.collect() },
      { label: 'Send what waits', click: () => actions.sendNow() },
      line,
      { label: 'Set up mail…', click: () => actions.ask('go-setup') },
      { label: 'Import mail…', click: () => actions.ask('go-import') },
      { label: 'Backup and export…', click: () => actions.ask('go-backup') },
      { label: 'Open mail folder', click: () => actions.openMailFolder() },
      line,
      { label: 'Print message…', accelerator: 'CmdOrCtrl+P', click: () => actions.ask('print') },
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
    label: '&Edit',
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
      { label: 'Undo what was done to messages', click: () => actions.ask('undo') },
      { label: 'Search mail', accelerator: 'CmdOrCtrl+F', click: () => actions.ask('search') },
    ],
  };
}

function viewMenu(actions: MenuActions, { isPackaged }: Around): Entry {
  const developer: Entry[] = isPackaged ? [] : [line, { role: 'reload' }, { role: 'toggleDevTools' }];
  return {
    label: '&View',
    submenu: [
      { label: 'Conversations on or off', click: () => actions.ask('threads') },
      { label: 'Source of the message', click: () => actions.ask('source') },
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
    label: '&Go',
    submenu: [
      { label: 'Inbox', click: () => ask('go-Inbox') },
      { label: 'Drafts', click: () => ask('go-Drafts') },
      { label: 'Outbox', click: () => ask('go-Outbox') },
      { label: 'Sent', click: () => ask('go-Sent') },
      { label: 'Archive', click: () => ask('go-Archive') },
      { label: 'Junk', click: () => ask('go-Junk') },
      { label: 'Trash', click: () => ask('go-Trash') },
      line,
      { label: 'Outgoing servers', click: () => ask('go-servers') },
      { label: 'Networks', click: () => ask('go-networks') },
      { label: 'Rules, junk and automatic answers', click: () => ask('go-rules') },
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
    label: '&Message',
    submenu: [
      entry('Reply', 'R', 'reply'),
      entry('Reply to all', 'A', 'reply-all'),
      entry('Forward', 'F', 'forward'),
      line,
      entry('Read or unread', 'U', 'read'),
      entry('Flag on or off', 'S', 'flag'),
      entry('Tags…', 'T', 'tag'),
      line,
      entry('Archive', 'E', 'archive'),
      entry('Move to a folder…', 'M', 'move'),
      entry('Copy to a folder…', 'Y', 'copy'),
      entry('Junk, or not junk', '!', 'junk'),
      entry('Delete', 'Delete', 'delete'),
    ],
  };
}

function windowMenu(actions: MenuActions): Entry {
  return {
    role: 'windowMenu',
    submenu: [
      { role: 'minimize' },
      { role: 'zoom' },
      { label: 'Show Postrider', accelerator: 'CmdOrCtrl+1', click: () => actions.showWindow() },
    ],
  };
}

function helpMenu(actions: MenuActions, { isMac }: Around): Entry {
  const about: Entry[] = isMac ? [] : [line, { role: 'about' }];
  return {
    role: 'help',
    submenu: [
      { label: 'All commands…', accelerator: 'CmdOrCtrl+K', click: () => actions.ask('palette') },
      { label: 'Keyboard map', click: () => actions.ask('keys') },
      line,
      { label: 'Use Postrider for mail links', click: () => actions.becomeDefault() },
      { label: 'Install the postrider command', click: () => actions.installCommand() },
      ...about,
    ],
  };
}
