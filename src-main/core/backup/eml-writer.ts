import { join } from 'node:path';
import type { FolderPath } from '#shared/ids.ts';
import type { ExportWriter, Layout, OutgoingCopy } from './export-writer.ts';
import { FileBatch } from './file-batch.ts';
import { FolderNames, messageFileName, NameGiver } from './file-names.ts';

/** A directory of `.eml` files; for several folders, a directory for each. */
export class EmlWriter implements ExportWriter {
  readonly #layout: Layout;
  readonly #folderNames = new FolderNames();
  readonly #fileNames = new Map<string, NameGiver>();
  readonly #files = new FileBatch();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  async add(folder: FolderPath, message: OutgoingCopy): Promise<void> {
    const { path, isOneFolder } = this.#layout;
    const directory = isOneFolder ? path : join(path, ...this.#folderNames.segments(folder));
    const names = this.#fileNames.get(directory) ?? new NameGiver();
    this.#fileNames.set(directory, names);
    const name = names.give(messageFileName(message), '.eml');
    await this.#files.write(join(directory, name), message.bytes, message.date);
  }

  finish(): Promise<void> {
    return this.#files.finish();
  }

  abandon(): Promise<void> {
    return this.#files.settle();
  }
}
