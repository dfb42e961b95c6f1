import { copyFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sha256 } from '../../core/incoming/testing/maildrops.ts';

/** What is wrong with the mail of a profile, counted. */
export interface Wrongs {
  /** Delivered to the server, and now neither there nor here. */
  lost: number;
  /** Here more often than they were delivered. */
  doubled: number;
  /** Files whose bytes were never sent by the server, or that changed after they were written. */
  damaged: number;
  /** Messages the list would show without a whole file behind them. */
  shownInPart: number;
  /** Deleted on the server more than once, without leave, or left though they should be gone. */
  wrongOnServer: number;
  /** Deleted on the server while a power cut could still have taken them from the disk. */
  deletedTooSoon: number;
}

export const wrongNames = ['lost', 'doubled', 'damaged', 'shownInPart', 'wrongOnServer', 'deletedTooSoon'] as const;

export const noWrongs = (): Wrongs => ({
  lost: 0,
  doubled: 0,
  damaged: 0,
  shownInPart: 0,
  wrongOnServer: 0,
  deletedTooSoon: 0,
});

export function sumOf(wrongs: Wrongs): number {
  return wrongNames.reduce((sum, name) => sum + wrongs[name], 0);
}

interface Seen {
  readonly digest: string;
  readonly size: number;
  readonly changedAt: number;
}

/** Looks at one profile again and again; a file is read when its name is new, afterwards only whether it changed. */
export function createAudit(profileDir: string) {
  const seen = new Map<string, Seen>();
  let changed = 0;

  async function readNew(folder: string, name: string): Promise<void> {
    const path = join(folder, name);
    const { size, mtimeMs } = await stat(path);
    const before = seen.get(name);
    if (before?.size === size && before.changedAt === mtimeMs) return;
    if (before !== undefined) changed += 1;
    seen.set(name, { digest: sha256(await readFile(path)), size, changedAt: mtimeMs });
  }

  return {
    /** `sent`: the digests of all that was ever delivered; `lying`: what the server has now. */
    async look(sent: ReadonlySet<string>, lying: readonly string[]): Promise<Wrongs> {
      const names: string[] = [];
      const paths = new Set<string>();
      for (const part of ['new', 'cur']) {
        const folder = join(profileDir, 'Mail', part);
        for (const name of await readdir(folder).catch(() => [])) {
          await readNew(folder, name);
          names.push(name);
          paths.add(join(folder, name));
        }
      }
      const here = names.map((name) => seen.get(name)?.digest ?? '');
      const known = new Set(here);
      const there = new Set(lying);
      const wrongs = noWrongs();
      wrongs.lost = [...sent].filter((digest) => !known.has(digest) && !there.has(digest)).length;
      wrongs.doubled = here.length - known.size;
      wrongs.damaged = changed + here.filter((digest) => !sent.has(digest)).length;
      const shown = await namesInIndex(profileDir);
      wrongs.shownInPart = shown.filter((path) => !paths.has(path)).length;
      return wrongs;
    },
    digests: () => new Set([...seen.values()].map(({ digest }) => digest)),
  };
}

/** The paths of the files the list shows. A copy is read, so that mending what a kill left stays the program's own business. */
export async function namesInIndex(profileDir: string): Promise<string[]> {
  const copy = join(profileDir, '..', 'index-copy');
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy);
  for (const name of ['index.sqlite', 'index.sqlite-wal'])
    await copyFile(join(profileDir, name), join(copy, name)).catch(() => undefined);
  const index = new DatabaseSync(join(copy, 'index.sqlite'));
  try {
    const isMade = index.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'messages'").get() !== undefined;
    if (!isMade) return [];
    return index
      .prepare('SELECT directory, is_new, file_name FROM messages JOIN folders ON folders.id = folder_id')
      .all()
      .map((row) => join(profileDir, 'Mail', `${row.directory}`, row.is_new === 1 ? 'new' : 'cur', `${row.file_name}`));
  } finally {
    index.close();
  }
}
