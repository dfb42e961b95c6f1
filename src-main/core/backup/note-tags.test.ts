import { expect, test } from 'vitest';
import { nearestColour, withImportedTags } from './note-tags.ts';

test('tags with a colour are set up here, in the nearest one; what is here stays', () => {
  const here = [{ name: 'Work', colour: 'violet' as const }];
  const came = [
    { name: 'work', colour: '#FF0000' },
    { name: 'House', colour: '#009900' },
    { name: 'house', colour: '#0000FF' },
    { name: 'Gmail label', colour: null },
  ];
  expect(withImportedTags(here, came)).toEqual([...here, { name: 'House', colour: 'green' }]);
  expect(withImportedTags(here, came.slice(0, 1))).toBeNull();
});

test.each([
  ['#FF0000', 'red'],
  ['#FF9900', 'orange'],
  ['#FFEE00', 'yellow'],
  ['#009900', 'green'],
  ['#00AAAA', 'teal'],
  ['#3333FF', 'blue'],
  ['#9933FF', 'violet'],
  ['#993399', 'pink'],
  ['#FF0033', 'red'],
  ['#808080', 'grey'],
  ['#000000', 'grey'],
] as const)('%s is %s', (hex, colour) => {
  expect(nearestColour(hex)).toBe(colour);
});
