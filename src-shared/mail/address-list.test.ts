import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, formatAddress } from './address.ts';
import { mailboxesIn, parseAddressList } from './address-list.ts';

function short(text: string): string[] {
  return parseAddressList(text).addresses.map(({ displayName, mailbox }) => `${displayName}|${mailbox}`);
}

describe('parseAddressList', () => {
  it.each([
    ['A <a@b>, "C, D" <c@d>; e@f', ['A|a@b', 'C, D|c@d', '|e@f']],
    ['ann@example.org', ['|ann@example.org']],
    ['<ann@example.org>', ['|ann@example.org']],
    ['Ann Example ann@example.org', ['Ann Example|ann@example.org']],
    ['ann@example.org (Ann (really))', ['Ann (really)|ann@example.org']],
    ['"Ann \\"A\\" O\'Neill" <ann@example.org>', ['Ann "A" O\'Neill|ann@example.org']],
    ['"odd local"@example.org', ['|"odd local"@example.org']],
    ['Ann <"odd, local"@example.org>', ['Ann|"odd, local"@example.org']],
    ['friends: a@x.org, B <b@x.org>;, c@x.org', ['|a@x.org', 'B|b@x.org', '|c@x.org']],
    ['undisclosed-recipients:;', []],
    ['Joe <@relay.org,@other.org:joe@example.org>', ['Joe|joe@example.org']],
    ['joe . smith @ example . org', ['|joe.smith@example.org']],
    ['Ann <ann@example.org, Bob <bob@example.org>', ['Ann|ann@example.org', 'Bob|bob@example.org']],
    ['a@x.org;;, ,b@x.org', ['|a@x.org', '|b@x.org']],
    ['"a@x.org" <b@x.org>', ['a@x.org|b@x.org']],
    ['a@x.org <b@x.org>', ['a@x.org|b@x.org']],
    ['me@[IPv6:2001:db8::1], you@[192.0.2.1]', ['|me@[IPv6:2001:db8::1]', '|you@[192.0.2.1]']],
    ['=?utf-8?q?Doe,_Jane?= <j@x.org>', ['=?utf-8?q?Doe,_Jane?=|j@x.org']],
    ['Jürgen Müller <jürgen@müller.example>', ['Jürgen Müller|jürgen@müller.example']],
    ['<mailto:ann@example.org>', ['|ann@example.org']],
    ['Ann\n <ann@example.org>,\n\tbob@example.org', ['Ann|ann@example.org', '|bob@example.org']],
  ])('reads %s', (text, expected) => {
    expect(short(text)).toEqual(expected);
  });

  it('gives back what is no address yet', () => {
    expect(parseAddressList('a@x.org, Ann Exa')).toEqual({
      addresses: [{ displayName: '', mailbox: 'a@x.org' }],
      rest: 'Ann Exa',
    });
    expect(parseAddressList('ann@').rest).toBe('ann@');
    expect(parseAddressList('@x.org').rest).toBe('@x.org');
    expect(parseAddressList('"quoted name"').rest).toBe('quoted name');
    expect(parseAddressList('  ')).toEqual({ addresses: [], rest: '' });
  });

  it.each([':<.) a(]:;', '<a@x.org>:', 'a@x.org <b@x.org> : c', '(:', '"a":<b>:;:'])(
    'goes on past stray marks: %s',
    (text) => {
      expect(parseAddressList(text).addresses.length).toBeLessThan(3);
    },
  );

  it('reads back what formatAddress writes', () => {
    const atom = fc.stringMatching(/^[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}$/).filter((text) => !text.includes('=?'));
    const mailbox = fc.tuple(atom, atom, atom).map(([local, host, top]) => `${local}@${host}.${top}`);
    const displayName = fc
      .string({ unit: fc.constantFrom(...'ab ÄöЖ中.,;:"\\()<>@[]\''), maxLength: 20 })
      .map((text) => text.replace(/\s+/g, ' ').trim());
    fc.assert(
      fc.property(fc.array(fc.record({ displayName, mailbox }), { maxLength: 8 }), (addresses: Address[]) => {
        expect(parseAddressList(addresses.map(formatAddress).join(', '))).toEqual({ addresses, rest: '' });
      }),
    );
  });

  it('never throws, and holds no more than it was given', () => {
    const piece = fc.constantFrom(
      '"',
      '\\',
      '(',
      ')',
      '<',
      '>',
      ',',
      ';',
      ':',
      '@',
      '[',
      ']',
      'a',
      ' ',
      '=?u?q?x?=',
      '.',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const { addresses } = parseAddressList(pieces.join(''));
        for (const { mailbox } of addresses) expect(mailbox).not.toBe('');
      }),
      { numRuns: 5000 },
    );
  });

  it.each(['(', '"', '<', '<"', '\\"', '@', '[', 'a:', ',', '=?', '=?u?q?', '(\\', 'a@b(', '"\\"', ' ', '<a@b '])(
    'takes time linear in the length of rows of %s',
    (unit) => {
      const time = (length: number) => {
        const text = `x${unit.repeat(length / unit.length)}`;
        const begun = performance.now();
        parseAddressList(text);
        return performance.now() - begun;
      };
      time(50_000);
      expect(time(500_000)).toBeLessThan(5000);
    },
  );
});

describe('mailboxesIn', () => {
  it('finds them in whatever stands around them', () => {
    expect(mailboxesIn('for <a@b.test>; "c@d.test" (e@f), by g@ or @h, @i@j')).toEqual([
      'a@b.test',
      'c@d.test',
      'e@f',
      '@i@j',
    ]);
  });

  it.each(['a', '@', 'a@', 'a@,'])('takes time linear in the length of rows of %s', (unit) => {
    const begun = performance.now();
    mailboxesIn(unit.repeat(500_000));
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});
