import { createCipheriv, createDecipheriv, randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { z } from 'zod';
import { Secret } from '#shared/mail/endpoint.ts';
import { MailError } from '#shared/mail-error.ts';
import type { SecretsHeader } from './manifest.ts';

/** Secrets by the names under which the program keeps them: `account:ID`, `server:ID`, `proxy:ID`. */
export type NamedSecrets = Readonly<Record<string, Secret>>;

const NamedSecretsSchema = z.record(z.string(), Secret);

// OWASP's advice for scrypt: 128 MB and about half a second for each guess.
const advised = { n: 1 << 17, r: 8, p: 1 };

/**
 * Encrypts secrets under a passphrase: a key by scrypt, AES-256-GCM, and what stands beside in clear is authenticated too.
 * What the key costs stands beside it: `openSecrets` follows that.
 */
export async function sealSecrets(
  secrets: NamedSecrets,
  passphrase: string,
  cost = advised,
): Promise<{ header: SecretsHeader; data: Uint8Array }> {
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const names = Object.keys(secrets).sort();
  const base = {
    kdf: 'scrypt',
    ...cost,
    salt: salt.toString('hex'),
    cipher: 'aes-256-gcm',
    iv: iv.toString('hex'),
    names,
  } as const;
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt, cost), iv);
  cipher.setAAD(authenticated(base));
  const data = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
  return { header: { ...base, tag: cipher.getAuthTag().toString('hex') }, data };
}

/** Throws EINVALID for another passphrase; a change of anything gives the same. */
export async function openSecrets(header: SecretsHeader, data: Uint8Array, passphrase: string): Promise<NamedSecrets> {
  const key = await keyOf(passphrase, Buffer.from(header.salt, 'hex'), header);
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(header.iv, 'hex'), { authTagLength: 16 });
  decipher.setAAD(authenticated(header));
  decipher.setAuthTag(Buffer.from(header.tag, 'hex'));
  let text: string;
  try {
    text = Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8');
  } catch (error) {
    throw new MailError(
      'EINVALID',
      'This passphrase does not open the passwords of the backup. Nothing was restored; try again, or restore without them.',
      { cause: error },
    );
  }
  return NamedSecretsSchema.parse(JSON.parse(text));
}

function authenticated({ kdf, n, r, p, salt, cipher, iv, names }: Omit<SecretsHeader, 'tag'>): Buffer {
  return Buffer.from(JSON.stringify(['postrider-backup secrets 1', kdf, n, r, p, salt, cipher, iv, names]));
}

function keyOf(
  passphrase: string,
  salt: Uint8Array,
  { n, r, p }: { n: number; r: number; p: number },
): Promise<Buffer> {
  const options: ScryptOptions = { N: n, r, p, maxmem: 256 * n * r };
  return new Promise((resolve, reject) => {
    // The same words typed on another system may be composed in another way.
    scrypt(passphrase.normalize('NFC'), salt, 32, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
