import fc from 'fast-check';
import { expect, it } from 'vitest';
import { factsFrom } from '../testing/facts.ts';
import { judgeWords } from './judge.ts';
import { wordsForJunk } from './words.ts';

const totals = { junk: 100, good: 100 };

it('words of junk make junk, words of good mail make good mail, unknown ones say nothing', () => {
  const of = (junk: number, good: number) =>
    Array.from({ length: 20 }, (_, index) => ({ word: `w${index}`, junk, good }));
  expect(judgeWords(of(30, 0), totals).likelihood).toBeGreaterThan(0.99);
  expect(judgeWords(of(0, 30), totals).likelihood).toBeLessThan(0.01);
  expect(judgeWords(of(30, 30), totals)).toEqual({ likelihood: 0.5, words: [] });
  expect(judgeWords([], totals).likelihood).toBe(0.5);
  expect(judgeWords(of(30, 0), { junk: 100, good: 0 }).likelihood).toBe(0.5);
  expect(Math.abs(judgeWords([...of(30, 0), ...of(0, 30)], totals).likelihood - 0.5)).toBeLessThan(0.05);
});

it('a judgement is a likelihood, whatever was learnt, and does not depend on the order', () => {
  const word = fc.record({ word: fc.string(), junk: fc.nat(1000), good: fc.nat(1000) });
  const learnt = fc.record({ junk: fc.integer({ min: 1, max: 500 }), good: fc.integer({ min: 1, max: 500 }) });
  fc.assert(
    fc.property(fc.uniqueArray(word, { selector: (one) => one.word, maxLength: 400 }), learnt, (words, sums) => {
      const { likelihood } = judgeWords(words, sums);
      expect(likelihood).toBeGreaterThanOrEqual(0);
      expect(likelihood).toBeLessThanOrEqual(1);
      expect(judgeWords([...words].reverse(), sums).likelihood).toBeCloseTo(likelihood, 10);
    }),
  );
});

it('a message is known by its words, its sender and its links, each once', () => {
  const words = wordsForJunk(
    factsFrom([
      'From: Cheap Pills <shop@Pills.test>',
      'Subject: Cheap cheap',
      '',
      'Buy at https://PILLS.test/x and at https://pills.test/y now now',
      '薬を買う',
    ]),
  );
  expect(words).toEqual([...new Set(words)]);
  for (const word of [
    'from:shop@pills.test',
    'from:@pills.test',
    'from:cheap',
    'subject:cheap',
    'link:pills.test',
    'now',
  ])
    expect(words).toContain(word);
  expect(words).toContain('買う');
  expect(wordsForJunk(factsFrom(['Subject: x', '', 'word '.repeat(100_000)])).length).toBeLessThan(600);
});
