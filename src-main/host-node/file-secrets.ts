import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmod, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Secret } from '#shared/mail/endpoint.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Secrets } from '../core/ports.ts';
import { hasCode, makePrivateFolder, writePrivateFile } from './private-file.ts';

const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);
const Entry = z.object({ iv: base64, tag: base64, data: base64 });
const SecretsFile = z.object({ version: z.literal(1), entries: z.record(z.string(), Entry) });
type SecretsFile = z.infer<typeof SecretsFile>;

const keyOctets = 32;

/**
 * Secrets in `secrets.json` of the profile, each sealed with AES-256-GCM (its name is authenticated with it) under the
 * key in `secrets.key`; both 0600. This keeps them out of backups of one file and out of sight, not from a program
 * that runs as the same user; `keptIn` says so. One process writes at a time: the owner of the profile.
 */
export async function openFileSecrets(profileDir: string): Promise<Secrets> {
  await makePrivateFolder(profileDir);
  const file = await SealedFile.open(join(profileDir, 'secrets.json'), join(profileDir, 'secrets.key'));
  return {
    keptIn:
      'an encrypted file in the profile folder. Its key lies beside it: whoever can read your files can read your passwords',
    get: async (name) => file.get(name),
    has: async (name) => file.has(name),
    set: (name, secret) => file.change(async () => file.put(name, secret)),
    remove: (name) => file.change(async () => file.drop(name)),
  };
}

class SealedFile {
  readonly #path: string;
  readonly #keyPath: string;
  /** Undefined: there is a file and it cannot be read, so nobody knows what was stored. */
  #content: SecretsFile | undefined;
  /** Undefined: there is no key yet, or what is there is none. */
  #key: Buffer | undefined;
  #lastChange: Promise<void> = Promise.resolve();

  private constructor(path: string, keyPath: string, content: SecretsFile | undefined, key: Buffer | undefined) {
    this.#path = path;
    this.#keyPath = keyPath;
    this.#content = content;
    this.#key = key;
  }

  static async open(path: string, keyPath: string): Promise<SealedFile> {
    const text = await readIfThere(path);
    const key = await readIfThere(keyPath);
    const content = text === undefined ? { version: 1 as const, entries: {} } : parseContent(text);
    return new SealedFile(path, keyPath, content, key === undefined ? undefined : parseKey(key));
  }

  has(name: string): boolean {
    return this.#content !== undefined && Object.hasOwn(this.#content.entries, name);
  }

  get(name: string): Secret | undefined {
    if (this.#content === undefined) throw unreadable();
    const entry = Object.hasOwn(this.#content.entries, name) ? this.#content.entries[name] : undefined;
    if (entry === undefined) return undefined;
    if (this.#key === undefined) throw unreadable();
    return open(this.#key, name, entry);
  }

  async put(name: string, secret: Secret): Promise<void> {
    const key = this.#key ?? (await this.#makeKey());
    const before = this.#content ?? (await this.#startAnew());
    await this.#write({ version: 1, entries: { ...before.entries, [name]: seal(key, name, secret) } });
  }

  async drop(name: string): Promise<void> {
    if (!this.has(name)) return;
    const entries = { ...this.#content?.entries };
    delete entries[name];
    await this.#write({ version: 1, entries });
  }

  /** One change after the other: each begins from what the one before has written. */
  change(work: () => Promise<void>): Promise<void> {
    const result = this.#lastChange.then(work);
    this.#lastChange = result.catch(() => undefined);
    return result;
  }

  async #write(content: SecretsFile): Promise<void> {
    await writePrivateFile(this.#path, JSON.stringify(content));
    this.#content = content;
  }

  async #makeKey(): Promise<Buffer> {
    const key = randomBytes(keyOctets);
    // What is there is no key, but it may be the user's only copy of a damaged one.
    await setAside(this.#keyPath);
    await writePrivateFile(this.#keyPath, key.toString('base64'));
    this.#key = key;
    return key;
  }

  async #startAnew(): Promise<SecretsFile> {
    await setAside(this.#path);
    return { version: 1, entries: {} };
  }
}

function seal(key: Buffer, name: string, secret: Secret): z.infer<typeof Entry> {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name));
  const data = Buffer.concat([cipher.update(JSON.stringify(secret), 'utf8'), cipher.final()]);
  return { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), data: data.toString('base64') };
}

function open(key: Buffer, name: string, entry: z.infer<typeof Entry>): Secret {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(entry.iv, 'base64'), { authTagLength: 16 })
      .setAAD(Buffer.from(name))
      .setAuthTag(Buffer.from(entry.tag, 'base64'));
    const clear = Buffer.concat([decipher.update(Buffer.from(entry.data, 'base64')), decipher.final()]);
    return Secret.parse(JSON.parse(clear.toString('utf8')));
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(cause?: unknown): MailError {
  return new MailError('ENEEDS_PASSWORD', 'The stored password cannot be read here. Enter it again.', { cause });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    await chmod(path, 0o600);
    return text;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new MailError('EPERMISSION', 'The file that holds the passwords cannot be opened.', { cause: error });
  }
}

async function setAside(path: string): Promise<void> {
  try {
    await rename(path, `${path}.damaged-${Date.now()}`);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function parseContent(text: string): SecretsFile | undefined {
  try {
    return SecretsFile.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function parseKey(text: string): Buffer | undefined {
  const key = Buffer.from(text.trim(), 'base64');
  return key.length === keyOctets ? key : undefined;
}
