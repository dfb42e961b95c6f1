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
import { likenessOf, withFormerName } from './refiled.ts';
import { readIfThere } from './word-queue.ts';

const chunkFiles = 48;
/** While more than so many wait, screens are told of counts only. */
const fewEnoughToName = 1000;

/** Files found on disk that have no row yet. Their keys are known at once; their contents are read in the background. */
export interface Backlog {
  has(messageKey: MessageKey): boolean;
  /** Where it lies; undefined when it has its row or is not known at all. */
  find(messageKey: MessageKey): Found | undefined;
  /** How many wait to be read in. */
  size(): number;
  /** To be called after each look: also tries again what could not be read, once its file was changed. */
  add(found: readonly Found[]): void;
  /** Resolves when every file found has its row, or turned out not to be readable. */
  caughtUp(): Promise<void>;
  /** With nothing waiting: notes in the index whether some are without a row still. */
  leaveWord(): void;
  clear(): void;
  stop(): void;
}

export function createBacklog(parts: EngineParts, queue: () => MailQueue): Backlog {
  const waiting = new Map<MessageKey, Found>();
  /** They lie there, and the system does not give their bytes: no reason to lose sight of them. */
  const unreadable = new Map<MessageKey, Unreadable>();
  let running: Promise<void> | undefined;
  let isStopped = false;
  let triedAt = Number.NEGATIVE_INFINITY;

  function readChunk(tx: IndexTransaction): void {
    let left = chunkFiles;
    for (const found of waiting.values()) {
      waiting.delete(found.messageKey);
      const trouble = takeIn(parts, tx, found);
      if (trouble !== null) unreadable.set(found.messageKey, trouble);
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
    if (!isStopped) leaveWord();
  }

  function leaveWord(): void {
    if (waiting.size === 0) noteBacklog(parts.index, unreadable.size > 0);
  }

  /** Some at each look, in turn: a look must not cost more the more there are. */
  function tryAgain(): void {
    // Reading in looks as well: one that changes all the time must not keep us at it.
    if (unreadable.size === 0 || performance.now() - triedAt < tryAgainMs) return;
    triedAt = performance.now();
    for (const [messageKey, trouble] of [...unreadable].slice(0, triedAtOnce)) {
      unreadable.delete(messageKey);
      const changedAt = changedAtOf(parts, trouble.found);
      if (changedAt === trouble.changedAt) unreadable.set(messageKey, trouble);
      else if (changedAt !== 'gone') waiting.set(messageKey, trouble.found);
    }
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
    has: (messageKey) => waiting.has(messageKey) || unreadable.has(messageKey),
    find: (messageKey) => waiting.get(messageKey) ?? unreadable.get(messageKey)?.found,
    size: () => waiting.size,
    add(found) {
      tryAgain();
      for (const entry of found) {
        unreadable.delete(entry.messageKey);
        waiting.set(entry.messageKey, entry);
      }
      if (waiting.size > 0 && !isStopped) setImmediate(() => void start());
    },
    async caughtUp() {
      while (waiting.size > 0 && !isStopped) await start();
    },
    leaveWord,
    clear() {
      waiting.clear();
      unreadable.clear();
    },
    stop() {
      isStopped = true;
    },
  };
}

interface Unreadable {
  readonly found: Found;
  /** When the file or its permissions were changed: epoch ms. */
  readonly changedAt: number | 'not told' | 'gone';
}

const triedAtOnce = 64;
const tryAgainMs = 1000;

function pathOf({ maildir }: EngineParts, { directory, sub, fileName }: Found): string {
  return maildir.path(directory, sub, fileName);
}

function changedAtOf(parts: EngineParts, found: Found): Unreadable['changedAt'] {
  try {
    return statSync(pathOf(parts, found), { throwIfNoEntry: false })?.ctimeMs ?? 'gone';
  } catch {
    return 'not told';
  }
}

/** Null: the file is gone. */
function readWithTime(path: string): { bytes: Uint8Array; receivedAt: number } | null {
  const bytes = readIfThere(path);
  const stat = statSync(path, { throwIfNoEntry: false });
  return bytes === null || stat === undefined ? null : { bytes, receivedAt: Math.round(stat.mtimeMs) };
}

/** Reads one file and gives it a row; answers when it cannot be read. A file that went away meanwhile is noticed at the next look. */
function takeIn(parts: EngineParts, tx: IndexTransaction, found: Found): Unreadable | null {
  if (storedRow(parts.index, found.messageKey) !== null) return null;
  const path = pathOf(parts, found);
  let read: ReturnType<typeof readWithTime>;
  try {
    read = readWithTime(path);
  } catch (error) {
    parts.log.warn('A message file cannot be read, and is listed once it can be.', { path, reason: String(error) });
    return { found, changedAt: changedAtOf(parts, found) };
  }
  if (read !== null) insert(parts, tx, found, read);
  return null;
}

function insert(
  parts: EngineParts,
  tx: IndexTransaction,
  found: Found,
  { bytes, receivedAt }: { bytes: Uint8Array; receivedAt: number },
): void {
  const outline = parts.readOutline(bytes, { maxTextOctets });
  const own = digestInKey(found.messageKey) ?? createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const content = { digest: own, sizeOctets: bytes.length, likeness: likenessOf(outline) };
  const { messageKey, sub, fileName, letters } = withFormerName(parts, found, content);
  const digest = digestInKey(messageKey) ?? own;
  const id = tx.insert(found.folderId, {
    messageKey,
    sub,
    fileName,
    letters,
    sizeOctets: bytes.length,
    digest,
    receivedAt,
    tags: tagsOf(parts.ledger, messageKey),
    outline,
  });
  parts.words.offer(id, wordsOf(outline));
}
