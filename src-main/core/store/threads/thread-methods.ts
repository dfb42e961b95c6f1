import { folder as fixed } from '#shared/mail/folder.ts';
import { type Engine, freshen, noFolder } from '../engine-doors.ts';
import type { EngineMethods } from '../store-protocol.ts';
import { keysOfConversations, listConversations, readConversation } from './conversations.ts';

type ThreadMethod = 'listConversations' | 'conversation' | 'conversationKeys';

/** Conversations, after what other programs changed and what was just filed were taken up. */
export function threadMethods(engine: Engine): Pick<EngineMethods, ThreadMethod> {
  const { parts, folders } = engine;
  const settled = async (): Promise<void> => {
    await freshen(engine);
    await parts.threads.settle();
  };
  return {
    async listConversations({ folder, offset, limit }) {
      await settled();
      const row = folders.find(folder);
      if (row === undefined) throw noFolder(folder);
      return listConversations(parts.index, row.id, offset, limit);
    },
    async conversation(messageKey, folder) {
      await settled();
      // What the user answered belongs to it, wherever the conversation is looked at.
      const beside = folder === fixed.sent ? [] : [fixed.sent];
      return readConversation(parts.index, messageKey, folder, beside);
    },
    async conversationKeys(folder, conversationIds) {
      await settled();
      const row = folders.find(folder);
      if (row === undefined) throw noFolder(folder);
      return keysOfConversations(parts.index, row.id, conversationIds);
    },
  };
}
