import { expect, test } from 'vitest';
import { commandWords, startOfCommand } from './command-words.ts';

test.each([
  [['postrider'], null],
  [['postrider', 'mailto:a@example.com'], null],
  [['postrider', '--postrider-command'], []],
  [
    ['postrider', '--disable-gpu', '--postrider-command', '--', 'sendmail', '-t', '--', 'a@b.c'],
    ['sendmail', '-t', '--', 'a@b.c'],
  ],
  [
    ['electron', '/checkout', '--postrider-command', '--', '--json', 'folders'],
    ['--json', 'folders'],
  ],
  // Whatever a person writes behind `--` is theirs, and no mark.
  [['postrider', '--', '--postrider-command', 'doctor'], null],
])('reads %j', (argv, words) => {
  expect(commandWords(argv)).toEqual(words);
});

test('asks Linux for no screen, and root for no sandbox it cannot have', () => {
  const linux = { platform: 'linux', binary: '/opt/Postrider/postrider-app' } as const;
  expect(startOfCommand(linux, false)).toEqual([
    '/opt/Postrider/postrider-app',
    '--ozone-platform=headless',
    '--disable-gpu',
    '--postrider-command',
    '--',
  ]);
  expect(startOfCommand(linux, true)[1]).toBe('--no-sandbox');
  expect(startOfCommand({ platform: 'darwin', binary: '/b' }, true)).toEqual(['/b', '--postrider-command', '--']);
  expect(startOfCommand({ platform: 'win32', binary: 'C:\\b.exe', appPath: 'C:\\checkout' }, false)).toEqual([
    'C:\\b.exe',
    'C:\\checkout',
    '--postrider-command',
    '--',
  ]);
});

test('what starts the command is what the command is recognised by', () => {
  for (const platform of ['linux', 'darwin', 'win32'] as const)
    expect(commandWords([...startOfCommand({ platform, binary: 'b' }, true), 'send', 'a:b', '-t'])).toEqual([
      'send',
      'a:b',
      '-t',
    ]);
});
