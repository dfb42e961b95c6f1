import { useMemo } from 'react';
import type { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { ComposeKind, MessageSummary } from '#shared/mail/message.ts';
import type { Api } from '#shared/rpc/client.ts';
import { useApi } from '../api.ts';
import { useNavigation } from '../navigation.ts';
import { moveMessages, setFlag } from '../projection/actions.ts';
import type { MessageActs } from '../projection/message-entries.ts';
import { useMessages } from '../projection/messages.ts';
import { useSelection } from '../projection/selection.ts';

/** What an act needs a person to say first. */
export type Question = { kind: 'move' | 'destroy'; keys: readonly MessageKey[] };

/** The acts on what is selected when they are asked for. */
export function useMessageActs(ask: (question: Question) => void): MessageActs {
  const api = useApi();
  return useMemo(() => createActs(api, ask), [api, ask]);
}

/** The selected rows that are here; acts on thousands go by their keys. */
export function selectedRows(): MessageSummary[] {
  const { keys } = useSelection.getState();
  return useMessages
    .getState()
    .list.rows.filter((row) => row !== undefined)
    .filter((row) => keys.has(row.messageKey));
}

function createActs(api: Api, ask: (question: Question) => void): MessageActs {
  const keys = (): MessageKey[] => [...useSelection.getState().keys];
  const write = (kind: ComposeKind) => (): void => {
    const [row] = selectedRows();
    if (row === undefined || keys().length !== 1) return;
    const isDraft = row.folder === folder.drafts;
    useNavigation.getState().compose({ kind: isDraft ? 'edit' : kind, messageKey: row.messageKey });
  };
  return {
    reply: write('reply'),
    replyAll: write('reply-all'),
    forward: write('forward'),
    edit: write('edit'),
    archive: () => void moveMessages(api, keys(), folder.archive),
    remove: () => {
      const rows = selectedRows();
      if (rows.length > 0 && rows.every((row) => row.folder === folder.trash)) ask({ kind: 'destroy', keys: keys() });
      else void moveMessages(api, keys(), folder.trash);
    },
    move: () => {
      if (keys().length > 0) ask({ kind: 'move', keys: keys() });
    },
    toggleJunk: () => {
      const isJunk = selectedRows().every((row) => row.folder === folder.junk);
      void moveMessages(api, keys(), isJunk ? folder.inbox : folder.junk);
    },
    toggleRead: () => {
      const isRead = selectedRows().every((row) => row.flags.includes('seen'));
      void setFlag(api, keys(), 'seen', !isRead);
    },
    toggleFlag: () => {
      const isFlagged = selectedRows().every((row) => row.flags.includes('flagged'));
      void setFlag(api, keys(), 'flagged', !isFlagged);
    },
  };
}
