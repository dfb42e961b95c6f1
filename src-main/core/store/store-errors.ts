import { toDiskError } from '#shared/disk-error.ts';
import { MailError } from '#shared/mail-error.ts';

/** The code of a system error (`ENOSPC`), or '' when the thrown thing is no system error. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function sqliteCode(error: unknown): number | null {
  // The extended result code; its low octet is the primary one (https://sqlite.org/rescode.html).
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : null;
}

const diskFull =
  'The disk is full. No mail is lost, and what could not be written was not counted as done; free some space and try again.';
const noPermission =
  'Postrider may not write to its folder. No mail is lost; check the permissions of the Mail folder and try again.';
const readOnly =
  'Postrider may not write to its own files. No mail is lost; check the permissions of its folder and that the disk is in order, and try again.';
const cannotOpen =
  'Postrider cannot open its own files. No mail is lost; check the permissions of its folder and that the disk is in order, and try again.';
const readFailed =
  'The disk reported an error. No mail is removed anywhere; check that the disk is in order and not full, and try again.';

/** For a message whose file lies there, and whose bytes the system does not give. */
export function cannotRead(error: unknown): MailError {
  const isRefused = ['EACCES', 'EPERM'].includes(systemCode(error));
  return isRefused
    ? new MailError(
        'EPERMISSION',
        'The file of this message lies in the Mail folder, and the system does not let Postrider read it. Check the permissions of the file.',
        { cause: error },
      )
    : new MailError(
        'EIO',
        'The file of this message lies in the Mail folder, and the disk does not give its bytes. Check the disk; a backup may have the message.',
        { cause: error },
      );
}

/** SQLITE_CORRUPT or SQLITE_NOTADB: the file is not a database any more. */
export function isCorrupt(error: unknown): boolean {
  if (error instanceof MailError) return isCorrupt(error.cause);
  const code = sqliteCode(error);
  return code === 11 || code === 26;
}

/** Turns what the file system or SQLite throws into a `MailError`; anything else is given back as it is. */
export function mapStoreError(error: unknown): unknown {
  if (error instanceof MailError) return error;
  const sqlite = sqliteCode(error);
  if (sqlite !== null) return mapSqlite(sqlite, error);
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new MailError('EDISKFULL', diskFull, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new MailError('EPERMISSION', noPermission, { cause: error });
    case 'EMFILE':
    case 'ENFILE':
      return toDiskError(error, 'read or write its files');
    case 'EIO':
    case 'EEXIST':
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EBUSY':
    case 'ESTALE':
    case 'ENXIO':
    case 'ENODEV':
      return new MailError('EIO', readFailed, { cause: error });
    default:
      return error;
  }
}

/** SQLITE_IOERR_SHMSIZE: the file beside the log could not be made as long as it has to be, and that is all it needs. */
function isWithoutRoom(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 4874;
}

/** Whether it says nothing about the file itself: there was no room, no descriptor left, or somebody else has it. */
export function isOfCircumstances(error: unknown): boolean {
  if (['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'].includes(systemCode(error)) || isWithoutRoom(error)) return true;
  // SQLITE_FULL, SQLITE_NOMEM, SQLITE_BUSY, SQLITE_LOCKED; SQLITE_CANTOPEN where no descriptor is left.
  return [13, 7, 5, 6, 14].includes(sqliteCode(error) ?? 0);
}

function mapSqlite(code: number, cause: unknown): MailError {
  if (code === 13 || isWithoutRoom(cause)) return new MailError('EDISKFULL', diskFull, { cause });
  // SQLITE_PERM and SQLITE_READONLY: also of a file that a failing disk lets it open for reading only.
  if (code === 3 || code === 8) return new MailError('EPERMISSION', readOnly, { cause });
  // SQLITE_CANTOPEN does not say why.
  if (code === 14) return new MailError('EPERMISSION', cannotOpen, { cause });
  if (code === 5 || code === 6)
    return new MailError('ELOCKED', 'Another program is using the mail database. Close it and try again.', { cause });
  return new MailError('EIO', readFailed, { cause });
}
