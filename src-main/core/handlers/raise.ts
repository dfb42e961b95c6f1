import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UploadId } from '#shared/ids.ts';
import { largestOpenedOctets } from '#shared/mail/opened-file.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Rooms } from '../services.ts';

/**
 * Brings the screens forward, and tells them what to open there. A message file is read here, since no page may name a
 * file: what lies at the path is taken as an upload, and whether it is a message is found out by reading it.
 */
export function createRaise({ message, emit }: Pick<Rooms, 'message' | 'emit'>): (address?: string) => void {
  return (address) => {
    if (address === undefined) emit('window.raise', {});
    else if (/^file:/i.test(address))
      upload(message, address).then(
        (file) => emit('window.raise', { file }),
        (error: unknown) => emit('window.raise', { problem: inWords(error) }),
      );
    else emit('window.raise', { mailto: address });
  };
}

async function upload(message: Rooms['message'], address: string): Promise<{ uploadId: UploadId; fileName: string }> {
  const path = fileURLToPath(address);
  const found = await stat(path);
  // A pipe or a device may never end.
  if (!found.isFile()) throw new MailError('EINVALID', `${path} is not a file.`);
  if (found.size > largestOpenedOctets)
    throw new MailError('ETOOLARGE', `${path} is larger than 256 MB: too large to be read as one message.`);
  const file = { fileName: basename(path), contentType: 'message/rfc822', body: createReadStream(path) };
  const { uploadId, fileName } = await message.addUpload(file);
  return { uploadId, fileName };
}

function inWords(error: unknown): string {
  return error instanceof MailError ? error.message : `The message file cannot be read: ${String(error)}`;
}
