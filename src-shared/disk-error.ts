import { MailError } from './mail-error.ts';

/**
 * Says what a failed disk operation means. `doing` completes “Postrider could not …”, for example `write the export`.
 * A `MailError` passes through unchanged.
 */
export function toDiskError(error: unknown, doing: string): MailError {
  if (error instanceof MailError) return error;
  const code = systemCodeOf(error);
  const could = `Postrider could not ${doing}`;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new MailError('EDISKFULL', `${could}: the disk is full. Free some space and try again.`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new MailError('EPERMISSION', `${could}: the system does not allow it there.`, { cause: error });
    case 'ENOENT':
    case 'ENOTDIR':
      return new MailError('ENOTFOUND', `${could}: there is no such file or folder.`, { cause: error });
    case 'EMFILE':
    case 'ENFILE':
      return new MailError('EIO', `${could}: ${tooManyFiles}`, { cause: error });
    case 'EEXIST':
      return new MailError('EINVALID', `${could}: something of that name is there already.`, { cause: error });
    default:
      return new MailError(
        'EIO',
        `${could}: the disk reported an error${code === '' ? '' : ` (${code})`}. Check the disk and try again.`,
        {
          cause: error,
        },
      );
  }
}

/** Whether this process, or the whole system, has as many files open as it may. */
export function isOutOfFiles(error: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes(systemCodeOf(error));
}

/** What is wrong, and what to do: completes a sentence. */
export const tooManyFiles =
  'it has as many files open as it is allowed. No mail is lost. Allow it more (“ulimit -n 1024” in the same shell), or close other programs, and try again.';

/** The system's code of an error (`ENOENT`), or ''. */
export function systemCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
