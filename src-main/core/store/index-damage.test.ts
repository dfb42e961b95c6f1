import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { folder as fixed } from '#shared/mail/folder.ts';
import { type Home, inbox, makeHome, request } from './testing/store-fixture.ts';

let home: Home | undefined;
afterEach(() => home?.remove());

it('a damaged page met while running is told, and the next start makes the index anew', async () => {
  home = makeHome();
  let store = await home.open();
  await store.file(Array.from({ length: 400 }, (_, at) => request(`m${at}`)));
  await store.close();
  const path = join(home.profileDir, 'index.sqlite');
  // Some rows in the middle: what is read at the start is whole.
  const db = new DatabaseSync(path);
  const leaves = db.prepare("SELECT pageno FROM dbstat WHERE name = 'messages' AND pagetype = 'leaf'").all();
  db.close();
  const file = openSync(path, 'r+');
  for (const { pageno } of leaves.slice(5, 8)) writeSync(file, 'damage', (Number(pageno) - 1) * 4096);
  closeSync(file);
  store = await home.open();
  const reading = store.listMessages({ folder: inbox, offset: 0, limit: 1000 });
  await expect(reading).rejects.toMatchObject({ code: 'EIO' });
  await store.close();
  store = await home.open();
  expect(await store.listMessages({ folder: inbox, offset: 0, limit: 1000 })).toMatchObject({ total: 400 });
  expect(await store.search({ query: 'hello', offset: 0, limit: 10 })).toMatchObject({ total: 400 });
  expect((await store.listFolders()).map(({ folder }) => folder)).toContain(fixed.trash);
  expect((await store.checkIndex()).problems).toEqual([]);
  await store.close();
});
