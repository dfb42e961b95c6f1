import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UploadId } from '#shared/ids.ts';
import type { DraftAttachment } from '#shared/mail/message.ts';
import { MailError } from '#shared/mail-error.ts';
import { safeFileName } from './safe-file-name.ts';

const weekMs = 7 * 24 * 3600 * 1000;
/** More than any server takes; keeps a mistake from filling the disk. */
const maxOctets = 1024 * 1024 * 1024;

/** Files that wait to be sent, under random names in a folder only the user may read. */
export interface Uploads {
  add(file: {
    fileName: string;
    contentType: string;
    body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  }): Promise<DraftAttachment>;
  /** The file's path; throws ENOTFOUND when it is gone. */
  path(attachment: Pick<DraftAttachment, 'uploadId' | 'fileName'>): Promise<string>;
  discard(uploadId: UploadId): Promise<void>;
  /** Removes what was left behind more than a week ago. */
  removeOld(now: number): Promise<void>;
}

export function createUploads(folder: string): Uploads {
  const pathOf = (uploadId: UploadId): string => {
    // The id comes from a screen: only the form we give out may become part of a path.
    if (!/^[0-9a-f]{32}$/.test(uploadId)) throw lost('file');
    return join(folder, uploadId);
  };
  return {
    async add({ fileName, contentType, body }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const uploadId = UploadId.parse(randomBytes(16).toString('hex'));
      const path = pathOf(uploadId);
      try {
        const sizeOctets = await write(path, body);
        const type = /^[\w.+-]+\/[\w.+-]+$/.test(contentType) ? contentType.toLowerCase() : 'application/octet-stream';
        return { uploadId, fileName: safeFileName(fileName, type), contentType: type, sizeOctets };
      } catch (error) {
        await rm(path, { force: true });
        throw asMailError(error);
      }
    },
    async path({ uploadId, fileName }) {
      const path = pathOf(uploadId);
      const info = await stat(path).catch(() => null);
      if (info?.isFile() !== true) throw lost(fileName);
      return path;
    },
    async discard(uploadId) {
      await rm(pathOf(uploadId), { force: true });
    },
    async removeOld(now) {
      for (const name of await readdir(folder).catch(() => [])) {
        const path = join(folder, name);
        const info = await stat(path).catch(() => null);
        if (info?.isFile() === true && now - info.mtimeMs > weekMs) await rm(path, { force: true });
      }
    },
  };
}

async function write(path: string, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  try {
    let octets = 0;
    for await (const chunk of body) {
      octets += chunk.length;
      if (octets > maxOctets) throw new MailError('ETOOLARGE', 'The file is larger than 1 GB. No server takes that.');
      await file.writeFile(chunk);
    }
    return octets;
  } finally {
    await file.close();
  }
}

function lost(fileName: string): MailError {
  return new MailError('ENOTFOUND', `The attached file “${fileName}” is no longer there. Attach it again.`);
}

function asMailError(error: unknown): unknown {
  if (error instanceof MailError) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new MailError('EDISKFULL', 'The disk is full, so the file could not be attached. Make room and try again.', {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new MailError('EPERMISSION', 'Postrider may not write into its own folder, so nothing could be attached.', {
      cause: error,
    });
  }
  return typeof code === 'string' && code !== ''
    ? new MailError('EIO', 'The file could not be attached: reading or writing it failed. Try again.', { cause: error })
    : error;
}
