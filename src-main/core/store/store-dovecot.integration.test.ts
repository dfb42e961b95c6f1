import { afterEach, expect, it } from 'vitest';
import { canRunDoveadm, doveadm } from './testing/doveadm.ts';
import { folderPath, type Home, inbox, mail, makeHome, request } from './testing/store-fixture.ts';

let home: Home | undefined;
afterEach(() => home?.remove());

it.skipIf(!canRunDoveadm)('Dovecot reads every folder and message, and we take up what it changes', async () => {
  home = makeHome();
  let store = await home.open();
  const folders = ['Inbox', 'Archive/2024', 'v1.2/Ä', 'News', 'news', 'CON', 'what?', 'Reisen 🏔️', 'A&B', 'Trash'];
  await store.file(
    folders.map((name) => request(name, mail(`in ${folders.indexOf(name)}`), { folder: folderPath(name) })),
  );
  await store.close();
  const subjects = doveadm(home, 'fetch', 'hdr.subject', 'all').match(/in \d+/g) ?? [];
  expect(subjects.toSorted()).toEqual(folders.map((_, at) => `in ${at}`).toSorted());
  doveadm(home, 'flags', 'add', '\\Seen', 'mailbox', 'INBOX', 'all');
  doveadm(home, 'move', 'Archive', 'mailbox', 'News', 'all');
  doveadm(home, 'mailbox', 'create', 'Möbel/Küche');
  store = await home.open();
  expect((await store.listMessages({ folder: inbox, offset: 0, limit: 5 })).rows[0]?.flags).toEqual(['seen']);
  expect(await store.listMessages({ folder: folderPath('News'), offset: 0, limit: 5 })).toMatchObject({ total: 0 });
  expect((await store.listFolders()).map(({ folder }) => folder)).toEqual(
    expect.arrayContaining([...folders, 'Möbel/Küche'].map(folderPath)),
  );
  expect((await store.checkIndex()).problems).toEqual([]);
  await store.close();
});
