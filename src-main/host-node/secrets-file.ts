import { join } from 'node:path';
import { z } from 'zod';
import { Secret } from '#shared/mail/endpoint.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Secrets } from '../core/ports.ts';
import { makeProfileFolder, readPrivateFile, setAside, writePrivateFile } from './private-file.ts';

/** A way to make a text unreadable but for this computer's user. */
export interface Sealer {
  readonly sealedBy: 'key-file' | 'keychain';
  /** Where that leaves secrets, in words for the settings screen. */
  readonly keptIn: string;
  /** See `Secrets`. */
  readonly isOpenToOthers?: boolean;
  seal(name: string, clear: string): Promise<string>;
  /** Throws when it cannot be read, or was sealed under another name. */
  open(name: string, sealed: string): Promise<string>;
}

const Entry = z.object({ sealedBy: z.enum(['key-file', 'keychain']), sealed: z.string() });
const SecretsFile = z.object({ version: z.literal(1), entries: z.record(z.string(), Entry) });
type SecretsFile = z.infer<typeof SecretsFile>;

/**
 * Secrets in `secrets.json` of the profile (0600), sealed by `sealer`; `readers` are the sealers that can be read
 * here. The hosts of one profile share the file, so each knows of a secret even where it cannot read it
 * (ENEEDS_PASSWORD). One process writes at a time: the owner of the profile.
 */
export async function openSecretsFile(
  profileDir: string,
  sealer: Sealer,
  readers: readonly Sealer[],
): Promise<Secrets> {
  await makeProfileFolder(profileDir);
  const path = join(profileDir, 'secrets.json');
  const text = await readPrivateFile(path);
  /** Undefined: there is a file and it cannot be read, so nobody knows what was stored. */
  let content = text === undefined ? emptyFile : parseContent(text);
  let lastChange: Promise<void> = Promise.resolve();

  async function write(next: SecretsFile): Promise<void> {
    await writePrivateFile(path, JSON.stringify(next));
    content = next;
  }

  // One change after the other: each begins from what the one before has written.
  function change(work: () => Promise<void>): Promise<void> {
    const result = lastChange.then(work);
    lastChange = result.catch(() => undefined);
    return result;
  }

  function find(name: string): z.infer<typeof Entry> | undefined {
    return content !== undefined && Object.hasOwn(content.entries, name) ? content.entries[name] : undefined;
  }

  return {
    keptIn: sealer.keptIn,
    isOpenToOthers: sealer.isOpenToOthers === true,
    has: async (name) => find(name) !== undefined,
    async get(name) {
      if (content === undefined) throw unreadable();
      const entry = find(name);
      if (entry === undefined) return undefined;
      const reader = readers.find(({ sealedBy }) => sealedBy === entry.sealedBy);
      try {
        if (reader === undefined) throw new Error(`Nothing here reads what was sealed by ${entry.sealedBy}.`);
        return Secret.parse(JSON.parse(await reader.open(name, entry.sealed)));
      } catch (error) {
        throw unreadable(error);
      }
    },
    set: (name, secret) =>
      change(async () => {
        const sealed = await sealer.seal(name, JSON.stringify(secret));
        if (content === undefined) await setAside(path);
        const entries = { ...content?.entries, [name]: { sealedBy: sealer.sealedBy, sealed } };
        await write({ version: 1, entries });
      }),
    remove: (name) =>
      change(async () => {
        if (content === undefined || find(name) === undefined) return;
        const entries = { ...content.entries };
        delete entries[name];
        await write({ version: 1, entries });
      }),
  };
}

const emptyFile: SecretsFile = { version: 1, entries: {} };

function unreadable(cause?: unknown): MailError {
  return new MailError('ENEEDS_PASSWORD', 'The stored password cannot be read here. Enter it again.', { cause });
}

function parseContent(text: string): SecretsFile | undefined {
  try {
    return SecretsFile.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
