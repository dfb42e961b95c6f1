import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { toDiskError } from '#shared/disk-error.ts';
import { BackupMade } from '#shared/mail/backup.ts';
import { MailErrorData } from '#shared/mail-error.ts';
import { syncFolder } from '../../durable.ts';
import type { Log } from '../../ports.ts';

/** What is known of backups made: `backups.json` beside the settings. */
const History = z.object({
  version: z.literal(1),
  /** Newest first. */
  made: z.array(BackupMade),
  /** Epoch milliseconds: since when mail may be nowhere but here; null while every account leaves it on its server. */
  onlyHereSince: z.number().nullable(),
  /** When the user was reminded last. */
  remindedAt: z.number().nullable(),
  failure: z.object({ at: z.string(), error: MailErrorData }).nullable(),
});
export type History = z.infer<typeof History>;

const keptEntries = 200;
const nothing: History = { version: 1, made: [], onlyHereSince: null, remindedAt: null, failure: null };

export interface HistoryFile {
  current(): Promise<History>;
  change(change: (history: History) => History): Promise<void>;
}

/** A file that cannot be read counts as empty: the backups themselves are elsewhere and are not affected. */
export function openHistory(profileDir: string, log: Log): HistoryFile {
  const path = join(profileDir, 'backups.json');
  let loading: Promise<History> | undefined;
  let tail: Promise<void> = Promise.resolve();

  async function load(): Promise<History> {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) return nothing;
    try {
      return History.parse(JSON.parse(text));
    } catch {
      log.warn('The list of backups made cannot be read. It begins anew; no backup is affected.');
      return nothing;
    }
  }

  const current = (): Promise<History> => {
    loading ??= load();
    return loading;
  };

  return {
    current,
    change(change) {
      const work = tail.then(async () => {
        const changed = change(await current());
        const next = { ...changed, made: changed.made.slice(0, keptEntries) };
        await save(path, next);
        loading = Promise.resolve(next);
        await syncFolder(profileDir);
      });
      tail = work.catch(() => undefined);
      return work;
    },
  };
}

async function save(path: string, history: History): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await rm(temporary, { force: true });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(history, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw toDiskError(error, 'note that a backup was made');
  }
}

/** Those whose file is still there, of the size it had. */
export async function stillThere(made: readonly BackupMade[]): Promise<BackupMade[]> {
  const found = await Promise.all(
    made.map(async (backup) => {
      const there = await stat(backup.file).catch(() => null);
      return there?.isFile() && there.size === backup.octets ? backup : null;
    }),
  );
  return found.filter((backup) => backup !== null);
}
