import type { Secrets } from '../core/ports.ts';
import { keyFileSealer } from '../host-node/key-file-sealer.ts';
import { openSecretsFile } from '../host-node/secrets-file.ts';
import { openKeychain } from './keychain-sealer.ts';

/** The keychain where there is one; what the browser host sealed under the key file is read as well. */
export async function openElectronSecrets(profileDir: string): Promise<Secrets> {
  const keyFile = await keyFileSealer(profileDir);
  const keychain = await openKeychain();
  if (keychain === null) return openSecretsFile(profileDir, keyFile, [keyFile]);
  return openSecretsFile(profileDir, keychain.isTrusted ? keychain.sealer : keyFile, [keychain.sealer, keyFile]);
}
