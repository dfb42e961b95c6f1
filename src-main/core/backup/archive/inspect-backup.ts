import type { FolderPath } from '#shared/ids.ts';
import type { BackupContents, BackupRow } from '#shared/mail/backup.ts';
import { fixedFolders } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Store } from '../../store/store-api.ts';
import { flagsOfMaildirName } from '../maildir-flags.ts';
import { foldersGone } from './folders-gone.ts';
import { closeChain, findBase, type OpenBackup, openBackup, readMessageLines } from './open-backup.ts';

/** What a backup holds, by its manifest and those of the earlier ones it needs; nothing is checked against the bytes. And what of it is not here. */
export async function inspectBackup(
  file: string,
  store: Pick<Store, 'listFolders' | 'listKeys'>,
): Promise<BackupContents> {
  const chain: OpenBackup[] = [await openBackup(file)];
  let missing: string | null = null;
  try {
    for (let last = chain.at(-1); last !== undefined && last.manifest.base !== null; last = chain.at(-1)) {
      const base = last.manifest.base;
      const found = await findBase(last).catch((error: unknown) => {
        if (error instanceof MailError) return null;
        throw error;
      });
      if (found === null || chain.some(({ sha256 }) => sha256 === base.sha256)) {
        missing = base.file;
        break;
      }
      chain.push(await openBackup(found, base.sha256));
    }
    const [newest, ...needed] = chain;
    if (newest === undefined) throw new TypeError('A chain has at least one backup.');
    const { kind, createdAt, appVersion, messages, folders, secrets } = newest.manifest;
    return {
      file,
      kind,
      createdAt,
      appVersion,
      messages,
      folders: folders
        .map(({ folder, messages: count, octets }) => ({ folder, messages: count, octets }))
        .sort((a, b) => placeOf(a.folder) - placeOf(b.folder) || a.folder.localeCompare(b.folder)),
      hasSecrets: secrets !== null,
      needs: needed.map((backup) => ({ file: backup.file, createdAt: backup.manifest.createdAt })),
      missing,
      gone: await foldersGone(newest, store),
    };
  } finally {
    await closeChain(chain);
  }
}

/** The fixed folders first, as everywhere. */
function placeOf(folder: FolderPath): number {
  const names: readonly string[] = fixedFolders;
  const at = names.indexOf(folder);
  return at < 0 ? fixedFolders.length : at;
}

/** Messages of one folder, newest first. */
export async function listBackup(
  file: string,
  { folder, offset, limit }: { folder: FolderPath; offset: number; limit: number },
): Promise<{ rows: BackupRow[]; total: number }> {
  const backup = await openBackup(file);
  try {
    const parts = backup.manifest.parts.filter((part) => part.holds === 'messages' && part.folder === folder).reverse();
    const rows: BackupRow[] = [];
    let total = 0;
    for (const part of parts) {
      if (part.holds !== 'messages') continue;
      const before = total;
      total += part.messages;
      // A part that lies wholly outside of the page is not even read.
      if (total <= offset || before >= offset + limit) continue;
      const lines = (await readMessageLines(backup, part)).reverse();
      for (const line of lines.slice(Math.max(0, offset - before), offset + limit - before))
        rows.push({
          messageKey: line.key,
          folder,
          subject: line.subject,
          from: line.from,
          date: new Date(line.date).toISOString(),
          sizeOctets: line.sizeOctets,
          flags: flagsOfMaildirName(`:2,${line.letters}`),
        });
    }
    return { rows, total };
  } finally {
    await backup.close();
  }
}
