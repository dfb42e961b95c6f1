import type { FolderPath, MessageKey } from '#shared/ids.ts';

/** Which folders another program gave another name, and which it removed. Pure. */

/** A folder whose directory is not there any more. */
export interface GoneFolder {
  readonly folder: FolderPath;
  /** See `Maildir.identity`. */
  readonly identity: string | null;
  readonly keys: readonly MessageKey[];
}

/** A directory that was not there under this name before: new, or put in the place of another. */
export interface AppearedFolder {
  readonly folder: FolderPath;
  readonly identity: string | null;
  readonly keys: ReadonlySet<MessageKey>;
}

export interface OutsideRenames {
  readonly renamed: readonly { readonly from: FolderPath; readonly to: FolderPath }[];
  readonly vanished: readonly FolderPath[];
}

/**
 * A folder is followed where it is certain: the same directory has another name; or, where a directory cannot be
 * recognised (it was copied, or its file system does not tell), all its messages lie together in one that appeared and
 * in no second one; or it is empty and lies, empty, within the new name of a folder it lay within.
 */
export function outsideRenames(gone: readonly GoneFolder[], appeared: readonly AppearedFolder[]): OutsideRenames {
  const renames = new Map<FolderPath, FolderPath>();
  // Outer folders first: what is empty follows them.
  for (const one of gone.toSorted((a, b) => a.folder.length - b.folder.length)) {
    const to = sameDirectory(one, appeared) ?? sameMessages(one, appeared) ?? withParent(one, appeared, renames);
    if (to !== undefined) renames.set(one.folder, to);
  }
  return {
    renamed: [...renames].map(([from, to]) => ({ from, to })),
    vanished: gone.map(({ folder }) => folder).filter((folder) => !renames.has(folder)),
  };
}

function sameDirectory({ identity }: GoneFolder, appeared: readonly AppearedFolder[]): FolderPath | undefined {
  return identity === null ? undefined : appeared.find((one) => one.identity === identity)?.folder;
}

function sameMessages({ keys }: GoneFolder, appeared: readonly AppearedFolder[]): FolderPath | undefined {
  const holders = appeared.filter((one) => keys.some((key) => one.keys.has(key)));
  const [only] = holders;
  return holders.length === 1 && keys.every((key) => only?.keys.has(key)) ? only?.folder : undefined;
}

function withParent(
  { folder, keys }: GoneFolder,
  appeared: readonly AppearedFolder[],
  renames: ReadonlyMap<FolderPath, FolderPath>,
): FolderPath | undefined {
  if (keys.length > 0) return undefined;
  const outer = [...renames].filter(([from]) => folder.startsWith(`${from}/`)).at(-1);
  if (outer === undefined) return undefined;
  const [from, to] = outer;
  return appeared.find((one) => one.keys.size === 0 && one.folder === to + folder.slice(from.length))?.folder;
}
