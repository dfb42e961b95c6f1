import { readFileSync } from 'node:fs';
import type { Log } from '../ports.ts';
import { addWords, type Words } from './index-words.ts';
import { integer, type Sql } from './sql.ts';
import { systemCode } from './store-errors.ts';

/** Text kept in memory until it is indexed; beyond this it is read from the file again. */
const maxWaitingCharacters = 8 * 1024 * 1024;
/** While mail comes in, its filing goes first: the full text waits for a pause of this length, or for a search. */
const quietMs = 200;
const chunkMessages = 256;
const chunkCharacters = 2 * 1024 * 1024;
/** Reading files goes on for so long at a time: whoever waits for the ledger waits for the chunk. */
const readForMs = 25;

/** The full text, written behind the rows: a message is listed at once and findable a moment later. */
export interface WordQueue {
  /** Keeps the words of a message whose row was just committed. */
  offer(id: number, words: Words): void;
  /** Indexes one chunk; false when nothing waits. */
  step(): boolean;
  /** So much waits that memory runs short: whoever adds more should take a `step`. */
  isFull(): boolean;
  /** Some messages cannot be found by their words yet. */
  isWaiting(): boolean;
  /** Indexes everything, letting other work in between chunks. */
  drain(): Promise<void>;
  /** Begins to work by itself when the thread has nothing better to do. */
  wake(): void;
  stop(): void;
  /** After the index was emptied. */
  clear(): void;
}

export function createWordQueue(
  sql: Sql,
  wordsOfFile: (id: number) => Words | null,
  isBusy: () => boolean,
  log: Log,
): WordQueue {
  const waiting = new Map<number, Words>();
  let characters = 0;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let offeredAt = -quietMs;

  function takeChunk(): { id: number; words: Words }[] {
    const chunk: { id: number; words: Words }[] = [];
    let size = 0;
    const begun = performance.now();
    for (const row of sql.all('SELECT id FROM unindexed ORDER BY id LIMIT ?', chunkMessages)) {
      const id = integer(row, 'id');
      const words = waiting.get(id) ?? wordsOfFile(id);
      chunk.push({ id, words: words ?? noWords });
      size += words === null ? 0 : lengthOf(words);
      if (size >= chunkCharacters || performance.now() - begun > readForMs) break;
    }
    return chunk;
  }

  function step(): boolean {
    const chunk = takeChunk();
    if (chunk.length === 0) {
      // What was removed before its turn.
      waiting.clear();
      characters = 0;
      return false;
    }
    sql.transaction(() => {
      addWords(sql, chunk);
      for (const { id } of chunk) sql.run('DELETE FROM unindexed WHERE id = ?', id);
    });
    for (const { id } of chunk) {
      const words = waiting.get(id);
      if (words !== undefined) characters -= lengthOf(words);
      waiting.delete(id);
    }
    return true;
  }

  function tick(): void {
    timer = undefined;
    if (isStopped) return;
    try {
      if (isBusy()) offeredAt = performance.now();
      else if (performance.now() - offeredAt >= quietMs && !step()) return;
      wake();
    } catch (error) {
      log.error('The full text could not be written. Searching tries again.', error);
    }
  }

  function wake(): void {
    if (timer !== undefined || isStopped) return;
    timer = setTimeout(tick, Math.max(0, offeredAt + quietMs - performance.now()));
    timer.unref();
  }

  return {
    offer(id, words) {
      offeredAt = performance.now();
      if (characters > maxWaitingCharacters) return;
      waiting.set(id, words);
      characters += lengthOf(words);
    },
    step,
    isFull: () => characters > maxWaitingCharacters / 2,
    isWaiting: () => sql.one('SELECT 1 FROM unindexed LIMIT 1') !== undefined,
    async drain() {
      while (!isStopped && step()) await new Promise<void>((resolve) => setImmediate(resolve));
    },
    wake,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
    clear() {
      waiting.clear();
      characters = 0;
    },
  };
}

/** Of a file that is gone before its turn. */
const noWords: Words = { subject: '', senders: '', recipients: '', body: '', files: '' };

function lengthOf({ subject, senders, recipients, body, files }: Words): number {
  return subject.length + senders.length + recipients.length + body.length + files.length;
}

/** The bytes of a file, or null when it is gone. Throws what the system throws for one that lies there and cannot be read. */
export function readIfThere(path: string): Uint8Array<ArrayBuffer> | null {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
