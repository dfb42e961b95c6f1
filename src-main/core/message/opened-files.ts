import { readFile, stat } from 'node:fs/promises';
import type { MessageKey, UploadId } from '#shared/ids.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { largestOpenedOctets, openedFileFolder, openedFileOf } from '#shared/mail/opened-file.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Store } from '../store/store-api.ts';
import { readHeaderFields } from './header-fields.ts';
import type { Uploads } from './uploads.ts';

type Source = Pick<Store, 'read' | 'summary' | 'locate'>;

const headerOctets = 256 * 1024;

/** At least one of these stands in every message there is (RFC 5322 §3.6), and in few other files. */
const telling = new Set([
  'from',
  'to',
  'date',
  'subject',
  'message-id',
  'received',
  'return-path',
  'delivered-to',
  'mime-version',
]);

/** The messages of the store, and beside them the files that were opened to be read: see `openedFileKey`. */
export function withOpenedFiles(store: Source, uploads: Uploads): Source {
  async function find(messageKey: MessageKey, uploadId: UploadId): Promise<{ path: string; row: MessageSummary }> {
    const path = await uploads.path({ uploadId, fileName: '' }).catch((error: unknown) => {
      throw error instanceof MailError && error.code === 'ENOTFOUND' ? closed() : error;
    });
    const { size, mtimeMs } = await stat(path);
    if (size > largestOpenedOctets)
      throw new MailError('ETOOLARGE', 'This file is larger than 256 MB: too large to be read as one message.');
    return { path, row: rowOf(messageKey, size, mtimeMs) };
  }
  return {
    async read(messageKey) {
      const uploadId = openedFileOf(messageKey);
      if (uploadId === null) return store.read(messageKey);
      const { path } = await find(messageKey, uploadId);
      const bytes = await readFile(path);
      assertMessage(bytes);
      return bytes;
    },
    async summary(messageKey) {
      const uploadId = openedFileOf(messageKey);
      return uploadId === null ? store.summary(messageKey) : (await find(messageKey, uploadId)).row;
    },
    async locate(messageKey) {
      const uploadId = openedFileOf(messageKey);
      if (uploadId === null) return store.locate(messageKey);
      const { path, row } = await find(messageKey, uploadId);
      return { path, folder: row.folder, sizeOctets: row.sizeOctets };
    },
  };
}

function rowOf(messageKey: MessageKey, sizeOctets: number, mtimeMs: number): MessageSummary {
  return {
    messageKey,
    folder: openedFileFolder,
    subject: '',
    from: { displayName: '', mailbox: '' },
    to: [],
    date: new Date(mtimeMs).toISOString(),
    sizeOctets,
    flags: ['seen'],
    tags: [],
    snippet: '',
    hasAttachments: false,
    isMalformed: false,
  };
}

/** Throws EINVALID for what is no message, before anything is made of it. */
function assertMessage(bytes: Buffer): void {
  // The separator of an mbox (RFC 4155), which no header field looks like.
  if (bytes.subarray(0, 5).toString('latin1') === 'From ')
    throw new MailError('EINVALID', 'This file is a whole mailbox (mbox), not one message. Import it instead.');
  const { fields } = readHeaderFields(bytes, 0, Math.min(bytes.length, headerOctets));
  if (!fields.some(({ name }) => telling.has(name)))
    throw new MailError('EINVALID', 'This file is not a message: it does not begin with the header of one.');
}

function closed(): MailError {
  return new MailError('ENOTFOUND', 'This file is not open any more. Open it again.');
}
