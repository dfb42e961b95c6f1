import { join } from 'node:path';
import { app } from 'electron';
import { makeProfileFolder } from '../host-node/private-file.ts';

/**
 * Chromium's own files lie in the profile; on Windows the keychain's key, too. To be called before the app is ready.
 * Electron takes a folder only that is there. Throws `MailError` when it cannot be made.
 */
export async function keepDataIn(profileDir: string): Promise<void> {
  const folder = join(profileDir, 'electron');
  await makeProfileFolder(profileDir);
  await makeProfileFolder(folder);
  app.setPath('userData', folder);
}
