import { expect, test } from 'vitest';
import { FolderPath } from '#shared/ids.ts';
import type { MailSourceView, SourceFolder } from '#shared/mail/mail-source.ts';
import { byAccount, firstChoice, newFolder, problemsOf, requestFor, sumOf } from './import-choice.ts';

const folder = (id: string, more: Partial<SourceFolder> = {}): SourceFolder => ({
  id,
  account: null,
  name: id,
  folder: FolderPath.parse(id),
  octets: 1000,
  messages: null,
  isSuggested: true,
  ...more,
});

const source = (folders: SourceFolder[], kind: MailSourceView['kind'] = 'thunderbird'): MailSourceView => ({
  path: '/p',
  kind,
  folders,
  tags: [],
  accounts: [],
  notes: [],
});

test('begins with what most people want, or with everything where that is nothing', () => {
  const folders = [folder('Inbox'), folder('Trash', { isSuggested: false })];
  expect([...firstChoice(folders).chosen]).toEqual(['Inbox']);
  expect([...firstChoice(folders.slice(1)).chosen]).toEqual(['Trash']);
});

test('asks for all folders without naming them, for some by their ids', () => {
  const view = source([folder('Inbox'), folder('Trash', { isSuggested: false })]);
  const some = firstChoice(view.folders);
  expect(requestFor(view, some)).toEqual({ path: '/p', keepFolders: true, sources: ['Inbox'] });
  const all = { ...some, chosen: new Set(['Inbox', 'Trash']) };
  expect(requestFor(view, all)).toEqual({ path: '/p', keepFolders: true });
});

test('goes below one folder, or into one', () => {
  const view = source([folder('Inbox')]);
  const choice = firstChoice(view.folders);
  expect(requestFor(view, { ...choice, layout: 'below', below: ' Old ' })).toEqual({
    path: '/p',
    folder: 'Old',
    keepFolders: true,
  });
  expect(requestFor(view, { ...choice, layout: 'one', into: newFolder, newName: 'Mine' })).toEqual({
    path: '/p',
    folder: 'Mine',
    keepFolders: false,
  });
});

test('a Takeout leaves spam and bin out where they would go', () => {
  const view = source([folder('All mail')], 'takeout');
  const choice = firstChoice(view.folders);
  expect(requestFor(view, choice)?.leaveOut).toEqual(['Junk', 'Trash']);
  expect(requestFor(view, { ...choice, layout: 'below', below: 'Gmail' })?.leaveOut).toEqual([
    'Gmail/Junk',
    'Gmail/Trash',
  ]);
  expect(requestFor(view, { ...choice, leavesOut: [] })?.leaveOut).toBeUndefined();
});

test('says what is missing and asks for nothing until it is there', () => {
  const view = source([folder('Inbox')]);
  const choice = { ...firstChoice(view.folders), chosen: new Set<string>(), layout: 'below' as const, below: 'a//b' };
  expect(problemsOf(choice)).toEqual(['no-folders', 'below-wrong']);
  expect(requestFor(view, choice)).toBeNull();
  expect(problemsOf({ ...choice, layout: 'one', into: newFolder })).toEqual(['no-folders', 'name-wrong']);
});

test('adds up what is known, and says when it is about', () => {
  const folders = [folder('a', { messages: 3 }), folder('b')];
  expect(sumOf(folders, {})).toEqual({ octets: 2000, messages: null, isExact: true });
  expect(sumOf(folders, { b: { id: 'b', messages: 4, isExact: false } })).toEqual({
    octets: 2000,
    messages: 7,
    isExact: false,
  });
});

test('groups by account in the order they came', () => {
  const groups = byAccount([
    folder('x', { account: 'A' }),
    folder('y', { account: 'B' }),
    folder('z', { account: 'A' }),
  ]);
  expect(groups.map(({ account, folders }) => [account, folders.map(({ id }) => id)])).toEqual([
    ['A', ['x', 'z']],
    ['B', ['y']],
  ]);
});

test('address books come alone or with the mail; what was collected by itself is not chosen at first', () => {
  const books = [
    { id: 'abook.sqlite', name: 'Mine', addresses: 3, isSuggested: true },
    { id: 'history.sqlite', name: 'Collected', addresses: 9, isSuggested: false },
  ];
  const view = { ...source([folder('Inbox')]), books };
  const choice = firstChoice(view.folders, books);
  expect(requestFor(view, choice)).toEqual({ path: '/p', keepFolders: true, books: ['abook.sqlite'] });
  const alone = { ...choice, chosen: new Set<string>(), layout: 'below' as const };
  expect(requestFor(view, alone)).toEqual({ path: '/p', keepFolders: true, sources: [], books: ['abook.sqlite'] });
  expect(problemsOf({ ...alone, books: new Set() })).toEqual(['no-folders', 'below-wrong']);
});
