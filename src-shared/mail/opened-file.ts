import { FolderPath, MessageKey, UploadId } from '../ids.ts';

/**
 * A message file that was opened from the disk lies among the uploads and in no folder. While it is read it has a key
 * like every message, so that its parts and its source are served as theirs are.
 */

/** A larger file is not a message somebody means to read. */
export const largestOpenedOctets = 256 * 1024 * 1024;

const pattern = /^opened-file-([0-9a-f]{32})$/;

export function openedFileKey(uploadId: UploadId): MessageKey {
  return MessageKey.parse(`opened-file-${uploadId}`);
}

/** The upload such a key names; null for the key of a message in a folder. */
export function openedFileOf(messageKey: MessageKey): UploadId | null {
  const uploadId = pattern.exec(messageKey)?.[1];
  return uploadId === undefined ? null : UploadId.parse(uploadId);
}

/** Stands where a folder has to be named; nothing is ever filed there. */
export const openedFileFolder = FolderPath.parse('Opened file');
