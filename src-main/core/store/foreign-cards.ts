import { DatabaseSync } from 'node:sqlite';
import { MailError } from '#shared/mail-error.ts';
import { type Row, textOrNull } from './sql.ts';

/** What another program's address book says of people, as far as it is asked here. */
export interface ForeignCards {
  /** Every card's properties by their names. */
  readonly cards: readonly Readonly<Record<string, string>>[];
  /** Names of its mailing lists. */
  readonly lists: readonly string[];
}

const wanted = [
  '_vCard',
  'DisplayName',
  'FirstName',
  'LastName',
  'NickName',
  'Company',
  'PrimaryEmail',
  'SecondEmail',
  'Notes',
];
/** A longer one holds a picture; names and addresses stand in properties of their own as well. */
const longestProperty = 200_000;

/**
 * Reads an address book of Thunderbird's (`abook.sqlite`, version 68 and later) out of a copy of it: the tables
 * `properties(card, name, value)` and `lists(uid, name, …)`. Throws EMALFORMED when it is none.
 */
export function readForeignCards(path: string): ForeignCards {
  let db: DatabaseSync | undefined;
  try {
    // To be written to: what Thunderbird did last may stand in the log beside it.
    db = new DatabaseSync(path);
    db.exec('PRAGMA trusted_schema = OFF');
    const names = wanted.map(() => '?').join(', ');
    const properties = db
      .prepare(
        `SELECT card, name, value FROM properties WHERE name IN (${names}) AND length(value) <= ? ORDER BY rowid`,
      )
      .iterate(...wanted, longestProperty);
    const cards = new Map<string, Record<string, string>>();
    for (const row of properties) {
      const { card, name, value } = { card: said(row, 'card'), name: said(row, 'name'), value: said(row, 'value') };
      cards.set(card, { ...cards.get(card), [name]: value });
    }
    const lists = db.prepare('SELECT name FROM lists ORDER BY rowid').all();
    return { cards: [...cards.values()], lists: lists.map((row) => said(row, 'name')) };
  } catch (error) {
    throw new MailError(
      'EMALFORMED',
      'This is not an address book of Thunderbird, or it is damaged. Close Thunderbird, if it is open, and try again.',
      { cause: error },
    );
  } finally {
    db?.close();
  }
}

/** A column of any type as text. */
function said(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : (textOrNull(row, column) ?? '');
}
