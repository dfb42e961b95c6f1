import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { FolderPath } from '#shared/ids.ts';
import type { ExportWriter, Layout, OutgoingCopy } from './export-writer.ts';
import { FolderNames, messageFileName, NameGiver } from './file-names.ts';

/** One zip (zip64 where it must be) of `.eml` files by folder. One message at a time is held in memory. */
export class ZipWriter implements ExportWriter {
  readonly #zip = new ZipFile();
  readonly #path: string;
  readonly #abort = new AbortController();
  readonly #written: Promise<void>;
  readonly #folderNames = new FolderNames();
  readonly #fileNames = new Map<string, NameGiver>();

  constructor({ path }: Layout) {
    this.#path = path;
    this.#zip.on('error', (error: unknown) => this.#abort.abort(error));
    this.#written = pipeline(this.#zip.outputStream, createWriteStream(path, { flags: 'r+', mode: 0o600 }), {
      signal: this.#abort.signal,
    });
    // Whoever adds or finishes hears of it; nobody else is left to.
    this.#written.catch(() => undefined);
  }

  async add(folder: FolderPath, message: OutgoingCopy): Promise<void> {
    const directory = this.#folderNames.segments(folder).join('/');
    const names = this.#fileNames.get(directory) ?? new NameGiver();
    this.#fileNames.set(directory, names);
    const body = Readable.from([message.bytes], { objectMode: false });
    const taken = new Promise<void>((resolve, reject) => {
      body.once('end', resolve);
      body.once('error', reject);
    });
    this.#zip.addReadStreamLazy(
      `${directory}/${names.give(messageFileName(message), '.eml')}`,
      { mtime: zipDate(message.date), size: message.bytes.length },
      (give) => give(null, body),
    );
    // A disk that is full ends the writing, and then nothing takes the body any more.
    await Promise.race([taken, this.#written]);
  }

  async finish(): Promise<void> {
    this.#zip.end();
    await this.#written;
    const file = await open(this.#path, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async abandon(): Promise<void> {
    this.#abort.abort();
    await this.#written.catch(() => undefined);
  }
}

const earliest = Date.UTC(1980, 0, 1);
const latest = Date.UTC(2037, 11, 31);

/** A date both kinds of time fields of a zip can hold; the library throws out of a callback at others. */
function zipDate(date: Date): Date {
  return new Date(Number.isNaN(date.getTime()) ? earliest : Math.min(Math.max(date.getTime(), earliest), latest));
}
