import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isOutOfFiles, toDiskError } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';
import { hasCode, makePrivateFolder } from './private-file.ts';

/** Proof that this process owns the profile. */
export interface ProfileLock {
  release(): void;
}

const sqliteBusy = 5;
const sqliteFull = 13;

/**
 * Takes the profile for this process: an exclusive transaction on `lock.sqlite`, which the system lets go of when the
 * process ends in any way, so that nothing is ever stale. Throws `MailError` ELOCKED when another process has it.
 */
export async function lockProfile(profileDir: string): Promise<ProfileLock> {
  await makePrivateFolder(profileDir).catch((error: unknown) => {
    throw cannotLock(error);
  });
  const database = openLockFile(join(profileDir, 'lock.sqlite'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (hasErrcode(error, sqliteBusy)) {
      throw new MailError('ELOCKED', 'Postrider is already running on this profile.', { cause: error });
    }
    throw cannotLock(error);
  }
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}

function openLockFile(path: string): DatabaseSync {
  try {
    // SQLite would make it readable for everybody.
    closeSync(openSync(path, 'a', 0o600));
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw cannotLock(error);
  }
}

function cannotLock(cause: unknown): MailError {
  if (hasErrcode(cause, sqliteFull) || hasCode(cause, 'ENOSPC', 'EDQUOT')) {
    const text =
      'The profile cannot be opened: the disk it lies on is full. No mail is lost. Free some space there (10 MB will do) and try again.';
    return new MailError('EDISKFULL', text, { cause });
  }
  if (isOutOfFiles(cause)) return toDiskError(cause, 'open the profile');
  if (hasCode(cause, 'EEXIST', 'ENOTDIR')) {
    const text = 'The profile cannot be kept there: a file of that name is in the way. Name a folder.';
    return new MailError('EPERMISSION', text, { cause });
  }
  if (hasCode(cause, 'ENAMETOOLONG', 'EINVAL', 'EILSEQ')) {
    const text =
      'The profile cannot be kept there: its path is too long, or holds what this disk takes in no name. Name another folder.';
    return new MailError('EPERMISSION', text, { cause });
  }
  if (hasCode(cause, 'ENOENT', 'ELOOP')) {
    const text =
      'The profile folder cannot be made: a part of its path leads nowhere. Connect its disk, or mend the link, or name another folder.';
    return new MailError('EPERMISSION', text, { cause });
  }
  if (hasCode(cause, 'EACCES', 'EPERM', 'EROFS', 'EISDIR')) {
    const text = 'The profile folder cannot be written to. Check who owns it, and that the disk is not read-only.';
    return new MailError('EPERMISSION', text, { cause });
  }
  // Whatever SQLite says beside (SQLITE_CANTOPEN, SQLITE_READONLY too): a moment before, we could open the file for writing.
  const text =
    'The profile cannot be opened: the disk reported an error. No mail is lost; check the disk and try again.';
  return new MailError('EIO', text, { cause });
}

/** The extended code says more; its low octet is the primary one (https://sqlite.org/rescode.html). */
function hasErrcode(error: unknown, errcode: number): boolean {
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    (error.errcode & 0xff) === errcode
  );
}
