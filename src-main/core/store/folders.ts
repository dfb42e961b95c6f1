import { FolderPath } from '#shared/ids.ts';
import { fixedFolders } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import type { EngineParts } from './engine-parts.ts';
import { type FolderRow, folderById, folderByPath, folderRows } from './index-read.ts';
import type { MailQueue } from './mail-queue.ts';
import { folderDirectory } from './maildir-names.ts';
import { integer } from './sql.ts';

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
    const directory = folderDirectory(
      folder,
      maildir.listDirectories().filter((name) => name !== ''),
    );
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
      mustFind(folder);
      if (find(to) !== undefined)
        throw new MailError('EINVALID', `There is a folder “${to}” already. Choose another name.`);
      if (`${to}/`.startsWith(`${folder}/`))
        throw new MailError('EINVALID', 'A folder cannot be moved into itself. Choose another place.');
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

/** The folder and everything below it, each directory in one rename. */
function renameTask(
  { maildir, index }: EngineParts,
  folder: FolderPath,
  to: FolderPath,
): Parameters<MailQueue['run']>[0] {
  const done: { row: FolderRow; folder: FolderPath; directory: string }[] = [];
  return {
    apply: (touched) => {
      const rows = folderRows(index).filter((row) => row.folder === folder || row.folder.startsWith(`${folder}/`));
      for (const row of rows) {
        const path = FolderPath.parse(to + row.folder.slice(folder.length));
        const taken = maildir.listDirectories().filter((name) => name !== '' && name !== row.directory);
        const directory = folderDirectory(path, taken);
        if (directory !== row.directory) maildir.rename(row.directory, directory);
        touched.add(maildir.root);
        done.push({ row, folder: path, directory });
      }
    },
    index: (tx) => {
      for (const entry of done) tx.renameFolder(entry.row.id, entry.folder, entry.directory);
    },
    result: () => undefined,
  };
}
