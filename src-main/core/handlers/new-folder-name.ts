import { FolderPath } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';

/**
 * The path a person gave a new folder, or one that is renamed, as it is kept: composed characters (NFC), no spaces around
 * the parts. Throws EINVALID for a name that is taken, that differs from another only in capital letters (a disk of Windows
 * or macOS could not tell them apart), and inside folders that hold only what Postrider puts there. `existing`: without
 * what is being renamed.
 */
export function newFolderName(wanted: string, existing: readonly FolderPath[]): FolderPath {
  const parts = wanted
    .normalize('NFC')
    .split('/')
    .map((part) => part.trim());
  const parsed = FolderPath.safeParse(parts.join('/'));
  if (!parsed.success)
    throw new MailError('EINVALID', parsed.error.issues[0]?.message ?? 'A folder cannot have this name.');
  const path = parsed.data;
  const closed = [folder.outbox, folder.quarantine].find(
    (one) => same(parts[0] ?? '') === same(one) && parts.length > 1,
  );
  if (closed !== undefined) throw new MailError('EINVALID', `No folder can lie in “${closed}”. Choose another place.`);
  const known = new Map<string, string>();
  for (const one of [...Object.values(folder), ...existing])
    for (const level of levelsOf(one)) known.set(same(level), known.get(same(level)) ?? level);
  for (const level of levelsOf(path)) {
    const twin = known.get(same(level));
    if (twin !== undefined && twin !== level) throw differsInCase(path, level, twin);
  }
  if (existing.includes(path) || Object.values(folder).some((one) => one === path))
    throw new MailError('EINVALID', `There is a folder “${path}” already. Choose another name.`);
  return path;
}

/**
 * The folder that is meant by a name: the one that is there, also where only capital letters or the composition of
 * characters differ, and so each folder it lies in. Otherwise the name as it is, of a folder to be made.
 */
export function folderMeant(wanted: FolderPath, existing: readonly FolderPath[]): FolderPath {
  if (existing.includes(wanted)) return wanted;
  const known = new Map(existing.flatMap(levelsOf).map((level) => [same(level), level]));
  for (const level of levelsOf(wanted).reverse()) {
    const twin = known.get(same(level));
    if (twin !== undefined) return FolderPath.parse(`${twin}${wanted.slice(level.length)}`);
  }
  return wanted;
}

function differsInCase(path: FolderPath, level: string, twin: string): MailError {
  const better = level === path ? '' : ` Write “${twin}${path.slice(level.length)}”, or choose another name.`;
  return new MailError(
    'EINVALID',
    `“${level}” differs from the folder “${twin}” only in how its letters are written, and not every disk can tell these apart.${
      better === '' ? ' Choose another name.' : better
    }`,
  );
}

function same(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** `a`, `a/b`, `a/b/c`. */
export function levelsOf(path: FolderPath): FolderPath[] {
  const parts = path.split('/');
  return parts.map((_, at) => FolderPath.parse(parts.slice(0, at + 1).join('/')));
}
