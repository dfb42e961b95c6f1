import { FolderPath } from '#shared/ids.ts';
import type { FolderRename } from '#shared/mail/folder-rename.ts';
import { folderRows } from './index-read.ts';
import { type Sql, textOrNull } from './sql.ts';
import type { FolderNews } from './store-api.ts';

/**
 * What other programs did to folders. Kept in the index, in the transaction that found it: a process that ends before the
 * settings have followed leaves it to the next one.
 */
export function folderNews(index: Sql): FolderNews {
  const isThere = new Set<string>(folderRows(index).map(({ folder }) => folder));
  const renamed: { from: FolderPath; to: FolderPath }[] = [];
  const vanished: FolderPath[] = [];
  for (const row of index.all('SELECT path, to_path FROM folder_news ORDER BY id')) {
    const path = FolderPath.parse(row.path);
    if (textOrNull(row, 'to_path') !== null) renamed.push({ from: path, to: FolderPath.parse(row.to_path) });
    else if (!isThere.has(path)) vanished.push(path);
  }
  return { renamed, vanished };
}

export function forgetRename(index: Sql, { from, to }: FolderRename): void {
  index.run('DELETE FROM folder_news WHERE path = ? AND to_path = ?', from, to);
}

export function forgetVanished(index: Sql, folders: readonly FolderPath[]): void {
  for (const folder of folders) index.run('DELETE FROM folder_news WHERE path = ? AND to_path IS NULL', folder);
}
