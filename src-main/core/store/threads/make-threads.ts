import { integer, type Row, type Sql } from '../sql.ts';
import { countIn, countOut } from './count-conversations.ts';
import { leaveThread } from './take-messages.ts';
import { byMoment, cutsIn } from './thread-claims.ts';

/** Second step: the threads of dirty nodes, and which conversation their messages belong to. */

interface Node {
  readonly id: number;
  readonly parent: number;
  readonly thread: number;
  readonly isCut: boolean;
}

/** The message a node stands for: of several with one Message-ID the first. */
interface First {
  readonly date: number;
  readonly tie: number;
  readonly subject: number;
}

/** Sees to one dirty node. */
export function makeThread(sql: Sql, id: number): void {
  const path = newAbove(sql, id);
  if (path.length === 0) sql.run('DELETE FROM dirty_nodes WHERE id = ?', id);
  for (const node of path.toReversed()) {
    if (!joinsQuietly(sql, node)) {
      remake(sql, treeAround(sql, node));
      return;
    }
    sql.run('DELETE FROM dirty_nodes WHERE id = ?', node.id);
  }
}

/** This node and, while they are new, those above it: whoever answers joins after what is answered. */
function newAbove(sql: Sql, id: number): Node[] {
  const path = new Map<number, Node>();
  for (let at = id; at !== 0 && !path.has(at); ) {
    const row = sql.one('SELECT * FROM thread_nodes WHERE id = ?', at);
    if (row === undefined || (row.thread !== 0 && path.size > 0)) break;
    const node = toNode(row);
    path.set(at, node);
    if (node.thread !== 0) break;
    at = node.parent;
  }
  return [...path.values()];
}

function toNode(row: Row): Node {
  return {
    id: integer(row, 'id'),
    parent: integer(row, 'parent'),
    thread: integer(row, 'thread'),
    isCut: row.is_cut === 1,
  };
}

/**
 * The usual cases, without looking at a whole thread: a message that begins one, or an answer that comes after what it
 * answers. Nodes that answer this one are new as well, and have their own turn.
 */
function joinsQuietly(sql: Sql, node: Node): boolean {
  if (node.thread !== 0) return false;
  const has = sql.one('SELECT 1 FROM thread_nodes WHERE parent = ? AND parent <> 0 AND thread <> 0 LIMIT 1', node.id);
  if (has !== undefined) return false;
  const first = firstMessage(sql, node.id);
  if (node.parent === 0) {
    if (first === null) return false;
    const thread = newThread(sql);
    const conversation = first.subject === 0 ? -thread : first.subject;
    sql.run('INSERT INTO threads VALUES (?, 1, ?, 1, ?, ?)', thread, conversation, first.date, first.tie);
    assign(sql, node.id, thread, conversation);
    return true;
  }
  const parent = sql.one('SELECT thread FROM thread_nodes WHERE id = ?', node.parent);
  const thread = sql.one('SELECT * FROM threads WHERE id = ?', parent === undefined ? 0 : integer(parent, 'thread'));
  if (thread === undefined) return false;
  const begun = { date: integer(thread, 'first_date'), tie: integer(thread, 'first_tie') };
  const conversation = integer(thread, 'conversation');
  const comesFirst = first !== null && byMoment(first, begun) < 0;
  if (conversation === 0 || (thread.has_root !== 1 && comesFirst)) return false;
  sql.run('UPDATE threads SET size = size + 1 WHERE id = ?', integer(thread, 'id'));
  assign(sql, node.id, integer(thread, 'id'), conversation);
  return true;
}

function newThread(sql: Sql): number {
  const row = sql.one('SELECT max(id) AS id FROM threads');
  return (typeof row?.id === 'number' ? row.id : 0) + 1;
}

function firstMessage(sql: Sql, node: number): First | null {
  const row = sql.one('SELECT date, tie, subject FROM threaded WHERE node = ? ORDER BY date, tie LIMIT 1', node);
  return row === undefined
    ? null
    : { date: integer(row, 'date'), tie: integer(row, 'tie'), subject: integer(row, 'subject') };
}

function assign(sql: Sql, node: number, thread: number, conversation: number): void {
  sql.run('UPDATE thread_nodes SET thread = ? WHERE id = ? AND thread <> ?', thread, node, thread);
  const messages = sql.all(
    'SELECT id, folder_id, conversation, is_unread FROM threaded WHERE node = ? AND conversation <> ?',
    node,
    conversation,
  );
  for (const row of messages) {
    const [id, folderId] = [integer(row, 'id'), integer(row, 'folder_id')];
    const unread = integer(row, 'is_unread');
    sql.run('UPDATE threaded SET conversation = ? WHERE id = ?', conversation, id);
    countOut(sql, { id, folderId, conversation: integer(row, 'conversation'), unread });
    countIn(sql, { id, folderId, conversation, unread });
  }
}

/** All nodes that hang together with this one. */
function treeAround(sql: Sql, start: Node): Map<number, Node> {
  const found = new Map([[start.id, start]]);
  // A map is walked in the order of its additions, those made meanwhile included.
  for (const node of found.values()) {
    const near = sql.all('SELECT * FROM thread_nodes WHERE parent = ? AND parent <> 0', node.id);
    const above = node.parent === 0 ? undefined : sql.one('SELECT * FROM thread_nodes WHERE id = ?', node.parent);
    for (const row of above === undefined ? near : [...near, above]) {
      const next = toNode(row);
      if (!found.has(next.id)) found.set(next.id, next);
    }
  }
  return found;
}

function remake(sql: Sql, tree: ReadonlyMap<number, Node>): void {
  const parents = new Map<number, number>();
  for (const { id, parent } of tree.values()) if (parent !== 0) parents.set(id, parent);
  const cuts = cutsIn(parents, (child) => claimMoment(sql, child));
  for (const child of cuts) parents.delete(child);
  const thread = labelOf(sql, tree);
  const top = topOf(sql, tree, parents);
  const { subject, date, tie } = top.first ?? { subject: 0, date: 0, tie: 0 };
  const conversation = top.first === null ? 0 : subject === 0 ? -thread : subject;
  sql.run(
    'INSERT OR REPLACE INTO threads VALUES (?, ?, ?, ?, ?, ?)',
    ...[thread, tree.size, conversation, top.isRoot ? 1 : 0, date, tie],
  );
  for (const node of tree.values()) {
    if (node.isCut !== cuts.has(node.id))
      sql.run('UPDATE thread_nodes SET is_cut = ? WHERE id = ?', cuts.has(node.id) ? 1 : 0, node.id);
    assign(sql, node.id, thread, conversation);
    sql.run('DELETE FROM dirty_nodes WHERE id = ?', node.id);
  }
}

function claimMoment(sql: Sql, child: number): { date: number; tie: number } {
  const row = sql.one('SELECT date, tie FROM thread_claims WHERE child = ? ORDER BY is_weak, date, tie LIMIT 1', child);
  return row === undefined ? { date: 0, tie: 0 } : { date: integer(row, 'date'), tie: integer(row, 'tie') };
}

/** The number most of the nodes have, unless nodes elsewhere have it too; else a new one. Counts the nodes out of where they were. */
function labelOf(sql: Sql, tree: ReadonlyMap<number, Node>): number {
  const counts = new Map<number, number>();
  for (const { thread } of tree.values()) if (thread !== 0) counts.set(thread, (counts.get(thread) ?? 0) + 1);
  let label: number | undefined;
  for (const [thread, nodes] of counts) {
    const row = sql.one('SELECT size FROM threads WHERE id = ?', thread);
    const isWhole = row !== undefined && integer(row, 'size') === nodes;
    if (isWhole && (label === undefined || nodes > (counts.get(label) ?? 0))) label = thread;
  }
  const chosen = label ?? newThread(sql);
  for (const [thread, nodes] of counts) if (thread !== chosen) leaveThread(sql, thread, nodes);
  return chosen;
}

/** The message at the root; where that is missing the earliest of those that have none above them. */
function topOf(
  sql: Sql,
  tree: ReadonlyMap<number, Node>,
  parents: ReadonlyMap<number, number>,
): { first: First | null; isRoot: boolean } {
  const children = new Map<number, number[]>();
  let level: number[] = [];
  for (const { id } of tree.values()) {
    const parent = parents.get(id);
    if (parent === undefined) level.push(id);
    else {
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [id]);
      else siblings.push(id);
    }
  }
  let first: First | null = null;
  for (let depth = 0; level.length > 0; depth++) {
    const below: number[] = [];
    for (const id of level) {
      const message = firstMessage(sql, id);
      if (message === null) below.push(...(children.get(id) ?? []));
      else if (first === null || byMoment(message, first) < 0) first = message;
    }
    if (depth === 0 && first !== null) return { first, isRoot: true };
    level = below;
  }
  return { first, isRoot: false };
}
