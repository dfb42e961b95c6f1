import { type FixedFolder, folder } from '#shared/mail/folder.ts';
import type { Api } from '#shared/rpc/client.ts';
import type { ReadingSignal } from '../features/reading/reading-pane.tsx';
import type { Command } from '../features/status/commands.ts';
import { t } from '../i18n/index.ts';
import { useNavigation, type View } from '../navigation.ts';
import { sayError } from '../projection/actions.ts';
import { folderLabel } from '../projection/folder-names.ts';
import type { MessageActs } from '../projection/message-entries.ts';
import { keysBetween, messagesOf, placeOf, stepInConversation, useMessages } from '../projection/messages.ts';
import { clearSearch } from '../projection/search-query.ts';
import { selecting, selectOnly, useSelection } from '../projection/selection.ts';
import { useFolders, useSettings } from '../projection/stores.ts';
import { currentTags, toggleTag } from '../projection/tags.ts';
import { toggleThreaded } from '../projection/threaded.ts';
import { undoLast } from '../ui/toasts.tsx';
import { focusScreen } from './focus.ts';

export interface WindowActs {
  collect(): void;
  search(): void;
  openMessage(): void;
  escape(): void;
  showPalette(): void;
  showKeys(): void;
  openFile(): void;
  signal(name: ReadingSignal): void;
}

const letters: Readonly<Record<FixedFolder | 'Quarantine', string>> = {
  Inbox: 'i',
  Drafts: 'd',
  Outbox: 'o',
  Sent: 't',
  Archive: 'a',
  Junk: 'j',
  Trash: 'x',
  Quarantine: 'q',
};

/** Everything that can be asked for by key or by name. */
export function makeCommands(api: Api, acts: MessageActs, win: WindowActs): Command[] {
  return [
    ...[...mailCommands(acts, win), ...tagCommands(api)].map(whereMessagesAre),
    ...listCommands(api, win),
    ...goCommands(),
    ...appCommands(api, win),
  ];
}

/** Nothing happens to messages that are chosen in a list that is not in view. */
function whereMessagesAre(command: Command): Command {
  return { ...command, isUsable: () => useNavigation.getState().view.kind === 'mail' };
}

function mailCommands(acts: MessageActs, win: WindowActs): Command[] {
  const group = 'mail';
  return [
    { id: 'reply', group, label: t('messages.reply'), keys: 'r', run: acts.reply },
    { id: 'reply-all', group, label: t('messages.replyAll'), keys: 'a', run: acts.replyAll },
    { id: 'forward', group, label: t('messages.forward'), keys: 'f', run: acts.forward },
    { id: 'archive', group, label: t('messages.archive'), keys: 'e', run: acts.archive },
    { id: 'delete', group, label: t('messages.delete'), keys: 'Delete', run: acts.remove },
    { id: 'move', group, label: t('status.cmdMove'), keys: 'm', run: acts.move },
    { id: 'copy', group, label: t('status.cmdCopy'), keys: 'y', run: acts.copy },
    { id: 'tag', group, label: t('messages.tag'), keys: 't', run: acts.tag },
    { id: 'read', group, label: t('messages.markUnread'), keys: 'u', run: acts.toggleRead },
    { id: 'flag', group, label: t('messages.flag'), keys: 's', run: acts.toggleFlag },
    { id: 'junk', group, label: t('messages.junk'), keys: '!', run: acts.toggleJunk },
    { id: 'source', group, label: t('status.cmdSource'), keys: 'v', run: () => win.signal('toggle-source') },
    { id: 'print', group, label: t('status.cmdPrint'), keys: 'p', run: () => win.signal('print') },
  ];
}

/** The first nine tags, each by its number. */
function tagCommands(api: Api): Command[] {
  return Array.from(
    { length: 9 },
    (_, at): Command => ({
      id: `tag-${at + 1}`,
      group: 'mail',
      label: t('messages.tagNumber', { number: at + 1 }),
      keys: String(at + 1),
      run: () => {
        const chosen = [...useSelection.getState().keys];
        const tag = currentTags()[at];
        if (tag !== undefined && chosen.length > 0)
          void messagesOf(api, chosen).then((keys) => toggleTag(api, keys, tag.name), sayError);
      },
    }),
  );
}

function listCommands(api: Api, win: WindowActs): Command[] {
  const group = 'list';
  return [
    { id: 'next', group, label: t('status.cmdNext'), keys: 'j', isHidden: true, run: () => step(1) },
    { id: 'previous', group, label: t('status.cmdPrevious'), keys: 'k', isHidden: true, run: () => step(-1) },
    { id: 'open', group, label: t('status.cmdOpen'), keys: 'Enter', isHidden: true, run: win.openMessage },
    { id: 'all', group, label: t('status.cmdSelectAll'), keys: 'Ctrl+a', run: () => void selecting(selectAll(api)) },
    { id: 'threads', group, label: t('messages.toggleThreads'), keys: 'w', run: () => toggleShown(api) },
    {
      id: 'conversation-next',
      group,
      label: t('messages.nextInConversation'),
      keys: ']',
      run: () => void stepInConversation(api, 1),
    },
    {
      id: 'conversation-previous',
      group,
      label: t('messages.previousInConversation'),
      keys: '[',
      run: () => void stepInConversation(api, -1),
    },
    { id: 'search', group, label: t('status.cmdSearch'), keys: '/|Ctrl+f', run: win.search },
    { id: 'undo', group, label: t('status.cmdUndo'), keys: 'z|Ctrl+z', run: () => void undoLast() },
    { id: 'escape', group, label: t('status.cmdEscape'), keys: 'Escape', isHidden: true, run: win.escape },
  ];
}

function goCommands(): Command[] {
  const open = (view: View): void => {
    useNavigation.getState().open(view);
    focusScreen();
  };
  const fixed = Object.values(folder).map((path): Command => {
    const name = folderLabel(path);
    const letter = Object.entries(letters).find(([one]) => one === path)?.[1] ?? '';
    return {
      id: `go-${path}`,
      group: 'go',
      label: t('status.cmdGo', { folder: name }),
      keys: `g ${letter}`,
      // There is one only where a scanner holds mail back.
      isUsable: () => path !== folder.quarantine || useFolders.getState().folders.some((one) => one.folder === path),
      run: () => {
        clearSearch();
        open(path === folder.outbox ? { kind: 'outbox' } : { kind: 'mail', folder: path });
      },
    };
  });
  return [
    ...fixed,
    {
      id: 'go-servers',
      group: 'go',
      label: t('status.cmdServers'),
      keys: 'g s',
      run: () => open({ kind: 'outgoing-servers' }),
    },
    {
      id: 'go-networks',
      group: 'go',
      label: t('status.cmdNetworks'),
      keys: 'g n',
      run: () => open({ kind: 'networks' }),
    },
    {
      id: 'go-probe',
      group: 'go',
      label: t('outgoing-servers.probe.command'),
      run: () => open({ kind: 'outgoing-servers', tab: 'probe' }),
    },
    { id: 'go-look', group: 'go', label: t('collecting.look.title'), run: () => open({ kind: 'look-first' }) },
    { id: 'go-rules', group: 'go', label: t('status.cmdRules'), run: () => open({ kind: 'rules' }) },
    { id: 'go-backup', group: 'go', label: t('status.cmdBackup'), keys: 'g b', run: () => open({ kind: 'backup' }) },
    { id: 'go-import', group: 'go', label: t('importing.command'), run: () => open({ kind: 'import' }) },
    { id: 'go-setup', group: 'go', label: t('status.cmdSetup'), run: () => open({ kind: 'account-setup' }) },
    {
      id: 'go-settings',
      group: 'go',
      label: t('status.cmdSettings'),
      keys: 'Ctrl+,',
      run: () => open({ kind: 'settings' }),
    },
  ];
}

function appCommands(api: Api, win: WindowActs): Command[] {
  const group = 'app';
  const { compose } = useNavigation.getState();
  return [
    { id: 'compose', group, label: t('status.cmdCompose'), keys: 'c', run: () => compose({ kind: 'new' }) },
    { id: 'open-file', group, label: t('reading.file.open'), keys: 'Ctrl+o', run: win.openFile },
    { id: 'send', group, label: t('status.cmdSend'), keys: 'Ctrl+Enter', isHidden: true, run: () => undefined },
    {
      id: 'pause',
      group,
      label: t('status.cmdPause'),
      run: () => {
        const isPaused = useSettings.getState().settings?.preferences.sendingPaused ?? false;
        api.call('settings.setPreferences', { sendingPaused: !isPaused }).catch(() => undefined);
      },
    },
    {
      id: 'collect',
      group,
      label: t('status.cmdCollect'),
      keys: 'x|F9',
      isUsable: () => useSettings.getState().settings?.accounts.length !== 0,
      run: win.collect,
    },
    {
      id: 'palette',
      group,
      label: t('status.cmdPalette'),
      keys: 'Ctrl+k',
      isGlobal: true,
      isHidden: true,
      run: win.showPalette,
    },
    { id: 'keys', group, label: t('status.cmdKeys'), keys: '?', run: win.showKeys },
  ];
}

function toggleShown(api: Api): void {
  const { source } = useMessages.getState().list;
  if (source.kind === 'folder') toggleThreaded(api, source.folder);
}

function step(by: 1 | -1): void {
  const { rows } = useMessages.getState().list;
  const { cursor } = useSelection.getState();
  const at = cursor === null ? (by > 0 ? -1 : rows.length) : placeOf(cursor);
  const row = rows[at + by];
  if (row !== undefined) selectOnly(row.messageKey);
}

async function selectAll(api: Api): Promise<void> {
  const { rows } = useMessages.getState().list;
  if (rows.length === 0) return;
  const keys = await keysBetween(api, 0, rows.length - 1);
  useSelection.setState((state) => ({ keys: new Set(keys), cursor: state.cursor ?? keys[0] ?? null }));
}
