import { realpath, stat } from 'node:fs/promises';
import { basename, sep } from 'node:path';
import { MailError } from '#shared/mail-error.ts';
import { fromOctets, onDisk, shown } from './raw-path.ts';

/** Without links in it; null where it leads nowhere. */
export function realPath(path: string): Promise<string | null> {
  return realpath(onDisk(path), { encoding: 'buffer' }).then(fromOctets, () => null);
}

/**
 * Where a link leads that leaves the folder that was chosen, and what to tell of it; null when it stays within, leads
 * nowhere, or to what is neither a file nor a folder.
 */
export async function linkLeadingOut(
  path: string,
  root: string,
): Promise<{ isDirectory: boolean; error: MailError } | null> {
  const target = await realPath(path);
  if (target === null || target === root || target.startsWith(root.endsWith(sep) ? root : root + sep)) return null;
  const found = await stat(onDisk(path)).catch(() => null);
  if (found === null || !(found.isFile() || found.isDirectory())) return null;
  const error = new MailError(
    'EINVALID',
    `“${shown(basename(path))}” is a link to ${shown(target)}, outside of what was chosen, and was not followed. To have what is there, import it by itself.`,
  );
  return { isDirectory: found.isDirectory(), error };
}
