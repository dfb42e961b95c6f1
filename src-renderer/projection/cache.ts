import Dexie from 'dexie';
import { z } from 'zod';
import { FolderPath } from '#shared/ids.ts';
import { FolderSummary } from '#shared/mail/folder.ts';
import { MessageSummary } from '#shared/mail/message.ts';
import type { MessageList } from './message-list.ts';

/** Raised when what is kept here changes shape: older caches are then forgotten, which costs one fetch. */
const schemaVersion = 1;
/** Rows kept of each list: enough for the tallest window. */
const keptRows = 120;

const Snapshot = z.object({
  id: z.literal('last'),
  storeId: z.string(),
  revision: z.number().int(),
  schemaVersion: z.literal(schemaVersion),
  folder: FolderPath,
  folders: z.array(FolderSummary),
});
export type Snapshot = z.infer<typeof Snapshot>;

const CachedList = z.object({
  folder: FolderPath,
  storeId: z.string(),
  total: z.number().int(),
  unread: z.number().int(),
  revision: z.number().int(),
  rows: z.array(MessageSummary),
});
export type CachedList = z.infer<typeof CachedList>;

/** What was in view last: derived, painted before the application answers, and forgotten without loss. */
const database = new Dexie('postrider');
database.version(1).stores({ snapshots: 'id', lists: 'folder' });
const snapshots = database.table<Snapshot, string>('snapshots');
const lists = database.table<CachedList, string>('lists');

/** Which store the cached lists belong to, once known. */
let knownStoreId: string | null = null;
let isWriter = false;

/** One tab or window writes: the one that holds the lock, until it closes. */
export function becomeWriter(): void {
  void navigator.locks?.request('postrider.cache', () => {
    isWriter = true;
    return new Promise(() => undefined);
  });
}

/** What was in view when Postrider was last open; null when there is nothing of use. */
export async function readSnapshot(): Promise<Snapshot | null> {
  const parsed = Snapshot.safeParse(await quietly(() => snapshots.get('last')));
  if (!parsed.success) return null;
  knownStoreId = parsed.data.storeId;
  return parsed.data;
}

/** The first rows of a folder as last seen; the rest of the list is known by its length only. */
export async function readCachedList(folder: FolderPath): Promise<MessageList | null> {
  const parsed = CachedList.safeParse(await quietly(() => lists.get(folder)));
  if (!parsed.success || parsed.data.storeId !== knownStoreId) return null;
  const { rows, total, unread, revision } = parsed.data;
  const all: (MessageSummary | undefined)[] = new Array(total).fill(undefined);
  rows.forEach((row, index) => {
    all[index] = row;
  });
  return { source: { kind: 'folder', folder }, rows: all, unread, revision };
}

export async function writeSnapshot(snapshot: Omit<Snapshot, 'id' | 'schemaVersion'>): Promise<void> {
  knownStoreId = snapshot.storeId;
  if (!isWriter || (writtenSnapshot !== null && isSameSnapshot(writtenSnapshot, snapshot))) return;
  writtenSnapshot = snapshot;
  await quietly(() => snapshots.put({ id: 'last', schemaVersion, ...snapshot }));
}

let writtenSnapshot: Omit<Snapshot, 'id' | 'schemaVersion'> | null = null;

function isSameSnapshot(a: Omit<Snapshot, 'id' | 'schemaVersion'>, b: Omit<Snapshot, 'id' | 'schemaVersion'>): boolean {
  const isSame =
    a.storeId === b.storeId &&
    a.revision === b.revision &&
    a.folder === b.folder &&
    a.folders.length === b.folders.length;
  return isSame && a.folders.every((folder, at) => folder === b.folders[at]);
}

export async function writeList(list: MessageList, storeId: string): Promise<void> {
  if (!isWriter || list.source.kind !== 'folder') return;
  const { folder } = list.source;
  const hole = list.rows.slice(0, keptRows).indexOf(undefined);
  const rows = list.rows.slice(0, hole < 0 ? keptRows : hole).filter((row) => row !== undefined);
  const { unread, revision } = list;
  // Who scrolls through the rest of a list changes nothing of what is kept of it.
  const now = { storeId, folder, total: list.rows.length, unread, revision, rows };
  if (written !== null && isSameList(written, now)) return;
  written = now;
  await quietly(() => lists.put(now));
}

let written: CachedList | null = null;

function isSameList(a: CachedList, b: CachedList): boolean {
  const isSame =
    a.storeId === b.storeId &&
    a.folder === b.folder &&
    a.total === b.total &&
    a.unread === b.unread &&
    a.revision === b.revision &&
    a.rows.length === b.rows.length;
  return isSame && a.rows.every((row, at) => row === b.rows[at]);
}

/** For another store: nothing kept here belongs to it. */
export async function forgetLists(storeId: string): Promise<void> {
  knownStoreId = storeId;
  written = null;
  if (isWriter) await quietly(() => lists.clear());
}

/** The cache is a convenience: where it cannot be read or written (a private window, a full disk), nothing is missing but speed. */
async function quietly<T>(work: () => PromiseLike<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
