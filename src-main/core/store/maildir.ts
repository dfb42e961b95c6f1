import { randomUUID } from 'node:crypto';
import {
  type Dirent,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { syncFolder } from '../durable.ts';
import type { FlagSeparator } from './maildir-names.ts';
import { systemCode } from './store-errors.ts';
import { createTmpWriter, discardTmp, type TmpFile, tmpSuffix } from './tmp-file.ts';

export type SubDirectory = 'new' | 'cur';

/** A plain file beside `cur new tmp`; other programs pass over it. Its absence tells that this is not the folder we knew. */
const markerName = 'postrider-mail-folder.txt';
const markerText =
  'This folder holds the mail kept by Postrider, one file a message (Maildir++).\r\n' +
  'You may copy it, search it, and open it with other mail programs. Please leave this note here.\r\n';

export interface FilePlace {
  readonly directory: string;
  readonly sub: SubDirectory;
  readonly fileName: string;
}

/** The Mail folder on disk. Knows files and directories, nothing of keys, rows or the ledger. */
export interface Maildir {
  readonly root: string;
  /** Chosen at first use, by trial on this file system. */
  readonly separator: FlagSeparator;
  path(directory: string, sub: SubDirectory, name: string): string;
  subPath(directory: string, sub: SubDirectory): string;
  isFile(path: string): boolean;
  hasMarker(): boolean;
  writeMarker(): void;
  /** Directories below the root that are Maildir folders, `''` (the root) first. */
  listDirectories(): string[];
  list(directory: string, sub: SubDirectory): string[];
  /** When a directory last gained or lost a name, epoch ms with fractions; null when it is not there. */
  changedAt(directory: string, sub: SubDirectory): number | null;
  /** What tells this directory from any other, also under another name; null where the file system does not say. */
  identity(directory: string): string | null;
  create(directory: string): Promise<void>;
  rename(from: string, to: string): void;
  /** Moves or renames a message file; the caller syncs the directories. */
  renameFile(from: FilePlace, to: FilePlace): void;
  /** Removes a folder that holds no message. */
  remove(directory: string): void;
  /** Writes to `tmp/` and syncs; calls run side by side. Whole when it resolves, not there when it rejects. */
  writeTmp(directory: string, bytes: Uint8Array, mtimeMs: number): Promise<TmpFile>;
  /** Gives a synced file its name; never overwrites. */
  publish(file: TmpFile, place: FilePlace): void;
  discardTmp(file: TmpFile): void;
  /** Removes what a crash of ours left in `tmp/`. */
  sweepTmp(directory: string): void;
}

/** Makes the Mail folder (0700) with its Inbox. */
export async function createMailRoot(root: string): Promise<void> {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  for (const sub of ['tmp', 'new', 'cur']) mkdirSync(join(root, sub), { recursive: true, mode: 0o700 });
  await syncFolder(root);
  await syncFolder(dirname(root));
}

export function mailRootExists(root: string): boolean {
  return existsSync(join(root, 'cur')) && existsSync(join(root, 'new'));
}

/** By trial: NTFS and FAT cannot hold `:` in a name (NTFS makes another stream of the file), most others can. */
export function chooseSeparator(root: string, make = makeEmpty): FlagSeparator {
  const folder = join(root, 'tmp');
  const name = `${randomUUID()}:2,S${tmpSuffix}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    make(join(folder, name));
    const isThere = readdirSync(folder).includes(name);
    unlinkSync(join(folder, name));
    return isThere ? ':' : ';';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EINVAL' || code === 'ENOENT' || code === 'EILSEQ') return ';';
    return process.platform === 'win32' ? ';' : ':';
  }
}

function makeEmpty(path: string): void {
  writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
}

export function createMaildir(root: string): Maildir {
  let separator: FlagSeparator | undefined;
  const writeTmp = createTmpWriter();
  const directoryPath = (directory: string): string => (directory === '' ? root : join(root, directory));
  const fileOf = ({ directory, sub, fileName }: FilePlace): string => join(directoryPath(directory), sub, fileName);
  return {
    root,
    get separator() {
      separator ??= chooseSeparator(root);
      return separator;
    },
    subPath: (directory, sub) => join(directoryPath(directory), sub),
    path: (directory, sub, name) => join(directoryPath(directory), sub, name),
    isFile: existsSync,
    hasMarker: () => existsSync(join(root, markerName)),
    writeMarker() {
      if (!existsSync(join(root, markerName))) writeFileSync(join(root, markerName), markerText, { mode: 0o600 });
    },
    listDirectories: () => listDirectories(root),
    list(directory, sub) {
      try {
        const path = join(directoryPath(directory), sub);
        return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (isFile(path, entry) ? entry.name : []));
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return [];
        throw error;
      }
    },
    changedAt(directory, sub) {
      return statSync(join(directoryPath(directory), sub), { throwIfNoEntry: false })?.mtimeMs ?? null;
    },
    identity(directory) {
      const path = join(directoryPath(directory), 'cur');
      const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
      // A number is given again to the next directory, but not with the time at which the first was made.
      if (stat === undefined || stat.ino === 0n || stat.birthtimeNs === 0n) return null;
      return `${stat.ino}.${stat.birthtimeNs}`;
    },
    async create(directory) {
      const path = directoryPath(directory);
      mkdirSync(path, { recursive: true, mode: 0o700 });
      for (const sub of ['tmp', 'new', 'cur']) mkdirSync(join(path, sub), { recursive: true, mode: 0o700 });
      // The Maildir++ specification: this empty file tells delivery agents that it is a folder.
      if (directory !== '') writeFileSync(join(path, 'maildirfolder'), '', { mode: 0o600 });
      await syncFolder(path);
      await syncFolder(root);
    },
    rename: (from, to) => renameSync(directoryPath(from), directoryPath(to)),
    renameFile: (from, to) => renameSync(fileOf(from), fileOf(to)),
    remove(directory) {
      const path = directoryPath(directory);
      // rmdir refuses a directory that still holds a message, whatever we believed; the rest is no mail.
      rmdirSync(join(path, 'cur'));
      rmdirSync(join(path, 'new'));
      rmSync(path, { recursive: true });
    },
    writeTmp: (directory, bytes, mtimeMs) => writeTmp(join(directoryPath(directory), 'tmp'), bytes, mtimeMs),
    publish(file, place) {
      const path = fileOf(place);
      if (existsSync(path)) throw Object.assign(new Error('A file has this name already.'), { code: 'EEXIST' });
      renameSync(file.path, path);
    },
    discardTmp,
    sweepTmp(directory) {
      const tmp = join(directoryPath(directory), 'tmp');
      if (!existsSync(tmp)) return;
      for (const name of readdirSync(tmp)) if (name.endsWith(tmpSuffix)) unlinkSync(join(tmp, name));
    },
  };
}

/** A pipe or a device that got in among the mail is no message; reading one might never end. */
function isFile(folder: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  try {
    return statSync(join(folder, entry.name)).isFile();
  } catch {
    // A link to nothing, to itself, or into somebody else's folder: no reason not to list the others.
    return false;
  }
}

function listDirectories(root: string): string[] {
  const found = [''];
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (!entry.name.startsWith('.')) continue;
    if (existsSync(join(root, entry.name, 'cur'))) found.push(entry.name);
  }
  return found;
}
