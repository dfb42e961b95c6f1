import { create } from 'zustand';
import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { Api } from '#shared/rpc/client.ts';
import type { MessagePage, StoreChange } from '#shared/rpc/contract.ts';
import { readCachedList } from './cache.ts';
import { type ListRow, noConversations, rowsOf } from './conversation-list.ts';
import {
  applyChange,
  emptyList,
  indexOf,
  isSameSource,
  type ListSource,
  type MessageList,
  onlyInSight,
  withConversationOpen,
  withConversations,
  withoutRows,
  withPage,
  withPageOfConversations,
  withRows,
} from './message-list.ts';
import { selectOnly, useSelection } from './selection.ts';

export type ListStatus = { kind: 'loading' } | { kind: 'ready' } | { kind: 'failed'; error: unknown };

interface MessagesState {
  list: MessageList;
  status: ListStatus;
}

const pageSize = 200;

/** The list in view. Rows are fetched as they come into sight: `ensureRange`. */
export const useMessages = create<MessagesState>()(() => ({
  list: emptyList({ kind: 'folder', folder: folder.inbox }),
  status: { kind: 'loading' },
}));

/** Raised whenever answers to earlier questions no longer belong to the list in view. */
let generation = 0;
let inSight = { from: 0, to: pageSize };
const underWay = new Set<number>();

/** Shows another list: what is cached at once, then what the store says. */
export async function showList(api: Api, source: ListSource): Promise<void> {
  if (isSameSource(useMessages.getState().list.source, source) && useMessages.getState().status.kind === 'ready')
    return;
  generation++;
  underWay.clear();
  inSight = { from: 0, to: pageSize };
  const isNarrowing = source.kind === 'search' && useMessages.getState().list.source.kind === 'search';
  // While a search is typed the earlier hits stay until the new ones are here: nothing flickers.
  useMessages.setState(
    isNarrowing
      ? { status: { kind: 'loading' }, list: { ...useMessages.getState().list, source } }
      : { status: { kind: 'loading' }, list: emptyList(source) },
  );
  const mine = generation;
  if (source.kind === 'folder' && source.isThreaded !== true) {
    const cached = await readCachedList(source.folder);
    if (mine !== generation) return;
    if (cached !== null && useMessages.getState().status.kind === 'loading')
      useMessages.setState({ list: { ...cached, source }, status: { kind: 'ready' } });
  }
  await refreshList(api);
}

/** Asks again for what is in sight, keeping what is shown until the answer is here. */
export async function refreshList(api: Api): Promise<void> {
  generation++;
  underWay.clear();
  await Promise.all([fetchPages(api, inSight.from, inSight.to, true), refreshOpen(api)]);
}

/** What lies in the conversations that are open. */
async function refreshOpen(api: Api): Promise<void> {
  const { conversations } = useMessages.getState().list;
  if (conversations === undefined) return;
  const open = conversations.heads.flatMap((head) =>
    head !== undefined && conversations.open.has(head.conversationId) ? [head] : [],
  );
  for (const { conversationId, newest } of open) await fetchConversation(api, conversationId, newest.messageKey);
}

async function fetchConversation(api: Api, conversationId: string, messageKey: MessageKey): Promise<void> {
  const { source } = useMessages.getState().list;
  if (source.kind !== 'folder') return;
  const { folder } = source;
  const tree = await api.call('conversation.get', { messageKey, folder }).catch(() => null);
  useMessages.setState(({ list }) =>
    isSameSource(list.source, source) ? { list: withConversationOpen(list, conversationId, tree) } : {},
  );
}

/** Opens the conversation of a row, or closes it; the row's place in the list stays. */
export async function setConversationOpen(api: Api, row: ListRow, isOpen: boolean): Promise<void> {
  const { thread } = row;
  if (thread === undefined || (isOpen && !thread.canOpen)) return;
  if (isOpen) await fetchConversation(api, thread.conversationId, row.messageKey);
  else useMessages.setState(({ list }) => ({ list: withConversationOpen(list, thread.conversationId, null) }));
}

/** Sees to it that these rows are here. */
export async function ensureRange(api: Api, from: number, to: number): Promise<void> {
  inSight = { from, to };
  await fetchPages(api, from, to, false);
}

async function fetchPages(api: Api, from: number, to: number, isForced: boolean): Promise<void> {
  const { list } = useMessages.getState();
  const units = unitsOf(list);
  const first = Math.floor(Math.max(0, units.placeOf(from)) / pageSize);
  const last = Math.floor(Math.max(0, units.placeOf(to - 1)) / pageSize);
  const wanted: Promise<void>[] = [];
  for (let page = first; page <= last; page++) {
    const start = page * pageSize;
    if (underWay.has(page) || (page > first && start >= units.all.length && !isForced)) continue;
    if (!isForced && !hasHole(units.all, start, start + pageSize)) continue;
    wanted.push(fetchPage(api, list.source, page));
  }
  await Promise.all(wanted);
}

/** What is fetched page by page: messages, or conversations; and which of them a row belongs to. */
function unitsOf(list: MessageList): { all: readonly unknown[]; placeOf: (row: number) => number } {
  const { conversations, source } = list;
  if (conversations === undefined || source.kind !== 'folder' || conversations.open.size === 0)
    return { all: conversations?.heads ?? list.rows, placeOf: (row) => row };
  const { headOf } = rowsOf(conversations, source.folder);
  return { all: conversations.heads, placeOf: (row) => headOf[row] ?? (row < 0 ? row : conversations.heads.length) };
}

function hasHole(rows: readonly unknown[], from: number, to: number): boolean {
  for (let index = from; index < Math.min(to, rows.length); index++) if (rows[index] === undefined) return true;
  return false;
}

async function fetchPage(api: Api, source: ListSource, page: number): Promise<void> {
  const mine = generation;
  underWay.add(page);
  const offset = page * pageSize;
  try {
    const put = await askForPage(api, source, offset, pageSize);
    if (mine !== generation) return;
    underWay.delete(page);
    useMessages.setState((state) => ({ list: put(state.list), status: { kind: 'ready' } }));
  } catch (error) {
    if (mine !== generation) return;
    underWay.delete(page);
    useMessages.setState({ status: { kind: 'failed', error } });
  }
}

/** Fetches a page; the answer puts it into its place. */
async function askForPage(
  api: Api,
  source: ListSource,
  offset: number,
  limit: number,
): Promise<(list: MessageList) => MessageList> {
  if (source.kind === 'folder' && source.isThreaded === true) {
    const page = await api.call('conversation.list', { folder: source.folder, offset, limit });
    return (list) => withPageOfConversations(holding(list), offset, page);
  }
  const page = await ask(api, source, offset, limit);
  return (list) => withPage(list, offset, page);
}

/** The message being read stays, though its conversation has a newer one. */
function holding(list: MessageList): MessageList {
  const { cursor } = useSelection.getState();
  const row = list.rows.find((one) => one !== undefined && one.messageKey === cursor);
  const held = row?.thread?.isHead === true && !row.thread.isOpen ? row : null;
  return withConversations(list, { ...(list.conversations ?? noConversations), held });
}

function ask(api: Api, source: ListSource, offset: number, limit: number): Promise<MessagePage> {
  return source.kind === 'folder'
    ? api.call('message.list', { folder: source.folder, offset, limit })
    : api.call('message.search', {
        query: source.query,
        offset,
        limit,
        ...(source.folder === null ? {} : { folder: source.folder }),
      });
}

/** Follows the store; true when what is in sight has to be asked for again. */
export function followChange(change: StoreChange): boolean {
  const { list, isStale } = applyChange(useMessages.getState().list, change);
  useMessages.setState({ list: change.isLarge === true ? onlyInSight(list, inSight) : list });
  return isStale;
}

/** Keys of the rows from one place to another, fetched where they are not here yet. */
export async function keysBetween(api: Api, from: number, to: number): Promise<MessageKey[]> {
  const { list } = useMessages.getState();
  const [first, last] = from < to ? [from, to] : [to, from];
  const here = list.rows.slice(first, last + 1);
  if (here.every((row) => row !== undefined)) return here.map((row) => row.messageKey);
  if (list.conversations !== undefined) {
    const { placeOf: place } = unitsOf(list);
    const put = await askForPage(api, list.source, place(first), place(last) - place(first) + 1);
    useMessages.setState((state) => ({ list: put(state.list) }));
    const { rows } = useMessages.getState().list;
    return rows.slice(first, last + 1).flatMap((row) => (row === undefined ? [] : [row.messageKey]));
  }
  if (list.source.kind === 'folder') {
    const { messageKeys } = await api.call('message.keys', { folder: list.source.folder });
    return messageKeys.slice(first, last + 1);
  }
  const { rows } = await ask(api, list.source, first, last - first + 1);
  return rows.map(({ messageKey }) => messageKey);
}

/**
 * The messages an act is for: a closed conversation stands for all its messages in this folder, every other row for itself.
 */
export async function messagesOf(api: Api, keys: readonly MessageKey[]): Promise<MessageKey[]> {
  const { rows, source, conversations } = useMessages.getState().list;
  if (conversations === undefined || source.kind !== 'folder') return [...keys];
  const wanted = new Set(keys);
  const closed = new Set<string>();
  for (const row of rows)
    if (row?.thread !== undefined && wanted.has(row.messageKey) && isWhole(row)) closed.add(row.thread.conversationId);
  if (closed.size === 0) return [...keys];
  const { messageKeys } = await api.call('conversation.keys', {
    folder: source.folder,
    conversationIds: [...closed],
  });
  return [...new Set([...keys, ...messageKeys])];
}

/** Goes to the neighbour of the message in view within its conversation, which opens for it. */
export async function stepInConversation(api: Api, by: 1 | -1): Promise<void> {
  const { cursor } = useSelection.getState();
  const row = useMessages.getState().list.rows.find((one) => one !== undefined && one.messageKey === cursor);
  if (row?.thread === undefined) return;
  const { conversationId, isHead, isOpen } = row.thread;
  if (isHead && !isOpen) await setConversationOpen(api, row, true);
  const messages = useMessages.getState().list.conversations?.open.get(conversationId)?.messages ?? [];
  const at = messages.findIndex(({ summary }) => summary.messageKey === row.messageKey);
  const next = at < 0 ? undefined : messages[at + by];
  if (next !== undefined) selectOnly(next.summary.messageKey);
}

/** The row stands for a conversation of several messages. */
export function isWhole({ thread }: ListRow): boolean {
  return thread?.isHead === true && !thread.isOpen && thread.count > 1;
}

/** Changes rows before the store has answered. */
export function changeRows(keys: readonly MessageKey[], change: (row: MessageSummary) => MessageSummary): void {
  useMessages.setState((state) => ({ list: withRows(state.list, new Set(keys), change) }));
}

/** Takes rows out before the store has answered. In a search they stay: they are still found, elsewhere. */
export function dropRows(keys: readonly MessageKey[], to: FolderPath): void {
  const { list } = useMessages.getState();
  if (list.source.kind === 'search') changeRows(keys, (row) => ({ ...row, folder: to }));
  else if (list.source.folder !== to) useMessages.setState({ list: withoutRows(list, new Set(keys)) });
}

/** Where a message stands in the list; -1 when it is not here. */
export function placeOf(messageKey: MessageKey): number {
  return placeIn(useMessages.getState().list.rows, messageKey);
}

let foundAt = -1;

/** Where a message stands among rows; -1 when it is not there. Asked again and again for the one that is read, it costs nothing. */
export function placeIn(rows: MessageList['rows'], messageKey: MessageKey): number {
  if (rows[foundAt]?.messageKey === messageKey) return foundAt;
  const at = indexOf(rows, messageKey);
  if (at >= 0) foundAt = at;
  return at;
}
