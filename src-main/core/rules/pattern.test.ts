import { expect, it } from 'vitest';
import { compilePattern } from './pattern.ts';

function elapsed(run: () => void): number {
  const begun = performance.now();
  run();
  return performance.now() - begun;
}

it('is tried line by line, letter case left aside', () => {
  const found = compilePattern('^total: \\d+$');
  expect(found('Hello\r\nTOTAL: 12\r\n')).toBe(true);
  expect(found('the total: 12')).toBe(false);
});

it.each([
  ['(a+)+$', `${'a'.repeat(200_000)}b`],
  ['^(a|aa)+$', `${'a'.repeat(200_000)}b`],
  ['(.*,){20}x', 'a,'.repeat(100_000)],
  ['(\\w+\\s?)*invoice\\d{3,9}x', 'hello world this is text '.repeat(10_000)],
  ['(x{30}y{30}){15}', 'xy'.repeat(100_000)],
])('%s is done soon, however the text is made', (source, text) => {
  const found = compilePattern(source);
  // Backtracking would take longer than the universe is old; the bound leaves room for a busy machine.
  expect(elapsed(() => expect(found(text)).toBe(false))).toBeLessThan(3000);
});

it.each(['([', '(?=ahead)', '(a)\\1', 'a{100000}'])('%s is refused with a sentence', (source) => {
  expect(() => compilePattern(source)).toThrow(/is not a regular expression Postrider can use/);
});
