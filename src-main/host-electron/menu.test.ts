import { expect, test, vi } from 'vitest';
import { type MenuActions, menuTemplate } from './menu.ts';

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

test('starts at login when the user wants that, where the program lies in a lasting place', () => {
  expect(loginEntry(actions)).toBeUndefined();
  const set = vi.fn();
  const entry = loginEntry({ ...actions, atLogin: { isOn: false, set } });
  expect(entry).toMatchObject({ type: 'checkbox', checked: false });
  Reflect.apply(entry?.click ?? (() => undefined), undefined, [{ checked: true }]);
  expect(set).toHaveBeenCalledExactlyOnceWith(true);
  expect(loginEntry({ ...actions, atLogin: { isOn: true, set } })).toMatchObject({ checked: true });
});
