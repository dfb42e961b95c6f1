import type { Texts } from '../texts.ts';

export const search = {
  label: 'Search mail',
  placeholder: 'Search',
  clear: 'Clear search',
  inFolder: 'in {folder}',
  everywhere: 'All folders',
  thisFolder: 'Only {folder}',
  scope: 'Where to search',
} as const satisfies Texts;
