import { FolderPath } from '#shared/ids.ts';
import { fixedFolders } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Backlog } from './backlog.ts';
import type { MessageChanges } from './change-messages.ts';
import type { EngineParts } from './engine-parts.ts';
import type { Folders } from './folders.ts';
import type { MailQueue } from './mail-queue.ts';

/** The engine's parts and the doors built on them. */
export interface Engine {
  readonly parts: EngineParts;
  readonly queue: MailQueue;
  readonly folders: Folders;
  readonly backlog: Backlog;
  readonly changes: MessageChanges;
}

const fixedPaths = fixedFolders.map((name) => FolderPath.parse(name));

/** How long a list waits for files that are still being read in (a new index over a large Mail folder). */
const catchUpMs = 30_000;

/** Takes up outside changes before a screen is answered; what is wrong with the folder does not keep the index from answering. */
export async function freshen({ parts, queue, folders, backlog }: Engine, isWhole = false): Promise<void> {
  if (!queue.isBusy())
    await queue.look('cheap').catch((error: unknown) => parts.log.error('The Mail folder cannot be looked at.', error));
  await ensureFixedFolders({ parts, queue, folders });
  if (backlog.size() === 0) return;
  if (isWhole) return await backlog.caughtUp();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, catchUpMs);
    timer.unref();
  });
  await Promise.race([backlog.caughtUp(), limit]);
  clearTimeout(timer);
}

/** Those every mailbox has, also when another program removed one a moment ago. */
export async function ensureFixedFolders({
  parts,
  queue,
  folders,
}: Pick<Engine, 'parts' | 'queue' | 'folders'>): Promise<void> {
  const missing = fixedPaths.filter((path) => folders.find(path) === undefined);
  if (missing.length === 0 || queue.isBusy() || queue.problem() !== null) return;
  for (const path of missing)
    await folders.ensure(path).catch((error: unknown) => parts.log.error(`“${path}” could not be made.`, error));
}

export function notThere(): MailError {
  return new MailError('ENOTFOUND', 'This message is not there any more. Another program may have removed it.');
}

export function noFolder(folder: string): MailError {
  return new MailError('ENOTFOUND', `There is no folder “${folder}”.`);
}
