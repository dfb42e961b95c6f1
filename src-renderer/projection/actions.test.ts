import { expect, it } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { type Api, createClient } from '#shared/rpc/client.ts';
import { methods } from '#shared/rpc/contract.ts';
import { Frame } from '#shared/rpc/frame.ts';
import { createTransportPair } from '#shared/rpc/transport.ts';
import { undoLast } from '../ui/toasts.tsx';
import { isHeldBack, markMessages, moveMessages } from './actions.ts';
import { emptyList, withPage, withPageOfConversations } from './message-list.ts';
import { messagesOf, useMessages } from './messages.ts';
import { conversationSummary, messageSummary } from './testing/summaries.ts';

const keys = ['a1', 'a2', 'a3'].map((name) => MessageKey.parse(name));

/** A store that holds one conversation and knows which of its messages are read. */
function storeWith(read: Set<string>): Api {
  const [here, there] = createTransportPair();
  const answer = (method: string, params: unknown): unknown => {
    if (method === 'conversation.keys') return { messageKeys: keys };
    if (method !== 'message.setFlags') throw new Error(`Nobody asked for ${method}.`);
    const { messageKeys, add } = methods['message.setFlags'].params.parse(params);
    const changed = messageKeys.filter((key) => read.has(key) !== add.includes('seen'));
    for (const key of changed) if (!read.delete(key)) read.add(key);
    return { changed };
  };
  there.onMessage((raw) => {
    const frame = Frame.parse(raw);
    if (frame.kind === 'request')
      there.send({ kind: 'result', id: frame.id, result: answer(frame.method, frame.params) });
  });
  return createClient(here);
}

function showClosedConversation(): MessageSummary {
  const newest = messageSummary('a3', {
    subject: 'Re: Winter berth',
    from: { displayName: 'Dora', mailbox: 'dora@away.test' },
  });
  const head = conversationSummary('A', newest, { count: 3, unread: 2 });
  const page = { rows: [head], total: 1, messages: 3, unread: 2, revision: 1 };
  const list = emptyList({ kind: 'folder', folder: folder.inbox, isThreaded: true });
  useMessages.setState({ list: withPageOfConversations(list, 0, page), status: { kind: 'ready' } });
  return newest;
}

it('undo of a mark on a closed conversation that was read in part leaves what was read before as it was', async () => {
  const read = new Set(['a1']);
  const api = storeWith(read);
  const { messageKey } = showClosedConversation();
  const all = await messagesOf(api, [messageKey]);
  expect([...all].sort()).toEqual(keys);
  await markMessages(api, all, 'seen', true);
  expect([...read].sort()).toEqual(['a1', 'a2', 'a3']);
  expect(undoLast()).toBe(true);
  await expect.poll(() => [...read]).toEqual(['a1']);

  // The other way round: marked unread, the two that were unread stay so after undo.
  await markMessages(api, all, 'seen', false);
  expect([...read]).toEqual([]);
  expect(undoLast()).toBe(true);
  await expect.poll(() => [...read]).toEqual(['a1']);
});

it('nothing is carried out of Quarantine by hand', async () => {
  const { messageKey, ...rest } = showClosedConversation();
  const held = { ...rest, messageKey, folder: folder.quarantine };
  const page = { rows: [held], total: 1, unread: 0, revision: 1 };
  const list = emptyList({ kind: 'folder', folder: folder.quarantine, isThreaded: false });
  useMessages.setState({ list: withPage(list, 0, page), status: { kind: 'ready' } });
  await moveMessages(storeWith(new Set()), [messageKey], folder.inbox);
  expect(useMessages.getState().list.rows).toEqual([held]);
});

it('what of a long Quarantine was chosen by "select all" is held back, though its rows are not here', () => {
  const list = emptyList({ kind: 'folder', folder: folder.quarantine, isThreaded: false });
  const page = { rows: [], total: 500, unread: 0, revision: 1 };
  useMessages.setState({ list: withPage(list, 0, page), status: { kind: 'ready' } });
  expect(isHeldBack(keys)).toBe(true);
  expect(isHeldBack([])).toBe(false);
});
