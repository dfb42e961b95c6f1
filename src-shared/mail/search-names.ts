import { type FolderRename, isWithin } from './folder-rename.ts';
import { searchToken } from './search-query.ts';

/** What takes the place of a name in a search: another name, or (`beside`) either of both. Null: it stays. */
export type Renaming = (name: string) => { readonly to: string; readonly isBeside?: boolean } | null;

/**
 * A search with the names after one operator (`in:`, `tag:`) changed, everything else as it was typed. Also tells what it
 * names: hand in a renaming that only looks.
 */
export function renameInSearch(query: string, operator: 'in' | 'tag', rename: Renaming): string {
  return query.replace(
    searchToken,
    (whole: string, bracket?: string, minus?: string, name?: string, phrase?: string, _end?: string, bare?: string) => {
      if (bracket !== undefined || name?.toLowerCase() !== operator) return whole;
      const named = phrase ?? bare ?? '';
      const renamed = rename(named);
      if (renamed === null) return whole;
      const term = `${operator}:${asOperand(renamed.to)}`;
      return renamed.isBeside === true
        ? `${minus ?? ''}(${operator}:${asOperand(named)} OR ${term})`
        : `${minus ?? ''}${term}`;
    },
  );
}

/** In quotation marks where the words of a search would end within it. */
function asOperand(name: string): string {
  const plain = name.replaceAll('"', '');
  return /^[^\s()]+$/u.test(plain) ? plain : `"${plain}"`;
}

/** As names of folders are compared in a search: without case and accents. */
function foldName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .toLowerCase()
    .replace(/\/+$/, '');
}

/**
 * How `in:NAME` follows a folder that was renamed: by its whole path, by the last of it, or as part of the path of a
 * folder within. A name that other folders (`others`) have as well finds these and the renamed one from now on.
 */
export function renamingOfFolder({ from, to, staying = [] }: FolderRename, others: readonly string[]): Renaming {
  const segments = foldName(from).split('/');
  const ends = segments.map((_, at) => segments.slice(at).join('/'));
  const elsewhere = others
    .filter((path) => !isWithin(path, from) || staying.some((one) => one === path))
    .map((path) => `/${foldName(path)}/`);
  return (name) => {
    const wanted = foldName(name);
    const end = ends.find((one) => `${wanted}/`.startsWith(`${one}/`));
    if (end === undefined) return null;
    const depth = end.split('/').length;
    const rest = name
      .split('/')
      .slice(depth)
      .filter((segment) => segment !== '');
    const renamed = [to, ...rest].join('/');
    return { to: renamed, isBeside: elsewhere.some((path) => path.includes(`/${wanted}/`)) };
  };
}

/** Tags are compared without case. */
export function renamingOfTag(from: string, to: string): Renaming {
  return (name) => (name.toLowerCase() === from.toLowerCase() ? { to } : null);
}
