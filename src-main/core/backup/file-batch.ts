import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../durable.ts';

const atOnce = 8;

/** Writes many small files, each synced, a few at a time; directories are made as needed and synced at the end. */
export class FileBatch {
  readonly #underWay = new Set<Promise<void>>();
  readonly #folders = new Set<string>();
  #failure: { error: unknown } | undefined;

  async makeFolder(path: string): Promise<void> {
    if (this.#folders.has(path)) return;
    await mkdir(path, { recursive: true, mode: 0o700 });
    this.#folders.add(path);
  }

  /** Resolves when there is room for the next; throws what an earlier one met. */
  async write(path: string, bytes: Uint8Array, date: Date): Promise<void> {
    await this.makeFolder(dirname(path));
    const work = writeDurably(path, bytes, date)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    if (this.#underWay.size >= atOnce) await Promise.race(this.#underWay);
    this.#throwFailure();
  }

  async finish(): Promise<void> {
    await this.settle();
    this.#throwFailure();
    for (const folder of this.#folders) await syncFolder(folder);
  }

  /** Waits for what is under way, however it ends. */
  async settle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

async function writeDurably(path: string, bytes: Uint8Array, date: Date): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    // The time shown by a file manager is the message's own.
    if (!Number.isNaN(date.getTime())) await file.utimes(date, date);
    await file.sync();
  } finally {
    await file.close();
  }
}
