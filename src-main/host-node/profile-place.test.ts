import { join, resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import { takeGlobals } from '../cli/arguments.ts';
import { findProfile } from './profile.ts';
import { homeOf, profileDirGiven, wordsGiven, workingFolder } from './profile-place.ts';

test.each([
  [['collect']],
  [['--profile', 'here', 'collect']],
  [['collect', '--profile=there']],
  [['--profile', 'here', 'send', '--profile', 'there', 'a.eml']],
  [['sendmail', '-t', '--', '--profile', 'not-this']],
])('%j means the profile the command will find', async (argv) => {
  const { profile } = takeGlobals(argv);
  expect(profileDirGiven(argv)).toBe((await findProfile(profile)).profileDir);
  expect(profileDirGiven(argv, 'from-environment')).toBe((await findProfile(profile ?? 'from-environment')).profileDir);
});

test('a mistake is no profile of its own', () => {
  expect(profileDirGiven(['--profile'], 'usual')).toBe(resolve('usual'));
  expect(profileDirGiven(['--profile', join('a', '..', 'b')])).toBe(resolve('b'));
});

test('a folder that was removed under us is no reason to fail; relative paths lead nowhere then', () => {
  const gone = vi.spyOn(process, 'cwd').mockImplementation(() => {
    throw new Error('ENOENT: process.cwd failed');
  });
  const moved = vi.spyOn(process, 'chdir').mockImplementation(() => undefined);
  vi.stubEnv('PWD', '/was/here');
  expect(workingFolder()).toBe(resolve('/was/here'));
  expect(profileDirGiven(['--profile', 'mine'])).toBe(resolve('/was/here/mine'));
  expect(profileDirGiven(['--profile', resolve('/mine')])).toBe(resolve('/mine'));
  expect(moved).toHaveBeenCalledExactlyOnceWith('/');
  moved.mockRestore();
  gone.mockRestore();
  vi.unstubAllEnvs();
});

test('a home that is no place is not taken for one', () => {
  const account = (): string => '/home/anna';
  expect(homeOf('/home/bob', account)).toBe('/home/bob');
  expect(homeOf('', account)).toBe('/home/anna');
  expect(homeOf('relative', account)).toBe('/home/anna');
});

test('the words of a command line, wherever its options stand', () => {
  expect(wordsGiven(['--profile', '/p', '--json', 'collect', 'anna'])).toEqual(['collect', 'anna']);
  expect(wordsGiven(['collect', '--profile=/p', 'anna', '--profile', 'ben'])).toEqual(['collect', 'anna']);
  expect(wordsGiven([])).toEqual([]);
});
