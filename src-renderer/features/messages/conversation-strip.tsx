import { ChevronDown, ChevronUp } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { FolderPath } from '#shared/ids.ts';
import type { Conversation } from '#shared/mail/conversation.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import type { ListRow } from '../../projection/conversation-list.ts';
import { isWhole, stepInConversation, useMessages } from '../../projection/messages.ts';
import { IconButton } from '../../ui/index.ts';

/** Above a message in a list of conversations: where it stands in its conversation, and the way to its neighbours. */
export function ConversationStrip({ row }: { row: ListRow }) {
  const api = useApi();
  const tree = useConversation(row);
  const { thread } = row;
  if (thread === undefined || tree === null || tree.messages.length < 2) return null;
  const at = tree.messages.findIndex(({ summary }) => summary.messageKey === row.messageKey);
  if (at < 0) return null;
  const count = tree.messages.length;
  return (
    <nav className="conversation-strip" aria-label={t('messages.conversationLabel')}>
      <p>
        <strong aria-live="polite">{t('messages.place', { place: at + 1, count })}</strong>
        {isWhole(row) && <span>{t('messages.actsOnAll', { count: thread.count })}</span>}
      </p>
      <IconButton
        label={t('messages.previousInConversation')}
        icon={ChevronUp}
        size="small"
        isDisabled={at === 0}
        onPress={() => void stepInConversation(api, -1)}
      />
      <IconButton
        label={t('messages.nextInConversation')}
        icon={ChevronDown}
        size="small"
        isDisabled={at === count - 1}
        onPress={() => void stepInConversation(api, 1)}
      />
    </nav>
  );
}

/** The conversation as the list shows it when it is open, else as the store has it. */
function useConversation(row: ListRow): Conversation | null {
  const api = useApi();
  const id = row.thread?.conversationId ?? '';
  const open = useMessages((state) => state.list.conversations?.open.get(id));
  const revision = useMessages((state) => state.list.revision);
  const [fetched, setFetched] = useState<{ id: string; tree: Conversation | null }>({ id: '', tree: null });
  const folder = useMessages(({ list }): FolderPath | null =>
    list.source.kind === 'folder' ? list.source.folder : null,
  );
  const canOpen = row.thread?.canOpen === true;
  const isOpen = open !== undefined;
  const { messageKey } = row;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when the store has changed
  useEffect(() => {
    if (folder === null || !canOpen || isOpen) return;
    let isWanted = true;
    api.call('conversation.get', { messageKey, folder }).then(
      (tree) => isWanted && setFetched({ id, tree }),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [api, id, folder, canOpen, isOpen, messageKey, revision]);
  return open ?? (fetched.id === id ? fetched.tree : null);
}
