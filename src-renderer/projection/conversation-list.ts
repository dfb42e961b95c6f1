import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { Address } from '#shared/mail/address.ts';
import type { Conversation, ConversationPage, ConversationSummary } from '#shared/mail/conversation.ts';
import type { MessageSummary } from '#shared/mail/message.ts';

/** A list shown as conversations: one row each, and below an open one its messages. */

/** What a row is within its conversation. */
export interface ThreadPlace {
  readonly conversationId: string;
  /** The row that stands for the conversation: all of it when closed, its first message when open. */
  readonly isHead: boolean;
  readonly isOpen: boolean;
  /** It has more than this one message. */
  readonly canOpen: boolean;
  /** As a tree counts: 1 at the top. */
  readonly level: number;
  /** Which of how many at its level, for those who listen. */
  readonly place: number;
  readonly of: number;
  /** Messages of it in this folder, and how many are unread. */
  readonly count: number;
  readonly unread: number;
  readonly participants: readonly Address[];
  /** When its newest message was written. */
  readonly newestDate: string;
  /** An own answer that lies in another folder. */
  readonly isElsewhere: boolean;
}

export interface ListRow extends MessageSummary {
  /** In a list of conversations. */
  readonly thread?: ThreadPlace;
}

export interface Conversations {
  /** Newest first; undefined: not fetched yet. */
  readonly heads: readonly (ConversationSummary | undefined)[];
  readonly open: ReadonlyMap<string, Conversation>;
  /** A closed conversation shows this message while it is being read, though a newer one came. */
  readonly held: ListRow | null;
  /** Messages in the folder. */
  readonly messages: number;
}

export const noConversations: Conversations = { heads: [], open: new Map(), held: null, messages: 0 };

/** The rows of a list, and of which conversation (by its place) each is. */
export function rowsOf(
  { heads, open, held }: Conversations,
  folder: FolderPath,
): { rows: (ListRow | undefined)[]; headOf: number[] } {
  const rows: (ListRow | undefined)[] = [];
  const headOf: number[] = [];
  heads.forEach((head, at) => {
    const tree = head === undefined ? undefined : open.get(head.conversationId);
    const own =
      head === undefined
        ? [undefined]
        : tree === undefined
          ? [closedRow(head, held, at, heads.length)]
          : openRows(head, tree, folder, at, heads.length);
    for (const row of own) {
      rows.push(row);
      headOf.push(at);
    }
  });
  return { rows, headOf };
}

function placeOf(head: ConversationSummary, place: number, of: number): ThreadPlace {
  const { conversationId, count, unread, participants, newest } = head;
  const canOpen = count + head.answers > 1;
  const shared = { conversationId, count, unread, participants, newestDate: newest.date, canOpen };
  return { ...shared, isHead: true, isOpen: false, level: 1, place, of, isElsewhere: false };
}

function closedRow(head: ConversationSummary, held: ListRow | null, at: number, of: number): ListRow {
  const isHeld = held !== null && heldIn(head, held);
  return { ...(isHeld ? held : head.newest), thread: placeOf(head, at + 1, of) };
}

function heldIn(head: ConversationSummary, held: ListRow): boolean {
  return held.thread?.conversationId === head.conversationId && held.folder === head.newest.folder;
}

function openRows(
  head: ConversationSummary,
  { messages }: Conversation,
  folder: FolderPath,
  at: number,
  of: number,
): ListRow[] {
  return messages.map(({ summary, depth }, index) => ({
    ...summary,
    thread: {
      ...placeOf(head, index === 0 ? at + 1 : index, index === 0 ? of : messages.length - 1),
      isHead: index === 0,
      isOpen: index === 0,
      level: index === 0 ? 1 : Math.max(2, depth + 1),
      isElsewhere: summary.folder !== folder,
    },
  }));
}

/** Puts a fetched page in its place; of a list of another length only the page is known. */
export function withConversationPage(known: Conversations, offset: number, page: ConversationPage): Conversations {
  const heads: (ConversationSummary | undefined)[] =
    known.heads.length === page.total ? [...known.heads] : new Array(page.total).fill(undefined);
  if (known.heads.length !== page.total)
    for (let index = 0; index < Math.min(offset, heads.length); index++) heads[index] = known.heads[index];
  page.rows.forEach((row, index) => {
    heads[offset + index] = row;
  });
  return { ...known, heads, messages: page.messages };
}

/** Opens a conversation, or closes it. */
export function withOpen(known: Conversations, conversationId: string, tree: Conversation | null): Conversations {
  const open = new Map(known.open);
  if (tree === null || tree.messages.length === 0) open.delete(conversationId);
  else open.set(conversationId, tree);
  return { ...known, open };
}

/** Changes messages wherever they show, before the store has answered. */
export function withMessages(
  known: Conversations,
  keys: ReadonlySet<MessageKey>,
  change: (row: MessageSummary) => MessageSummary,
): Conversations {
  const changed = (row: MessageSummary): MessageSummary => (keys.has(row.messageKey) ? change(row) : row);
  const open = new Map(
    [...known.open].map(([id, tree]): [string, Conversation] => [
      id,
      { ...tree, messages: tree.messages.map(({ summary, depth }) => ({ summary: changed(summary), depth })) },
    ]),
  );
  const heads = known.heads.map((head) => {
    if (head === undefined) return head;
    const newest = changed(head.newest);
    return newest === head.newest ? head : { ...head, newest, unread: unreadAfter(head, newest, keys.size) };
  });
  return { ...known, open, heads, held: known.held === null ? null : changed(known.held) };
}

/** All of it when so many were changed; the store tells the rest. */
function unreadAfter(head: ConversationSummary, newest: MessageSummary, changed: number): number {
  const isRead = newest.flags.includes('seen');
  if (isRead === head.newest.flags.includes('seen')) return head.unread;
  if (changed >= head.count) return isRead ? 0 : head.count;
  return Math.min(head.count, Math.max(0, head.unread + (isRead ? -1 : 1)));
}

/** Takes messages out before the store has answered. A closed conversation goes as a whole. */
export function withoutMessages(known: Conversations, keys: ReadonlySet<MessageKey>): Conversations {
  const open = new Map(known.open);
  const heads = known.heads.flatMap((head) => {
    if (head === undefined) return [head];
    const tree = open.get(head.conversationId);
    const isHit =
      keys.has(head.newest.messageKey) ||
      (known.held !== null && heldIn(head, known.held) && keys.has(known.held.messageKey));
    if (tree === undefined) return isHit ? [] : [head];
    const messages = tree.messages.filter(({ summary }) => !keys.has(summary.messageKey));
    if (messages.length === tree.messages.length) return [head];
    open.set(head.conversationId, { ...tree, messages });
    const here = messages.filter(({ summary }) => summary.folder === head.newest.folder).map(({ summary }) => summary);
    const newest = here.toSorted((a, b) => (a.date < b.date ? 1 : -1))[0];
    if (newest === undefined) return [];
    const unread = here.filter(({ flags }) => !flags.includes('seen')).length;
    return [{ ...head, newest, count: here.length, unread }];
  });
  return { ...known, heads, open, messages: Math.max(0, known.messages - keys.size) };
}
