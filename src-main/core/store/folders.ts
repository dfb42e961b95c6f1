import { FolderPath } from '#shared/ids.ts';
import { fixedFolders } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import type { EngineParts } from './engine-parts.ts';
import { type FolderRow, folderById, folderByPath, folderRows } from './index-read.ts';
import { renameInVerdicts } from './ledger-quarantine.ts';
import type { MailQueue } from './mail-queue.ts';
import { folderDirectory } from './maildir-names.ts';
import { integer, numberOrNull, type Sql } from './sql.ts';

/** Making, renaming and removing folders. */
export interface Folders {
  find(folder: FolderPath): FolderRow | undefined;
  byId(id: number): FolderRow | undefined;
  /** Makes the folder where it is missing; the answer's directory is on the disk. */
  ensure(folder: FolderPath): Promise<FolderRow>;
  create(folder: FolderPath): Promise<void>;
  rename(folder: FolderPath, to: FolderPath): Promise<void>;
  remove(folder: FolderPath): Promise<void>;
}

const fixed: ReadonlySet<string> = new Set(fixedFolders);

export function createFolders(parts: EngineParts, queue: MailQueue): Folders {
  const { maildir, index } = parts;
  const find = (folder: FolderPath): FolderRow | undefined => folderByPath(index, folder);
  const mustFind = (folder: FolderPath): FolderRow => {
    const row = find(folder);
    if (row === undefined) throw new MailError('ENOTFOUND', `There is no folder “${folder}”.`);
    return row;
  };
  // One maker at a time: two calls for the same new folder must not invent two directories.
  let making: Promise<unknown> = Promise.resolve();

  async function make(folder: FolderPath): Promise<FolderRow> {
    const known = find(folder);
    if (known !== undefined) return known;
    queue.assertMailFolder();
    const there = maildir.listDirectories().filter((name) => name !== '');
    const own = folderDirectory(folder, []);
    // Half made before, on a disk that failed, or made by another program a moment ago: it is taken as it is.
    const isUnknown = there.includes(own) && !folderRows(index).some((row) => row.directory === own);
    const directory = isUnknown ? own : folderDirectory(folder, there);
    await maildir.create(directory);
    await queue.run({
      index: (tx) => {
        if (find(folder) === undefined) tx.addFolder(folder, directory);
      },
      result: () => undefined,
    });
    return mustFind(folder);
  }

  const folders: Folders = {
    find,
    byId: (id) => folderById(index, id),
    ensure(folder) {
      const known = find(folder);
      if (known !== undefined) return Promise.resolve(known);
      const made = making.then(() => make(folder));
      making = made.catch(() => undefined);
      return made;
    },
    async create(folder) {
      if (find(folder) !== undefined)
        throw new MailError('EINVALID', `There is a folder “${folder}” already. Choose another name.`);
      await folders.ensure(folder);
    },
    async rename(folder, to) {
      assertFree(folder);
      if (`${to}/`.startsWith(`${folder}/`) && to !== folder)
        throw new MailError('EINVALID', 'A folder cannot be moved into itself. Choose another place.');
      const within = rowsWithin(index, folder);
      if (within.length === 0) mustFind(folder);
      const clash = within
        .map((row) => pathAfter(row.folder, folder, to))
        .find((path) => path !== folder && find(path));
      if (clash !== undefined)
        throw new MailError('EINVALID', `There is a folder “${clash}” already. Choose another name.`);
      await queue.run(renameTask(parts, folder, to));
    },
    async remove(folder) {
      assertFree(folder);
      const row = mustFind(folder);
      if (folderRows(index).some((other) => other.folder.startsWith(`${folder}/`)))
        throw new MailError('EINVALID', `“${folder}” holds other folders. Remove them first.`);
      await queue.run({
        apply: (touched) => {
          const counts = index.one('SELECT total FROM folders WHERE id = ?', row.id);
          const isEmpty = maildir.list(row.directory, 'cur').length + maildir.list(row.directory, 'new').length === 0;
          if (!isEmpty || (counts !== undefined && integer(counts, 'total') > 0))
            throw new MailError('EINVALID', `“${folder}” still holds messages. Move or delete them first.`);
          maildir.remove(row.directory);
          touched.add(maildir.root);
        },
        index: (tx) => tx.removeFolder(row.id),
        result: () => undefined,
      });
    },
  };
  return folders;
}

function assertFree(folder: FolderPath): void {
  if (fixed.has(folder)) throw new MailError('EINVALID', `“${folder}” is needed by Postrider and stays as it is.`);
}

/** The folder itself, where it is one, and all below it. */
function rowsWithin(index: Sql, folder: FolderPath): FolderRow[] {
  return folderRows(index).filter((row) => `${row.folder}/`.startsWith(`${folder}/`));
}

function pathAfter(path: FolderPath, folder: FolderPath, to: FolderPath): FolderPath {
  const parsed = FolderPath.safeParse(to + path.slice(folder.length));
  if (parsed.success) return parsed.data;
  throw new MailError('EINVALID', `The name of “${path}” would be too long there. Nothing was renamed.`);
}

/** More messages than this are not named to screens one by one. */
const fewEnoughToName = 1000;

interface Renamed {
  readonly row: FolderRow;
  readonly folder: FolderPath;
  readonly directory: string;
}

/**
 * The folder and everything below it, each directory in one rename. All names are found first, so that one that is too
 * long leaves everything as it was; when a rename fails, those before it are taken back.
 */
function renameTask(
  { maildir, index }: EngineParts,
  folder: FolderPath,
  to: FolderPath,
): Parameters<MailQueue['run']>[0] {
  let renamed: Renamed[] = [];
  const counted = index.one(
    "SELECT sum(total) AS n FROM folders WHERE path = ? OR substr(path, 1, length(?) + 1) = ? || '/'",
    folder,
    folder,
    folder,
  );
  return {
    isLarge: counted !== undefined && (numberOrNull(counted, 'n') ?? 0) > fewEnoughToName,
    apply: (touched) => {
      const taken = new Set(maildir.listDirectories().filter((name) => name !== ''));
      renamed = rowsWithin(index, folder).map((row) => {
        taken.delete(row.directory);
        const path = pathAfter(row.folder, folder, to);
        const directory = folderDirectory(path, taken);
        taken.add(directory);
        return { row, folder: path, directory };
      });
      renameAll(
        maildir.rename,
        renamed.map(({ row, directory }) => ({ from: row.directory, to: directory })),
      );
      touched.add(maildir.root);
    },
    record: (ledger) => renameInVerdicts(ledger, { from: folder, to }),
    index: (tx) => {
      for (const entry of renamed) tx.renameFolder(entry.row.id, entry.folder, entry.directory);
    },
    result: () => undefined,
  };
}

/** Directories renamed one by one; when one cannot be, those before it are taken back. Exported for its test. */
export function renameAll(
  rename: (from: string, to: string) => void,
  renames: readonly { readonly from: string; readonly to: string }[],
): void {
  const done: { from: string; to: string }[] = [];
  try {
    for (const { from, to } of renames) {
      if (from !== to) rename(from, to);
      done.push({ from, to });
    }
  } catch (error) {
    for (const { from, to } of done.reverse()) if (from !== to) rename(to, from);
    throw error;
  }
}
