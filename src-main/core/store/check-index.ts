import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineParts } from './engine-parts.ts';
import { folderRows } from './index-read.ts';
import { parseFileName } from './maildir-names.ts';
import { integer, type Sql, text } from './sql.ts';
import { checkConversations } from './threads/conversations.ts';

/** Compares every file with its row and every count with its rows, and looks whether both databases are sound; answers what does not agree, in sentences. */
export function checkIndex(parts: EngineParts): { messages: number; problems: string[] } {
  const { index, maildir } = parts;
  const problems: string[] = [];
  let messages = 0;
  for (const { id, folder, directory } of folderRows(index)) {
    const names = new Map<string, string>();
    for (const sub of ['new', 'cur'] as const)
      for (const fileName of maildir.list(directory, sub)) {
        const name = parseFileName(fileName);
        if (name !== null) names.set(name.messageKey, `${sub}/${fileName}`);
      }
    messages += names.size;
    let unread = 0;
    let total = 0;
    for (const row of index.all('SELECT key, is_new, file_name, letters FROM messages WHERE folder_id = ?', id)) {
      total += 1;
      if (!text(row, 'letters').includes('S')) unread += 1;
      const expected = `${integer(row, 'is_new') === 1 ? 'new' : 'cur'}/${text(row, 'file_name')}`;
      const key = text(row, 'key');
      const actual = names.get(key);
      names.delete(key);
      if (actual === undefined) problems.push(`${folder}: ${key} is listed, but its file is missing.`);
      else if (actual !== expected) problems.push(`${folder}: ${key} is listed under another file name.`);
    }
    for (const [key, place] of names)
      problems.push(
        canRead(join(maildir.subPath(directory, place.startsWith('new/') ? 'new' : 'cur'), place.slice('new/'.length)))
          ? `${folder}: the file ${key} is not listed.`
          : `${folder}: the file ${key} cannot be read, and is not listed. Check its permissions and the disk.`,
      );
    const counts = index.one('SELECT total, unread FROM folders WHERE id = ?', id);
    if (counts === undefined || integer(counts, 'total') !== total || integer(counts, 'unread') !== unread)
      problems.push(`${folder}: its counts are wrong.`);
  }
  problems.push(...checkFiles(parts), ...checkWords(parts), ...checkThreads(parts));
  return { messages, problems };
}

function canRead(path: string): boolean {
  try {
    const fd = openSync(path, 'r');
    try {
      readSync(fd, Buffer.alloc(1), 0, 1, 0);
      return true;
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

/** SQLite's own look at the files (https://sqlite.org/pragma.html#pragma_quick_check). */
function checkFiles({ index, ledger }: EngineParts): string[] {
  const problems: string[] = [];
  const look = (sql: Sql, words: string): void => {
    const [first] = sql.all('PRAGMA quick_check(1)').flatMap((row) => Object.values(row));
    if (first !== 'ok') problems.push(`${words} ${String(first)}`);
  };
  look(ledger, 'The ledger is damaged; it is kept aside and begun anew at the next start:');
  look(index, 'The index is damaged; “postrider index rebuild” makes it anew:');
  return problems;
}

function checkWords({ index }: EngineParts): string[] {
  const row = index.one(`SELECT
    (SELECT count(*) FROM messages WHERE id NOT IN (SELECT id FROM unindexed) AND id NOT IN (SELECT id FROM words_docsize)) AS lacking,
    (SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT id FROM messages)) AS stray`);
  if (row === undefined) return ['The full text cannot be read.'];
  const problems: string[] = [];
  if (integer(row, 'lacking') > 0) problems.push(`${integer(row, 'lacking')} messages cannot be found by their words.`);
  if (integer(row, 'stray') > 0) problems.push(`${integer(row, 'stray')} entries of the full text have no message.`);
  return problems;
}

function checkThreads({ index }: EngineParts): string[] {
  const { misplaced, lacking, miscounted } = checkConversations(index);
  const problems: string[] = [];
  if (misplaced > 0) problems.push(`${misplaced} messages stand in another conversation than theirs.`);
  if (lacking > 0) problems.push(`${lacking} messages stand in no conversation.`);
  if (miscounted > 0) problems.push(`${miscounted} conversations have wrong counts.`);
  return problems;
}
