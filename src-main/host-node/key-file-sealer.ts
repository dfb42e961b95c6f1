import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isOpenToOthers, makeProfileFolder, readPrivateFile, setAside, writePrivateFile } from './private-file.ts';
import type { Sealer } from './secrets-file.ts';

const keyOctets = 32;
const ivOctets = 12;
const tagOctets = 16;

const closedFile =
  'an encrypted file in the profile folder. Its key lies beside it: whoever can read your files can read your passwords';
const openFile =
  'an encrypted file in the profile folder with its key beside it, on a disk that keeps no access rights: everybody who uses this computer, or has the disk, can read your passwords and your mail. Keep the profile on another disk';

/** Seals with AES-256-GCM under a random key in `secrets.key`; a secret's name is authenticated with it. */
export async function keyFileSealer(profileDir: string, isReadableByOthers = isOpenToOthers): Promise<Sealer> {
  await makeProfileFolder(profileDir);
  const keyPath = join(profileDir, 'secrets.key');
  const text = await readPrivateFile(keyPath);
  let key = text === undefined ? undefined : parseKey(text);
  // Also before there is a key: a folder of such a file system is as open.
  const isOpen = (await isReadableByOthers(keyPath)) || (await isReadableByOthers(profileDir));

  async function makeKey(): Promise<Buffer> {
    const made = randomBytes(keyOctets);
    // What is there is no key, but it may be the user's only copy of a damaged one.
    await setAside(keyPath);
    await writePrivateFile(keyPath, made.toString('base64'));
    key = made;
    return made;
  }

  return {
    sealedBy: 'key-file',
    isOpenToOthers: isOpen,
    keptIn: isOpen ? openFile : closedFile,
    async seal(name, clear) {
      const iv = randomBytes(ivOctets);
      const cipher = createCipheriv('aes-256-gcm', key ?? (await makeKey()), iv).setAAD(Buffer.from(name));
      const data = Buffer.concat([cipher.update(clear, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), data]).toString('base64');
    },
    async open(name, sealed) {
      if (key === undefined) throw new Error('The key is missing.');
      const bytes = Buffer.from(sealed, 'base64');
      const iv = bytes.subarray(0, ivOctets);
      const tag = bytes.subarray(ivOctets, ivOctets + tagOctets);
      const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagOctets })
        .setAAD(Buffer.from(name))
        .setAuthTag(tag);
      const clear = [decipher.update(bytes.subarray(ivOctets + tagOctets)), decipher.final()];
      return Buffer.concat(clear).toString('utf8');
    },
  };
}

function parseKey(text: string): Buffer | undefined {
  const key = Buffer.from(text.trim(), 'base64');
  return key.length === keyOctets ? key : undefined;
}
