import { expect, test } from 'vitest';
import { readStartArguments } from './arguments.ts';

test.each([
  [[], undefined, undefined],
  [['--profile', '/p'], '/p', undefined],
  [['--profile=/p', '--no-sandbox', 'mailto:a@example.com?subject=Hi'], '/p', 'mailto:a@example.com?subject=Hi'],
  [['--profile'], undefined, undefined],
  [['--some-chromium-switch=1', 'MAILTO:a@example.com', '/a/folder'], undefined, 'MAILTO:a@example.com'],
  [['https://example.com'], undefined, undefined],
])('reads %j', (argv, profile, mailto) => {
  expect(readStartArguments(argv)).toEqual({ profile, mailto });
});
