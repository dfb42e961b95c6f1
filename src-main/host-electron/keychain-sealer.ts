import { safeStorage } from 'electron';
import { z } from 'zod';
import type { Sealer } from '../host-node/secrets-file.ts';

/** The name is sealed with the secret, so that an entry moved to another name does not open. */
const Sealed = z.object({ name: z.string(), clear: z.string() });

/**
 * The system's keychain as a sealer; null where there is none to rely on. On Linux without a password service Electron
 * would encrypt with a key everybody knows (`basic_text`), which is worse than saying so.
 */
export async function keychainSealer(platform: NodeJS.Platform = process.platform): Promise<Sealer | null> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return null;
  if (platform === 'linux' && ['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())) return null;
  return {
    sealedBy: 'keychain',
    keptIn: 'an encrypted file whose key is in the keychain of this computer',
    async seal(name, clear) {
      const sealed = await safeStorage.encryptStringAsync(JSON.stringify({ name, clear }));
      return sealed.toString('base64');
    },
    async open(name, sealed) {
      const { result } = await safeStorage.decryptStringAsync(Buffer.from(sealed, 'base64'));
      const opened = Sealed.parse(JSON.parse(result));
      if (opened.name !== name) throw new Error('It was sealed under another name.');
      return opened.clear;
    },
  };
}
