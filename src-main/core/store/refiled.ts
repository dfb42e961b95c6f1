import { existsSync } from 'node:fs';
import type { MessageKey } from '#shared/ids.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import type { EngineParts } from './engine-parts.ts';
import { folderById, keysByDigest, storedRow } from './index-read.ts';
import type { StoredRow } from './index-rows.ts';
import type { IndexTransaction } from './index-writer.ts';
import { tagsOf } from './ledger.ts';
import type { FilePlace } from './maildir.ts';
import { digestInKey, fileNameFor, uniqueName } from './maildir-names.ts';
import { text } from './sql.ts';

/**
 * mutt, and others, move a message by writing it anew under a name of their own and removing the old file, before or
 * after. The name is what tags and the server's unique-id hang on, also for a ledger that is read back from file names:
 * so the new file gets the old one's name back.
 */
export interface VanishedMessages {
  /** Its file went away; one of the same bytes may come. */
  remember(row: StoredRow, digest: string): void;
  find(digest: string, sizeOctets: number): StoredRow | undefined;
  forget(digest: string): void;
}

/** The oldest are forgotten first. */
const mostRemembered = 20_000;

export function createVanishedMessages(): VanishedMessages {
  const byDigest = new Map<string, StoredRow>();
  return {
    remember(row, digest) {
      byDigest.delete(digest);
      byDigest.set(digest, row);
      const [oldest] = byDigest.keys();
      if (byDigest.size > mostRemembered && oldest !== undefined) byDigest.delete(oldest);
    },
    find(digest, sizeOctets) {
      const row = byDigest.get(digest);
      return row?.sizeOctets === sizeOctets ? row : undefined;
    },
    forget: (digest) => void byDigest.delete(digest),
  };
}

/** Something hangs on this name. */
function isWorthKeeping({ ledger }: EngineParts, key: MessageKey): boolean {
  return isOurs(key) || tagsOf(ledger, key).length > 0;
}

function isOurs(key: MessageKey): boolean {
  return digestInKey(key) !== null || isBeginning(key);
}

interface Named extends FilePlace {
  readonly messageKey: MessageKey;
  readonly letters: string;
}

/** A file nobody knows: answers it under the name its message had before, or as it is. */
export function withFormerName<T extends Named>(
  parts: EngineParts,
  file: T,
  content: { digest: string; size: number },
): T {
  const before = parts.vanished.find(content.digest, content.size);
  if (before === undefined || isOurs(file.messageKey) || storedRow(parts.index, before.messageKey) !== null)
    return file;
  const fileName = rename(parts, file, before);
  if (fileName === null) return file;
  parts.vanished.forget(content.digest);
  return { ...file, fileName, messageKey: before.messageKey };
}

/**
 * A message whose file went away: where it was filed anew before, that file becomes its own. Otherwise its row goes, and
 * it is remembered for a file that may come.
 */
export function removeOrFollow(parts: EngineParts, tx: IndexTransaction, row: StoredRow): void {
  const stored = parts.index.one('SELECT digest FROM messages WHERE id = ?', row.id);
  if (stored !== undefined && isWorthKeeping(parts, row.messageKey)) {
    const digest = text(stored, 'digest');
    if (follow(parts, tx, row, digest)) return;
    parts.vanished.remember(row, digest);
  }
  tx.remove(row);
}

function follow(parts: EngineParts, tx: IndexTransaction, row: StoredRow, digest: string): boolean {
  for (const heir of keysByDigest(parts.index, digest)) {
    const folder = folderById(parts.index, heir.folderId);
    if (heir.id === row.id || heir.sizeOctets !== row.sizeOctets || folder === undefined) continue;
    if (isWorthKeeping(parts, heir.messageKey)) continue;
    const fileName = rename(parts, { ...heir, directory: folder.directory }, row);
    if (fileName === null) continue;
    tx.remove(heir);
    tx.relocate(row, { ...heir, fileName });
    return true;
  }
  return false;
}

/** Null: it is not there any more, or cannot be renamed. */
function rename({ maildir, log }: EngineParts, file: Omit<Named, 'messageKey'>, former: StoredRow): string | null {
  const unique = uniqueName(former.fileName);
  const fileName = file.sub === 'new' ? unique : fileNameFor(unique, file.letters, maildir.separator);
  if (existsSync(maildir.path(file.directory, file.sub, fileName))) return null;
  try {
    maildir.renameFile(file, { ...file, fileName });
    return fileName;
  } catch (error) {
    log.warn('A message another program moved could not be given its name back.', { fileName, reason: String(error) });
    return null;
  }
}
