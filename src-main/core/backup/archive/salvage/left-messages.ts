import type { MessageKey } from '#shared/ids.ts';
import type { MessageLine } from '../manifest.ts';
import { FolderOfPath, type LeftBackup, linesLeft, type Place, placesIn } from './open-salvage.ts';

/** A message of a damaged backup. */
export type LeftMessage =
  /** A list has it. `place` is null where its bytes are nowhere. */
  | { readonly kind: 'listed'; readonly line: MessageLine; readonly place: Place | null; readonly backup: LeftBackup }
  /** Its list is damaged; its own check value fits. `folder` is what its name says. */
  | { readonly kind: 'unlisted'; readonly place: Place; readonly folder: string }
  /** Neither its list nor its bytes are left, only a name in the zip. */
  | { readonly kind: 'lost'; readonly name: string; readonly folder: string; readonly backup: LeftBackup };

/**
 * Every message of a chain: what the newest lists; and where a list of that is lost, what the earlier ones list, and every
 * message nobody lists. Bytes are found by their SHA-256, wherever they lie and whatever became of their names.
 */
export async function* messagesLeft(chain: readonly LeftBackup[]): AsyncGenerator<LeftMessage> {
  const [newest] = chain;
  if (newest === undefined) return;
  const places = placesIn(chain);
  const folders = new FolderOfPath(chain);
  const keys = new Set<MessageKey>();
  const taken = new Set<string>();
  const named = new Map<LeftBackup, Set<string>>();
  const listed = newest.isListed ? [newest] : chain.filter(({ isAside }) => !isAside);
  for (const backup of listed) {
    const names = new Set<string>();
    named.set(backup, names);
    for await (const lines of linesLeft(backup))
      for (const line of lines) {
        folders.learn(line);
        if (line.path !== undefined) names.add(line.path);
        if (keys.has(line.key)) continue;
        keys.add(line.key);
        const place = placeOf(line, places);
        if (place !== null) taken.add(line.sha256);
        yield { kind: 'listed', line, place, backup };
      }
  }
  if (newest.isListed) return;
  for (const backup of listed) {
    for (const name of backup.zip.damaged)
      if (isMessageName(name) && named.get(backup)?.has(name) !== true)
        yield { kind: 'lost', name, folder: folders.of(name), backup };
    for (const entry of backup.zip.found) {
      const { name, sha256, isChecked } = entry;
      if (!isChecked || !isMessageName(name) || taken.has(sha256) || named.get(backup)?.has(name) === true) continue;
      taken.add(sha256);
      yield { kind: 'unlisted', place: { backup, entry }, folder: folders.of(name) };
    }
  }
}

function isMessageName(name: string): boolean {
  return name.startsWith('mail/') && !name.endsWith('/');
}

function placeOf({ sha256, sizeOctets }: MessageLine, places: ReadonlyMap<string, Place>): Place | null {
  const place = places.get(sha256);
  return place?.entry.sizeOctets === sizeOctets || place?.entry.isChecked === false ? place : null;
}
