import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AccountId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { ledgerChanges, openLedger } from './ledger.ts';
import { type Sql, text } from './sql.ts';
import type { Store } from './store-api.ts';
import { type Home, makeHome, request } from './testing/store-fixture.ts';

let home: Home;
let sql: Sql;
const opened: { close(): unknown }[] = [];
const path = () => join(home.profileDir, 'ledger.sqlite');

beforeEach(() => {
  home = makeHome();
  mkdirSync(home.profileDir, { recursive: true });
});

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  home.remove();
});

function openTheLedger(): Sql {
  const ledger = openLedger(path(), console);
  opened.push(ledger);
  return ledger;
}

/** Whether the version is another after it. */
function changes(what: () => unknown): boolean {
  const before = ledgerChanges(sql);
  what();
  return ledgerChanges(sql) !== before;
}

test('every change of every table is seen, however it is made; reading is none', () => {
  sql = openTheLedger();
  const tables = sql.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  expect(tables.length).toBeGreaterThan(10);
  for (const table of tables.map((row) => text(row, 'name'))) {
    const columns = sql.all('SELECT name FROM pragma_table_info(?)', table).map((row) => text(row, 'name'));
    const add = (value: number) =>
      sql.run(
        `INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`,
        ...columns.map(() => String(value)),
      );
    expect(changes(() => add(1))).toBe(true);
    expect(changes(() => add(2))).toBe(true);
    expect(changes(() => sql.run(`UPDATE ${table} SET ${columns.at(-1)} = '5' WHERE ${columns[0]} = '1'`))).toBe(true);
    expect(changes(() => sql.run(`DELETE FROM ${table} WHERE ${columns[0]} = '1'`))).toBe(true);
    expect(changes(() => sql.run(`DELETE FROM ${table} WHERE ${columns[0]} = '1'`))).toBe(false);
    expect(changes(() => sql.all(`SELECT * FROM ${table}`))).toBe(false);
    // All at once, which SQLite does without looking at the rows.
    expect(changes(() => sql.db.exec(`DELETE FROM ${table}`))).toBe(true);
  }
});

test('a change that is taken back leaves no version from before it or within it', () => {
  sql = openTheLedger();
  const seen = [ledgerChanges(sql)];
  sql.db.exec("BEGIN; INSERT INTO meta VALUES ('a', '1')");
  seen.push(ledgerChanges(sql));
  sql.db.exec('ROLLBACK');
  sql.run("INSERT INTO meta VALUES ('b', '1')");
  seen.push(ledgerChanges(sql));
  expect(new Set(seen).size).toBe(3);
});

test('what another program commits is seen, and only that', () => {
  sql = openTheLedger();
  const other = new DatabaseSync(path());
  expect(changes(() => other.exec('SELECT * FROM meta'))).toBe(false);
  expect(changes(() => other.exec("INSERT INTO meta VALUES ('a', '1')"))).toBe(true);
  expect(changes(() => other.exec("BEGIN; INSERT INTO meta VALUES ('b', '1')"))).toBe(false);
  expect(changes(() => other.exec('COMMIT'))).toBe(true);
  other.close();
});

test('the store tells it: after mail was filed, removed, forgotten, and when it is opened again', async () => {
  const accountId = AccountId.parse('a');
  const versions: string[] = [];
  let store: Store = await home.open();
  const note = async () => void versions.push(await store.ledgerVersion());
  await note();
  const entry = {
    uniqueId: 'u',
    octets: 1,
    listedOctets: 1,
    sha256: '0'.repeat(64),
    collectedAt: 1,
    isConfirmed: false,
  };
  const message = request('a');
  const { messageKey } = message;
  await store.file([{ ...message, collected: { accountId, entry } }]);
  await note();
  await store.move([messageKey], folder.trash);
  await note();
  await store.recordUniqueIds(accountId, [{ ...entry, messageKey, isConfirmed: true, isRemovedHere: false }]);
  await note();
  await store.forgetUniqueIds(accountId, ['u']);
  await note();
  await store.close();
  store = await home.open();
  opened.push(store);
  await note();
  expect(new Set(versions).size).toBe(6);
  expect(await store.ledgerVersion()).toBe(versions.at(-1));
});
