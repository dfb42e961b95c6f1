import { expect, it } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { outsideRenames } from './outside-renames.ts';
import { folderPath } from './testing/store-fixture.ts';

const keys = (...names: string[]): MessageKey[] => names.map((name) => MessageKey.parse(`${name}-of-a-message`));
const gone = (path: string, identity: string | null, ...names: string[]) => ({
  folder: folderPath(path),
  identity,
  keys: keys(...names),
});
const appeared = (path: string, identity: string | null, ...names: string[]) => ({
  folder: folderPath(path),
  identity,
  keys: new Set(keys(...names)),
});

it('the same directory under another name is followed, however its mail changed and when there is none', () => {
  const before = [gone('A', '1.9', 'a', 'b'), gone('Empty', '2.9')];
  const now = [appeared('Y', '2.9'), appeared('X', '1.9', 'c'), appeared('Z', '3.9', 'a', 'b')];
  expect(outsideRenames(before, now)).toEqual({
    renamed: [
      { from: 'A', to: 'X' },
      { from: 'Empty', to: 'Y' },
    ],
    vanished: [],
  });
});

it('a directory that was copied is known by all of its messages, in no second place', () => {
  const before = [gone('A', '1.9', 'a', 'b')];
  expect(outsideRenames(before, [appeared('X', '4.9', 'a', 'b', 'c')]).renamed).toEqual([{ from: 'A', to: 'X' }]);
  const unclear = [
    [appeared('X', null, 'a', 'b'), appeared('Y', null, 'a', 'b')],
    [appeared('X', null, 'a', 'b'), appeared('Y', null, 'b')],
    [appeared('X', null, 'a')],
    [appeared('X', null)],
    [],
  ];
  for (const now of unclear) expect(outsideRenames(before, now)).toEqual({ renamed: [], vanished: ['A'] });
});

it('what is empty follows the folder it lies in, to the same place there, and to nowhere else', () => {
  const empty = [gone('A/B/C', null), gone('A/B', null), gone('A/D', null), gone('E', null)];
  // F held mail, which is nowhere now: an empty F there is none of it.
  const before = [...empty, gone('A', null, 'a'), gone('A/F', null, 'f')];
  const there = [appeared('X/B', null), appeared('X/B/C', null), appeared('X/F', null)];
  const now = [appeared('X', null, 'a'), appeared('X/D', null, 'n'), ...there];
  expect(outsideRenames(before, now)).toEqual({
    renamed: [
      { from: 'A', to: 'X' },
      { from: 'A/B', to: 'X/B' },
      { from: 'A/B/C', to: 'X/B/C' },
    ],
    vanished: ['A/D', 'E', 'A/F'],
  });
});
