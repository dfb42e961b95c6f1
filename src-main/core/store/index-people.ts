import { fold, type NewRow, peopleOf } from './index-rows.ts';
import { integer, type Sql, text } from './sql.ts';

/** Who appears in mail, gathered while a change of the index runs and written once at its end: most mail is to the same few. */
export interface PeopleSeen {
  /** Counts who appears in a message. The name shown is the newest message's that gives one. */
  learn(id: number, row: NewRow): void;
  /** Takes back what a row that is about to go was counted for. */
  forget(id: number): void;
  write(): void;
}

interface Seen {
  name: string;
  namedBy: number;
  uses: number;
}

export function createPeopleSeen(sql: Sql): PeopleSeen {
  const waiting = new Map<string, Seen>();
  function write(): void {
    for (const [mailbox, seen] of waiting) add(sql, mailbox, seen);
    waiting.clear();
  }
  return {
    learn(id, row) {
      for (const { displayName, mailbox } of peopleOf(row.outline)) {
        const seen = waiting.get(mailbox) ?? { name: '', namedBy: 0, uses: 0 };
        seen.uses += 1;
        if (displayName !== '' && id > seen.namedBy) {
          seen.name = displayName;
          seen.namedBy = id;
        }
        waiting.set(mailbox, seen);
      }
    },
    forget(id) {
      write();
      const row = sql.one('SELECT people FROM messages WHERE id = ?', id);
      if (row === undefined) return;
      for (const mailbox of text(row, 'people').split('\n')) {
        if (mailbox === '') continue;
        sql.run('UPDATE addresses SET uses = uses - 1 WHERE mailbox = ?', mailbox);
        sql.run('DELETE FROM addresses WHERE mailbox = ? AND uses <= 0', mailbox);
      }
    },
    write,
  };
}

function add(sql: Sql, mailbox: string, { name, namedBy, uses }: Seen): void {
  const known = sql.one('SELECT named_by FROM addresses WHERE mailbox = ?', mailbox);
  if (known !== undefined && (name === '' || namedBy <= integer(known, 'named_by'))) {
    sql.run('UPDATE addresses SET uses = uses + ? WHERE mailbox = ?', uses, mailbox);
    return;
  }
  const folded = ` ${fold(name)} ${mailbox} ${mailbox.slice(mailbox.indexOf('@') + 1)}`;
  sql.run(
    `INSERT INTO addresses VALUES (?, ?, ?, ?, ?) ON CONFLICT (mailbox) DO UPDATE SET uses = uses + excluded.uses,
       display_name = excluded.display_name, named_by = excluded.named_by, folded = excluded.folded`,
    mailbox,
    name,
    namedBy,
    uses,
    folded,
  );
}
