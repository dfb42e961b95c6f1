import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { onDisk } from '../sources/raw-path.ts';
import type { Mark, Position } from './position.ts';

/** The source is not what it was when the position was taken: it has to be read from its beginning. */
export class SourceChanged extends Error {}

/** What is to be done with a file: nothing, since an earlier run has dealt with it, or reading it from there on. */
export type Begun = { readonly kind: 'passed' } | { readonly kind: 'read'; readonly from: Mark | null };

interface Within {
  readonly path: string;
  readonly file: string;
  mark: Mark | null;
}

const blockOctets = 64 * 1024;

/**
 * Follows the reading of a source, file by file in the order of its walk, and can say at any moment how far it is. Begun
 * with a position, it passes over what lies before it, provided that every file on the way is what it was then.
 */
export class Reading {
  readonly #from: Position | null;
  #files = 0;
  #chain = '';
  #within: Within | null = null;

  constructor(from: Position | null) {
    this.#from = from;
  }

  /** Whether everything before the position has been walked by. */
  get #isThere(): boolean {
    return this.#from === null || this.#files >= this.#from.files;
  }

  /** A file comes; the one before it is done with. Throws `SourceChanged`. */
  async begin(path: string, known?: Stats): Promise<Begun> {
    this.end();
    const found = known ?? (await stat(onDisk(path)).catch(() => null));
    const file = [path, found?.size, found?.mtimeMs, found?.ino].join('\n');
    this.#within = { path, file, mark: null };
    if (!this.#isThere) {
      this.end();
      return { kind: 'passed' };
    }
    const within = this.#isAtPosition() ? (this.#from?.within ?? null) : null;
    if (within === null) return { kind: 'read', from: null };
    if (within.file !== file || (await blocksOf(path, within.mark).catch(() => '')) !== within.blocks)
      throw new SourceChanged();
    this.#within.mark = within.mark;
    return { kind: 'read', from: within.mark };
  }

  /** Something that cannot be walked comes. Answers whether an earlier run has told of it. Throws `SourceChanged`. */
  passes(failure: string): boolean {
    this.end();
    const isPassed = !this.#isThere;
    this.#within = { path: failure, file: failure, mark: null };
    this.end();
    return isPassed;
  }

  /** A message was dealt with; without a mark it was the only one of its file. */
  took(mark: Mark | undefined): void {
    if (mark === undefined) this.end();
    else if (this.#within !== null) this.#within.mark = mark;
  }

  /** The file was read to its end. Throws `SourceChanged`. */
  end(): void {
    if (this.#within === null) return;
    this.#chain = createHash('sha256').update(this.#chain).update(this.#within.file).digest('base64');
    this.#files++;
    this.#within = null;
    if (this.#isAtPosition() && this.#chain !== this.#from?.chain) throw new SourceChanged();
  }

  /** The source was read to its end. Throws `SourceChanged` when that came before the position. */
  finish(): void {
    this.end();
    if (!this.#isThere || (this.#isAtPosition() && this.#from?.within !== null)) throw new SourceChanged();
  }

  #isAtPosition(): boolean {
    return this.#from !== null && this.#files === this.#from.files;
  }

  async position(): Promise<Position> {
    const within = this.#within;
    const at = { files: this.#files, chain: this.#chain };
    if (within === null || within.mark === null) return { ...at, within: null };
    // A file that cannot be read now will not fit later either: it is read again from its beginning.
    const blocks = await blocksOf(within.path, within.mark).catch(() => 'unread');
    return { ...at, within: { file: within.file, mark: within.mark, blocks } };
  }
}

/** Of an archive, whose list stands at its end or nowhere, the file's own last block. */
async function blocksOf(path: string, { entry, mbox }: Mark): Promise<string> {
  const file = await open(onDisk(path), 'r');
  try {
    const end = entry === undefined && mbox !== undefined ? mbox.offset : (await file.stat()).size;
    const digest = createHash('sha256');
    for (const start of [0, Math.max(0, end - blockOctets)]) {
      const wanted = Math.min(blockOctets, end - start);
      const { bytesRead, buffer } = await file.read(Buffer.alloc(wanted), 0, wanted, start);
      digest.update(buffer.subarray(0, bytesRead));
    }
    return digest.digest('base64');
  } finally {
    await file.close();
  }
}
