import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { MessageKey } from '#shared/ids.ts';
import { type EngineParts, maxTextOctets } from './engine-parts.ts';
import { noteBacklog, storedRow } from './index-read.ts';
import { wordsOf } from './index-words.ts';
import type { IndexTransaction } from './index-writer.ts';
import { tagsOf } from './ledger.ts';
import type { Found } from './mail-look.ts';
import type { MailQueue } from './mail-queue.ts';
import { digestInKey } from './maildir-names.ts';
import { readIfThere } from './word-queue.ts';

const chunkFiles = 48;
/** While more than so many wait, screens are told of counts only. */
const fewEnoughToName = 1000;

/** Files found on disk that have no row yet. Their keys are known at once; their contents are read in the background. */
export interface Backlog {
  has(messageKey: MessageKey): boolean;
  /** Where it lies; undefined when it has its row or is not known at all. */
  find(messageKey: MessageKey): Found | undefined;
  size(): number;
  add(found: readonly Found[]): void;
  /** Resolves when every file found has its row. */
  caughtUp(): Promise<void>;
  clear(): void;
  stop(): void;
}

export function createBacklog(parts: EngineParts, queue: () => MailQueue): Backlog {
  const waiting = new Map<MessageKey, Found>();
  let running: Promise<void> | undefined;
  let isStopped = false;

  function readChunk(tx: IndexTransaction): void {
    let left = chunkFiles;
    for (const found of waiting.values()) {
      waiting.delete(found.messageKey);
      takeIn(parts, tx, found);
      left -= 1;
      if (left === 0) return;
    }
  }

  async function run(): Promise<void> {
    while (waiting.size > 0 && !isStopped) {
      await queue().run({ index: readChunk, isLarge: waiting.size > fewEnoughToName, result: () => undefined });
      // Otherwise the words would have to be read from the files again.
      if (parts.words.isFull()) parts.words.step();
    }
    if (waiting.size === 0 && !isStopped) noteBacklog(parts.index, false);
  }

  function start(): Promise<void> {
    running ??= run()
      .catch((error: unknown) => {
        parts.log.error('Some mail files could not be read into the index. They are tried again.', error);
        queue().distrust();
        waiting.clear();
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  return {
    has: (messageKey) => waiting.has(messageKey),
    find: (messageKey) => waiting.get(messageKey),
    size: () => waiting.size,
    add(found) {
      for (const entry of found) waiting.set(entry.messageKey, entry);
      if (waiting.size > 0 && !isStopped) setImmediate(() => void start());
    },
    async caughtUp() {
      while (waiting.size > 0 && !isStopped) await start();
    },
    clear: () => waiting.clear(),
    stop() {
      isStopped = true;
    },
  };
}

/** Reads one file and gives it a row. A file that went away meanwhile is noticed at the next look. */
function takeIn(parts: EngineParts, tx: IndexTransaction, found: Found): void {
  const { maildir, ledger, index } = parts;
  if (storedRow(index, found.messageKey) !== null) return;
  const path = maildir.path(found.directory, found.sub, found.fileName);
  const bytes = readIfThere(path);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (bytes === null || stat === undefined) return;
  const { messageKey, sub, fileName, letters } = found;
  const digest = digestInKey(messageKey) ?? createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const outline = parts.readOutline(bytes, { maxTextOctets });
  const id = tx.insert(found.folderId, {
    messageKey,
    sub,
    fileName,
    letters,
    sizeOctets: bytes.length,
    digest,
    receivedAt: Math.round(stat.mtimeMs),
    tags: tagsOf(ledger, messageKey),
    outline,
  });
  parts.words.offer(id, wordsOf(outline));
}
