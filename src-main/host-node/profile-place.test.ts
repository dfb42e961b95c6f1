import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { takeGlobals } from '../cli/arguments.ts';
import { findProfile } from './profile.ts';
import { profileDirGiven } from './profile-place.ts';

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
