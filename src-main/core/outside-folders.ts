import type { FolderPath } from '#shared/ids.ts';
import { listedUses, type NameUse } from '#shared/mail/name-use.ts';
import type { NoticeBoard } from './notices.ts';
import type { Log } from './ports.ts';
import type { SettingsService } from './services.ts';
import type { Store } from './store/store-api.ts';

export interface OutsideFolders {
  /** What other programs did to folders so far; resolves when the settings have followed. Never rejects. */
  follow(): Promise<void>;
}

interface Needs {
  readonly store: Pick<Store, 'listFolders' | 'folderNews' | 'settleRename' | 'forgetVanished'>;
  readonly settings: Pick<SettingsService, 'followFolder' | 'usesOfFolders' | 'onChanged'>;
  readonly notices: NoticeBoard;
  readonly log: Log;
}

const vanishedId = 'folders-vanished';

/**
 * Another program renamed a folder: rules, accounts, searches and views that name it follow, as when it is renamed here,
 * and the person is told. One that is gone, nobody knows where to, is told as long as something names it.
 */
export function createOutsideFolders({ store, settings, notices, log }: Needs): OutsideFolders {
  let following: Promise<void> = Promise.resolve();
  let isVanishedTold = false;

  async function followAll(): Promise<void> {
    const { renamed, vanished } = await store.folderNews();
    if (renamed.length > 0) await followRenames(renamed);
    if (vanished.length > 0 || isVanishedTold) await tellVanished(vanished);
  }

  async function followRenames(renamed: readonly { from: FolderPath; to: FolderPath }[]): Promise<void> {
    const there = (await store.listFolders()).map(({ folder }) => folder);
    for (const { from, to } of renamed) {
      const rename = { from, to, staying: there };
      const uses = await settings.followFolder(
        rename,
        there.filter((path) => path !== to),
      );
      await store.settleRename(rename);
      log.info('Another program renamed a folder.', { from, to, uses: uses.length });
      if (uses.length > 0)
        notices.put({ id: `folder-renamed:${from}`, level: 'info', ...renamedNotice(from, to, uses) });
    }
  }

  async function tellVanished(vanished: readonly FolderPath[]): Promise<void> {
    const there = vanished.length === 0 ? [] : (await store.listFolders()).map(({ folder }) => folder);
    const missed = vanished
      .map((path) => ({ path, uses: settings.usesOfFolders([path], [...there, path]) }))
      .filter(({ uses }) => uses.length > 0)
      // Who names one within it misses both; naming the inner one says it all.
      .filter(
        ({ path, uses }, _at, all) =>
          !all.some((one) => one.path.startsWith(`${path}/`) && listedUses(one.uses) === listedUses(uses)),
      );
    isVanishedTold = missed.length > 0;
    if (!isVanishedTold) return notices.dismiss(vanishedId);
    const text = missed.map(({ path, uses }) => vanishedText(path, uses)).join(' ');
    const isRulesAlone = missed.every(({ uses }) => uses.every(({ kind }) => kind === 'rule'));
    const action = isRulesAlone ? 'open-rules' : 'open-settings';
    notices.put({ id: vanishedId, level: 'warning', text, action }, () => {
      // Who has read it need not read it at every start.
      if (isVanishedTold) store.forgetVanished(vanished).catch((error: unknown) => log.error('A notice stays.', error));
    });
  }

  const follow = (): Promise<void> => {
    following = following
      .then(followAll)
      .catch((error: unknown) => log.error('The settings could not follow what became of folders.', error));
    return following;
  };
  // Whoever gave the rule another folder is told no longer.
  settings.onChanged(() => {
    if (isVanishedTold) void follow();
  });
  return { follow };
}

function renamedNotice(from: FolderPath, to: FolderPath, uses: readonly NameUse[]): { text: string; action: 'none' } {
  return {
    text: `Another program renamed the folder “${from}” to “${to}”. What names it names “${to}” now: ${listedUses(uses)}.`,
    action: 'none',
  };
}

function vanishedText(path: FolderPath, uses: readonly NameUse[]): string {
  const mail = uses.some(({ kind }) => kind !== 'search') ? ' The next message for it makes the folder anew.' : '';
  return `The folder “${path}” is gone: another program removed or renamed it. It is still named by ${listedUses(uses)}.${mail} If it has another name now, choose that in the settings.`;
}
