import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { FolderPath, type MessageKey } from '#shared/ids.ts';
import { fixedFolders } from '#shared/mail/folder.ts';
import type { EngineParts } from './engine-parts.ts';
import { type FolderRow, folderById, folderRows, noteBacklog, storedRow } from './index-read.ts';
import { type StoredRow, toStoredRow } from './index-rows.ts';
import { changeIndex, type IndexTransaction } from './index-writer.ts';
import { getMeta } from './ledger.ts';
import { mailRootExists, type SubDirectory } from './maildir.ts';
import { fileNameFor, folderOfDirectory, parseFileName, uniqueName } from './maildir-names.ts';
import { type OutsideRenames, outsideRenames } from './outside-renames.ts';
import { removeOrFollow } from './refiled.ts';
import { integer, numberOrNull, text, textOrNull } from './sql.ts';

/** A file that has no row yet. */
export interface Found {
  readonly messageKey: MessageKey;
  readonly folderId: number;
  readonly directory: string;
  readonly sub: SubDirectory;
  readonly fileName: string;
  readonly letters: string;
}

/**
 * `cheap`: directories whose time differs from the last look. `careful`: also those that changed so shortly before the
 * last look that a later change may carry the same time. `full`: all.
 */
export type LookMode = 'cheap' | 'careful' | 'full';

export interface LookResult {
  /** The Mail folder is missing or unexpectedly empty, in a sentence; nothing was taken up then. */
  readonly problem: string | null;
  readonly found: Found[];
}

/** File times are as coarse as two seconds (FAT). */
const coarsestTimeMs = 2100;
/** So many messages do not vanish at once by a person's hand in another program. */
const suspiciousLoss = 10;

const missing =
  'The Mail folder is not there, although it held mail. If it lies on a disk or in a cloud folder that is not connected, connect it; until then nothing is collected, and no mail is deleted anywhere.';
const fixed: ReadonlySet<string> = new Set(fixedFolders);

const empty =
  'The Mail folder is empty, although it held mail. If its disk is not connected, connect it. If you emptied it yourself, rebuild the index. Until then nothing is collected, and no mail is deleted anywhere.';

interface Listing {
  readonly folder: FolderRow;
  /** Null: exactly the files the index knows. */
  readonly files: Map<MessageKey, Found> | null;
  readonly rows: Map<MessageKey, StoredRow>;
  readonly newChangedAt: number | null;
  readonly curChangedAt: number | null;
  readonly lookedAt: number;
  readonly identity: string | null;
  /** Another directory lay here under this name at the last look. */
  readonly isAnother: boolean;
}

/**
 * Compares the directories with the index and takes up what other programs moved, flagged, added or removed. Files
 * without a row are answered, for the caller to read. Nothing in the ledger changes: the absence of a file is no
 * removal by the user. `isEmptied`: the user said that an empty folder is right.
 */
export function lookAtMailFolder(parts: EngineParts, mode: LookMode, isEmptied = false): LookResult {
  const { maildir, index, ledger } = parts;
  const hadMail = getMeta(ledger, 'hadMail') !== null;
  if (!mailRootExists(maildir.root)) return { problem: hadMail ? missing : null, found: [] };
  const directories = new Set(maildir.listDirectories());
  const known = folderRows(index);
  if (mode !== 'cheap') learnIdentities(parts);
  const fresh = nameNewFolders(parts, directories, known);
  const gone = known.filter(({ directory }) => !directories.has(directory));
  const listings = known.filter(({ directory }) => directories.has(directory)).flatMap((row) => list(parts, row, mode));
  if (listings.length + gone.length + fresh.length === 0) return { problem: null, found: [] };
  if (fresh.length === 0 && isSuspiciouslyEmpty(parts, listings, gone, hadMail) && !isEmptied)
    return { problem: empty, found: [] };
  return { problem: null, found: takeUp(parts, { listings, gone, fresh }) };
}

/** Of folders listed by an earlier version, or by one on a file system that did not tell. */
function learnIdentities({ maildir, index }: EngineParts): void {
  for (const row of index.all('SELECT id, directory FROM folders WHERE identity IS NULL')) {
    const identity = maildir.identity(text(row, 'directory'));
    if (identity !== null) index.run('UPDATE folders SET identity = ? WHERE id = ?', identity, integer(row, 'id'));
  }
}

function isSuspiciouslyEmpty(
  { index, maildir }: EngineParts,
  listings: readonly Listing[],
  gone: readonly FolderRow[],
  hadMail: boolean,
): boolean {
  if (!hadMail || listings.some(({ files }) => files === null || files.size > 0)) return false;
  const looked = new Set([...listings.map(({ folder }) => folder.id), ...gone.map(({ id }) => id)]);
  let before = 0;
  for (const row of index.all('SELECT id, total FROM folders')) {
    const total = integer(row, 'total');
    if (!looked.has(integer(row, 'id')) && total > 0) return false;
    before += total;
  }
  return maildir.hasMarker() ? before >= suspiciousLoss : true;
}

function nameNewFolders(
  { log }: EngineParts,
  directories: ReadonlySet<string>,
  known: readonly FolderRow[],
): { folder: FolderPath; directory: string }[] {
  const knownDirectories = new Set(known.map(({ directory }) => directory));
  const paths = new Set<string>(known.filter((row) => directories.has(row.directory)).map(({ folder }) => folder));
  const fresh: { folder: FolderPath; directory: string }[] = [];
  for (const directory of directories) {
    if (knownDirectories.has(directory)) continue;
    const folder = folderOfDirectory(directory);
    if (folder === null) {
      log.warn('A directory in the Mail folder has a name that cannot be shown. It is left alone.', { directory });
      continue;
    }
    let name = folder;
    for (let number = 2; paths.has(name); number++) name = FolderPath.parse(`${folder} (${number})`);
    paths.add(name);
    fresh.push({ folder: name, directory });
  }
  return fresh;
}

function list(parts: EngineParts, folder: FolderRow, mode: LookMode): Listing[] {
  const { maildir, index } = parts;
  // Times first: what changes while we list is seen at the next look.
  const newChangedAt = maildir.changedAt(folder.directory, 'new');
  const curChangedAt = maildir.changedAt(folder.directory, 'cur');
  const lookedAt = Date.now();
  const row = index.one('SELECT * FROM folders WHERE id = ?', folder.id);
  const isSame =
    row !== undefined &&
    numberOrNull(row, 'new_changed_at') === newChangedAt &&
    numberOrNull(row, 'cur_changed_at') === curChangedAt;
  const before = row === undefined ? 0 : (numberOrNull(row, 'looked_at') ?? 0);
  const isSettled = before - Math.max(newChangedAt ?? 0, curChangedAt ?? 0) > coarsestTimeMs;
  if (mode !== 'full' && isSame && (mode === 'cheap' || isSettled)) return [];
  const names = { cur: maildir.list(folder.directory, 'cur'), new: maildir.list(folder.directory, 'new') };
  const identity = maildir.identity(folder.directory);
  const knownAs = row === undefined ? null : textOrNull(row, 'identity');
  const isAnother = knownAs !== null && identity !== null && knownAs !== identity;
  const seen = { folder, newChangedAt, curChangedAt, lookedAt, identity, isAnother };
  if (isAsIndexed(parts, folder, names)) return [{ ...seen, files: null, rows: new Map() }];
  const rows = new Map<MessageKey, StoredRow>();
  for (const stored of index.all('SELECT * FROM messages WHERE folder_id = ?', folder.id).map(toStoredRow))
    rows.set(stored.messageKey, stored);
  return [{ ...seen, files: listFiles(parts, folder, names), rows }];
}

/** The usual case, decided by names alone: a folder of 100,000 messages is compared in a moment. False when it is empty. */
function isAsIndexed({ index }: EngineParts, folder: FolderRow, names: Record<SubDirectory, string[]>): boolean {
  const files = new Set<string>();
  for (const sub of ['cur', 'new'] as const)
    for (const name of names[sub]) if (!name.startsWith('.')) files.add(`${sub}/${name}`);
  if (files.size === 0) return false;
  const rows = index.all('SELECT is_new, file_name FROM messages WHERE folder_id = ?', folder.id);
  if (rows.length !== files.size) return false;
  return rows.every((row) => files.has(`${row.is_new === 1 ? 'new' : 'cur'}/${row.file_name}`));
}

function listFiles(
  parts: EngineParts,
  folder: FolderRow,
  names: Record<SubDirectory, string[]>,
): Map<MessageKey, Found> {
  const { maildir } = parts;
  const files = new Map<MessageKey, Found>();
  for (const sub of ['cur', 'new'] as const) {
    for (const fileName of names[sub]) {
      const name = parseFileName(fileName);
      if (name === null) continue;
      const found = { ...name, folderId: folder.id, directory: folder.directory, sub, fileName };
      const twin = files.get(name.messageKey);
      if (twin === undefined) files.set(name.messageKey, found);
      else if (existsSync(maildir.path(twin.directory, twin.sub, twin.fileName))) {
        const other = renameTwin(parts, found);
        files.set(other.messageKey, other);
      } else files.set(name.messageKey, found);
    }
  }
  return files;
}

/** Two files of one unique name are two messages to the user: the second gets a name of its own, nothing is hidden. */
function renameTwin({ maildir, log }: EngineParts, found: Found): Found {
  const unique = `${uniqueName(found.fileName).slice(0, 120)}.${randomUUID()}`;
  const fileName = found.sub === 'new' ? unique : fileNameFor(unique, found.letters, maildir.separator);
  maildir.renameFile(found, { ...found, fileName });
  log.info('A copied message file got a name of its own.', { fileName });
  const name = parseFileName(fileName);
  return { ...found, fileName, messageKey: name?.messageKey ?? found.messageKey };
}

interface Differences {
  readonly listings: readonly Listing[];
  readonly gone: readonly FolderRow[];
  readonly fresh: readonly { folder: FolderPath; directory: string }[];
}

function takeUp(parts: EngineParts, { listings, gone, fresh: named }: Differences): Found[] {
  const { index } = parts;
  const unknown: Found[] = [];
  const change = changeIndex(index, (tx) => {
    const added = named.map(({ folder, directory }) => ({ folder, directory, id: tx.addFolder(folder, directory) }));
    const fresh = added.flatMap((folder) => list(parts, folder, 'full'));
    const all = [...listings, ...fresh];
    const vanished = new Map<MessageKey, StoredRow>();
    const renames = renamesAmong(parts, gone, [...fresh, ...listings.filter(({ isAnother }) => isAnother)], vanished);
    for (const { from, to } of renames.renamed) tx.noteRenamed(from, to);
    for (const folder of renames.vanished) if (!fixed.has(folder)) tx.noteVanished(folder);
    for (const { files, rows } of all)
      for (const [key, row] of rows) if (files?.has(key) === false) vanished.set(key, row);
    for (const listing of all) unknown.push(...compare(parts, tx, listing, vanished));
    for (const row of vanished.values()) {
      const again = removeOrFollow(parts, tx, row);
      if (again !== null) unknown.push(again);
    }
    if (unknown.length > 0) noteBacklog(index, true);
    for (const { id } of gone) tx.removeFolder(id);
    for (const { folder, newChangedAt, curChangedAt, lookedAt, identity } of all)
      tx.remember(folder.id, { newChangedAt, curChangedAt, lookedAt, identity });
  });
  if (change !== null) parts.emit(change);
  return unknown;
}

/** Also tells the rows of the folders that are gone: their messages vanished, unless they are found elsewhere. */
function renamesAmong(
  { index }: EngineParts,
  gone: readonly FolderRow[],
  appeared: readonly Listing[],
  vanished: Map<MessageKey, StoredRow>,
): OutsideRenames {
  const emptied = gone.map(({ id, folder }) => {
    const rows = index.all('SELECT * FROM messages WHERE folder_id = ?', id).map(toStoredRow);
    for (const row of rows) vanished.set(row.messageKey, row);
    const row = index.one('SELECT identity FROM folders WHERE id = ?', id);
    const identity = row === undefined ? null : textOrNull(row, 'identity');
    return { folder, identity, keys: rows.map(({ messageKey }) => messageKey) };
  });
  const places = appeared.map(({ folder, identity, files }) => ({
    folder: folder.folder,
    identity,
    keys: new Set(files?.keys()),
  }));
  return outsideRenames(emptied, places);
}

/** Takes up renames within a folder and arrivals from another; answers the files nobody knows. */
function compare(
  parts: EngineParts,
  tx: IndexTransaction,
  { files, rows }: Listing,
  vanished: Map<MessageKey, StoredRow>,
): Found[] {
  const unknown: Found[] = [];
  for (const [key, found] of files ?? []) {
    const here = rows.get(key);
    if (here !== undefined) {
      if (here.fileName !== found.fileName || here.sub !== found.sub) tx.relocate(here, found);
      continue;
    }
    const elsewhere = vanished.get(key) ?? storedRow(parts.index, key);
    if (elsewhere === null) unknown.push(found);
    else if (vanished.delete(key) || !isThere(parts, elsewhere)) tx.relocate(elsewhere, found);
    else unknown.push(renameTwin(parts, found));
  }
  return unknown;
}

function isThere({ maildir, index }: EngineParts, row: StoredRow): boolean {
  const folder = folderById(index, row.folderId);
  return folder !== undefined && existsSync(maildir.path(folder.directory, row.sub, row.fileName));
}
