import type { MenuItemConstructorOptions } from 'electron';
import { expect, test, vi } from 'vitest';
import { WindowCommand } from '#shared/rpc/window-command.ts';
import { type MenuActions, menuTemplate } from './menu.ts';

vi.mock('electron', () => import('./testing/electron-double.ts'));

const actions = (given: Partial<MenuActions> = {}): MenuActions => ({
  compose: vi.fn(),
  openMessageFile: vi.fn(),
  collect: vi.fn(),
  sendNow: vi.fn(),
  showWindow: vi.fn(),
  openMailFolder: vi.fn(),
  becomeDefault: vi.fn(),
  installCommand: vi.fn(),
  quit: vi.fn(),
  ask: vi.fn(),
  ...given,
});
const entriesOf = (given: MenuActions, around = { isMac: false, isPackaged: true }) =>
  menuTemplate(given, around).flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
const press = (entry: MenuItemConstructorOptions | undefined, item: object = {}): void => {
  Reflect.apply(entry?.click ?? (() => undefined), undefined, [item]);
};
const systems = [
  { isMac: true, isPackaged: true },
  { isMac: false, isPackaged: true },
  { isMac: false, isPackaged: false },
];

test('starts at login when the user wants that, where the program lies in a lasting place', () => {
  const loginEntry = (given: MenuActions) =>
    entriesOf(given).find((entry) => entry.label === 'Start Postrider when I log in');
  expect(loginEntry(actions())).toBeUndefined();
  const set = vi.fn();
  const entry = loginEntry(actions({ atLogin: { isOn: false, set } }));
  expect(entry).toMatchObject({ type: 'checkbox', checked: false });
  press(entry, { checked: true });
  expect(set).toHaveBeenCalledExactlyOnceWith(true);
  expect(loginEntry(actions({ atLogin: { isOn: true, set } }))).toMatchObject({ checked: true });
});

test.each(systems)('every entry does something, and every command of the page can be asked for (%o)', (around) => {
  const given = actions();
  const entries = entriesOf(given, around);
  for (const entry of entries) {
    // Electron overlooks `click` beside a role, and shows a blank line for what has neither name nor role.
    expect([
      entry.label,
      [entry.role, entry.click, entry.type === 'separator' || undefined].filter(Boolean).length,
    ]).toEqual([entry.label, 1]);
    press(entry);
  }
  const asked = vi.mocked(given.ask).mock.calls.map(([command]) => command);
  expect(new Set(asked)).toEqual(new Set(WindowCommand.options));
  // On macOS quitting is a role.
  const { quit, ...others } = given;
  for (const act of around.isMac ? Object.values(others) : [quit, ...Object.values(others)]) {
    expect(act).toHaveBeenCalled();
  }
});

test.each(systems)('no key is given twice, and no single letter is taken from who types (%o)', (around) => {
  const entries = entriesOf(actions(), around).filter((entry) => entry.accelerator !== undefined);
  const keys = entries.map(({ accelerator }) => accelerator);
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
  for (const { accelerator, registerAccelerator } of entries) {
    // https://www.electronjs.org/docs/latest/tutorial/keyboard-shortcuts#accelerators
    expect(accelerator).toMatch(/^(CmdOrCtrl\+)?([A-Z0-9,!]|F\d{1,2}|Delete)$/);
    if (registerAccelerator !== false) expect(accelerator).toMatch(/^CmdOrCtrl\+|^F\d/);
  }
});

test.each(systems)('no separator stands first, last, or beside another (%o)', (around) => {
  for (const { submenu } of menuTemplate(actions(), around)) {
    const kinds = (Array.isArray(submenu) ? submenu : [])
      .map(({ type }) => (type === 'separator' ? '-' : 'x'))
      .join('');
    expect(kinds).not.toMatch(/^-|-$|--/);
  }
});

test('the settings and the quitting are where each system’s people look for them', () => {
  const [first] = menuTemplate(actions(), { isMac: true, isPackaged: true });
  expect(JSON.stringify(first)).toMatch(/Settings….*"quit"/);
  const file = menuTemplate(actions(), { isMac: false, isPackaged: true })[0];
  expect(JSON.stringify(file)).toMatch(/Settings….*Quit Postrider/);
});
