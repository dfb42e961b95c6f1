import { FolderPath } from '../ids.ts';

/** A folder has another name, and with it all within it but what stayed behind. */
export interface FolderRename {
  readonly from: FolderPath;
  readonly to: FolderPath;
  /** Folders that are still there under the old name: another program may rename one without those within it. */
  readonly staying?: readonly FolderPath[];
}

/** What the path is from now on; null when it is as it was. */
export function pathAfter({ from, to, staying = [] }: FolderRename, path: FolderPath): FolderPath | null {
  if (!isWithin(path, from) || staying.some((one) => isWithin(one, from) && isWithin(path, one))) return null;
  const renamed = FolderPath.safeParse(to + path.slice(from.length));
  return renamed.success ? renamed.data : null;
}

/** The folder itself, or one below it. */
export function isWithin(path: string, outer: string): boolean {
  return `${path}/`.startsWith(`${outer}/`);
}
