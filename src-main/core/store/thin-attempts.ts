import { getMeta, setMeta } from './ledger.ts';
import { integer, type Sql } from './sql.ts';

/** So long a dialogue is kept word by word; the attempt itself (when, by which server, what it answered) stays for good. */
const keptMs = 90 * 24 * 3600 * 1000;
/** So many at one start: opening must not wait for years of mail. */
const atOnce = 5000;

/** Takes the transcripts out of old attempts of messages that are done with. `now` is epoch milliseconds. */
export function thinAttempts(sql: Sql, now: number): void {
  const doneTo = Number(getMeta(sql, 'thinnedTo') ?? '0');
  const old: number[] = [];
  // In the order of ids, which is that of time: an ordinary start reads one row.
  for (const row of sql.all('SELECT id, started_at FROM attempts WHERE id > ? ORDER BY id LIMIT ?', doneTo, atOnce)) {
    if (integer(row, 'started_at') >= now - keptMs) break;
    old.push(integer(row, 'id'));
  }
  const [first, last] = [old[0], old.at(-1)];
  if (first === undefined || last === undefined) return;
  sql.transaction(() => {
    sql.run(
      `UPDATE attempts SET attempt = json_set(attempt, '$.transcript', json('[]')) WHERE id BETWEEN ? AND ?
         AND outbox_id NOT IN (SELECT outbox_id FROM outbox WHERE state <> 'sent')`,
      first,
      last,
    );
    setMeta(sql, 'thinnedTo', String(last));
  });
}
