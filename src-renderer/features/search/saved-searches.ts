import type { SavedSearch } from '#shared/mail/settings.ts';

/** The list with this search in it: in the place of the one of its name, or of the one that is renamed, or at the end. */
export function withSearch(saved: readonly SavedSearch[], search: SavedSearch, instead?: string): SavedSearch[] {
  const place = saved.findIndex(({ name }) => name === (instead ?? search.name));
  const others = (one: SavedSearch): boolean => one.name !== search.name && one.name !== instead;
  if (place < 0) return [...saved.filter(others), search];
  return [...saved.slice(0, place).filter(others), search, ...saved.slice(place + 1).filter(others)];
}

export function withoutSearch(saved: readonly SavedSearch[], name: string): SavedSearch[] {
  return saved.filter((one) => one.name !== name);
}
