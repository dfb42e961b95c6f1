import { join } from 'node:path';
import type { FolderPath } from '#shared/ids.ts';
import type { ExportWriter, Layout, OutgoingCopy } from './export-writer.ts';
import { FileBatch } from './file-batch.ts';
import { FolderNames } from './file-names.ts';
import { MaildirKeywords, maildirInfo } from './maildir-flags.ts';

/** A Maildir with the flags in its file names; for several folders, one for each. */
export class MaildirWriter implements ExportWriter {
  readonly #layout: Layout;
  readonly #folderNames = new FolderNames();
  readonly #files = new FileBatch();
  readonly #keywords = new Map<string, MaildirKeywords>();
  readonly #separator = process.platform === 'win32' ? ';' : ':';

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  async add(folder: FolderPath, message: OutgoingCopy): Promise<void> {
    const { path, isOneFolder } = this.#layout;
    const maildir = isOneFolder ? path : join(path, ...this.#folderNames.segments(folder));
    await this.#makeMaildir(maildir);
    // Unread mail nobody has looked at yet belongs into `new`, where a name has no flags.
    const letters = this.#keywordsOf(maildir).letters(message.tags);
    const place =
      message.flags.length === 0 && letters === ''
        ? join(maildir, 'new', message.messageKey)
        : join(maildir, 'cur', `${message.messageKey}${this.#separator}${maildirInfo(message.flags)}${letters}`);
    await this.#files.write(place, message.bytes, message.date);
  }

  async #makeMaildir(path: string): Promise<void> {
    for (const part of ['cur', 'new', 'tmp']) await this.#files.makeFolder(join(path, part));
  }

  #keywordsOf(maildir: string): MaildirKeywords {
    const known = this.#keywords.get(maildir) ?? new MaildirKeywords();
    this.#keywords.set(maildir, known);
    return known;
  }

  async finish(): Promise<void> {
    if (this.#layout.isOneFolder) await this.#makeMaildir(this.#layout.path);
    for (const [maildir, keywords] of this.#keywords) {
      const text = keywords.file();
      if (text !== '') await this.#files.write(join(maildir, 'dovecot-keywords'), Buffer.from(text), new Date());
    }
    await this.#files.finish();
  }

  abandon(): Promise<void> {
    return this.#files.settle();
  }
}
