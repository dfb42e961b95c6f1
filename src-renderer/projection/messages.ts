import { create } from 'zustand';
import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { Api } from '#shared/rpc/client.ts';
import type { MessagePage, StoreChange } from '#shared/rpc/contract.ts';
import { readCachedList } from './cache.ts';
import {
  applyChange,
  emptyList,
  indexOf,
  isSameSource,
  type ListSource,
  type MessageList,
  withoutRows,
  withPage,
  withRows,
} from './message-list.ts';

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
  if (source.kind === 'folder') {
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
  await fetchPages(api, inSight.from, inSight.to, true);
}

/** Sees to it that these rows are here. */
export async function ensureRange(api: Api, from: number, to: number): Promise<void> {
  inSight = { from, to };
  await fetchPages(api, from, to, false);
}

async function fetchPages(api: Api, from: number, to: number, isForced: boolean): Promise<void> {
  const { list } = useMessages.getState();
  const first = Math.floor(Math.max(0, from) / pageSize);
  const last = Math.floor(Math.max(0, to - 1) / pageSize);
  const wanted: Promise<void>[] = [];
  for (let page = first; page <= last; page++) {
    const start = page * pageSize;
    if (underWay.has(page) || (page > first && start >= list.rows.length && !isForced)) continue;
    if (!isForced && !hasHole(list.rows, start, start + pageSize)) continue;
    wanted.push(fetchPage(api, list.source, page));
  }
  await Promise.all(wanted);
}

function hasHole(rows: readonly (MessageSummary | undefined)[], from: number, to: number): boolean {
  for (let index = from; index < Math.min(to, rows.length); index++) if (rows[index] === undefined) return true;
  return false;
}

async function fetchPage(api: Api, source: ListSource, page: number): Promise<void> {
  const mine = generation;
  underWay.add(page);
  const offset = page * pageSize;
  try {
    const answer = await ask(api, source, offset, pageSize);
    if (mine !== generation) return;
    underWay.delete(page);
    useMessages.setState((state) => ({ list: withPage(state.list, offset, answer), status: { kind: 'ready' } }));
  } catch (error) {
    if (mine !== generation) return;
    underWay.delete(page);
    useMessages.setState({ status: { kind: 'failed', error } });
  }
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
  useMessages.setState({ list });
  return isStale;
}

/** Keys of the rows from one place to another, fetched where they are not here yet. */
export async function keysBetween(api: Api, from: number, to: number): Promise<MessageKey[]> {
  const { list } = useMessages.getState();
  const [first, last] = from < to ? [from, to] : [to, from];
  const here = list.rows.slice(first, last + 1);
  if (here.every((row) => row !== undefined)) return here.map((row) => row.messageKey);
  const { rows } = await ask(api, list.source, first, last - first + 1);
  return rows.map(({ messageKey }) => messageKey);
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
  return indexOf(useMessages.getState().list.rows, messageKey);
}
