import { expect, it } from 'vitest';
import { findSettings } from './settings-search.ts';

const all = [
  { id: 'theme', words: ['Appearance', 'Theme', 'Light, dark or as the system'] },
  { id: 'undo', words: ['Sending', 'Undo sending', 'Seconds in which a message can be called back'] },
  { id: 'de', words: ['Übertragung'] },
];
const ids = (query: string): string[] => findSettings(all, query).map(({ id }) => id);

it('finds by the beginnings of all the words, in any order', () => {
  expect(ids('dark')).toEqual(['theme']);
  expect(ids('seconds sen')).toEqual(['undo']);
  expect(ids('dark undo')).toEqual([]);
  expect(ids('uber')).toEqual(['de']);
});

it('shows everything for an empty question', () => {
  expect(ids('  ')).toHaveLength(3);
});
