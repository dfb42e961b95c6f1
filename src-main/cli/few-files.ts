import { readFileSync } from 'node:fs';
import { isOutOfFiles, systemCodeOf, tooManyFiles } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';

/** With fewer a command cannot even be loaded; with these it can collect and send. */
const filesNeeded = 64;

/**
 * An error that comes of having too few files to open (`ulimit -n`), in words; anything else as it is. It shows in many ways:
 * a part of the program that is not found, a thread that ended, a database that does not open.
 */
export function inWordsOfFiles(error: unknown): unknown {
  const isOurs = !(error instanceof MailError) || ['EINTERNAL', 'EIO', 'EPERMISSION'].includes(error.code);
  if (!isOutOfFiles(error) && !(isOurs && mayOpen() < filesNeeded)) return error;
  return new MailError('EIO', `Postrider could not go on: ${tooManyFiles}`, { cause: error });
}

/** How many files this process may have open. */
function mayOpen(): number {
  try {
    const told = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return told === undefined ? Number.POSITIVE_INFINITY : Number(told);
  } catch (error) {
    return systemCodeOf(error) === 'EMFILE' ? 0 : Number.POSITIVE_INFINITY;
  }
}
