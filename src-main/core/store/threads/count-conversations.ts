import type { Sql } from '../sql.ts';

/** How many messages of each conversation lie in each folder: kept, never counted on view. Conversation 0 is none. */
export interface Counted {
  readonly id: number;
  readonly folderId: number;
  readonly conversation: number;
  readonly unread: number;
}

/** A message came to a conversation in a folder. */
export function countIn(sql: Sql, { id, folderId, conversation, unread }: Counted): void {
  if (conversation === 0) return;
  sql.run(
    `INSERT INTO conversations VALUES (?, ?, ?, 1, ?) ON CONFLICT (folder_id, conversation) DO UPDATE SET
       total = total + 1, unread = unread + excluded.unread, newest = max(newest, excluded.newest)`,
    ...[folderId, conversation, id, unread],
  );
}

/** A message left a conversation in a folder; its row says so already. */
export function countOut(sql: Sql, { id, folderId, conversation, unread }: Counted): void {
  if (conversation === 0) return;
  sql.run(
    'UPDATE conversations SET total = total - 1, unread = unread - ? WHERE folder_id = ? AND conversation = ?',
    ...[unread, folderId, conversation],
  );
  sql.run('DELETE FROM conversations WHERE folder_id = ? AND conversation = ? AND total <= 0', folderId, conversation);
  sql.run(
    `UPDATE conversations SET newest = (SELECT max(id) FROM threaded WHERE conversation = ? AND folder_id = ?)
       WHERE folder_id = ? AND conversation = ? AND newest = ?`,
    ...[conversation, folderId, folderId, conversation, id],
  );
}
