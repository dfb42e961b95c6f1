import type { FolderPath } from '#shared/ids.ts';
import type { Api } from '#shared/rpc/client.ts';
import { sayError } from './actions.ts';
import { useSettings } from './stores.ts';

/** Whether a folder is shown as conversations; each folder remembers. */
export function useIsThreaded(folder: FolderPath): boolean {
  return useSettings((state) => state.settings?.preferences.threadedFolders.includes(folder) ?? false);
}

export function toggleThreaded(api: Api, folder: FolderPath): void {
  const before = useSettings.getState().settings?.preferences.threadedFolders;
  if (before === undefined) return;
  const others = before.filter((one) => one !== folder);
  const threadedFolders = others.length < before.length ? others : [...before, folder];
  api.call('settings.setPreferences', { threadedFolders }).catch(sayError);
}
