import { MailError } from '#shared/mail-error.ts';

/** Ours, and no server's: the disk, its permissions, the Mail folder. */
const ownCodes: ReadonlySet<string> = new Set(['EIO', 'EDISKFULL', 'EPERMISSION', 'EMAILFOLDER', 'ELOCKED']);

/**
 * What failed on this computer, in a sentence; for anything else, that it is in the log. `isAnswered`: servers have answered
 * for every recipient, and only that could not be written down.
 */
export function ownFaultInWords(error: unknown, isAnswered = false): string {
  const said = error instanceof MailError && ownCodes.has(error.code) ? error.message : null;
  if (isAnswered)
    return `It has left, and this computer could not write down what the server answered. It is not sent again by itself. ${said ?? 'The log says more.'}`;
  return said === null
    ? 'Something failed inside Postrider, and no server is to blame. It stays here and is tried again by itself; the log says more.'
    : `No server is to blame: this computer could not keep the message safe while sending. ${said} It stays here and is tried again by itself.`;
}
