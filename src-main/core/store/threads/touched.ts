import type { MessageOutline } from '../../outline.ts';
import type { Sql } from '../sql.ts';
import { nodesOf } from './thread-claims.ts';

/** A message was added: all it takes while mail comes in. The number of its row may have been another message's before. */
export function noteAdded(sql: Sql, id: number, messageKey: string, outline: MessageOutline): void {
  sql.run('INSERT OR REPLACE INTO touched VALUES (?, ?)', id, nodesOf(messageKey, outline).join(' '));
}

/** A message was moved, flagged or removed. */
export function noteTouched(sql: Sql, id: number): void {
  sql.run('INSERT OR IGNORE INTO touched VALUES (?, NULL)', id);
}
