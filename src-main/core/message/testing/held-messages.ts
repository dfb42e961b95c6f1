import { FolderPath, type MessageKey, MessageKey as toMessageKey } from '#shared/ids.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { MailError } from '#shared/mail-error.ts';
import type { MessageSource } from '../message-service.ts';

/** What the message room reads from the store, over messages held in memory. */
export interface HeldMessages extends MessageSource {
  add(name: string, bytes: Uint8Array, options?: { folder?: string; path?: string }): MessageKey;
}

export function holdMessages(): HeldMessages {
  const held = new Map<MessageKey, { bytes: Uint8Array; path: string; summary: MessageSummary }>();
  const get = (key: MessageKey) => {
    const found = held.get(key);
    if (found === undefined) throw new MailError('ENOTFOUND', 'This message is no longer here.');
    return found;
  };
  return {
    add(name, bytes, { folder = 'Inbox', path = '' } = {}) {
      const messageKey = toMessageKey.parse(name);
      held.set(messageKey, { bytes, path, summary: summaryOf(messageKey, folder, bytes.length) });
      return messageKey;
    },
    read: async (key) => get(key).bytes,
    summary: async (key) => held.get(key)?.summary ?? null,
    locate: async (key) => ({
      path: get(key).path,
      folder: get(key).summary.folder,
      sizeOctets: get(key).bytes.length,
    }),
  };
}

function summaryOf(messageKey: MessageKey, folder: string, sizeOctets: number): MessageSummary {
  return {
    messageKey,
    folder: FolderPath.parse(folder),
    subject: messageKey,
    from: { displayName: '', mailbox: '' },
    to: [],
    date: '2020-01-02T03:04:05.000Z',
    sizeOctets,
    flags: ['seen'],
    tags: [],
    snippet: '',
    hasAttachments: false,
    isMalformed: false,
  };
}
