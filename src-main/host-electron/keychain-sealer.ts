import { safeStorage } from 'electron';
import { z } from 'zod';
import type { Sealer } from '../host-node/secrets-file.ts';
import { t } from './words.ts';

/** The name is sealed with the secret, so that an entry moved to another name does not open. */
const Sealed = z.object({ name: z.string(), clear: z.string() });

/** How Chromium marks what it sealed on Linux with the key that everybody knows. */
const knownKeyMark = 'v10';

/** The system's keychain. */
export interface Keychain {
  readonly sealer: Sealer;
  /**
   * New secrets may be sealed with it. On Linux without a password service Electron would encrypt with a key everybody
   * knows (`basic_text`), which is worse than saying so; what a keychain sealed in another session is still tried.
   */
  readonly isTrusted: boolean;
}

/** Null where Electron can encrypt nothing at all. To be called when the app is ready: before, Electron says `unknown`. */
export async function openKeychain(platform: NodeJS.Platform = process.platform): Promise<Keychain | null> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return null;
  const isTrusted = platform !== 'linux' || (await sealsWithSecretKey());
  return { sealer: keychainSealer(), isTrusted };
}

/** The name of the password service follows from the desktop alone; whether one answered shows in what comes out. */
async function sealsWithSecretKey(): Promise<boolean> {
  if (['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())) return false;
  const probe = await safeStorage.encryptStringAsync('probe').catch(() => undefined);
  return probe !== undefined && probe.toString('latin1', 0, knownKeyMark.length) !== knownKeyMark;
}

function keychainSealer(): Sealer {
  return {
    sealedBy: 'keychain',
    keptIn: t('keychain.keptIn'),
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
