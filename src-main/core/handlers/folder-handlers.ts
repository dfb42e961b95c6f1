import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { MailError } from '#shared/mail-error.ts';
import type { HandlersOf, Rooms } from '../services.ts';
import { levelsOf, newFolderName } from './new-folder-name.ts';

type FolderMethods = `folder.${'list' | 'create' | 'rename' | 'remove'}`;

/** What a person does with folders; what names them in the settings follows. */
export function folderHandlers({ store, settings }: Pick<Rooms, 'store' | 'settings'>): HandlersOf<FolderMethods> {
  const paths = async (): Promise<FolderPath[]> => (await store.listFolders()).map(({ folder: path }) => path);
  return {
    'folder.list': async () => store.listFolders(),
    'folder.create': async ({ folder: wanted }) => {
      const before = await paths();
      const path = newFolderName(wanted, before);
      // Those around it as well: a level that is no folder could not be opened.
      for (const level of levelsOf(path)) if (!before.includes(level)) await store.createFolder(level);
      return {};
    },
    'folder.rename': async ({ folder: from, to: wanted }) => {
      refuseFixed(from, 'It keeps its name.');
      const before = await paths();
      if (isWithin(wanted, from) && wanted !== from)
        throw new MailError('EINVALID', 'A folder cannot be moved into itself. Choose another place.');
      const to = newFolderName(
        wanted,
        before.filter((path) => !isWithin(path, from)),
      );
      await store.renameFolder(from, to);
      return { folder: to, followed: await settings.followFolder({ from, to }, before) };
    },
    'folder.remove': async ({ folder: path, withChildren }) => {
      refuseFixed(path, 'It stays.');
      const before = await paths();
      const within = before.filter((one) => isWithin(one, path));
      if (within.length === 0) throw new MailError('ENOTFOUND', `There is no folder “${path}”.`);
      if (withChildren !== true && within.some((one) => one !== path))
        throw new MailError('EINVALID', `“${path}” holds other folders. Remove them first, or all together.`);
      const moved: { messageKey: MessageKey; from: FolderPath }[] = [];
      for (const one of within) {
        const keys = await store.listKeys(one);
        if (keys.length > 0) moved.push(...(await store.move(keys, folder.trash)));
      }
      const outerFirst = within.toSorted((a, b) => a.split('/').length - b.split('/').length);
      for (const one of outerFirst.toReversed()) await store.removeFolder(one);
      return { folders: outerFirst, moved, uses: settings.usesOfFolders(within, before) };
    },
  };
}

function isWithin(path: FolderPath, outer: FolderPath): boolean {
  return `${path}/`.startsWith(`${outer}/`);
}

function refuseFixed(path: FolderPath, what: string): void {
  if (Object.values(folder).includes(path))
    throw new MailError('EINVALID', `“${path}” is one of the folders every mailbox has. ${what}`);
}
