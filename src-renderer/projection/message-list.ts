import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { MessagePage, StoreChange } from '#shared/rpc/contract.ts';

/** What a list shows. */
export type ListSource =
  | { kind: 'folder'; folder: FolderPath }
  | { kind: 'search'; query: string; folder: FolderPath | null };

/** A list of `rows.length` messages, newest first, of which only some rows are here yet. */
export interface MessageList {
  readonly source: ListSource;
  /** Undefined: not fetched yet. */
  readonly rows: readonly (MessageSummary | undefined)[];
  readonly unread: number;
  /** The store's revision the rows show. */
  readonly revision: number;
}

export function emptyList(source: ListSource): MessageList {
  return { source, rows: [], unread: 0, revision: 0 };
}

/** Whether two sources show the same list. */
export function isSameSource(a: ListSource, b: ListSource): boolean {
  if (a.kind === 'folder') return b.kind === 'folder' && a.folder === b.folder;
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
  const { source } = list;
  const rows = [...list.rows];
  let isStale = false;
  const isHere = (folder: FolderPath): boolean => source.kind === 'search' || folder === source.folder;

  for (const { messageKey, folder } of change.removed) {
    if (!isHere(folder)) continue;
    const at = indexOf(rows, messageKey);
    if (at >= 0) rows.splice(at, 1);
    else if (source.kind === 'folder') isStale = true;
  }
  for (const row of change.updated) {
    const at = indexOf(rows, row.messageKey);
    if (at >= 0 && isHere(row.folder)) rows[at] = row;
    else if (at >= 0) rows.splice(at, 1);
  }
  for (const row of change.added) {
    if (!isHere(row.folder)) continue;
    const at = indexOf(rows, row.messageKey);
    if (at >= 0) rows[at] = row;
    else if (source.kind === 'search') isStale = true;
    else isStale = !insert(rows, row) || isStale;
  }
  const counts = source.kind === 'folder' ? change.folders.find(({ folder }) => folder === source.folder) : undefined;
  if (counts !== undefined && counts.total !== rows.length) isStale = true;
  const unread = counts?.unread ?? list.unread;
  return { list: { source, rows, unread, revision: change.toRevision }, isStale };
}

/** Files a row by its date, newest first; false when its place lies among rows that are not here. */
function insert(rows: (MessageSummary | undefined)[], row: MessageSummary): boolean {
  for (let index = 0; index <= rows.length; index++) {
    const there = rows[index];
    if (index === rows.length || (there !== undefined && there.date <= row.date)) {
      const before = rows[index - 1];
      if (index > 0 && before === undefined) return false;
      rows.splice(index, 0, row);
      return true;
    }
  }
  return false;
}

/** Changes rows at once, before the store has answered. */
export function withRows(
  list: MessageList,
  keys: ReadonlySet<MessageKey>,
  change: (row: MessageSummary) => MessageSummary,
): MessageList {
  return {
    ...list,
    rows: list.rows.map((row) => (row !== undefined && keys.has(row.messageKey) ? change(row) : row)),
  };
}

/** Takes rows out at once, before the store has answered. */
export function withoutRows(list: MessageList, keys: ReadonlySet<MessageKey>): MessageList {
  return { ...list, rows: list.rows.filter((row) => row === undefined || !keys.has(row.messageKey)) };
}

export function indexOf(rows: readonly (MessageSummary | undefined)[], messageKey: MessageKey): number {
  return rows.findIndex((row) => row?.messageKey === messageKey);
}
