import type { FileHandle } from 'node:fs/promises';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FolderPath } from '#shared/ids.ts';
import { syncFolder } from '../durable.ts';
import type { ExportWriter, Layout, OutgoingCopy } from './export-writer.ts';
import { FolderNames } from './file-names.ts';
import { fromLine, toMboxrd } from './mbox-format.ts';
import { marksBlock } from './mbox-marks.ts';

/** One mboxrd file, or a directory of `FOLDER.mbox` files. Folders are expected one after another. */
export class MboxWriter implements ExportWriter {
  readonly #layout: Layout;
  readonly #names = new FolderNames();
  readonly #madeFolders = new Set<string>();
  #open: { folder: FolderPath; file: FileHandle } | undefined;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  async add(folder: FolderPath, message: OutgoingCopy): Promise<void> {
    const file = await this.#fileOf(folder);
    await file.writeFile(toMboxrd(message.bytes, fromLine(message.from, message.date), marksBlock(message)));
  }

  async #fileOf(folder: FolderPath): Promise<FileHandle> {
    if (this.#open !== undefined && (this.#layout.isOneFolder || this.#open.folder === folder)) return this.#open.file;
    await this.#closeFile();
    const path = this.#pathOf(folder);
    if (!this.#layout.isOneFolder) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      this.#madeFolders.add(dirname(path));
    }
    const file = await open(path, 'a', 0o600);
    this.#open = { folder, file };
    return file;
  }

  #pathOf(folder: FolderPath): string {
    const { path, isOneFolder } = this.#layout;
    return isOneFolder ? path : `${join(path, ...this.#names.segments(folder))}.mbox`;
  }

  async #closeFile(): Promise<void> {
    const file = this.#open?.file;
    this.#open = undefined;
    if (file === undefined) return;
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async finish(): Promise<void> {
    await this.#closeFile();
    for (const folder of this.#madeFolders) await syncFolder(folder);
  }

  async abandon(): Promise<void> {
    const file = this.#open?.file;
    this.#open = undefined;
    await file?.close();
  }
}
