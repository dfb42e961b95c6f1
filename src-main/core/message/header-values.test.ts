import { describe, expect, it } from 'vitest';
import { formatDate, parseDate } from './dates.ts';
import { decodeHeaderText } from './encoded-words.ts';
import { readHeaderFields } from './header-fields.ts';
import { parseParameters } from './parameters.ts';

describe('decodeHeaderText (RFC 2047)', () => {
  it.each([
    ['=?ISO-8859-1?Q?a?=', 'a'],
    ['(=?ISO-8859-1?Q?a?= b)', '(a b)'],
    ['=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=', 'ab'],
    ['=?ISO-8859-1?Q?a?= \t =?ISO-8859-1?Q?b?=', 'ab'],
    ['=?ISO-8859-1?Q?a_b?=', 'a b'],
    ['=?utf-8?B?w4Q=?= =?utf-8?Q?=C3=96?= x', 'ÄÖ x'],
    // One character split between two words.
    ['=?utf-8?Q?=C3?= =?utf-8?Q?=96?=', 'Ö'],
    ['=?utf-8?B?4oI=?= =?utf-8?B?rA==?=', '€'],
    ['=?ISO-2022-JP?B?GyRCJDMkcxsoQg==?=', 'こん'],
    ['=?windows-1251?Q?=CF=F0=E8?=', 'При'],
    ['=?utf-8*en?Q?caf=C3=A9?=', 'café'],
    ['=?x-unknown?Q?Gr=FC=DFe?=', 'Grüße'],
    ['a =?utf-8?Q?b?= c', 'a b c'],
    ['=?utf-8?Q?with raw spaces?=', 'with raw spaces'],
    ['=?utf-8?Z?abc?=', '=?utf-8?Z?abc?='],
    ['=?utf-8?Q?never ended', '=?utf-8?Q?never ended'],
    ['=?utf-8?Q?a=0D=0ABcc:_x?=', 'a Bcc: x'],
    ['plain', 'plain'],
  ])('decodes %s', (value, expected) => {
    expect(decodeHeaderText(value)).toBe(expected);
  });
});

describe('parseParameters (RFC 2045, RFC 2231)', () => {
  const name = (text: string) => parseParameters(text).parameters.get('filename');

  it.each([
    ['attachment; filename=plain.txt', 'plain.txt'],
    ['attachment; filename="with space; and semicolon.txt"', 'with space; and semicolon.txt'],
    ['attachment; filename=with space.txt; size=3', 'with space.txt'],
    ["attachment; filename*=utf-8''%e2%82%ac.txt", '€.txt'],
    ['attachment; filename*0*=utf-8\'en\'%e2%82; filename*1*=%ac%20; filename*2="a%.txt"', '€ a%.txt'],
    ["attachment; filename*1*=b; filename*0*=iso-8859-1''%fc", 'üb'],
    ["attachment; filename=fallback.txt; filename*=utf-8''better.txt", 'better.txt'],
    ['attachment; filename="=?utf-8?q?caf=C3=A9?=.txt"', 'café.txt'],
    ['attachment; filename="C:\\temp\\x.txt"', 'C:\\temp\\x.txt'],
    ['attachment; filename="say \\"hi\\".txt"', 'say "hi".txt'],
    ['attachment;; filename = "spaced.txt" ;', 'spaced.txt'],
    ['attachment; filename="never ended', '"never ended'],
    ['attachment', undefined],
  ])('reads %s', (text, expected) => {
    expect(name(text)).toBe(expected);
  });

  it('gives the value in lower case without comments', () => {
    expect(parseParameters('Text/HTML (comment); charset=UTF-8').value).toBe('text/html');
  });
});

describe('parseDate', () => {
  it.each([
    ['Tue, 1 Jul 2003 10:52:37 +0200', '2003-07-01T08:52:37Z'],
    ['1 Jul 2003 10:52 +0000', '2003-07-01T10:52:00Z'],
    ['Fri, 21 Nov 97 09:55:06 -0600', '1997-11-21T15:55:06Z'],
    ['Fri, 21 Nov 1997 09(comment):55:06 -0600', '1997-11-21T15:55:06Z'],
    ['21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06Z'],
    ['Thu, 13 Feb 1969 23:32 -0330', '1969-02-14T03:02:00Z'],
    ['Tue Jul  1 10:52:37 2003', '2003-07-01T10:52:37Z'],
    ['Tue Jul  1 10:52:37 EST 2003', '2003-07-01T15:52:37Z'],
    ['Tue, 1 Jul 2003 10:52:37 GMT+0200', '2003-07-01T08:52:37Z'],
    ['Tue, 1 Jul 2003 10:52:37 +02:00 (CEST)', '2003-07-01T08:52:37Z'],
    ['Tue, 1 Jul 2003 10.52.37 +0200', '2003-07-01T08:52:37Z'],
    ['Tuesday, 1 July 2003 10:52:37 PDT', '2003-07-01T17:52:37Z'],
    ['01-Jul-2003 10:52:37 -0000', '2003-07-01T10:52:37Z'],
    ['2003-07-01T10:52:37Z', '2003-07-01T10:52:37Z'],
    ['2003-07-01 10:52:37 +0200', '2003-07-01T08:52:37Z'],
    ['Tue, 1 Jul 103 10:52:37 +0000', '2003-07-01T10:52:37Z'],
    ['Di, 1 Mai 2012 10:52:37 MESZ', '2012-05-01T08:52:37Z'],
    ['1 Jul 2003 3:15:00 PM +0000', '2003-07-01T15:15:00Z'],
  ])('reads %s', (text, expected) => {
    const moment = parseDate(text);
    expect(moment === null ? null : new Date(moment).toISOString()).toBe(new Date(expected).toISOString());
  });

  it.each(['', 'yesterday', 'Malformed Date.', '99 Jul 2003 10:00:00', '1 Jul 2003 99:00:00', '((((', 'Tue, Jul 2003'])(
    'finds no date in %j',
    (text) => {
      expect(parseDate(text)).toBeNull();
    },
  );

  it('reads back what formatDate writes', () => {
    for (const moment of [0, 1_000_000_000_000, Date.UTC(2026, 10, 21, 23, 59, 59)]) {
      expect(parseDate(formatDate(moment))).toBe(moment);
      expect(formatDate(moment)).toMatch(/^\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/);
    }
  });
});

describe('readHeaderFields', () => {
  const read = (text: string) => readHeaderFields(Buffer.from(text, 'latin1'), 0, text.length);

  it('unfolds, and takes LF for CRLF', () => {
    const { fields, bodyStart, brokenLines } = read('A: 1\r\n 2\nB : x\r\n\r\nbody');
    expect(fields).toEqual([
      { name: 'a', value: ' 1 2' },
      { name: 'b', value: ' x' },
    ]);
    expect({ bodyStart, brokenLines }).toEqual({ bodyStart: 18, brokenLines: 0 });
  });

  it('passes over one broken line and sees in two that the body has begun', () => {
    expect(read('A: 1\nbroken\nB: 2\n\nx').fields).toHaveLength(2);
    const unended = read('A: 1\nHello there,\nthis is text\nB: not a field\n');
    expect(unended).toMatchObject({ bodyStart: 5, brokenLines: 1 });
    expect(unended.fields).toHaveLength(1);
  });
});
