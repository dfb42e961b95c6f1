import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import type { MessageOutline } from '../../../outline.ts';
import { storedRow } from '../../index-read.ts';
import { openIndex } from '../../index-schema.ts';
import { changeIndex, type IndexTransaction } from '../../index-writer.ts';
import type { Sql } from '../../sql.ts';
import { createThreadQueue, type ThreadQueue } from '../thread-queue.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A message as far as threads are concerned. `name` is its key. */
export interface Letter {
  readonly name: string;
  readonly messageId: string;
  readonly references: readonly string[];
  readonly inReplyTo?: readonly string[];
  /** Epoch seconds. */
  readonly at: number;
  readonly subject: string;
}

/** An index in a directory of its own, with two folders, written to as the store does. */
export interface ThreadBench {
  readonly sql: Sql;
  readonly queue: ThreadQueue;
  readonly folders: readonly [number, number];
  add(letters: readonly Letter[], folder?: 0 | 1): void;
  remove(names: readonly string[]): void;
  place(name: string, folder: 0 | 1, letters: string): void;
  /** Which letters are together, in a form that can be compared. */
  together(): string[][];
  close(): void;
}

export const folderNames = [FolderPath.parse('Inbox'), FolderPath.parse('Sent')] as const;

export function openBench(): ThreadBench {
  const directory = mkdtempSync(join(tmpdir(), 'postrider-threads-'));
  const sql = openIndex(directory, log);
  const queue = createThreadQueue(sql, () => false, log);
  const folders: number[] = [];
  const change = (work: (tx: IndexTransaction) => void): void => void changeIndex(sql, work);
  change((tx) => folders.push(...folderNames.map((name) => tx.addFolder(name, name))));
  const [inbox = 0, sent = 0] = folders;
  const rowOf = (name: string) => storedRow(sql, MessageKey.parse(name));
  return {
    sql,
    queue,
    folders: [inbox, sent],
    add: (letters, folder = 0) =>
      change((tx) => {
        for (const letter of letters) if (rowOf(letter.name) === null) tx.insert(folders[folder] ?? 0, newRow(letter));
      }),
    remove: (names) =>
      change((tx) => {
        for (const row of names.map(rowOf)) if (row !== null) tx.remove(row);
      }),
    place: (name, folder, letters) =>
      change((tx) => {
        const row = rowOf(name);
        if (row !== null) tx.relocate(row, { ...row, folderId: folders[folder] ?? 0, letters });
      }),
    together() {
      const byConversation = Map.groupBy(
        sql.all('SELECT m.key, t.conversation FROM threaded t JOIN messages m ON m.id = t.id'),
        (row) => row.conversation,
      );
      return [...byConversation.values()].map((rows) => rows.map((row) => String(row.key)).sort()).sort(byFirst);
    },
    close() {
      queue.stop();
      sql.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function byFirst(a: readonly string[], b: readonly string[]): number {
  return (a[0] ?? '') < (b[0] ?? '') ? -1 : 1;
}

function newRow(letter: Letter) {
  return {
    messageKey: MessageKey.parse(letter.name),
    sub: 'cur',
    fileName: letter.name,
    letters: '',
    sizeOctets: 1,
    digest: letter.name,
    receivedAt: 0,
    tags: [],
    outline: outlineOf(letter),
  } as const;
}

export function outlineOf({ messageId, references, inReplyTo = [], at, subject }: Letter): MessageOutline {
  return {
    subject,
    from: [{ displayName: '', mailbox: 'ann@example.com' }],
    to: [],
    cc: [],
    bcc: [],
    date: at * 1000,
    messageId,
    inReplyTo: [...inReplyTo],
    references: [...references],
    text: '',
    snippet: '',
    attachmentNames: [],
    hasAttachments: false,
    isMalformed: false,
  };
}
