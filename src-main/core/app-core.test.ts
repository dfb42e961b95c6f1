import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import type { Draft, MessageSummary } from '#shared/mail/message.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import type { PracticeSetup } from '#shared/mail/setup.ts';
import { type CoreOnAProfile, openCore } from './testing/core-on-a-profile.ts';

// The whole core over its contract, with the practice servers on real sockets.
let app: CoreOnAProfile;
let practice: PracticeSetup;

beforeEach(async () => {
  app = await openCore();
  await app.core.start();
  practice = await app.api.call('practice.setUp', {});
});
afterEach(() => app.dispose());

async function collect(): Promise<void> {
  const { jobId } = await app.api.call('collect.start', {});
  const job = await app.finished(jobId);
  expect(job.state).toMatchObject({ kind: 'succeeded' });
}

async function rowsOf(name: (typeof folder)[keyof typeof folder]): Promise<MessageSummary[]> {
  return (await app.api.call('message.list', { folder: name })).rows;
}

async function draftTo(mailbox: string, change: Partial<Draft> = {}): Promise<Draft> {
  const draft = await app.api.call('compose.start', { kind: 'new' });
  return {
    ...draft,
    identityId: practice.identityId,
    to: [{ displayName: 'Grüße', mailbox }],
    subject: 'Über alle Berge',
    text: 'Hello.\n.\nFrom here on.\n',
    ...change,
  };
}

async function untilState(item: OutboxItem, state: OutboxItem['state']): Promise<OutboxItem> {
  return vi.waitFor(
    async () => {
      const now = await app.api.call('outbox.get', { outboxId: item.outboxId });
      expect(now.state).toBe(state);
      return now;
    },
    { timeout: 10_000 },
  );
}

test('sample mail is collected, listed, read and found', async () => {
  await collect();
  const rows = await rowsOf(folder.inbox);
  expect(rows.length).toBeGreaterThan(5);
  const [newest] = rows;
  if (newest === undefined) throw new Error('nothing collected');
  const parsed = await app.api.call('message.get', { messageKey: newest.messageKey });
  expect(parsed.subject).toBe(newest.subject);
  const word = newest.subject.split(/\W+/).find((part) => part.length > 3) ?? newest.subject;
  const found = await app.api.call('message.search', { query: word });
  expect(found.rows.map(({ messageKey }) => messageKey)).toContain(newest.messageKey);
});

test('a message refused by the first relay leaves by the second, and says why', async () => {
  const sent = await app.api.call('outbox.submit', {
    draft: await draftTo('friend@practice.test'),
    options: { immediately: true },
  });
  const item = await untilState(sent, 'sent');
  expect(item.accepted).toEqual(['friend@practice.test']);
  expect(item.attempts.map(({ serverId, outcome }) => [serverId, outcome])).toEqual([
    [practice.serverIds[0], 'permanent'],
    [practice.serverIds[1], 'accepted'],
  ]);
  expect(item.attempts[0]?.replyCode).toBe(550);
  const [row] = await rowsOf(folder.sent);
  expect(row).toMatchObject({ subject: 'Über alle Berge', messageKey: item.messageKey });
  const { item: shown } = await app.api.call('message.attempts', { messageKey: item.messageKey });
  expect(shown?.attempts).toHaveLength(2);
});

test('the refusal is remembered: the next message goes straight to the second relay', async () => {
  await untilState(
    await app.api.call('outbox.submit', {
      draft: await draftTo('friend@practice.test'),
      options: { immediately: true },
    }),
    'sent',
  );
  const second = await untilState(
    await app.api.call('outbox.submit', {
      draft: await draftTo('other@practice.test'),
      options: { immediately: true },
    }),
    'sent',
  );
  expect(second.attempts.map(({ serverId }) => serverId)).toEqual([practice.serverIds[1]]);
  expect(second.skipped).toContainEqual(
    expect.objectContaining({ serverId: practice.serverIds[0], reason: 'refused-sender' }),
  );
});

test('a reply lost after the final dot is uncertain, held, and never sent again by itself', async () => {
  await app.api.call('practice.faults', { faults: { second: 'drops-after-final-dot' } });
  const held = await untilState(
    await app.api.call('outbox.submit', {
      draft: await draftTo('friend@practice.test'),
      options: { immediately: true },
    }),
    'held',
  );
  expect(held).toMatchObject({ heldFor: 'uncertain', uncertain: ['friend@practice.test'] });
  await app.finished((await app.api.call('outbox.flush', { now: true })).jobId);
  const after = await app.api.call('outbox.get', { outboxId: held.outboxId });
  expect(after.attempts).toHaveLength(held.attempts.length);
  const resolved = await app.api.call('outbox.resolve', { outboxId: held.outboxId, resolution: 'arrived' });
  expect(resolved.state).toBe('sent');
});

test('undo within its time gives the message back as a draft, unsent', async () => {
  const item = await app.api.call('outbox.submit', { draft: await draftTo('friend@practice.test'), options: {} });
  expect(item).toMatchObject({ state: 'held', heldFor: 'undo' });
  const { messageKey } = await app.api.call('outbox.cancel', { outboxId: item.outboxId });
  const again = await app.api.call('compose.start', { kind: 'edit', messageKey });
  expect(again).toMatchObject({ subject: 'Über alle Berge', to: [{ mailbox: 'friend@practice.test' }], messageKey });
  expect(await app.api.call('outbox.list', {})).toEqual([]);
  expect(await app.api.call('practice.received', {})).toEqual([]);
});

test('Bcc stays in the Sent copy and never crosses the wire', async () => {
  const draft = await draftTo('friend@practice.test', { bcc: [{ displayName: '', mailbox: 'hidden@practice.test' }] });
  const item = await untilState(await app.api.call('outbox.submit', { draft, options: { immediately: true } }), 'sent');
  expect(item.accepted.sort()).toEqual(['friend@practice.test', 'hidden@practice.test']);
  const { path } = await app.api.call('message.locate', { messageKey: item.messageKey });
  expect(await readFile(path, 'latin1')).toContain('hidden@practice.test');
  await collect();
  const arrived = (await rowsOf(folder.inbox)).find(({ subject }) => subject === 'Über alle Berge');
  if (arrived === undefined) throw new Error('it did not come back to the practice maildrop');
  const stored = await app.api.call('message.locate', { messageKey: arrived.messageKey });
  expect((await readFile(stored.path, 'latin1')).toLowerCase()).not.toMatch(/^bcc:/m);
});

test('a draft saved again replaces the one before; sending removes it', async () => {
  const first = await app.api.call('draft.save', await draftTo('friend@practice.test'));
  const second = await app.api.call('draft.save', {
    ...(await draftTo('friend@practice.test')),
    messageKey: first.messageKey,
  });
  expect((await rowsOf(folder.drafts)).map(({ messageKey }) => messageKey)).toEqual([second.messageKey]);
  const draft = await app.api.call('compose.start', { kind: 'edit', messageKey: second.messageKey });
  await untilState(await app.api.call('outbox.submit', { draft, options: { immediately: true } }), 'sent');
  expect(await rowsOf(folder.drafts)).toEqual([]);
});

test('a message without recipients or with half an address is refused with a sentence, and nothing is queued', async () => {
  const none = await draftTo('x@practice.test', { to: [] });
  await expect(app.api.call('outbox.submit', { draft: none, options: {} })).rejects.toThrow(/no recipient/);
  await expect(app.api.call('outbox.submit', { draft: await draftTo('half@'), options: {} })).rejects.toThrow(/half@/);
  expect(await app.api.call('outbox.list', {})).toEqual([]);
});

test('a message that waits in the Outbox cannot be moved away from the sending', async () => {
  const item = await app.api.call('outbox.submit', { draft: await draftTo('friend@practice.test'), options: {} });
  await expect(app.api.call('message.move', { messageKeys: [item.messageKey], folder: folder.trash })).rejects.toThrow(
    /waiting to be sent/,
  );
});

test('only Trash, Junk and Drafts let go of a message for good', async () => {
  await collect();
  const [row] = await rowsOf(folder.inbox);
  if (row === undefined) throw new Error('nothing collected');
  await expect(app.api.call('message.destroy', { messageKeys: [row.messageKey] })).rejects.toThrow(/Trash first/);
  await app.api.call('message.move', { messageKeys: [row.messageKey], folder: folder.trash });
  await app.api.call('message.destroy', { messageKeys: [row.messageKey] });
  await expect(app.api.call('message.locate', { messageKey: row.messageKey })).rejects.toMatchObject({
    code: 'ENOTFOUND',
  });
});

test('everything is there again after closing and opening', async () => {
  await collect();
  const before = await rowsOf(folder.inbox);
  app = await app.reopen();
  expect(await rowsOf(folder.inbox)).toEqual(before);
  await collect();
  expect(await rowsOf(folder.inbox)).toHaveLength(before.length);
});

test('a profile whose folder cannot be made is told in words', async () => {
  await app.core.close();
  await rm(app.profileDir, { recursive: true });
  await writeFile(app.profileDir, '');
  await expect(app.reopen()).rejects.toMatchObject({
    code: 'EINVALID',
    message: expect.stringContaining('could not open the folder of the profile'),
  });
});
