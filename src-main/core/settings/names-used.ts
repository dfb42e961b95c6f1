import type { FolderPath } from '#shared/ids.ts';
import { type FolderRename, pathAfter } from '#shared/mail/folder-rename.ts';
import type { NameUse } from '#shared/mail/name-use.ts';
import { type Renaming, renameInSearch, renamingOfFolder, renamingOfTag } from '#shared/mail/search-names.ts';
import type { Settings } from '#shared/mail/settings.ts';

/** The settings that name folders and tags: who names one, and the same settings with another name for it. */

export interface Renamed {
  readonly settings: Settings;
  /** What named it. */
  readonly uses: readonly NameUse[];
}

/** A folder and all within it: rules, saved searches, accounts and their routes, folders shown as conversations. */
export function withFolderRenamed(settings: Settings, rename: FolderRename, folders: readonly FolderPath[]): Renamed {
  const uses: NameUse[] = [];
  const path = (folder: FolderPath, use?: NameUse): FolderPath => {
    const renamed = pathAfter(rename, folder);
    if (renamed !== null && use !== undefined) addUse(uses, use);
    return renamed ?? folder;
  };
  const accounts = settings.accounts.map((account) => {
    const use: NameUse = { kind: 'account', name: account.label };
    const { folder, multidrop } = account;
    const routes = multidrop?.routes.map((route) => ({ ...route, folder: path(route.folder, use) }));
    return {
      ...account,
      ...(folder === undefined ? {} : { folder: path(folder, use) }),
      ...(multidrop === undefined || routes === undefined ? {} : { multidrop: { ...multidrop, routes } }),
    };
  });
  const rules = settings.rules.map((rule) => ({
    ...rule,
    actions: rule.actions.map((action) =>
      action.kind === 'move' || action.kind === 'copy'
        ? { ...action, folder: path(action.folder, { kind: 'rule', name: rule.name }) }
        : action,
    ),
  }));
  const savedSearches = searchesRenamed(settings, 'in', renamingOfFolder(rename, folders), uses);
  const threadedFolders = [...new Set(settings.preferences.threadedFolders.map((folder) => path(folder)))];
  return {
    settings: {
      ...settings,
      accounts,
      rules,
      preferences: { ...settings.preferences, savedSearches, threadedFolders },
    },
    uses,
  };
}

/** A tag in the list of tags, in rules and in saved searches. */
export function withTagRenamed(settings: Settings, from: string, to: string): Renamed {
  const uses: NameUse[] = [];
  const isIt = (tag: string): boolean => tag.toLowerCase() === from.toLowerCase();
  const rules = settings.rules.map((rule) => ({
    ...rule,
    actions: rule.actions.map((action) => {
      if (action.kind !== 'tag' || !isIt(action.tag)) return action;
      addUse(uses, { kind: 'rule', name: rule.name });
      return { ...action, tag: to };
    }),
  }));
  const savedSearches = searchesRenamed(settings, 'tag', renamingOfTag(from, to), uses);
  const tags = settings.preferences.tags.map((tag) => (isIt(tag.name) ? { ...tag, name: to } : tag));
  return { settings: { ...settings, rules, preferences: { ...settings.preferences, savedSearches, tags } }, uses };
}

/** What names one of these folders. `folders`: all there are. */
export function usesOfFolders(
  settings: Settings,
  wanted: readonly FolderPath[],
  folders: readonly FolderPath[],
): NameUse[] {
  const uses: NameUse[] = [];
  for (const folder of wanted)
    for (const use of withFolderRenamed(settings, { from: folder, to: folder }, folders).uses) addUse(uses, use);
  return uses;
}

export function usesOfTag(settings: Settings, tag: string): NameUse[] {
  return [...withTagRenamed(settings, tag, tag).uses];
}

function searchesRenamed(
  { preferences }: Settings,
  operator: 'in' | 'tag',
  rename: Renaming,
  uses: NameUse[],
): Settings['preferences']['savedSearches'] {
  return preferences.savedSearches.map((search) => {
    let isNamed = false;
    const query = renameInSearch(search.query, operator, (name) => {
      const renamed = rename(name);
      isNamed ||= renamed !== null;
      return renamed;
    });
    if (isNamed) addUse(uses, { kind: 'search', name: search.name });
    // A search that became too long to keep stays as it is.
    return isNamed && query.length <= longestQuery ? { ...search, query } : search;
  });
}

/** As `SavedSearch` has it. */
const longestQuery = 1000;

function addUse(uses: NameUse[], use: NameUse): void {
  if (!uses.some(({ kind, name }) => kind === use.kind && name === use.name)) uses.push(use);
}
