import { FolderPath } from '#shared/ids.ts';
import { MailError } from '#shared/mail-error.ts';

/** A folder as a person names it. Throws EINVALID. */
export function folderArgument(text: string): FolderPath {
  const parsed = FolderPath.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new MailError('EINVALID', `“${text}” cannot be the name of a folder.`);
}
