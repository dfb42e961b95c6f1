import { expect, test, vi } from 'vitest';
import { loginItem } from './help-actions.ts';
import { type MenuActions, menuTemplate } from './menu.ts';
import { app } from './testing/electron-double.ts';

vi.mock('electron', () => import('./testing/electron-double.ts'));

const label = 'Start Postrider when I log in';
const actions: MenuActions = {
  compose: () => undefined,
  showWindow: () => undefined,
  openMailFolder: () => undefined,
  becomeDefault: () => undefined,
  installCommand: () => undefined,
  quit: () => undefined,
};
const loginEntry = (given: MenuActions) =>
  menuTemplate(given, { isMac: false, isPackaged: true })
    .flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []))
    .find((entry) => entry.label === label);

test('starts at login when the user wants that, where the system has such a setting', () => {
  expect(loginEntry(actions)).toBeUndefined();
  const entry = loginEntry({ ...actions, atLogin: loginItem() });
  expect(entry).toMatchObject({ type: 'checkbox', checked: false });
  Reflect.apply(entry?.click ?? (() => undefined), undefined, [{ checked: true }]);
  expect(app.getLoginItemSettings()).toEqual({ openAtLogin: true });
  expect(loginEntry({ ...actions, atLogin: loginItem() })).toMatchObject({ checked: true });
});
