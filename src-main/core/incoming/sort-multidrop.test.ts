import { describe, expect, it } from 'vitest';
import { FolderPath } from '#shared/ids.ts';
import { folderForHanded } from './sort-multidrop.ts';

const inbox = FolderPath.parse('Inbox');
const route = (match: string, name: string) => ({ match, folder: FolderPath.parse(name) });
const accounts = [
  {},
  { multidrop: { fields: [], routes: [route('anna@mine.example', 'Anna')] } },
  { multidrop: { fields: ['X-For'], routes: [route('@mine.example', 'Family')] } },
];
const bytes = Buffer.from('X-For: bert@mine.example\r\nDelivered-To: anna@mine.example\r\n\r\ntext\r\n');

describe('mail that was handed over with its envelope', () => {
  it.each([
    ['the first recipient with a route', ['x@other.example', 'ANNA@mine.example'], bytes, 'Anna'],
    ['a route for the domain', ['carl@mine.example', 'anna@mine.example'], bytes, 'Family'],
    ['the header where the envelope names nobody known', ['x@other.example'], bytes, 'Anna'],
    ['the Inbox where nothing names anybody known', ['x@other.example'], Buffer.from('Subject: x\r\n\r\n'), inbox],
  ])('is filed by %s', (_what, forwardPaths, message, folder) => {
    expect(folderForHanded(accounts, { forwardPaths, bytes: message })).toBe(folder);
  });

  it('goes to the Inbox where there is no shared maildrop', () => {
    expect(folderForHanded([{}], { forwardPaths: ['anna@mine.example'], bytes })).toBe(inbox);
  });
});
