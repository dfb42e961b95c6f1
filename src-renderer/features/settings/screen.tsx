/** Every setting on one page. */
export function SettingsScreen() {
  return null;
}
