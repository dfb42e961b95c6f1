import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '#shared/disk-error.ts';
import type { MessageKey } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';
import type { SnapshotHead, SnapshotMessage, Store } from '../../store/store-api.ts';

export type SnapshotStore = Pick<
  Store,
  'state' | 'openSnapshot' | 'snapshotMessages' | 'snapshotRows' | 'closeSnapshot' | 'locate'
>;

export interface FileContent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly receivedAt: number;
}

/** The messages of a snapshot, one after another. */
export async function* messagesOf(store: SnapshotStore, { snapshotId }: SnapshotHead): AsyncGenerator<SnapshotMessage> {
  for (;;) {
    const page = await store.snapshotMessages(snapshotId);
    if (page.length === 0) return;
    yield* page;
  }
}

/**
 * The bytes of a message as they were: where the snapshot saw the file, else where it went since, else what was kept of
 * it when it was removed. Null: another program removed it.
 */
export async function readMessage(
  store: SnapshotStore,
  { keptFolder }: SnapshotHead,
  message: SnapshotMessage,
): Promise<FileContent | null> {
  const { messageKey } = message;
  const here = await readIfThere(message.path);
  if (here !== null) return here;
  const moved = await locate(store, messageKey);
  const there = moved === null ? null : await readIfThere(moved);
  return there ?? (await readIfThere(join(keptFolder, messageKey)));
}

async function locate(store: SnapshotStore, messageKey: MessageKey): Promise<string | null> {
  try {
    return (await store.locate(messageKey)).path;
  } catch (error) {
    if (error instanceof MailError && error.code === 'ENOTFOUND') return null;
    throw error;
  }
}

async function readIfThere(path: string): Promise<FileContent | null> {
  try {
    const file = await open(path, 'r');
    try {
      const { size, mtimeMs } = await file.stat();
      const bytes = new Uint8Array(size);
      let at = 0;
      while (at < size) {
        const { bytesRead } = await file.read(bytes, at, size - at, at);
        if (bytesRead === 0) break;
        at += bytesRead;
      }
      return { bytes: at === size ? bytes : bytes.slice(0, at), receivedAt: Math.max(0, Math.round(mtimeMs)) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
