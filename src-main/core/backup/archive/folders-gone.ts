import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { GoneFolder } from '#shared/mail/backup.ts';
import type { Store } from '../../store/store-api.ts';
import { type OpenBackup, readMessageLines } from './open-backup.ts';

/** So many places of messages that are elsewhere are named. */
const namedPlaces = 3;

/**
 * Folders of a backup that are not here (any more), and what a restore does about each. One whose messages are all here in
 * other folders does not come back: it was renamed or emptied, and would stand there with nothing in it. One that was
 * empty comes back when it held no folders, or when one that it held does.
 */
export async function foldersGone(
  backup: OpenBackup,
  store: Pick<Store, 'listFolders' | 'listKeys'>,
): Promise<GoneFolder[]> {
  const here = (await store.listFolders()).map(({ folder }) => folder);
  const known = new Set<FolderPath>(here);
  const gone = backup.manifest.folders.filter(({ folder }) => !known.has(folder));
  if (gone.length === 0) return [];
  const places = await placesOf(here, store);
  const inBackup = backup.manifest.folders.map(({ folder }) => folder);
  const found = new Map<FolderPath, GoneFolder>();
  // Inner ones first: whether an outer one comes back can hang on them.
  for (const { folder } of gone.toSorted((a, b) => b.folder.split('/').length - a.folder.split('/').length)) {
    const { missing, elsewhere, elsewhereIn } = await countIn(backup, folder, places);
    const inner = inBackup.filter((other) => other.startsWith(`${folder}/`));
    const isNeeded = inner.length === 0 || inner.some((other) => found.get(other)?.comesBack ?? known.has(other));
    const comesBack = missing > 0 || (elsewhere === 0 && isNeeded);
    found.set(folder, { folder, missing, elsewhere, elsewhereIn, comesBack });
  }
  return gone.flatMap(({ folder }) => found.get(folder) ?? []);
}

/** Where every message lies. */
async function placesOf(
  folders: readonly FolderPath[],
  store: Pick<Store, 'listKeys'>,
): Promise<ReadonlyMap<MessageKey, FolderPath>> {
  const places = new Map<MessageKey, FolderPath>();
  for (const folder of folders) for (const key of await store.listKeys(folder)) places.set(key, folder);
  return places;
}

async function countIn(
  backup: OpenBackup,
  folder: FolderPath,
  places: ReadonlyMap<MessageKey, FolderPath>,
): Promise<Pick<GoneFolder, 'missing' | 'elsewhere' | 'elsewhereIn'>> {
  let missing = 0;
  let elsewhere = 0;
  const among = new Map<FolderPath, number>();
  for (const part of backup.manifest.parts) {
    if (part.holds !== 'messages' || part.folder !== folder) continue;
    for (const { key } of await readMessageLines(backup, part)) {
      const place = places.get(key);
      if (place === undefined) missing++;
      else {
        elsewhere++;
        among.set(place, (among.get(place) ?? 0) + 1);
      }
    }
  }
  const mostFirst = [...among].sort(([, a], [, b]) => b - a).map(([place]) => place);
  return { missing, elsewhere, elsewhereIn: mostFirst.slice(0, namedPlaces) };
}
