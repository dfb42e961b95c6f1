import { describe, expect, it } from 'vitest';
import { splitAtWords } from './marked.tsx';

const marked = (text: string, ...words: string[]): string =>
  splitAtWords(text, words)
    .map((part) => (part.isHit ? `[${part.text}]` : part.text))
    .join('');

describe('marking what was found', () => {
  it.each([
    ['Winter berth, winter boats', ['winter'], '[Winter] berth, [winter] boats'],
    ['many an answer', ['an'], 'many [an] [an]swer'],
    ['Café in der Straße', ['cafe', 'strasse'], '[Café] in der [Straße]'],
    ['Cafe\u0301 noir', ['café'], '[Cafe\u0301] noir'],
    ['winter  berth', ['winter berth'], '[winter  berth]'],
    ['会議は東京で', ['東京'], '会議は[東京]で'],
    ['a+b (c)', ['a+b', '(c'], '[a+b] [(c])'],
    ['😀 smile', ['smile'], '😀 [smile]'],
    ['nothing', [], 'nothing'],
  ])('%s', (text, words, shown) => {
    expect(marked(text, ...words)).toBe(shown);
  });
});
