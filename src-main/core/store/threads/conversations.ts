import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { MessageKey as MessageKeySchema } from '#shared/ids.ts';
import type { Address } from '#shared/mail/address.ts';
import type { Conversation, ConversationPage, ConversationSummary } from '#shared/mail/conversation.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import { folderByPath, revisionOf } from '../index-read.ts';
import { summaryColumns, toSummary } from '../index-rows.ts';
import { integer, type Row, type Sql, text } from '../sql.ts';
import { toMessage } from './take-messages.ts';
import type { ThreadedMessage } from './thread-claims.ts';
import { conversationsOf, flatten, forestOf, mergeThreads } from './thread-forest.ts';

/** Of how many of the newest messages the writers are named, and how many of these. */
const lookedAt = 12;
const namedWriters = 4;

/** The conversations of a folder, the one with the newest message first. Threads must be settled. */
export function listConversations(sql: Sql, folderId: number, offset: number, limit: number): ConversationPage {
  const rows = sql.all(
    // The inner query skips within an index; only the rows of the page are read.
    `SELECT c.conversation, c.total AS together, c.unread AS unread_together, ${summaryColumns} FROM
       (SELECT conversation, folder_id, newest FROM conversations WHERE folder_id = ?
          ORDER BY newest DESC LIMIT ? OFFSET ?) AS page
       JOIN conversations c ON c.folder_id = page.folder_id AND c.conversation = page.conversation
       JOIN messages m ON m.id = page.newest JOIN folders f ON f.id = m.folder_id ORDER BY page.newest DESC`,
    folderId,
    limit,
    offset,
  );
  const count = sql.one('SELECT count(*) AS n FROM conversations WHERE folder_id = ?', folderId);
  const folder = sql.one('SELECT total, unread FROM folders WHERE id = ?', folderId);
  return {
    rows: rows.map((row) => toConversation(sql, folderId, row)),
    total: count === undefined ? 0 : integer(count, 'n'),
    messages: folder === undefined ? 0 : integer(folder, 'total'),
    unread: folder === undefined ? 0 : integer(folder, 'unread'),
    revision: revisionOf(sql),
  };
}

function toConversation(sql: Sql, folderId: number, row: Row): ConversationSummary {
  const conversation = integer(row, 'conversation');
  const count = integer(row, 'together');
  const newest = toSummary(row);
  return {
    conversationId: String(conversation),
    newest,
    count,
    unread: integer(row, 'unread_together'),
    answers: answersOf(sql, folderId, conversation),
    participants: count === 1 ? [newest.from] : participantsOf(sql, folderId, conversation),
  };
}

function answersOf(sql: Sql, folderId: number, conversation: number): number {
  const sent = folderByPath(sql, fixed.sent)?.id ?? folderId;
  if (sent === folderId) return 0;
  const row = sql.one('SELECT total FROM conversations WHERE folder_id = ? AND conversation = ?', sent, conversation);
  return row === undefined ? 0 : integer(row, 'total');
}

/** Who wrote, the latest first, each once. */
function participantsOf(sql: Sql, folderId: number, conversation: number): Address[] {
  const rows = sql.all(
    `SELECT m.from_name, m.from_mailbox FROM messages m JOIN threaded t ON t.id = m.id
       WHERE t.conversation = ? AND t.folder_id = ? ORDER BY t.id DESC LIMIT ?`,
    conversation,
    folderId,
    lookedAt,
  );
  const people = new Map<string, Address>();
  for (const row of rows) {
    const address = { displayName: text(row, 'from_name'), mailbox: text(row, 'from_mailbox') };
    const key = address.mailbox.toLowerCase();
    if (!people.has(key) && people.size < namedWriters) people.set(key, address);
  }
  return [...people.values()];
}

/** The conversation a message belongs to, as a tree: what of it lies in `folder`, and with it what lies in `beside`. */
export function readConversation(
  sql: Sql,
  messageKey: MessageKey,
  folder: FolderPath,
  beside: readonly FolderPath[],
): Conversation | null {
  const own = sql.one(
    'SELECT t.conversation FROM threaded t JOIN messages m ON m.id = t.id WHERE m.key = ?',
    messageKey,
  );
  const conversation = own === undefined ? 0 : integer(own, 'conversation');
  if (conversation === 0) return null;
  const ids = [folder, ...beside].flatMap((path) => folderByPath(sql, path)?.id ?? []);
  const messages = ids.flatMap((id) =>
    sql.all('SELECT * FROM threaded WHERE conversation = ? AND folder_id = ?', conversation, id).map(toMessage),
  );
  const merged = mergeThreads(forestOf(parentsAbove(sql, messages), messages));
  const rows = merged === undefined ? [] : flatten(merged);
  return {
    conversationId: String(conversation),
    messages: rows.flatMap(({ message, depth }) => {
      const row = sql.one(
        `SELECT ${summaryColumns} FROM messages m JOIN folders f ON f.id = m.folder_id WHERE m.id = ?`,
        message.id,
      );
      return row === undefined ? [] : [{ summary: toSummary(row), depth }];
    }),
  };
}

/** All that lies above these messages. */
function parentsAbove(sql: Sql, messages: readonly ThreadedMessage[]): Map<number, number> {
  const parents = new Map<number, number>();
  for (const { node } of messages) {
    for (let at = node; !parents.has(at); ) {
      const row = sql.one('SELECT parent FROM thread_nodes WHERE id = ? AND is_cut = 0', at);
      const parent = row === undefined ? 0 : integer(row, 'parent');
      if (parent === 0) break;
      parents.set(at, parent);
      at = parent;
    }
  }
  return parents;
}

/** The keys of the messages of these conversations that lie in this folder. */
export function keysOfConversations(sql: Sql, folderId: number, conversationIds: readonly string[]): MessageKey[] {
  return conversationIds.flatMap((id) =>
    sql
      .all(
        `SELECT m.key FROM threaded t JOIN messages m ON m.id = t.id
           WHERE t.conversation = ? AND t.folder_id = ? ORDER BY t.id`,
        Number(id),
        folderId,
      )
      .map((row) => MessageKeySchema.parse(row.key)),
  );
}

/** Compares the conversations with ones made from scratch; answers how many messages stand in the wrong one. Threads must be settled. */
export function checkConversations(sql: Sql): { misplaced: number; lacking: number; miscounted: number } {
  const rows = sql.all('SELECT * FROM threaded');
  const expected = conversationsOf(rows.map(toMessage));
  const actual = new Map(rows.map((row) => [integer(row, 'id'), String(integer(row, 'conversation'))]));
  const names = new Map<string, string>();
  const taken = new Map<string, string>();
  let misplaced = 0;
  for (const [id, name] of expected) {
    const conversation = actual.get(id) ?? '0';
    if ((names.get(name) ?? conversation) !== conversation || (taken.get(conversation) ?? name) !== name)
      misplaced += 1;
    names.set(name, conversation);
    taken.set(conversation, name);
  }
  const row = sql.one(`SELECT
    (SELECT count(*) FROM messages WHERE id NOT IN (SELECT id FROM threaded)) AS lacking,
    (SELECT count(*) FROM (SELECT folder_id, conversation, max(id), count(*), cast(total(is_unread) AS INTEGER) FROM threaded
       GROUP BY folder_id, conversation EXCEPT SELECT folder_id, conversation, newest, total, unread FROM conversations))
    AS miscounted`);
  return {
    misplaced,
    lacking: row === undefined ? 0 : integer(row, 'lacking'),
    miscounted: row === undefined ? 0 : integer(row, 'miscounted'),
  };
}
