import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { Flag } from '#shared/mail/message.ts';
import type { ExportFormat } from '#shared/rpc/contract.ts';
import { EmlWriter } from './eml-writer.ts';
import { MaildirWriter } from './maildir-writer.ts';
import { MboxWriter } from './mbox-writer.ts';
import { ZipWriter } from './zip-writer.ts';

/** A message on its way out, with what its file's name and its From_ line need. */
export interface OutgoingCopy {
  readonly messageKey: MessageKey;
  readonly bytes: Buffer;
  /** The author's mailbox, or ''. */
  readonly from: string;
  readonly subject: string;
  readonly date: Date;
  readonly flags: readonly Flag[];
  readonly tags: readonly string[];
}

/** Writes one format at a staged path. `finish` returns when everything is on the disk. */
export interface ExportWriter {
  add(folder: FolderPath, message: OutgoingCopy): Promise<void>;
  finish(): Promise<void>;
  /** Lets go of open files after a failure; what was written is removed by the caller. */
  abandon(): Promise<void>;
}

/** How `path` is laid out: for one folder it is that folder's own file or directory. */
export interface Layout {
  readonly path: string;
  readonly isOneFolder: boolean;
}

/** Whether an export is one file or a directory of them. */
export function kindOfTarget(format: ExportFormat, isOneFolder: boolean): 'file' | 'folder' {
  return format === 'zip' || (format === 'mbox' && isOneFolder) ? 'file' : 'folder';
}

export function createWriter(format: ExportFormat, layout: Layout): ExportWriter {
  switch (format) {
    case 'mbox':
      return new MboxWriter(layout);
    case 'eml':
      return new EmlWriter(layout);
    case 'maildir':
      return new MaildirWriter(layout);
    case 'zip':
      return new ZipWriter(layout);
  }
}
