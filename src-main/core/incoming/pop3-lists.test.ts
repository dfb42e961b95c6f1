import { describe, expect, test } from 'vitest';
import { createListing, readList, readUidl } from './pop3-lists.ts';

const bodyOf = (...lines: string[]): Buffer => Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1');

/** The rules without the short way: one expression for a line, as RFC 1939 and servers in the field have it. */
function byTheRules(body: Buffer): { list: unknown; uidl: unknown } {
  const lines = body
    .toString('latin1')
    .split('\r\n')
    .filter((line) => line !== '');
  const list = new Map<number, number>();
  const uidl = new Map<number, string>();
  let isList = true;
  let isUidl = true;
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    const [number, octets] = words.filter((word) => /^\d{1,15}$/.test(word)).map(Number);
    if (number === undefined || octets === undefined) isList = false;
    else list.set(number, octets);
    const match = /^\s*(\d+)(?:\s+(.*?))?\s*$/.exec(line);
    if (match === null) isUidl = false;
    else if ((match[2] ?? '') !== '') uidl.set(Number(match[1]), match[2] ?? '');
  }
  return {
    list: isList ? [...list].map(([messageNumber, octets]) => ({ messageNumber, octets })) : 'refused',
    uidl: isUidl ? uidl : 'refused',
  };
}

function orRefused<T>(read: () => T): T | 'refused' {
  try {
    return read();
  } catch (error) {
    expect(error).toMatchObject({ code: 'EPROTOCOL' });
    return 'refused';
  }
}

describe('lists of a maildrop', () => {
  test('as the RFC has them', () => {
    const list = bodyOf('1 120', '2 200');
    expect(readList(list)).toEqual([
      { messageNumber: 1, octets: 120 },
      { messageNumber: 2, octets: 200 },
    ]);
    expect(readUidl(bodyOf('1 whqtswO00WBw418f9t5JxYwZ', '2 QhdPYR:00WBw1Ph7x7'))).toEqual(
      new Map([
        [1, 'whqtswO00WBw418f9t5JxYwZ'],
        [2, 'QhdPYR:00WBw1Ph7x7'],
      ]),
    );
    expect(readList(Buffer.alloc(0))).toEqual([]);
    expect(readUidl(Buffer.alloc(0))).toEqual(new Map());
  });

  test.each([
    ['more words', '1 120 and more'],
    ['spaces around', '  1 \t 120  '],
    ['the most digits', '999999999999999 999999999999999'],
    ['too many digits', '1 1234567890123456'],
    ['leading noughts', '007 00120'],
    ['no number', 'one two'],
    ['one number', '1'],
    ['a number and a space', '1 '],
    ['an id with spaces', '1 a b  c '],
    ['an id of other octets', '1 \xe9\xa0\x7f\x01x'],
    ['an id that is a number', '1 2'],
    ['a bare CR and LF inside', '1 a\rb\nc'],
    ['a NUL', '1 \0'],
    ['a sign', '-1 +2'],
    ['only spaces', '   '],
  ])('%s', (_name, line) => {
    for (const body of [bodyOf(line), bodyOf('3 5', line, '', '3 7'), Buffer.from(line, 'latin1')]) {
      const expected = byTheRules(body);
      expect(orRefused(() => readList(body))).toEqual(expected.list);
      expect(orRefused(() => readUidl(body))).toEqual(expected.uidl);
    }
  });

  test('whatever octets a server makes up, the short way reads as the rules do', () => {
    let seed = 7;
    const below = (limit: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * limit);
    };
    const pieces = ['1', '20', '300', ' ', ' ', '\t', 'x', 'ab:C', '\r', '\n', '\r\n', '\xa0', '\x85', '\0', '.', '٣'];
    for (let round = 0; round < 5000; round += 1) {
      const text = Array.from({ length: below(12) }, () => pieces[below(pieces.length)]).join('');
      const body = Buffer.from(text, 'latin1');
      const expected = byTheRules(body);
      expect(orRefused(() => readList(body))).toEqual(expected.list);
      expect(orRefused(() => readUidl(body))).toEqual(expected.uidl);
    }
  });

  test('a long list without an end of line takes no longer than its length', () => {
    const body = Buffer.alloc(4 * 1024 * 1024, '1');
    expect(orRefused(() => readList(body))).toBe('refused');
    expect(readUidl(body)).toEqual(new Map());
  });

  test('the digest tells both answers apart, and where one ends', () => {
    const digests = [
      createListing(bodyOf('1 5'), bodyOf('1 a')),
      createListing(bodyOf('1 6'), bodyOf('1 a')),
      createListing(bodyOf('1 5'), bodyOf('1 b')),
      createListing(bodyOf('1 5'), null),
      createListing(bodyOf('1 5'), Buffer.alloc(0)),
      createListing(bodyOf('1 5', '1 a'), Buffer.alloc(0)),
      createListing(Buffer.alloc(0), bodyOf('1 5', '1 a')),
    ].map((listing) => listing.digest());
    expect(new Set(digests).size).toBe(digests.length);
    expect(createListing(bodyOf('1 5'), bodyOf('1 a')).digest()).toBe(digests[0]);
    expect(createListing(bodyOf('1 5'), null).uniqueIds()).toBeNull();
  });
});
