import { integer, type Row, type Sql, text, textOrNull } from '../sql.ts';
import { baseSubject } from './base-subject.ts';
import { countIn, countOut } from './count-conversations.ts';
import { claimsOf, numberOf, type ThreadedMessage } from './thread-claims.ts';

/** First step: what each touched row means for nodes and claims. What follows from it for threads is left to `dirty_nodes`. */

/** Takes in one touched row: compares what it is now with what was made of it. */
export function takeTouched(sql: Sql, id: number): void {
  const touched = sql.one('SELECT refs FROM touched WHERE id = ?', id);
  if (touched === undefined) return;
  sql.run('DELETE FROM touched WHERE id = ?', id);
  const now = sql.one('SELECT key, folder_id, letters, date, subject FROM messages WHERE id = ?', id);
  const before = sql.one('SELECT * FROM threaded WHERE id = ?', id);
  const refs = textOrNull(touched, 'refs');
  // A row that was given a number used before is another message.
  const isSame = now !== undefined && before !== undefined && refs === null;
  if (isSame) replace(sql, before, now);
  else if (before !== undefined) remove(sql, before);
  if (now !== undefined && refs !== null) add(sql, toThreaded(id, now, refs), now);
}

const isUnread = (row: Row): number => (text(row, 'letters').includes('S') ? 0 : 1);

/** It was moved or flagged. */
function replace(sql: Sql, before: Row, now: Row): void {
  const id = integer(before, 'id');
  const conversation = integer(before, 'conversation');
  const folderId = integer(now, 'folder_id');
  const unread = isUnread(now);
  if (folderId === before.folder_id && unread === before.is_unread) return;
  sql.run('UPDATE threaded SET folder_id = ?, is_unread = ? WHERE id = ?', folderId, unread, id);
  const folderBefore = integer(before, 'folder_id');
  countOut(sql, { id, folderId: folderBefore, conversation, unread: integer(before, 'is_unread') });
  countIn(sql, { id, folderId, conversation, unread });
}

function toThreaded(id: number, now: Row, refs: string): ThreadedMessage {
  const { base, isReply } = baseSubject(text(now, 'subject'));
  const [node = 0, ...others] = refs.split(' ').map(Number);
  return {
    id,
    node,
    refs: others,
    date: integer(now, 'date'),
    tie: numberOf(text(now, 'key')),
    subject: base === '' ? 0 : numberOf(base),
    isReply,
  };
}

function add(sql: Sql, message: ThreadedMessage, now: Row): void {
  const { id, node, refs, date, tie, subject, isReply } = message;
  const folderId = integer(now, 'folder_id');
  sql.run(
    'INSERT INTO threaded VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)',
    ...[id, node, refs.join(' '), date, tie, subject, isReply ? 1 : 0, folderId, isUnread(now)],
  );
  const parents = new Map<number, number>();
  for (const each of [...refs, node]) {
    const row = sql.one(
      `INSERT INTO thread_nodes VALUES (?, 0, 0, 1, 0) ON CONFLICT (id) DO UPDATE SET uses = uses + 1
         RETURNING thread, parent`,
      each,
    );
    if (row?.thread === 0 || each === node) dirty(sql, each);
    parents.set(each, row === undefined ? 0 : integer(row, 'parent'));
  }
  for (const { child, parent, isWeak } of claimsOf(node, refs)) {
    sql.run('INSERT OR IGNORE INTO thread_claims VALUES (?, ?, ?, ?, ?)', child, isWeak ? 1 : 0, date, tie, parent);
    // One more claim for the parent it has changes nothing.
    if (parents.get(child) !== parent) chooseParent(sql, child);
  }
}

export function dirty(sql: Sql, node: number): void {
  if (node !== 0) sql.run('INSERT OR IGNORE INTO dirty_nodes VALUES (?)', node);
}

function remove(sql: Sql, before: Row): void {
  const { node, refs, date, tie } = toMessage(before);
  const id = integer(before, 'id');
  sql.run('DELETE FROM threaded WHERE id = ?', id);
  countOut(sql, {
    id,
    folderId: integer(before, 'folder_id'),
    conversation: integer(before, 'conversation'),
    unread: integer(before, 'is_unread'),
  });
  dirty(sql, node);
  for (const { child, isWeak } of claimsOf(node, refs)) {
    sql.run(
      'DELETE FROM thread_claims WHERE child = ? AND is_weak = ? AND date = ? AND tie = ?',
      ...[child, isWeak ? 1 : 0, date, tie],
    );
    chooseParent(sql, child);
  }
  for (const each of [...refs, node]) {
    sql.run('UPDATE thread_nodes SET uses = uses - 1 WHERE id = ?', each);
    forgetUnused(sql, each);
  }
}

/** A node no message names any more: nothing points to it either. */
function forgetUnused(sql: Sql, node: number): void {
  const row = sql.one('SELECT thread FROM thread_nodes WHERE id = ? AND uses = 0', node);
  if (row === undefined) return;
  sql.run('DELETE FROM thread_nodes WHERE id = ?', node);
  sql.run('DELETE FROM dirty_nodes WHERE id = ?', node);
  leaveThread(sql, integer(row, 'thread'), 1);
}

/** So many nodes are in it no more. */
export function leaveThread(sql: Sql, thread: number, nodes: number): void {
  sql.run('UPDATE threads SET size = size - ? WHERE id = ?', nodes, thread);
  sql.run('DELETE FROM threads WHERE id = ? AND size <= 0', thread);
}

/** The claim that counts gives the parent. A node that left its parent leaves a tree that may have come apart. */
function chooseParent(sql: Sql, child: number): void {
  const claim = sql.one('SELECT parent FROM thread_claims WHERE child = ? ORDER BY is_weak, date, tie LIMIT 1', child);
  const known = sql.one('SELECT parent FROM thread_nodes WHERE id = ?', child);
  const parent = claim === undefined ? 0 : integer(claim, 'parent');
  if (known === undefined || known.parent === parent) return;
  sql.run('UPDATE thread_nodes SET parent = ? WHERE id = ?', parent, child);
  dirty(sql, child);
  dirty(sql, integer(known, 'parent'));
}

export function toMessage(row: Row): ThreadedMessage {
  const refs = text(row, 'refs');
  return {
    id: integer(row, 'id'),
    node: integer(row, 'node'),
    refs: refs === '' ? [] : refs.split(' ').map(Number),
    date: integer(row, 'date'),
    tie: integer(row, 'tie'),
    subject: integer(row, 'subject'),
    isReply: integer(row, 'is_reply') === 1,
  };
}
