import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderPath, type MessageKey } from '#shared/ids.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import { keyOf, mail } from '../../store/testing/store-fixture.ts';
import { type ArchiveOnAProfile, archiveOnAProfile } from './testing/archive-on-a-profile.ts';

const folder = (path: string): FolderPath => FolderPath.parse(path);
const projects = folder('Projects/House');
const removed = folder('Removed');
const empty = folder('Empty');
const emptied = folder('Emptied');

let one: ArchiveOnAProfile;
let out: string;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'postrider-gone-'));
  one = await archiveOnAProfile();
});
afterEach(async () => {
  await one.remove();
  await rm(out, { recursive: true, force: true });
});

async function put(where: FolderPath, ...subjects: string[]): Promise<MessageKey[]> {
  const requests = subjects.map((subject) => {
    const bytes = mail(subject);
    return { folder: where, messageKey: keyOf(subject, bytes), bytes, flags: [] };
  });
  return (await one.store.file(requests)).map(({ messageKey }) => messageKey);
}

const foldersHere = async (): Promise<FolderPath[]> => (await one.store.listFolders()).map((one) => one.folder);

/** A backup, and then: one folder renamed with what it holds, one removed with one message for good, one empty, one emptied. */
async function backUpAndChange(): Promise<string> {
  const file = join(out, 'full.zip');
  await one.store.createFolder(folder('Projects'));
  await put(projects, 'house 1', 'house 2');
  const inTrash = await put(removed, 'kept in Trash');
  const forGood = await put(removed, 'gone for good');
  const moved = await put(emptied, 'moved away');
  await one.store.createFolder(empty);
  await one.create({ out: file });
  await one.store.renameFolder(folder('Projects'), folder('Works'));
  await one.store.move(inTrash, fixed.trash);
  await one.store.destroy(forGood);
  await one.store.move(moved, fixed.archive);
  for (const each of [removed, empty, emptied]) await one.store.removeFolder(each);
  return file;
}

test('before a restore, says which folders are not here any more and which of them come back', async () => {
  const file = await backUpAndChange();
  const { gone } = await one.archive.handlers['backup.inspect']({ file });
  expect(gone?.toSorted((a, b) => (a.folder < b.folder ? -1 : 1))).toEqual(
    [
      { folder: emptied, missing: 0, elsewhere: 1, elsewhereIn: [fixed.archive], comesBack: false },
      { folder: empty, missing: 0, elsewhere: 0, elsewhereIn: [], comesBack: true },
      { folder: 'Projects', missing: 0, elsewhere: 0, elsewhereIn: [], comesBack: false },
      { folder: projects, missing: 0, elsewhere: 2, elsewhereIn: ['Works/House'], comesBack: false },
      { folder: removed, missing: 1, elsewhere: 1, elsewhereIn: [fixed.trash], comesBack: true },
    ].toSorted((a, b) => (a.folder < b.folder ? -1 : 1)),
  );
});

test('a restore does what was said, and tells which folders came back', async () => {
  const file = await backUpAndChange();
  const report = await one.restore({ file });
  expect(report).toMatchObject({ messages: 1, others: 4 });
  expect(report.returned?.toSorted()).toEqual([empty, removed]);
  const here = await foldersHere();
  expect(here).toEqual(expect.arrayContaining([empty, removed, 'Works/House']));
  for (const stays of [projects, folder('Projects'), emptied]) expect(here).not.toContain(stays);
  expect(await one.restore({ file })).toMatchObject({ messages: 0, returned: [] });
});

test('into a profile that has nothing, every folder comes back, the empty ones too', async () => {
  const file = await backUpAndChange();
  const other = await archiveOnAProfile();
  const { gone } = await other.archive.handlers['backup.inspect']({ file });
  expect(gone?.every(({ comesBack }) => comesBack)).toBe(true);
  await other.restore({ file });
  const here = (await other.store.listFolders()).map((each) => each.folder);
  expect(here).toEqual(expect.arrayContaining([folder('Projects'), projects, removed, empty, emptied]));
  await other.remove();
});

test('one folder, or a message, goes where the user says', async () => {
  const file = await backUpAndChange();
  const into = folder('Brought back');
  expect(await one.restore({ file, folders: [removed], into })).toMatchObject({ messages: 1, returned: [into] });
  expect(await one.store.listKeys(into)).toHaveLength(1);
  expect(await foldersHere()).not.toContain(removed);
  for (const wrong of [{ into }, { folders: [removed, empty], into }, { folders: [removed], into: fixed.outbox }])
    await expect(one.restore({ file, ...wrong })).rejects.toMatchObject({ code: 'EINVALID' });
});
