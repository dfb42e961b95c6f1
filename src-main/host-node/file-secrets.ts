import type { Secrets } from '../core/ports.ts';
import { keyFileSealer } from './key-file-sealer.ts';
import { openSecretsFile } from './secrets-file.ts';

/**
 * Secrets in `secrets.json` of the profile, sealed under the key in `secrets.key`; both 0600. This keeps them out of
 * backups of one file and out of sight, not from a program that runs as the same user; `keptIn` says so. A secret
 * that the desktop app put into the keychain is known here and cannot be read: ENEEDS_PASSWORD.
 */
export async function openFileSecrets(profileDir: string): Promise<Secrets> {
  const sealer = await keyFileSealer(profileDir);
  return openSecretsFile(profileDir, sealer, [sealer]);
}
