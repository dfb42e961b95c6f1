import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';

export type Row = Record<string, SQLOutputValue>;

/** A column that must hold text. A database that says otherwise is damaged. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`The column ${column} does not hold text.`);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null || row[column] === undefined ? null : text(row, column);
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`The column ${column} does not hold a number.`);
  return value;
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null || row[column] === undefined ? null : integer(row, column);
}

/** A database with its statements prepared once. */
export interface Sql {
  readonly db: DatabaseSync;
  run(sql: string, ...values: SQLInputValue[]): number;
  one(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all(sql: string, ...values: SQLInputValue[]): Row[];
  /** BEGIN IMMEDIATE … COMMIT; rolled back when `work` throws or the commit fails. */
  transaction<T>(work: () => T): T;
  close(): void;
}

export function openSql(path: string, pragmas: readonly string[]): Sql {
  // Made by us first, so that only the user can read it; SQLite gives its companions the same permissions.
  closeSync(openSync(path, 'a', 0o600));
  const db = new DatabaseSync(path);
  try {
    for (const pragma of pragmas) db.exec(`PRAGMA ${pragma}`);
    // Reads the header, so that a file that is no database fails here and not later.
    db.exec('SELECT count(*) FROM sqlite_schema');
  } catch (error) {
    db.close();
    throw error;
  }
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    db,
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    one: (sql, ...values) => prepared(sql).get(...values),
    all: (sql, ...values) => prepared(sql).all(...values),
    transaction(work) {
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        db.exec('COMMIT');
        return result;
      } catch (error) {
        // A full disk may have rolled it back already.
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },
    close() {
      statements.clear();
      db.close();
    },
  };
}

/** The version a schema is at (`user_version`). */
export function schemaVersion(sql: Sql): number {
  const row = sql.one('PRAGMA user_version');
  return row === undefined ? 0 : integer(row, 'user_version');
}
