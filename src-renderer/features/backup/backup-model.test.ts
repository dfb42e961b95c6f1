import { expect, it } from 'vitest';
import { folderOf, proposedTarget } from './backup-model.ts';

const day = new Date(2026, 2, 4);

it('proposes a name that says when and how', () => {
  expect(proposedTarget('/home/ann/Exports/', 'mbox', day)).toBe('/home/ann/Exports/mail-2026-03-04-mbox');
  expect(proposedTarget('/home/ann/Exports', 'zip', day)).toBe('/home/ann/Exports/mail-2026-03-04.zip');
  expect(proposedTarget('C:\\Users\\Ann', 'eml', day)).toBe('C:\\Users\\Ann\\mail-2026-03-04-eml');
});

it('finds the folder of a path', () => {
  expect(folderOf('/a/b/c')).toBe('/a/b');
  expect(folderOf('C:\\a\\b')).toBe('C:\\a');
  expect(folderOf('c')).toBe('');
});
