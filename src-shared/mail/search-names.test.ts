import { describe, expect, it } from 'vitest';
import { FolderPath } from '../ids.ts';
import { renameInSearch, renamingOfFolder, renamingOfTag } from './search-names.ts';
import { parseSearch } from './search-query.ts';

describe('a folder renamed in a search', () => {
  const others = ['Inbox', 'Work', 'Work/House', 'Travel'];
  const follow = (query: string, from = 'Année/Été', to = 'Jahr/Sommer Ferien') =>
    renameInSearch(
      query,
      'in',
      renamingOfFolder({ from: FolderPath.parse(from), to: FolderPath.parse(to) }, [...others, from, `${from}/日本`]),
    );

  it.each([
    ['in:Année/Été', 'in:"Jahr/Sommer Ferien"'],
    ['sail in:"annee/ete/" is:unread', 'sail in:"Jahr/Sommer Ferien" is:unread'],
    ['-in:Été/日本 boat', '-in:"Jahr/Sommer Ferien/日本" boat'],
    ['(in:ete OR in:Travel)', '(in:"Jahr/Sommer Ferien" OR in:Travel)'],
    ['in:Année', 'in:Année'],
    ['in:Éternel "in:Été" subject:Été', 'in:Éternel "in:Été" subject:Été'],
  ])('%s', (query, expected) => {
    expect(follow(query)).toBe(expected);
  });

  it('keeps finding other folders of the same last name', () => {
    const query = follow('-in:House', 'Projects/House', 'Projects/Home');
    expect(query).toBe('-(in:House OR in:Projects/Home)');
    expect(parseSearch(query, 0).node).toMatchObject({ kind: 'not', node: { kind: 'or' } });
    expect(follow('in:Projects/House', 'Projects/House', 'Home')).toBe('in:Home');
  });
});

it('a tag renamed in a search, whatever its case; words and other operators stay', () => {
  const follow = (query: string) => renameInSearch(query, 'tag', renamingOfTag('To do', 'Doing "now"'));
  expect(follow('tag:"to do" -tag:"To do" "to do" tag:Todo')).toBe('tag:"Doing now" -tag:"Doing now" "to do" tag:Todo');
});
