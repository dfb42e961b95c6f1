import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { addWords } from './index-words.ts';
import { openSql } from './sql.ts';
import type { Store } from './store-api.ts';
import { type Home, inbox, mail, makeHome, request } from './testing/store-fixture.ts';

let home: Home | undefined;
afterEach(() => home?.remove());

function withFile(name: string): Uint8Array<ArrayBuffer> {
  const part = `Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${name}"`;
  const body = `--b\r\n\r\nSee there.\r\n--b\r\n${part}\r\n\r\nkangaroo\r\n--b--`;
  return mail(`with ${name}`, body, { 'Content-Type': 'multipart/mixed; boundary=b' });
}

async function found(store: Store, query: string): Promise<string[]> {
  const { rows } = await store.search({ query, offset: 0, limit: 10 });
  return rows.map(({ subject }) => subject).toSorted();
}

/** The full text as it was before texts sent as files of no particular type were read. */
function makeYesterdays({ profileDir }: Home): void {
  const path = join(profileDir, 'index.sqlite');
  const db = new DatabaseSync(path);
  const rows = db.prepare('SELECT id, subject FROM messages').all();
  db.exec("DELETE FROM meta WHERE key = 'wordsVersion'");
  db.close();
  const sql = openSql(path, []);
  for (const { id, subject } of rows) {
    const files = /^with (.*)$/.exec(String(subject))?.[1] ?? '';
    sql.run('DELETE FROM words WHERE rowid = ?', Number(id));
    const words = { subject: String(subject), senders: 'ann', recipients: 'bob', body: 'as it was', files };
    addWords(sql, [{ id: Number(id), words }]);
  }
  sql.close();
}

it('a profile of yesterday: mail with such files is read once more, the rest stays as it is', async () => {
  home = makeHome();
  let store = await home.open();
  await store.file([
    request('a', withFile('list.csv')),
    request('b', withFile('Übersicht.TXT')),
    request('c', withFile('setup.exe')),
    request('d'),
    request('e', mail('party 🎉 time', 'See you🎂there')),
  ]);
  expect(await found(store, 'kangaroo')).toEqual(['with list.csv', 'with Übersicht.TXT']);
  const { storeId } = await store.state();
  await store.close();
  makeYesterdays(home);

  store = await home.open();
  expect((await store.state()).storeId).toBe(storeId);
  expect(await found(store, 'kangaroo')).toEqual(['with list.csv', 'with Übersicht.TXT']);
  expect(await found(store, 'filename:csv')).toEqual(['with list.csv']);
  expect(await found(store, '"as it was"')).toEqual(['d', 'with setup.exe']);
  for (const query of ['🎉', '"party 🎉"', 'you🎂']) expect(await found(store, query)).toEqual(['party 🎉 time']);
  expect((await store.checkIndex()).problems).toEqual([]);
  await store.close();

  home.logged.length = 0;
  store = await home.open();
  expect(home.logged).toEqual([]);
  expect((await store.listMessages({ folder: inbox, offset: 0, limit: 10 })).rows).toHaveLength(5);
  await store.close();
});

it('a profile of yesterday: Greek is found without its accents', async () => {
  home = makeHome();
  let store = await home.open();
  await store.file([request('a', mail('Καλημέρα', 'Νέα')), request('b')]);
  expect(await found(store, 'καλημερα')).toEqual(['Καλημέρα']);
  await store.close();
  const db = new DatabaseSync(join(home.profileDir, 'index.sqlite'));
  db.exec("UPDATE meta SET value = '3' WHERE key = 'wordsVersion'");
  const ids = db.prepare('SELECT id, subject FROM messages').all();
  db.close();
  const sql = openSql(join(home.profileDir, 'index.sqlite'), []);
  for (const { id, subject } of ids) {
    sql.run('DELETE FROM words WHERE rowid = ?', Number(id));
    const words = { subject: String(subject), senders: '', recipients: '', body: 'as it was', files: '' };
    addWords(sql, [{ id: Number(id), words }]);
  }
  sql.close();
  store = await home.open();
  expect(await found(store, 'καλημερα')).toEqual(['Καλημέρα']);
  expect(await found(store, '"as it was"')).toEqual(['b']);
  await store.close();
});
