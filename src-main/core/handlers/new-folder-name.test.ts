import { expect, it } from 'vitest';
import { FolderPath } from '#shared/ids.ts';
import { newFolderName } from './new-folder-name.ts';

const existing = ['Inbox', 'Work', 'Work/Été', 'a/b/c'].map((path) => FolderPath.parse(path));

it.each([
  ['Année/Été/日本', 'Année/Été/日本'],
  ['  Work / New ', 'Work/New'],
  ['Anne\u0301e', 'Ann\u00e9e'],
  ['Inbox/Later', 'Inbox/Later'],
  ['..', '..'],
])('%s is kept as %s', (wanted, kept) => {
  expect(newFolderName(wanted, existing)).toBe(kept);
});

it.each([
  ['work', 'differs from the folder “Work” only in how'],
  ['WORK/x', 'Write “Work/x”'],
  ['Work/E\u0301TE\u0301', 'differs from the folder “Work/Été”'],
  ['A', 'differs from the folder “a”'],
  ['INBOX', 'differs from the folder “Inbox”'],
  ['quarantine', 'differs from the folder “Quarantine”'],
  ['Trash', 'There is a folder “Trash” already'],
  ['Work', 'There is a folder “Work” already'],
  ['Outbox/x', 'No folder can lie in “Outbox”'],
  ['quarantine/x', 'No folder can lie in “Quarantine”'],
  ['a//b', 'A folder name cannot be empty'],
  ['a/ /b', 'A folder name cannot be empty'],
  ['a\u0007', 'control characters'],
])('%s is refused, with the reason', (wanted, reason) => {
  expect(() => newFolderName(wanted, existing)).toThrow(reason);
});
