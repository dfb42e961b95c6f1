/** Export, import, backup. */
export function BackupScreen() {
  return null;
}
