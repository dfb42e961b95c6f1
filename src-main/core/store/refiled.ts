import { existsSync } from 'node:fs';
import type { MessageKey } from '#shared/ids.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import type { MessageOutline } from '../outline.ts';
import type { EngineParts } from './engine-parts.ts';
import { folderById, keysByDigest, storedRow } from './index-read.ts';
import { peopleOf, type StoredRow, toStoredRow } from './index-rows.ts';
import type { IndexTransaction } from './index-writer.ts';
import { tagsOf } from './ledger.ts';
import type { Found } from './mail-look.ts';
import { digestInKey, fileNameFor, uniqueName } from './maildir-names.ts';
import { rowIdsBetween } from './row-ids.ts';
import { integer, type Row, text } from './sql.ts';

// Some programs move a message by writing it anew under a name of their own and removing the old file, before or after.
// The name is what tags and the server's unique-id hang on, also for a ledger that is read back from file names: so the
// new file gets the old one's name back.

/** What tells a message again: its bytes, or, since mutt adds a field or two, everything that is shown of it. */
interface Content {
  readonly digest: string;
  readonly sizeOctets: number;
  /** Null: too little is said in it. */
  readonly likeness: string | null;
}

export interface VanishedMessages {
  /** Its file went away; one that holds the same may come. */
  remember(row: StoredRow, content: Content): void;
  find(content: Content): StoredRow | undefined;
  forget(row: StoredRow): void;
}

/** The oldest are forgotten first. */
const mostRemembered = 20_000;
/** Content-Length, Lines, Status, X-Status. */
const addedOctets = 400;
/** Thousands of one second are mass mail, or an archive just unpacked: looking through all for each would never end. */
const mostOfSecond = 50;

export function createVanishedMessages(): VanishedMessages {
  const rows = new Map<MessageKey, StoredRow & Content>();
  const byDigest = new Map<string, MessageKey>();
  const byLikeness = new Map<string, MessageKey>();
  const forget = ({ messageKey }: Pick<StoredRow, 'messageKey'>): void => {
    const known = rows.get(messageKey);
    rows.delete(messageKey);
    if (known === undefined) return;
    if (byDigest.get(known.digest) === messageKey) byDigest.delete(known.digest);
    if (known.likeness !== null && byLikeness.get(known.likeness) === messageKey) byLikeness.delete(known.likeness);
  };
  return {
    remember(row, content) {
      forget(row);
      rows.set(row.messageKey, { ...row, ...content });
      byDigest.set(content.digest, row.messageKey);
      if (content.likeness !== null) byLikeness.set(content.likeness, row.messageKey);
      const [oldest] = rows.values();
      if (rows.size > mostRemembered && oldest !== undefined) forget(oldest);
    },
    find(content) {
      const key = byDigest.get(content.digest) ?? byLikeness.get(content.likeness ?? '');
      const known = key === undefined ? undefined : rows.get(key);
      return known !== undefined && isSame(known, content) ? known : undefined;
    },
    forget,
  };
}

function isSame(one: Content, other: Content): boolean {
  if (one.digest === other.digest) return one.sizeOctets === other.sizeOctets;
  const isLike = one.likeness !== null && one.likeness === other.likeness;
  return isLike && Math.abs(one.sizeOctets - other.sizeOctets) <= addedOctets;
}

/** The date must be the message's own, and somebody must have written it. */
export function likenessOf(outline: MessageOutline): string | null {
  const from = outline.from[0]?.mailbox ?? '';
  if (outline.date === null || from === '') return null;
  const people = peopleOf(outline).map(({ mailbox }) => mailbox);
  return joined([String(Math.round(outline.date)), from, outline.subject, outline.snippet, people.join('\n')]);
}

function contentOf(row: Row): Content {
  const from = text(row, 'from_mailbox');
  const shown = [String(integer(row, 'date')), from, text(row, 'subject'), text(row, 'snippet'), text(row, 'people')];
  return {
    digest: text(row, 'digest'),
    sizeOctets: integer(row, 'size'),
    likeness: from === '' ? null : joined(shown),
  };
}

function joined(parts: readonly string[]): string {
  return parts.join('\0');
}

function isOurs(key: MessageKey): boolean {
  return digestInKey(key) !== null || isBeginning(key);
}

/** Something hangs on this name. */
function isWorthKeeping({ ledger }: EngineParts, key: MessageKey): boolean {
  return isOurs(key) || tagsOf(ledger, key).length > 0;
}

/** A file nobody knows: answers it under the name its message had before, or as it is. */
export function withFormerName(parts: EngineParts, file: Found, content: Content): Found {
  const before = parts.vanished.find(content);
  if (before === undefined || isOurs(file.messageKey) || storedRow(parts.index, before.messageKey) !== null)
    return file;
  const renamed = rename(parts, file, before);
  if (renamed === null) return file;
  parts.vanished.forget(before);
  return renamed;
}

/**
 * A message whose file went away: where it was filed anew before, that file becomes its own. Otherwise its row goes, and
 * it is remembered for a file that may come. Answers a file that is to be read again.
 */
export function removeOrFollow(parts: EngineParts, tx: IndexTransaction, row: StoredRow): Found | null {
  const stored = parts.index.one('SELECT * FROM messages WHERE id = ?', row.id);
  const isKept = stored !== undefined && isWorthKeeping(parts, row.messageKey);
  const content = isKept ? contentOf(stored) : null;
  const heir = content === null ? null : heirOf(parts, row, content);
  if (content !== null && heir === null) parts.vanished.remember(row, content);
  if (heir === null) {
    tx.remove(row);
    return null;
  }
  tx.remove(heir.row);
  if (heir.isExact) {
    tx.relocate(row, heir.file);
    return null;
  }
  tx.remove(row);
  return heir.file;
}

interface Heir {
  readonly row: StoredRow;
  /** Under its new name. */
  readonly file: Found;
  readonly isExact: boolean;
}

function heirOf(parts: EngineParts, row: StoredRow, content: Content): Heir | null {
  const { index } = parts;
  const alike = content.likeness === null ? [] : rowsOfSecond(parts, Number.parseInt(content.likeness, 10));
  for (const one of [...keysByDigest(index, content.digest), ...alike]) {
    if (one.id === row.id || isWorthKeeping(parts, one.messageKey)) continue;
    const folder = folderById(index, one.folderId);
    const stored = index.one('SELECT * FROM messages WHERE id = ?', one.id);
    if (folder === undefined || stored === undefined) continue;
    const other = contentOf(stored);
    if (!isSame(content, other)) continue;
    const file = rename(parts, { ...one, directory: folder.directory }, row);
    if (file !== null) return { row: one, file, isExact: content.digest === other.digest };
  }
  return null;
}

function rowsOfSecond({ index }: EngineParts, dateMs: number): StoredRow[] {
  const { least, most } = rowIdsBetween(dateMs, dateMs);
  const some = 'SELECT * FROM messages WHERE id BETWEEN ? AND ? LIMIT ?';
  // Names of our own have 49 characters, and are nobody's heirs.
  const foreign = `SELECT * FROM (${some}) WHERE length(key) <> 49`;
  return index.all(foreign, least, most, mostOfSecond).map(toStoredRow);
}

/** Null: it is not there any more, or cannot be renamed. */
function rename({ maildir, log }: EngineParts, file: Found, former: StoredRow): Found | null {
  const { folderId, directory, sub, letters } = file;
  const unique = uniqueName(former.fileName);
  const fileName = sub === 'new' ? unique : fileNameFor(unique, letters, maildir.separator);
  if (existsSync(maildir.path(directory, sub, fileName))) return null;
  try {
    maildir.renameFile(file, { ...file, fileName });
    return { messageKey: former.messageKey, folderId, directory, sub, fileName, letters };
  } catch (error) {
    log.warn('A message another program moved could not be given its name back.', { fileName, reason: String(error) });
    return null;
  }
}
