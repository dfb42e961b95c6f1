import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderPath, type MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';

let app: CoreOnAProfile;
let keys: { readonly one: MessageKey; readonly two: MessageKey };

beforeEach(async () => {
  app = await openCore();
  for (const name of ['one', 'two'])
    await writeFile(
      join(app.profileDir, 'Mail', 'new', `1700000000.${name}.host`),
      `Subject: ${name}\r\n\r\nWords.\r\n`,
    );
  const { rows } = await app.api.call('message.list', { folder: folder.inbox });
  const keyOf = (name: string): MessageKey =>
    rows.find(({ subject }) => subject === name)?.messageKey ?? expect.fail(`${name} is missing`);
  keys = { one: keyOf('one'), two: keyOf('two') };
});
afterEach(() => app.dispose());

const tagsOf = async (messageKey: MessageKey) => (await app.api.call('message.summary', { messageKey }))?.tags;
const tag = (messageKeys: MessageKey[], ...add: string[]) => app.api.call('message.setTags', { messageKeys, add });

test('a tag renamed: on its messages, in the list, in searches; where both were, once; and back again', async () => {
  await tag([keys.one], 'Boats', 'Work');
  await tag([keys.two], 'Boats', 'Ships');
  const { messageKeys } = await app.api.call('tag.replace', { tag: 'Boats', to: 'Ships' });
  expect(messageKeys.toSorted()).toEqual([keys.one, keys.two].toSorted());
  expect([await tagsOf(keys.one), await tagsOf(keys.two)]).toEqual([['Ships', 'Work'], ['Ships']]);
  const names = (await app.api.call('tag.list', {})).map((one) => (typeof one === 'string' ? one : one.tag));
  expect(names).toContain('Ships');
  expect(names).not.toContain('Boats');
  expect((await app.api.call('message.search', { query: 'tag:ships' })).total).toBe(2);
  expect((await app.api.call('message.search', { query: 'tag:boats' })).total).toBe(0);
  const again = await app.reopen();
  expect((await again.api.call('message.summary', { messageKey: keys.one }))?.tags).toEqual(['Ships', 'Work']);
});

test('a tag taken away goes from every message and nothing else does; one that nobody has changes nothing', async () => {
  await tag([keys.one], 'Boats', 'Work');
  expect((await app.api.call('tag.replace', { tag: 'Boats', to: null })).messageKeys).toEqual([keys.one]);
  expect([await tagsOf(keys.one), await tagsOf(keys.two)]).toEqual([['Work'], []]);
  expect((await app.api.call('tag.replace', { tag: 'Boats', to: 'Ships' })).messageKeys).toEqual([]);
  expect((await app.api.call('message.search', { query: 'tag:ships' })).total).toBe(0);
});

test('a copy has the same bytes, flags and tags under a key of its own, and the first stays as it is', async () => {
  await tag([keys.one], 'Boats');
  await app.api.call('message.setFlags', { messageKeys: [keys.one], add: ['seen', 'flagged'] });
  const { copies } = await app.api.call('message.copy', { messageKeys: [keys.one, keys.two], folder: folder.archive });
  const [first = keys.one] = copies;
  expect(new Set([...copies, keys.one, keys.two]).size).toBe(4);
  const copy = await app.api.call('message.summary', { messageKey: first });
  expect(copy).toMatchObject({ folder: 'Archive', subject: 'one', tags: ['Boats'], flags: ['flagged', 'seen'] });
  const [there, here] = await Promise.all(
    [first, keys.one].map(async (messageKey) => (await app.api.call('message.locate', { messageKey })).path),
  );
  expect(there).not.toBe(here);
  expect(await readFile(there ?? '')).toEqual(await readFile(here ?? ''));
  // Copied again it is another copy: a person asked for it.
  await app.api.call('message.copy', { messageKeys: [keys.one], folder: folder.archive });
  expect((await app.api.call('message.list', { folder: folder.archive })).total).toBe(3);
  expect((await app.api.call('message.list', { folder: folder.inbox })).total).toBe(2);
});

test('nothing is copied into the Outbox, nor what is not there', async () => {
  const into = (messageKeys: MessageKey[], to: string) =>
    app.api.call('message.copy', { messageKeys, folder: FolderPath.parse(to) });
  await expect(into([keys.one], 'Outbox')).rejects.toThrow('The Outbox takes only what you send');
  expect(await readdir(join(app.profileDir, 'Mail', '.Outbox', 'new')).catch(() => [])).toEqual([]);
  await app.api.call('message.move', { messageKeys: [keys.two], folder: folder.trash });
  await app.api.call('message.destroy', { messageKeys: [keys.two] });
  await expect(into([keys.two], 'Archive')).rejects.toThrow('not there any more');
});

test('moved or copied to a name written otherwise, it goes to the folder that is there', async () => {
  await app.api.call('folder.create', { folder: FolderPath.parse('Über/Sub') });
  const to = (path: string) => FolderPath.parse(path);
  await app.api.call('message.move', { messageKeys: [keys.one], folder: to('u\u0308ber/sub') });
  await app.api.call('message.copy', { messageKeys: [keys.one], folder: to('archive') });
  await app.api.call('message.move', { messageKeys: [keys.two], folder: to('üBER/Other') });
  const there = (await app.api.call('folder.list', {})).filter(({ total }) => total > 0);
  expect(there.map((one) => one.folder).sort()).toEqual(['Archive', 'Über/Other', 'Über/Sub']);
});
