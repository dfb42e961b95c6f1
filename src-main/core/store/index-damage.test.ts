import { closeSync, openSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import type { Store } from './store-api.ts';
import { everything, type Home, inbox, makeHome, request } from './testing/store-fixture.ts';
import { threadTables } from './threads/thread-schema.ts';

let home: Home | undefined;
afterEach(() => home?.remove());

/** Damages some rows in the middle of the table: what is read first at the start is whole. */
function damageRows({ profileDir }: Home): void {
  const path = join(profileDir, 'index.sqlite');
  const db = new DatabaseSync(path);
  const leaves = db.prepare("SELECT pageno FROM dbstat WHERE name = 'messages' AND pagetype = 'leaf'").all();
  db.close();
  const file = openSync(path, 'r+');
  for (const { pageno } of leaves.slice(5, 8)) writeSync(file, 'damage', (Number(pageno) - 1) * 4096);
  closeSync(file);
}

async function expectWhole(store: Store): Promise<void> {
  expect((await store.listMessages({ folder: inbox, offset: 0, limit: 1000 })).rows).toHaveLength(400);
  expect(await store.search({ query: 'hello', offset: 0, limit: 10 })).toMatchObject({ total: 400 });
  expect((await store.checkIndex()).problems).toEqual([]);
}

async function filled(): Promise<Home> {
  const made = makeHome();
  home = made;
  const store = await made.open();
  await store.file(Array.from({ length: 400 }, (_, at) => request(`m${at}`)));
  await store.close();
  return made;
}

it('damage met at the start: the index is made anew at once', async () => {
  const made = await filled();
  damageRows(made);
  const store = await made.open();
  await expectWhole(store);
  await store.close();
});

it('damage met while running is told, and the next start makes the index anew', async () => {
  const made = await filled();
  // Long settled, so that the next start has no reason to compare rows with files.
  for (const sub of ['new', 'cur']) utimesSync(join(made.mailFolder, sub), 1_700_000_000, 1_700_000_000);
  await (await made.open()).close();
  damageRows(made);
  let store = await made.open();
  const reading = store.listMessages({ folder: inbox, offset: 0, limit: 1000 });
  await expect(reading).rejects.toMatchObject({ code: 'EIO' });
  await store.close();
  store = await made.open();
  await expectWhole(store);
  await store.close();
});

it('an index of version 3, from before conversations: made anew from the files, tags and flags as they were', async () => {
  const made = makeHome();
  home = made;
  let store = await made.open();
  await store.file([request('a', undefined, { flags: ['seen'], tags: ['Work'] }), request('b')]);
  const [before, { storeId }] = [await everything(store), await store.state()];
  await store.close();
  const db = new DatabaseSync(join(made.profileDir, 'index.sqlite'));
  for (const table of threadTables) db.exec(`DROP TABLE ${table}`);
  db.exec('PRAGMA user_version = 3');
  db.close();
  store = await made.open();
  expect(await everything(store)).toEqual(before);
  // Every cache of a screen begins anew as well.
  expect((await store.state()).storeId).not.toBe(storeId);
  expect((await store.checkIndex()).problems).toEqual([]);
  expect(made.logged.some((line) => line.includes('another version'))).toBe(true);
  await store.close();
});
