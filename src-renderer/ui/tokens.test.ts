import { describe, expect, it } from 'vitest';
import { tagColours } from '#shared/mail/tag.ts';
import css from './tokens.css?raw';

type Pair = readonly [light: string, dark: string];

const root = css.slice(0, css.indexOf('@media'));
const colours = new Map<string, Pair>(
  [...root.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(
    ([, name = '', light = '', dark = '']) => [name, [light, dark]],
  ),
);

function pairOf(name: string): Pair {
  const pair = colours.get(name);
  if (pair === undefined) throw new Error(`No colour ${name}.`);
  return pair;
}

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const states = ['took-it', 'waiting', 'refused', 'uncertain'];
const textOn: [string, string][] = [
  ...['n1', 'n2', 'n3', 'n4', 'n5', 'accent-subtle', 'accent-subtle-hover'].flatMap((ground): [string, string][] => [
    ['n12', ground],
    ['n11', ground],
  ]),
  ['accent-text', 'n1'],
  ['accent-text', 'n4'],
  ['accent-text', 'accent-subtle'],
  ...states.flatMap((state): [string, string][] => [
    [state, 'n1'],
    [state, 'n5'],
    [state, `${state}-subtle`],
    [state, 'accent-subtle-hover'],
    ['n12', `${state}-subtle`],
    ['n11', `${state}-subtle`],
  ]),
];

textOn.push(...tagColours.map((colour): [string, string] => [`tag-${colour}`, `tag-${colour}-ground`]));

describe('tokens', () => {
  it.each(textOn)('%s can be read on %s (AA, 4.5:1), light and dark', (text, ground) => {
    const [light, dark] = [0, 1].map((mode) => contrast(pairOf(text)[mode] ?? '', pairOf(ground)[mode] ?? ''));
    expect(light).toBeGreaterThanOrEqual(4.5);
    expect(dark).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['accent-solid', 'accent-solid-hover', 'refused-solid'])('white can be read on %s', (ground) => {
    for (const colour of pairOf(ground)) expect(contrast('#ffffff', colour)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['n1', 'n2'])('lines of controls stand out from %s (3:1)', (ground) => {
    for (const mode of [0, 1])
      expect(contrast(pairOf('n9')[mode] ?? '', pairOf(ground)[mode] ?? '')).toBeGreaterThanOrEqual(3);
  });
});
