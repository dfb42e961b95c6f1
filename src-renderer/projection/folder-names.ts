import type { FolderPath } from '#shared/ids.ts';
import { type FixedFolder, type FolderSummary, fixedFolders, folder } from '#shared/mail/folder.ts';
import { t } from '../i18n/index.ts';

export function fixedFolderOf(path: string): FixedFolder | undefined {
  return fixedFolders.find((name) => name === path);
}

/** A folder's last name in the reader's language. */
export function folderLabel(path: FolderPath): string {
  const fixed = fixedFolderOf(path);
  if (path === folder.quarantine) return t('quarantine.folder');
  return fixed === undefined ? (path.split('/').at(-1) ?? path) : t(`folders.fixed.${fixed}`);
}

/** Postrider's own folder, that keeps its name and its place. */
export function isOwnFolder(path: string): boolean {
  return fixedFolderOf(path) !== undefined || path === folder.quarantine;
}

export interface FolderNode {
  readonly path: string;
  /** Undefined: only a level on the way to others, not a folder of its own. */
  readonly summary: FolderSummary | undefined;
  readonly children: readonly FolderNode[];
}

/** The folders as a tree: the fixed ones in their order, then the user's own by name. */
export function folderTree(folders: readonly FolderSummary[], locale: string): FolderNode[] {
  const byPath = new Map<string, FolderSummary>(folders.map((summary) => [summary.folder, summary]));
  const paths = new Set<string>([...fixedFolders, ...byPath.keys()]);
  for (const path of [...paths]) {
    const parts = path.split('/');
    for (let length = 1; length < parts.length; length++) paths.add(parts.slice(0, length).join('/'));
  }
  const compare = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  const childrenOf = (parent: string | null): FolderNode[] =>
    [...paths]
      .filter((path) => (parent === null ? !path.includes('/') : isChild(path, parent)))
      .sort((a, b) => rank(a) - rank(b) || compare.compare(a, b))
      .map((path) => ({ path, summary: byPath.get(path), children: childrenOf(path) }));
  return childrenOf(null);
}

function isChild(path: string, parent: string): boolean {
  return path.startsWith(`${parent}/`) && !path.slice(parent.length + 1).includes('/');
}

function rank(path: string): number {
  const fixed = fixedFolderOf(path);
  // Where there is one, beside Junk.
  if (path === folder.quarantine) return fixedFolders.indexOf('Junk') + 0.5;
  return fixed === undefined ? fixedFolders.length : fixedFolders.indexOf(fixed);
}
