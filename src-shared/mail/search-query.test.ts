import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSearch, wordsLookedFor } from './search-query.ts';

const now = new Date(2026, 10, 21, 15, 30).getTime();
const nodeOf = (query: string) => parseSearch(query, now).node;
const words = (text: string, field = 'any', isPrefix = false) => ({ kind: 'words', field, text, isPrefix });
const day = (year: number, month: number, date: number): number => new Date(year, month - 1, date).getTime();

describe('what a person types', () => {
  it('wants every word, phrases whole, and finds longer words while one is typed', () => {
    expect(nodeOf('two words here')).toEqual({
      kind: 'and',
      nodes: [words('two'), words('words'), words('here', 'any', true)],
    });
    expect(nodeOf('"quoted words"')).toEqual(words('quoted words'));
    expect(nodeOf('"never closed')).toEqual(words('never closed'));
    expect(nodeOf('message 10')).toEqual({ kind: 'and', nodes: [words('message'), words('10')] });
    expect(nodeOf('done ')).toEqual(words('done'));
    expect(nodeOf('berth* ')).toEqual(words('berth*', 'any', true));
  });

  it('keeps away no more than was written, unless asked to', () => {
    expect(nodeOf('invoice -draft')).toEqual({
      kind: 'and',
      nodes: [words('invoice'), { kind: 'not', node: words('draft') }],
    });
    expect(nodeOf('-from:mara')).toEqual({ kind: 'not', node: words('mara', 'from') });
    expect(nodeOf('-draft*')).toEqual({ kind: 'not', node: words('draft*', 'any', true) });
  });

  it('reads operators in any case, with phrases', () => {
    expect(nodeOf('From:"Mara Lindqvist" ')).toEqual(words('Mara Lindqvist', 'from'));
    expect(nodeOf('cc:jo@example.com ')).toEqual(words('jo@example.com', 'to'));
    expect(nodeOf('in:"Work/Old things" ')).toEqual({ kind: 'folder', name: 'Work/Old things' });
    expect(nodeOf('is:unread')).toEqual({ kind: 'flag', flag: 'seen', isSet: false });
    expect(nodeOf('is:Flagged')).toEqual({ kind: 'flag', flag: 'flagged', isSet: true });
    expect(nodeOf('has:attachment')).toEqual({ kind: 'attachment' });
    expect(nodeOf('tag:Travel')).toEqual({ kind: 'tag', tag: 'Travel' });
  });

  it('takes what looks like an operator and is none as words', () => {
    expect(nodeOf('http://example.com/a ')).toEqual(words('http://example.com/a'));
    expect(nodeOf('re: hello ')).toEqual({ kind: 'and', nodes: [words('re:'), words('hello')] });
    expect(nodeOf('from: ')).toEqual(words('from:'));
    expect(nodeOf('12:30 ')).toEqual(words('12:30'));
  });

  it('binds OR to its neighbours, and lets parentheses and minus say otherwise', () => {
    expect(nodeOf('a OR b c ')).toEqual({
      kind: 'and',
      nodes: [{ kind: 'or', nodes: [words('a'), words('b')] }, words('c')],
    });
    expect(nodeOf('a OR (b c) ')).toEqual({
      kind: 'or',
      nodes: [words('a'), { kind: 'and', nodes: [words('b'), words('c')] }],
    });
    expect(nodeOf('a -from:b -(c OR d) ')).toEqual({
      kind: 'and',
      nodes: [
        words('a'),
        { kind: 'not', node: words('b', 'from') },
        { kind: 'not', node: { kind: 'or', nodes: [words('c'), words('d')] } },
      ],
    });
    expect(nodeOf('well-known e-mail ')).toEqual({ kind: 'and', nodes: [words('well-known'), words('e-mail')] });
    expect(nodeOf('OR a OR AND ) ( ')).toEqual(words('a'));
  });

  it('reads days, months, years and spans back', () => {
    expect(nodeOf('before:2026-11-21')).toEqual({ kind: 'date', from: null, until: day(2026, 11, 21) });
    expect(nodeOf('after:2026-11')).toEqual({ kind: 'date', from: day(2026, 12, 1), until: null });
    expect(nodeOf('on:2025')).toEqual({ kind: 'date', from: day(2025, 1, 1), until: day(2026, 1, 1) });
    expect(nodeOf('on:yesterday')).toEqual({ kind: 'date', from: day(2026, 11, 20), until: day(2026, 11, 21) });
    expect(nodeOf('after:2w')).toEqual({ kind: 'date', from: day(2026, 11, 7), until: null });
    expect(nodeOf('before:1y')).toEqual({ kind: 'date', from: null, until: day(2025, 11, 21) });
  });

  it('reads sizes as they are shown', () => {
    expect(nodeOf('larger:1.5M')).toEqual({ kind: 'size', atLeast: 1_500_000, atMost: null });
    expect(nodeOf('smaller:20kb')).toEqual({ kind: 'size', atLeast: null, atMost: 20_000 });
  });

  it('says which value it cannot use and holds to the rest', () => {
    expect(parseSearch('hello before:soon larger:much is:lost has:legs on:2026-02-30 ', now)).toEqual({
      node: words('hello'),
      problems: [
        { operator: 'before', value: 'soon', wants: 'date' },
        { operator: 'larger', value: 'much', wants: 'size' },
        { operator: 'is', value: 'lost', wants: 'state' },
        { operator: 'has', value: 'legs', wants: 'attachment' },
        { operator: 'on', value: '2026-02-30', wants: 'date' },
      ],
    });
  });

  it('never throws, however strange the query', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('(', ')', '-', 'OR', '"', 'from:', 'is:', ' '),
    );
    fc.assert(fc.property(fc.array(piece), (pieces) => void parseSearch(pieces.join(''), now)));
    expect(nodeOf('('.repeat(10_000))).toBeNull();
  });
});

it('tells the words to mark: those found, not those kept out', () => {
  expect(wordsLookedFor('from:anna "winter berth" OR boat* -crane is:unread larger:1k ')).toEqual([
    'anna',
    'winter berth',
    'boat',
  ]);
});
