import type { FolderPath } from '#shared/ids.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import { useNavigation, type View } from '../navigation.ts';
import type { ListRow } from './conversation-list.ts';
import { isOwnFolder } from './folder-names.ts';
import type { ListSource, MessageList } from './message-list.ts';
import { useMessages } from './messages.ts';
import { useSettings } from './stores.ts';

/** What is in view goes when its folder does; the fixed folders are always there, if empty. */
export function leaveGone(gone: readonly FolderPath[]): void {
  const { view, open } = useNavigation.getState();
  if (view.kind === 'mail' && gone.includes(view.folder) && !isOwnFolder(view.folder))
    open({ kind: 'mail', folder: fixed.inbox });
}

interface Renamed {
  readonly from: FolderPath;
  readonly to: FolderPath;
}

/**
 * What is in view goes along when its folder gets another name, wherever that was done: here, in another window, by the
 * command or by another program. Called before the change itself is applied, so that the rows stay where they are.
 */
export function followRenames(renames: readonly Renamed[]): void {
  if (renames.length === 0) return;
  const names = new Map(renames.map(({ from, to }) => [from, to]));
  const after = (folder: FolderPath): FolderPath => names.get(folder) ?? folder;

  useMessages.setState(({ list }) => ({ list: renamedList(list, after) }));
  // The settings follow by themselves in a moment; until then the folder would be shown in another way than it was.
  useSettings.setState(({ settings }) =>
    settings === null
      ? {}
      : {
          settings: {
            ...settings,
            preferences: {
              ...settings.preferences,
              threadedFolders: settings.preferences.threadedFolders.map(after),
            },
          },
        },
  );
  useNavigation.setState(({ view, past }) => ({
    view: renamedView(view, after),
    past: past.map((one) => renamedView(one, after)),
  }));
}

type After = (folder: FolderPath) => FolderPath;

function renamedView(view: View, after: After): View {
  if (view.kind !== 'mail') return view;
  const folder = after(view.folder);
  return folder === view.folder ? view : { ...view, folder, formerly: view.folder };
}

function renamedList(list: MessageList, after: After): MessageList {
  const { conversations } = list;
  const rows = list.rows.map((row) => row && renamedRow(row, after));
  const source = renamedSource(list.source, after);
  if (conversations === undefined) return { ...list, source, rows };
  const heads = conversations.heads.map((head) => head && { ...head, newest: renamedRow(head.newest, after) });
  return { ...list, source, rows, conversations: { ...conversations, heads } };
}

function renamedSource(source: ListSource, after: After): ListSource {
  if (source.kind === 'folder') return { ...source, folder: after(source.folder) };
  return { ...source, folder: source.folder === null ? null : after(source.folder) };
}

function renamedRow<Row extends Pick<ListRow, 'folder'>>(row: Row, after: After): Row {
  const folder = after(row.folder);
  return folder === row.folder ? row : { ...row, folder };
}
