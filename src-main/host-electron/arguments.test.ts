import { expect, test } from 'vitest';
import { readStartArguments } from './arguments.ts';

test.each([
  [[], undefined, undefined],
  [['--profile', '/p'], '/p', undefined],
  [['--profile=/p', '--no-sandbox', 'mailto:a@example.com?subject=Hi'], '/p', 'mailto:a@example.com?subject=Hi'],
  [['--profile'], undefined, undefined],
  [['--some-chromium-switch=1', 'MAILTO:a@example.com', '/a/folder'], undefined, 'MAILTO:a@example.com'],
  [['https://example.com'], undefined, undefined],
  [['file:///mail/a%20b.eml'], undefined, 'file:///mail/a%20b.eml'],
])('reads %j', (argv, profile, address) => {
  expect(readStartArguments(argv, '/home')).toEqual({ profile, address });
});

test.skipIf(process.platform === 'win32').each([
  ['/mail/Grüße #1?.EML', 'file:///mail/Gr%C3%BC%C3%9Fe%20%231%3F.EML'],
  ['letters/a.eml', 'file:///home/letters/a.eml'],
])('a message file is named by its URL: %s', (path, url) => {
  expect(readStartArguments(['--no-sandbox', path], '/home').address).toBe(url);
});
