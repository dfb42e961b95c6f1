import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { Conversation, ConversationPage } from '#shared/mail/conversation.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { MessagePage, StoreChange } from '#shared/rpc/contract.ts';
import {
  type Conversations,
  type ListRow,
  noConversations,
  rowsOf,
  withConversationPage,
  withMessages,
  withOpen,
  withoutMessages,
} from './conversation-list.ts';

/** What a list shows. */
export type ListSource =
  | { kind: 'folder'; folder: FolderPath; isThreaded?: boolean }
  | { kind: 'search'; query: string; folder: FolderPath | null };

/**
 * A list of `rows.length` messages, newest first, of which only some rows are here yet. As conversations: of so many
 * rows, made from `conversations`.
 */
export interface MessageList {
  readonly source: ListSource;
  /** Undefined: not fetched yet. */
  readonly rows: readonly (ListRow | undefined)[];
  readonly conversations?: Conversations;
  readonly unread: number;
  /** The store's revision the rows show. */
  readonly revision: number;
}

export function emptyList(source: ListSource): MessageList {
  return { source, rows: [], unread: 0, revision: 0 };
}

/** Whether two sources show the same list. */
export function isSameSource(a: ListSource, b: ListSource): boolean {
  if (a.kind === 'folder') return b.kind === 'folder' && a.folder === b.folder && a.isThreaded === b.isThreaded;
  return b.kind === 'search' && a.query === b.query && a.folder === b.folder;
}

/** Puts a fetched page in its place. A page of another length of list drops rows whose place is no longer known. */
export function withPage(list: MessageList, offset: number, page: MessagePage): MessageList {
  const isSameLength = list.rows.length === page.total;
  const rows: (MessageSummary | undefined)[] = isSameLength ? [...list.rows] : new Array(page.total).fill(undefined);
  if (!isSameLength) keepPlaced(rows, list.rows, offset, page.rows.length);
  page.rows.forEach((row, index) => {
    rows[offset + index] = row;
  });
  return { source: list.source, rows, unread: page.unread, revision: Math.max(list.revision, page.revision) };
}

// When only the tail grew or shrank, what stands before the page is still where it was.
function keepPlaced(
  rows: (MessageSummary | undefined)[],
  old: readonly (MessageSummary | undefined)[],
  offset: number,
  pageLength: number,
): void {
  const shift = rows.length - old.length;
  for (let index = 0; index < old.length; index++) {
    const place = index < offset ? index : index + shift;
    const isInPage = place >= offset && place < offset + pageLength;
    if (!isInPage && place >= 0 && place < rows.length && old[index] !== undefined) rows[place] = old[index];
  }
}

/**
 * Follows one commit of the store. `isStale`: something changed at a place that is not known here, so what is in view has to be
 * asked for again. Applying the same change twice changes nothing.
 */
export function applyChange(list: MessageList, change: StoreChange): { list: MessageList; isStale: boolean } {
  if (change.toRevision <= list.revision) return { list, isStale: false };
  if (list.conversations !== undefined) return applyToConversations(list, change);
  const { source } = list;
  let isStale = change.isLarge === true;
  const isHere = (folder: FolderPath): boolean => source.kind === 'search' || folder === source.folder;
  const { removed, updated, added } = change;

  let rows = [...list.rows];
  const gone = new Set<number>();
  const place = finderIn(rows, removed.length + updated.length);
  for (const { messageKey, folder } of removed) {
    if (!isHere(folder)) continue;
    const at = place(messageKey);
    if (at >= 0) gone.add(at);
    else if (source.kind === 'folder') isStale = true;
  }
  for (const row of updated) {
    const at = place(row.messageKey);
    if (at >= 0 && isHere(row.folder)) rows[at] = row;
    else if (at >= 0) gone.add(at);
  }
  if (gone.size > 0) rows = rows.filter((_row, at) => !gone.has(at));
  const here = added.filter(({ folder }) => isHere(folder));
  const isThere = finderIn(rows, here.length);
  const isNew: MessageSummary[] = [];
  for (const row of here) {
    const at = isThere(row.messageKey);
    if (at >= 0) rows[at] = row;
    else if (source.kind === 'search') isStale = true;
    else isNew.push(row);
  }
  const filed = insertAll(rows, isNew);
  rows = filed.rows;
  isStale ||= filed.isStale;
  const counts = source.kind === 'folder' ? change.folders.find(({ folder }) => folder === source.folder) : undefined;
  if (counts !== undefined && counts.total !== rows.length) isStale = true;
  const unread = counts?.unread ?? list.unread;
  return { list: { source, rows, unread, revision: change.toRevision }, isStale };
}

/** Where messages stand. For many questions the places are noted first: a list may be long. */
function finderIn(
  rows: readonly (MessageSummary | undefined)[],
  questions: number,
): (messageKey: MessageKey) => number {
  if (questions < 20) return (messageKey) => indexOf(rows, messageKey);
  const places = new Map<MessageKey, number>();
  rows.forEach((row, at) => {
    if (row !== undefined) places.set(row.messageKey, at);
  });
  return (messageKey) => places.get(messageKey) ?? -1;
}

type Rows = (MessageSummary | undefined)[];

/**
 * Files rows by their dates, newest first, all in one pass: thousands come back at once when a removal is undone. `isStale`:
 * the place of one lies among rows that are not here; it is left out.
 */
function insertAll(rows: Rows, isNew: readonly MessageSummary[]): { rows: Rows; isStale: boolean } {
  if (isNew.length === 0) return { rows, isStale: false };
  // Of the same moment the last to come stands first.
  const coming = isNew.toReversed().toSorted((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
  const filed: Rows = [];
  let isStale = false;
  let next = 0;
  const takeUntil = (date: string | null): void => {
    for (let row = coming[next]; row !== undefined && (date === null || date <= row.date); row = coming[++next]) {
      if (filed.length > 0 && filed.at(-1) === undefined) isStale = true;
      else filed.push(row);
    }
  };
  for (const there of rows) {
    if (there !== undefined) takeUntil(there.date);
    filed.push(there);
  }
  takeUntil(null);
  return { rows: filed, isStale };
}

/** Changes rows at once, before the store has answered. */
export function withRows(
  list: MessageList,
  keys: ReadonlySet<MessageKey>,
  change: (row: MessageSummary) => MessageSummary,
): MessageList {
  if (list.conversations !== undefined) return withConversations(list, withMessages(list.conversations, keys, change));
  return {
    ...list,
    rows: list.rows.map((row) => (row !== undefined && keys.has(row.messageKey) ? change(row) : row)),
  };
}

/** Takes rows out at once, before the store has answered. */
export function withoutRows(list: MessageList, keys: ReadonlySet<MessageKey>): MessageList {
  if (list.conversations !== undefined) return withConversations(list, withoutMessages(list.conversations, keys));
  return { ...list, rows: list.rows.filter((row) => row === undefined || !keys.has(row.messageKey)) };
}

export function indexOf(rows: readonly (MessageSummary | undefined)[], messageKey: MessageKey): number {
  return rows.findIndex((row) => row?.messageKey === messageKey);
}

/** The list with its rows made of these conversations. */
export function withConversations(list: MessageList, conversations: Conversations): MessageList {
  if (list.source.kind !== 'folder') return list;
  return { ...list, conversations, rows: rowsOf(conversations, list.source.folder).rows };
}

export function withPageOfConversations(list: MessageList, offset: number, page: ConversationPage): MessageList {
  const conversations = withConversationPage(list.conversations ?? noConversations, offset, page);
  const { unread } = page;
  return { ...withConversations(list, conversations), unread, revision: Math.max(list.revision, page.revision) };
}

/** Opens a conversation of the list; null closes it. */
export function withConversationOpen(
  list: MessageList,
  conversationId: string,
  tree: Conversation | null,
): MessageList {
  return withConversations(list, withOpen(list.conversations ?? noConversations, conversationId, tree));
}

/** What is shown of the messages that changed follows at once; which conversations there are now the store is asked. */
function applyToConversations(list: MessageList, change: StoreChange): { list: MessageList; isStale: boolean } {
  const { source } = list;
  const changed = new Map([...change.added, ...change.updated].map((row) => [row.messageKey, row]));
  const known = new Set(changed.keys());
  const followed = withRows(withoutHeld(list, change), known, (row) => changed.get(row.messageKey) ?? row);
  const isStale = change.added.length + change.updated.length + change.removed.length > 0;
  const counts = source.kind === 'folder' ? change.folders.find(({ folder }) => folder === source.folder) : undefined;
  return { list: { ...followed, unread: counts?.unread ?? list.unread, revision: change.toRevision }, isStale };
}

/** The message that was being read is gone: its conversation shows another. */
function withoutHeld(list: MessageList, { removed }: StoreChange): MessageList {
  const held = list.conversations?.held;
  if (list.conversations === undefined || held === undefined || held === null) return list;
  const isGone = removed.some(({ messageKey, folder }) => messageKey === held.messageKey && folder === held.folder);
  return isGone ? withConversations(list, { ...list.conversations, held: null }) : list;
}

/** After a change that names no messages: where the others stand now is not known. What is in sight stays until it is asked again. */
export function onlyInSight(list: MessageList, { from, to }: { from: number; to: number }): MessageList {
  if (list.conversations !== undefined) return list;
  return { ...list, rows: list.rows.map((row, at) => (at >= from && at < to ? row : undefined)) };
}
