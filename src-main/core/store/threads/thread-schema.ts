/**
 * What the index keeps of threads; all of it derived from the rows of `messages` and their References.
 *
 * `touched` lists rows that were added (with their `refs`), moved, flagged or removed since threads were last made;
 * `threaded` is what was then made of them. `thread_nodes`, `thread_claims`: see `ThreadedMessage`. `threads` are the
 * trees; `first_*` is the message the subject is taken from, `has_root` tells that it is the root. A *conversation* is all threads of one base subject (its
 * number), or one thread without a subject (the thread's number, negative). `conversations` counts what of it lies in
 * each folder. `dirty_nodes` are those whose threads are to be looked at.
 */
export const threadSchema = `
  CREATE TABLE touched (id INTEGER PRIMARY KEY, refs TEXT);
  CREATE TABLE threaded (
    id INTEGER PRIMARY KEY, node INTEGER NOT NULL, refs TEXT NOT NULL, date INTEGER NOT NULL, tie INTEGER NOT NULL,
    subject INTEGER NOT NULL, is_reply INTEGER NOT NULL, folder_id INTEGER NOT NULL, is_unread INTEGER NOT NULL,
    conversation INTEGER NOT NULL);
  CREATE INDEX threaded_by_node ON threaded (node, date, tie);
  CREATE INDEX threaded_by_conversation ON threaded (conversation, folder_id, id);
  CREATE TABLE thread_nodes (
    id INTEGER PRIMARY KEY, parent INTEGER NOT NULL, thread INTEGER NOT NULL, uses INTEGER NOT NULL,
    is_cut INTEGER NOT NULL);
  CREATE INDEX thread_nodes_by_parent ON thread_nodes (parent) WHERE parent <> 0;
  CREATE TABLE thread_claims (
    child INTEGER NOT NULL, is_weak INTEGER NOT NULL, date INTEGER NOT NULL, tie INTEGER NOT NULL,
    parent INTEGER NOT NULL, PRIMARY KEY (child, is_weak, date, tie)) WITHOUT ROWID;
  CREATE TABLE threads (
    id INTEGER PRIMARY KEY, size INTEGER NOT NULL, conversation INTEGER NOT NULL, has_root INTEGER NOT NULL,
    first_date INTEGER NOT NULL, first_tie INTEGER NOT NULL);
  CREATE TABLE conversations (
    folder_id INTEGER NOT NULL, conversation INTEGER NOT NULL, newest INTEGER NOT NULL, total INTEGER NOT NULL,
    unread INTEGER NOT NULL, PRIMARY KEY (folder_id, conversation)) WITHOUT ROWID;
  CREATE INDEX conversations_by_newest ON conversations (folder_id, newest);
  CREATE TABLE dirty_nodes (id INTEGER PRIMARY KEY);`;

export const threadTables = [
  'touched',
  'threaded',
  'thread_nodes',
  'thread_claims',
  'threads',
  'conversations',
  'dirty_nodes',
] as const;
