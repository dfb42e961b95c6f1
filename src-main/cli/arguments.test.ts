import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { takeGlobals } from './arguments.ts';
import { UsageError } from './exit-codes.ts';
import { createOutput, octetsInWords, plain } from './output.ts';
import { addressesIn, checkAddresses, sendmailArguments, upToLoneDot } from './sendmail-arguments.ts';

test('the options every verb knows stand before or after it', () => {
  const expected = {
    profile: 'P',
    isJson: true,
    isHelp: false,
    isVersion: false,
    rest: ['list', 'Inbox', '--limit', '1'],
  };
  expect(takeGlobals(['--json', '--profile', 'P', 'list', 'Inbox', '--limit', '1'])).toEqual(expected);
  expect(takeGlobals(['list', 'Inbox', '--limit', '1', '--profile=P', '--json'])).toEqual(expected);
  expect(takeGlobals(['sendmail', '--', '--json']).rest).toEqual(['sendmail', '--', '--json']);
  expect(() => takeGlobals(['list', '--profile'])).toThrow(UsageError);
});

test.each([
  [['-t'], { readHeader: true }],
  [['-ti', '-fa@b.c'], { readHeader: true, ignoreDots: true, reversePath: 'a@b.c' }],
  [
    ['-oi', '-f', '<a@b.c>', '-F', 'Ann B', 'x@b.c', 'y@b.c,<z@b.c>'],
    { ignoreDots: true, reversePath: 'a@b.c', fullName: 'Ann B', recipients: ['x@b.c', 'y@b.c', 'z@b.c'] },
  ],
  [['-FCronDaemon', '-i', '-odi', '-oem', '-oi', '-t'], { readHeader: true, ignoreDots: true, fullName: 'CronDaemon' }],
  [['-i', '-f', '', '--', '-odd@b.c'], { ignoreDots: true, reversePath: '', recipients: ['-odd@b.c'] }],
  [['-o', 'i', '-o', 'em', 'x@b.c'], { ignoreDots: true, recipients: ['x@b.c'] }],
  [['"a,\\"b c"@b.c, <y@b.c>,', '"z@b.c,x@b.c'], { recipients: ['"a,\\"b c"@b.c', 'y@b.c', '"z@b.c', 'x@b.c'] }],
  [['Joe Doe <x@b.c>, "Doe, J." <y@b.c>'], { recipients: ['x@b.c', 'y@b.c'] }],
  [['-bm', '-N', 'never', '-B8BITMIME', '-v', 'x@b.c'], { recipients: ['x@b.c'] }],
] as const)('sendmail %j', (args, expected) => {
  expect(sendmailArguments(args)).toEqual({ recipients: [], readHeader: false, ignoreDots: false, ...expected });
});

test.each([
  ['a@b.c,d@e.f', ['a@b.c', 'd@e.f']],
  [' a@b.c , ', ['a@b.c']],
  ['"Doe, John" <j@x.example>, K <k@x.example>', ['j@x.example', 'k@x.example']],
  ['"a,b"@c.d,<e@f.g>', ['"a,b"@c.d', 'e@f.g']],
  ['"Doe \\"<the>\\", John" <j@x.example>', ['j@x.example']],
])('the addresses of %s', (list, addresses) => {
  expect(addressesIn(list)).toEqual(addresses);
});

test.each([['-bs'], ['-bp'], ['-q'], ['-k'], ['-f']])('sendmail %s is refused', (word) => {
  expect(() => sendmailArguments([word])).toThrow(UsageError);
});

test('an address nobody can be reached at is told before anything is taken', () => {
  const check = (...args: string[]) => checkAddresses(sendmailArguments(args));
  expect(() => check('root', 'a@b.c', '"a b"@b.c', '-f', '')).not.toThrow();
  for (const bad of ['a b', 'a b@c.d', 'a@', 'a@b.c>\r\nRCPT TO:<evil@b.c', 'a\0b@c.d'])
    expect(() => check('x@b.c', bad)).toThrow(/is not a complete address/);
  expect(() => check('x@b.c', '-f', 'a b@c.d')).toThrow(/“a b@c.d”/);
});

test('a lone dot ends a message, another does not', () => {
  const upTo = (text: string) => upToLoneDot(Buffer.from(text)).toString();
  expect(upTo('a\n.\nb\n')).toBe('a\n');
  expect(upTo('a\r\n.\r\nb')).toBe('a\r\n');
  expect(upTo('.\na')).toBe('');
  expect(upTo('a\n..\n.b\n')).toBe('a\n..\n.b\n');
  expect(upTo('a\n.')).toBe('a\n');
});

test('a subject cannot drive the terminal, and columns stand one under the other', () => {
  expect(plain('a\x1b[2J\u202eb\r\nc')).toBe('a·[2J·b·\nc');
  let written = '';
  const stdout = new Writable({
    write(chunk, _, done) {
      written += String(chunk);
      done();
    },
  });
  createOutput({ stdout, stderr: stdout }, false).table([
    ['漢字', 'x'],
    ['abcdef', 'y\nz'],
  ]);
  expect(written).toBe('漢字    x\nabcdef  y z\n');
});

test('sizes in words', () => {
  expect([0, 999, 1000, 12_345, 999_600, 5_000_000_000].map(octetsInWords)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '12 kB',
    '1.0 MB',
    '5.0 GB',
  ]);
});
