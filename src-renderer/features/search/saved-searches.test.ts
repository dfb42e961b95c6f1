import { describe, expect, it } from 'vitest';
import { withoutSearch, withSearch } from './saved-searches.ts';

const saved = [
  { name: 'Bills', query: 'subject:bill' },
  { name: 'Large', query: 'larger:5M' },
  { name: 'New', query: 'is:unread' },
];
const names = (searches: typeof saved): string[] => searches.map(({ name, query }) => `${name} ${query}`);

describe('saved searches', () => {
  it('puts a new one last, and a known name in its place', () => {
    expect(names(withSearch(saved, { name: 'Work', query: 'in:work' })).at(-1)).toBe('Work in:work');
    expect(names(withSearch(saved, { name: 'Large', query: 'larger:9M' }))).toEqual([
      'Bills subject:bill',
      'Large larger:9M',
      'New is:unread',
    ]);
  });

  it('renames in place, also onto a name that was taken', () => {
    expect(names(withSearch(saved, { name: 'Huge', query: 'larger:5M' }, 'Large'))[1]).toBe('Huge larger:5M');
    expect(names(withSearch(saved, { name: 'Bills', query: 'larger:5M' }, 'Large'))).toEqual([
      'Bills larger:5M',
      'New is:unread',
    ]);
  });

  it('removes by name', () => {
    expect(names(withoutSearch(saved, 'Bills'))).toEqual(['Large larger:5M', 'New is:unread']);
  });
});
