import { MessageKey } from '#shared/ids.ts';
import type { ConversationSummary } from '#shared/mail/conversation.ts';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';

/** A message in the Inbox, named by its key; what a test is about is changed. */
export function messageSummary(name: string, changes: Partial<MessageSummary> = {}): MessageSummary {
  return {
    messageKey: MessageKey.parse(name),
    folder: folder.inbox,
    subject: name,
    from: { displayName: name, mailbox: `${name}@b.example` },
    to: [],
    date: `2026-01-01T00:00:0${name.slice(-1)}Z`,
    sizeOctets: 1,
    flags: [],
    tags: [],
    snippet: '',
    hasAttachments: false,
    isMalformed: false,
    ...changes,
  };
}

/** A conversation of so many messages, as its line in the list shows it. */
export function conversationSummary(
  conversationId: string,
  newest: MessageSummary,
  { count = 1, unread = count }: { count?: number; unread?: number } = {},
): ConversationSummary {
  return { conversationId, newest, count, unread, answers: 0, participants: [newest.from] };
}
