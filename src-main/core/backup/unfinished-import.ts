import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toDiskError } from '#shared/disk-error.ts';
import { type ImportRequest, UnfinishedImport } from '#shared/mail/mail-source.ts';
import { syncFolder } from '../durable.ts';
import { ImportProgress } from './resume/progress.ts';

/** How far an import got is nobody's business but its next run's. */
const RememberedImport = UnfinishedImport.extend({
  // What an older or a newer program wrote is no reason to forget that there was an import.
  progress: ImportProgress.nullable().catch(null).default(null),
});
type RememberedImport = UnfinishedImport & { progress: ImportProgress | null };

/** Remembers an import from its first step to its last, so that one the machine broke off can be gone on with. */
export interface Remembered {
  read(): Promise<UnfinishedImport | null>;
  /**
   * Begins one: another that was not finished is forgotten, the same one is gone on with. Answers how far it got, and where
   * to write down how far it gets.
   */
  begin(request: ImportRequest, startedAt: number): Promise<Underway>;
  forget(): Promise<void>;
}

export interface Underway {
  readonly from: ImportProgress | null;
  keep(progress: ImportProgress): Promise<void>;
}

export function rememberImports(profileDir: string): Remembered {
  const path = join(profileDir, 'unfinished-import.json');
  const read = async (): Promise<RememberedImport | null> => {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) return null;
    const parsed = RememberedImport.safeParse(parsedJson(text));
    return parsed.success ? parsed.data : null;
  };
  const put = async (content: RememberedImport): Promise<void> => {
    const tmp = `${path}.tmp`;
    try {
      const file = await open(tmp, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(content));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(tmp, path);
    } catch (error) {
      throw toDiskError(error, 'note how far the import is');
    }
  };
  return {
    async read() {
      const content = await read();
      return content === null ? null : { request: content.request, startedAt: content.startedAt };
    },
    async begin(request, startedAt) {
      const before = await read();
      const isSame = before !== null && JSON.stringify(before.request) === JSON.stringify(request);
      const content = isSame ? before : { request, startedAt: new Date(startedAt).toISOString(), progress: null };
      await put(content);
      await syncFolder(profileDir);
      return {
        from: content.progress,
        // Without a sync of the folder: after a power cut the one before may stand there, which is as true, only earlier.
        keep: (progress) => put({ ...content, progress }),
      };
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
