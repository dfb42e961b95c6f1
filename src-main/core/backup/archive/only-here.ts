import type { FolderPath } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { Clock } from '../../ports.ts';
import type { SettingsService } from '../../services.ts';
import type { Store } from '../../store/store-api.ts';

/** What lies there nobody would miss, or is about to leave. */
const notMissed: readonly FolderPath[] = [folder.drafts, folder.outbox, folder.junk, folder.trash, folder.quarantine];

const countAgainMs = 60 * 60_000;

/**
 * Whether some mail is kept on this computer and nowhere else: mail that was sent, since POP3 keeps none of it; mail an
 * account deletes on its server; and more mail than the servers of all accounts have given, as after an import.
 */
export function watchForMailOnlyHere(rooms: {
  readonly store: Pick<Store, 'listFolders' | 'knownUniqueIds'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly settings: Pick<SettingsService, 'current'>;
}): () => Promise<boolean> {
  const { store, settings, clock } = rooms;
  let counted = { collected: 0, total: 0, at: 0 };

  async function collectedMessages(): Promise<number> {
    let sum = 0;
    for (const { id } of settings.current().accounts)
      sum += (await store.knownUniqueIds(id)).filter(({ messageKey }) => messageKey !== null).length;
    return sum;
  }

  return async () => {
    const kept = (await store.listFolders()).filter((one) => one.total > 0 && !notMissed.includes(one.folder));
    if (kept.length === 0) return false;
    if (settings.current().accounts.some(({ retention }) => isDeleting(retention.kind))) return true;
    if (kept.some((one) => one.folder === folder.sent)) return true;
    const total = kept.reduce((sum, one) => sum + one.total, 0);
    // Counting takes a while where there are very many: done again only when it could come out otherwise.
    const isOld = total !== counted.total || Math.abs(clock.now() - counted.at) > countAgainMs;
    if (total > counted.collected && isOld) counted = { collected: await collectedMessages(), total, at: clock.now() };
    return total > counted.collected;
  };
}

function isDeleting(retention: string): boolean {
  return retention === 'delete' || retention === 'leave-days';
}
