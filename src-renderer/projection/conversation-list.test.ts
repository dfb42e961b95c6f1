import { describe, expect, it } from 'vitest';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import type { ConversationSummary } from '#shared/mail/conversation.ts';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import {
  type Conversations,
  noConversations,
  rowsOf,
  withConversationPage,
  withMessages,
  withOpen,
  withoutMessages,
} from './conversation-list.ts';
import { conversationSummary, messageSummary } from './testing/summaries.ts';

const heads = [
  conversationSummary('A', messageSummary('a3'), { count: 3 }),
  conversationSummary('B', messageSummary('b1')),
];
const page = (rows: ConversationSummary[], total: number) => ({ rows, total, messages: 9, unread: 9, revision: 1 });
const loaded = withConversationPage(noConversations, 0, page(heads, 4));
const tree = {
  conversationId: 'A',
  messages: [
    { summary: messageSummary('a1'), depth: 0 },
    { summary: messageSummary('s2', { folder: folder.sent }), depth: 1 },
    { summary: messageSummary('a2'), depth: 1 },
    { summary: messageSummary('a3'), depth: 2 },
  ],
};
const open = withOpen(loaded, 'A', tree);
const keys = (...names: string[]) => new Set(names.map((name) => MessageKey.parse(name)));
const shown = (conversations: Conversations): (string | undefined)[] =>
  rowsOf(conversations, folder.inbox).rows.map((row) => row?.messageKey);

describe('a list of conversations', () => {
  it('has a row for each, those that are not here yet included', () => {
    expect(shown(loaded)).toEqual(['a3', 'b1', undefined, undefined]);
    expect(rowsOf(loaded, folder.inbox).rows[1]?.thread).toMatchObject({ canOpen: false, level: 1, place: 2, of: 4 });
  });

  it('shows the messages of an open one in its place, own answers as lying elsewhere', () => {
    const { rows, headOf } = rowsOf(open, folder.inbox);
    expect(rows.map((row) => row?.messageKey)).toEqual(['a1', 's2', 'a2', 'a3', 'b1', undefined, undefined]);
    expect(rows.slice(0, 5).map((row) => row?.thread?.level)).toEqual([1, 2, 2, 3, 1]);
    expect(rows.map((row) => row?.thread?.isElsewhere === true)).toEqual([
      false,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(rows[0]?.thread).toMatchObject({ isHead: true, isOpen: true, place: 1, of: 4 });
    expect(headOf).toEqual([0, 0, 0, 0, 1, 2, 3]);
  });

  it('keeps what is before a page of a list that changed its length, and not what may have moved', () => {
    const longer = withConversationPage(loaded, 2, page([conversationSummary('C', messageSummary('c1'))], 5));
    expect(shown(longer)).toEqual(['a3', 'b1', 'c1', undefined, undefined]);
  });

  it('goes as a whole when closed, and message by message when open', () => {
    expect(shown(withoutMessages(loaded, keys('a1', 'a2', 'a3')))).toEqual(['b1', undefined, undefined]);
    const less = withoutMessages(open, keys('a3'));
    expect(shown(less).slice(0, 4)).toEqual(['a1', 's2', 'a2', 'b1']);
    expect(less.heads[0]).toMatchObject({ count: 2, newest: { messageKey: 'a2' } });
    expect(shown(withoutMessages(open, keys('a1', 'a2', 'a3')))).toEqual(['b1', undefined, undefined]);
  });

  it('counts what is read at once', () => {
    const read = (row: MessageSummary): MessageSummary => ({ ...row, flags: ['seen'] });
    expect(withMessages(loaded, keys('a3'), read).heads[0]?.unread).toBe(2);
    expect(withMessages(loaded, keys('a1', 'a2', 'a3'), read).heads[0]?.unread).toBe(0);
    expect(withMessages(loaded, keys('b1'), read).heads[0]).toBe(loaded.heads[0]);
  });

  it('holds the message that is being read while a newer one comes', () => {
    const held = rowsOf(loaded, folder.inbox).rows[0] ?? null;
    const later = withConversationPage(
      { ...loaded, held },
      0,
      page([conversationSummary('A', messageSummary('a4'), { count: 4 })], 1),
    );
    const [row] = rowsOf(later, folder.inbox).rows;
    expect(row).toMatchObject({ messageKey: 'a3', thread: { count: 4, newestDate: messageSummary('a4').date } });
    expect(rowsOf(later, FolderPath.parse('Other')).rows).toHaveLength(1);
    expect(shown({ ...later, held: null })).toEqual(['a4']);
  });
});
