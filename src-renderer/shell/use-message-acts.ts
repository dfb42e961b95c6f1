import { useMemo } from 'react';
import type { MessageKey } from '#shared/ids.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import { folder } from '#shared/mail/folder.ts';
import type { ComposeKind, MessageSummary } from '#shared/mail/message.ts';
import type { Api } from '#shared/rpc/client.ts';
import { useApi } from '../api.ts';
import { t } from '../i18n/index.ts';
import { useNavigation } from '../navigation.ts';
import { isHeldBack, markMessages, moveMessages, sayError, scanAgain } from '../projection/actions.ts';
import type { ListRow } from '../projection/conversation-list.ts';
import type { MessageActs } from '../projection/message-entries.ts';
import { isWhole, messagesOf, useMessages } from '../projection/messages.ts';
import { onceSelected, useSelection } from '../projection/selection.ts';

/** What an act needs a person to say first. */
export type Question = { kind: 'move' | 'copy' | 'tag' | 'destroy' | 'release'; keys: readonly MessageKey[] };

/** The acts on what is selected when they are asked for. */
export function useMessageActs(ask: (question: Question) => void): MessageActs {
  const api = useApi();
  return useMemo(() => createActs(api, ask), [api, ask]);
}

/** The selected rows that are here; acts on thousands go by their keys. */
function selectedRows(): ListRow[] {
  const { keys } = useSelection.getState();
  return useMessages
    .getState()
    .list.rows.filter((row) => row !== undefined)
    .filter((row) => keys.has(row.messageKey));
}

/** Nothing leaves Quarantine for Trash, where it could be opened. */
function isForGood({ folder: at }: MessageSummary): boolean {
  return at === folder.trash || at === folder.quarantine;
}

/** A closed conversation is read when all of it is. */
function isReadWhole(row: ListRow): boolean {
  return isWhole(row) ? row.thread?.unread === 0 : row.flags.includes('seen');
}

/** Who answers or forwards a message that is not all here is told so in time. */
function noteOnBeginning(kind: ComposeKind): string {
  return t(kind === 'forward' ? 'collecting.beginning.forward' : 'collecting.beginning.reply');
}

function createActs(api: Api, ask: (question: Question) => void): MessageActs {
  const keys = (): MessageKey[] => [...useSelection.getState().keys];
  /** With all messages of the conversations among them. */
  const withAll = (act: (all: MessageKey[]) => Promise<void> | void): void => {
    if (keys().length > 0) void messagesOf(api, keys()).then(act, sayError);
  };
  const write = (kind: ComposeKind) => (): void => {
    const [row] = selectedRows();
    if (row === undefined || keys().length !== 1) return;
    const isDraft = row.folder === folder.drafts;
    const note = isDraft || !isBeginning(row.messageKey) ? undefined : noteOnBeginning(kind);
    useNavigation.getState().compose({ kind: isDraft ? 'edit' : kind, messageKey: row.messageKey, note });
  };
  const askWhere = (kind: 'move' | 'copy') => (): void =>
    onceSelected(() => {
      if (!isHeldBack(keys())) withAll((all) => ask({ kind, keys: all }));
    });
  return {
    reply: write('reply'),
    replyAll: write('reply-all'),
    forward: write('forward'),
    edit: write('edit'),
    release: () => onceSelected(() => withAll((all) => ask({ kind: 'release', keys: all }))),
    scanAgain: () => onceSelected(() => withAll((all) => scanAgain(api, all))),
    archive: () => onceSelected(() => withAll((all) => moveMessages(api, all, folder.archive))),
    remove: () =>
      onceSelected(() => {
        const rows = selectedRows();
        if (rows.length > 0 && rows.every(isForGood)) withAll((all) => ask({ kind: 'destroy', keys: all }));
        else withAll((all) => moveMessages(api, all, folder.trash));
      }),
    move: askWhere('move'),
    copy: askWhere('copy'),
    tag: () => onceSelected(() => withAll((all) => ask({ kind: 'tag', keys: all }))),
    toggleJunk: () =>
      onceSelected(() => {
        const isJunk = selectedRows().every((row) => row.folder === folder.junk);
        withAll((all) => moveMessages(api, all, isJunk ? folder.inbox : folder.junk));
      }),
    toggleRead: () =>
      onceSelected(() => {
        const isRead = selectedRows().every(isReadWhole);
        withAll((all) => markMessages(api, all, 'seen', !isRead));
      }),
    toggleFlag: () =>
      onceSelected(() => {
        const isFlagged = selectedRows().every((row) => row.flags.includes('flagged'));
        withAll((all) => markMessages(api, all, 'flagged', !isFlagged));
      }),
  };
}
