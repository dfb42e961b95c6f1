import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { FolderPath } from '#shared/ids.ts';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import { RuleInput } from '#shared/mail/rule.ts';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';

let opened: CoreOnAProfile | undefined;
afterEach(async () => {
  await opened?.dispose();
  opened = undefined;
});

const path = (text: string) => FolderPath.parse(text);

/** A profile with folders one in another, a message in each, and settings that name them. */
async function furnished(): Promise<CoreOnAProfile> {
  const made = await openCore();
  opened = made;
  const { api, profileDir } = made;
  const folders = ['Année', 'Année/Été', 'Année/Été/日本'];
  for (const folder of folders) {
    await api.call('folder.create', { folder: path(folder) });
    const from = join(profileDir, `from-${folder.length}`);
    await mkdir(from);
    await writeFile(join(from, 'a.eml'), `Subject: in ${folder}\r\nFrom: a@b.test\r\n\r\nx\r\n`);
    const { jobId } = await api.call('import.start', { path: from, folder: path(folder) });
    await made.finished(jobId);
  }
  const account = { label: 'Home', host: 'pop.test', port: 995, security: 'tls', user: 'a', checkEveryMinutes: 0 };
  const multidrop = { fields: [], routes: [{ match: '@b.test', folder: 'Année/Été' }] };
  await api.call('account.add', AccountInput.parse({ ...account, folder: 'Année/Été/日本', multidrop }));
  const conditions = [{ kind: 'text', field: 'from', how: 'contains', value: 'zzz' }];
  const actions = [
    { kind: 'move', folder: 'Année/Été' },
    { kind: 'tag', tag: 'To do' },
  ];
  await api.call('rule.add', RuleInput.parse({ name: 'Summer mail', conditions, actions }));
  await api.call('settings.setPreferences', {
    threadedFolders: [path('Année/Été')],
    savedSearches: [
      { name: 'Boats', query: 'boat in:Année/Été' },
      { name: 'Japan', query: 'in:日本 tag:"to do"' },
    ],
  });
  return made;
}

async function named(api: CoreOnAProfile['api']) {
  const { accounts, rules, preferences } = await api.call('settings.get', {});
  return {
    account: [accounts[0]?.folder, accounts[0]?.multidrop?.routes[0]?.folder],
    rule: rules[0]?.actions,
    searches: preferences.savedSearches.map(({ query }) => query),
    threaded: preferences.threadedFolders,
  };
}

async function own(api: CoreOnAProfile['api']): Promise<string[]> {
  const list = await api.call('folder.list', {});
  return list.slice(7).map(({ folder, total }) => `${folder} ${total}`);
}

it('a parent renamed and moved into another: its folders, and all that names them, follow', async () => {
  const { api } = await furnished();
  const answer = await api.call('folder.rename', { folder: path('Année'), to: path('Archive/Jahr 1') });
  expect(answer.followed).toEqual([
    { kind: 'account', name: 'Home' },
    { kind: 'rule', name: 'Summer mail' },
    { kind: 'search', name: 'Boats' },
  ]);
  expect(await own(api)).toEqual(['Archive/Jahr 1 1', 'Archive/Jahr 1/Été 1', 'Archive/Jahr 1/Été/日本 1']);
  expect(await named(api)).toMatchObject({
    account: ['Archive/Jahr 1/Été/日本', 'Archive/Jahr 1/Été'],
    rule: [{ folder: 'Archive/Jahr 1/Été' }, {}],
    searches: ['boat in:"Archive/Jahr 1/Été"', 'in:日本 tag:"to do"'],
    threaded: ['Archive/Jahr 1/Été'],
  });
  const found = await api.call('message.search', { query: 'in:"Archive/Jahr 1/Été"' });
  expect(found.total).toBe(2);
  await expect(
    api.call('folder.rename', { folder: path('Archive/Jahr 1'), to: path('Archive/Jahr 1/x') }),
  ).rejects.toThrow('into itself');
  await expect(api.call('folder.rename', { folder: path('Inbox'), to: path('x') })).rejects.toThrow('keeps its name');
  // Only in how it is written: its own name in other letters is free.
  await api.call('folder.rename', { folder: path('Archive/Jahr 1'), to: path('Archive/JAHR 1') });
  expect((await named(api)).threaded).toEqual(['Archive/JAHR 1/Été']);
});

it('a folder with folders in it goes whole, its mail to Trash, and what undo needs is told', async () => {
  const { api } = await furnished();
  await expect(api.call('folder.remove', { folder: path('Année') })).rejects.toThrow('holds other folders');
  expect(await own(api)).toHaveLength(3);
  expect((await own(api))[0]).toBe('Année 1');
  const gone = await api.call('folder.remove', { folder: path('Année'), withChildren: true });
  expect(gone.folders).toEqual(['Année', 'Année/Été', 'Année/Été/日本']);
  expect(gone.moved.map(({ from }) => from)).toEqual(['Année', 'Année/Été', 'Année/Été/日本']);
  expect(gone.uses.map(({ name }) => name)).toEqual(['Home', 'Summer mail', 'Boats', 'Japan']);
  expect(await own(api)).toEqual([]);
  for (const folder of gone.folders) await api.call('folder.create', { folder });
  for (const { messageKey, from } of gone.moved)
    await api.call('message.move', { messageKeys: [messageKey], folder: from });
  expect(await own(api)).toEqual(['Année 1', 'Année/Été 1', 'Année/Été/日本 1']);
});

it('another program renames a folder while we run: taken up once, and its view and rules follow', async () => {
  const { api, profileDir } = await furnished();
  const mail = join(profileDir, 'Mail');
  await api.call('folder.rename', { folder: path('Année/Été/日本'), to: path('Japan') });
  await api.call('folder.rename', { folder: path('Année/Été'), to: path('Summer') });
  const changed = new Promise((resolve) => api.on('settings.changed', resolve));
  await rename(join(mail, '.Summer'), join(mail, '.Winter'));
  expect(await own(api)).toEqual(['Année 1', 'Japan 1', 'Winter 1']);
  await changed;
  expect(await named(api)).toMatchObject({
    rule: [{ folder: 'Winter' }, {}],
    searches: ['boat in:Winter', 'in:Japan tag:"to do"'],
    threaded: ['Winter'],
  });
  expect((await api.call('message.search', { query: 'a@b.test' })).total).toBe(3);
});

it('a tag renamed: rules and saved searches follow; taken away, they are told', async () => {
  const { api } = await furnished();
  const uses = [
    { kind: 'rule', name: 'Summer mail' },
    { kind: 'search', name: 'Japan' },
  ];
  expect((await api.call('tag.replace', { tag: 'To do', to: 'Next week' })).uses).toEqual(uses);
  expect(await named(api)).toMatchObject({
    rule: [{}, { tag: 'Next week' }],
    searches: [{}, 'in:日本 tag:"Next week"'],
  });
  const { preferences } = await api.call('settings.get', {});
  expect(preferences.tags.map(({ name }) => name)).toContain('Next week');
  expect((await api.call('tag.replace', { tag: 'Next week', to: null })).uses).toEqual(uses);
});

it('marking and tagging tell which messages were otherwise before, so that undo leaves the others alone', async () => {
  const { api } = await furnished();
  const { rows } = await api.call('message.search', { query: 'a@b.test' });
  const messageKeys = rows.map(({ messageKey }) => messageKey);
  const [first, second, third] = messageKeys;
  if (first === undefined || second === undefined || third === undefined) throw new Error('Three were brought.');
  await api.call('message.setFlags', { messageKeys: [second], add: ['seen'] });
  await api.call('message.setTags', { messageKeys: [third], add: ['To do'] });
  const read = await api.call('message.setFlags', { messageKeys, add: ['seen'] });
  expect(read.changed.toSorted()).toEqual([first, third].toSorted());
  const tagged = await api.call('message.setTags', { messageKeys, add: ['To do'] });
  expect(tagged.changed.toSorted()).toEqual([first, second].toSorted());
  expect((await api.call('message.setTags', { messageKeys, add: ['To do'] })).changed).toEqual([]);
});
