import { FolderPath } from '#shared/ids.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import type { NameUse } from '#shared/mail/name-use.ts';
import type { Api } from '#shared/rpc/client.ts';
import { t } from '../i18n/index.ts';
import { useNavigation } from '../navigation.ts';
import { offerUndo } from '../ui/toasts.tsx';
import { orSay, putBack } from './actions.ts';
import { folderLabel } from './folder-names.ts';
import { useFolders } from './stores.ts';

/** What a person does to folders. What is in view stays in view under its new name. */

export async function createFolder(api: Api, folder: FolderPath): Promise<void> {
  await api.call('folder.create', { folder });
  await reloadFolders(api);
}

/** Throws what the store says; offers to undo it. */
export async function renameFolder(api: Api, folder: FolderPath, wanted: FolderPath): Promise<void> {
  const { folder: to, followed } = await rename(api, folder, wanted);
  const text = t('folders.renamed', { from: folder, to });
  const more = followed.length === 0 ? '' : ` ${t('folders.followed', { what: listed(followed) })}`;
  offerUndo(text + more, () => void orSay(api, () => rename(api, to, folder)));
}

async function rename(
  api: Api,
  from: FolderPath,
  wanted: FolderPath,
): Promise<{ folder: FolderPath; followed: NameUse[] }> {
  const answer = await api.call('folder.rename', { folder: from, to: wanted });
  await reloadFolders(api);
  const { view, open } = useNavigation.getState();
  if (view.kind === 'mail' && `${view.folder}/`.startsWith(`${from}/`)) {
    const now = FolderPath.safeParse(answer.folder + view.folder.slice(from.length));
    if (now.success) open({ kind: 'mail', folder: now.data });
  }
  return answer;
}

/** With all folders in it. The messages go to Trash, so nothing is asked. */
export async function removeFolder(api: Api, folder: FolderPath): Promise<void> {
  await orSay(api, async () => {
    const gone = await api.call('folder.remove', { folder, withChildren: true });
    const { view, open } = useNavigation.getState();
    if (view.kind === 'mail' && gone.folders.includes(view.folder)) open({ kind: 'mail', folder: fixed.inbox });
    await reloadFolders(api);
    const count = gone.folders.length - 1;
    const what = { folder: folderLabel(folder), count };
    const uses = gone.uses.length === 0 ? '' : ` ${t('folders.stillNamed', { what: listed(gone.uses) })}`;
    offerUndo(
      t(count > 0 ? 'folders.removedWith' : 'folders.removed', what) + uses,
      () =>
        void orSay(api, async () => {
          for (const one of gone.folders) await api.call('folder.create', { folder: one });
          await putBack(api, gone.moved);
          await reloadFolders(api);
        }),
    );
  });
}

async function reloadFolders(api: Api): Promise<void> {
  useFolders.setState({ folders: await api.call('folder.list', {}), isLoaded: true });
}

/** What names a folder or a tag, in words; the first few. */
export function listed(uses: readonly NameUse[]): string {
  const few = uses.slice(0, 4).map(({ kind, name }) => t(`folders.use.${kind}`, { name }));
  return [
    ...few,
    ...(uses.length > few.length ? [t('folders.use.more', { count: uses.length - few.length })] : []),
  ].join(', ');
}
