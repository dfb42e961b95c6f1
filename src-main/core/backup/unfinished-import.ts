import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImportRequest, UnfinishedImport } from '#shared/mail/mail-source.ts';
import { syncFolder } from '../settings/sync-folder.ts';

/** Remembers an import from its first step to its last, so that one the machine broke off can be gone on with. */
export interface Remembered {
  read(): Promise<UnfinishedImport | null>;
  put(request: ImportRequest, startedAt: number): Promise<void>;
  forget(): Promise<void>;
}

export function rememberImports(profileDir: string): Remembered {
  const path = join(profileDir, 'unfinished-import.json');
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch(() => null);
      if (text === null) return null;
      const parsed = UnfinishedImport.safeParse(parsedJson(text));
      return parsed.success ? parsed.data : null;
    },
    async put(request, startedAt) {
      const content: UnfinishedImport = { request, startedAt: new Date(startedAt).toISOString() };
      const tmp = `${path}.tmp`;
      const file = await open(tmp, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(content));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(tmp, path);
      await syncFolder(profileDir);
    },
    forget: () => rm(path, { force: true }),
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
