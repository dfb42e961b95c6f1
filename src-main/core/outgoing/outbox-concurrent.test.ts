import { afterEach, beforeEach, expect, it } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { MailError } from '#shared/mail-error.ts';
import type { TakenBack } from '../services.ts';
import { closeAll, start } from './testing/delivery-harness.ts';
import { builtMessage, type HandClock, handClock, type OutboxHarness, openOutbox } from './testing/outbox-harness.ts';

let clock: HandClock;
let box: OutboxHarness;

beforeEach(async () => {
  clock = handClock();
  box = await openOutbox({ clock });
});
afterEach(async () => {
  expect(box.faults).toEqual([]);
  await box.shut();
  await box.remove();
  await closeAll();
});

const atOnce = { identityId: null, undoMs: 0, waitForFlush: true };

function queue(count: number): Promise<OutboxItem[]> {
  return Promise.all(Array.from({ length: count }, () => box.outbox.enqueue(builtMessage(), atOnce)));
}

it('does not send what is being taken back, whoever asks for it', async () => {
  const server = await start();
  await box.addRelay(server.port);
  const [item] = await queue(1);
  if (item === undefined) throw new Error('one was queued');
  await box.outbox.cancel(item.outboxId, async (taken) => {
    await box.flush(true);
    await box.outbox.flush({ now: true, outboxIds: [item.outboxId], signal: new AbortController().signal });
    return taken.messageKey;
  });
  expect(server.messages).toEqual([]);
  expect(await box.store.activeOutbox()).toEqual([]);
});

it('does not send what was taken back or discarded while it waited for its turn in "send now"', async () => {
  const server = await start({ greeting: 'silence' });
  await box.addRelay(server.port);
  const items = await queue(44);
  const flushing = box.flush(true);
  await server.until(() => server.connections > 0);
  const [back, gone] = items.slice(-2);
  if (back === undefined || gone === undefined) throw new Error('they were queued');
  await box.outbox.cancel(back.outboxId, async ({ messageKey }) => {
    await box.store.move([messageKey], folder.drafts);
    return messageKey;
  });
  await box.handlers['outbox.resolve']({ outboxId: gone.outboxId, resolution: 'discard' });
  server.script = {};
  server.dropAll();
  await flushing;
  await box.flush(true);
  const sent = server.messages.map(({ bytes }) => /Message-ID: (.*)\r\n/.exec(bytes.toString())?.[1] ?? '');
  expect(new Set(sent).size).toBe(sent.length);
  expect(sent).toHaveLength(42);
  expect(sent).not.toContain(back.messageId);
  expect(sent).not.toContain(gone.messageId);
  expect(await box.store.listKeys(folder.drafts)).toEqual([back.messageKey]);
});

it('takes a message back once, however often that is asked for', async () => {
  const [item] = await queue(1);
  if (item === undefined) throw new Error('one was queued');
  let drafts = 0;
  const fileDraft = async ({ messageKey }: TakenBack) => {
    drafts += 1;
    await new Promise((resolve) => setImmediate(resolve));
    return messageKey;
  };
  const ends = await Promise.allSettled([1, 2].map(() => box.outbox.cancel(item.outboxId, fileDraft)));
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(drafts).toBe(1);
});

it('tells once of a message with a refused recipient that "it arrived" is said of twice', async () => {
  const server = await start({ finalDot: 'drop', rcpt: { 'gone@b.example': '550 5.1.1 no such user' } });
  await box.addRelay(server.port);
  const item = await box.outbox.enqueue(builtMessage(['b@b.example', 'gone@b.example']), atOnce);
  await box.flush();
  const arrived = () => box.handlers['outbox.resolve']({ outboxId: item.outboxId, resolution: 'arrived' });
  const ends = await Promise.allSettled([arrived(), arrived()]);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(await box.store.listKeys(folder.inbox)).toHaveLength(1);
});

it('goes by the schedule when the caller who was to wait for it went away', async () => {
  const server = await start();
  await box.addRelay(server.port);
  await box.outbox.startSchedule();
  const [item] = await queue(1);
  if (item === undefined) throw new Error('one was queued');
  const left = AbortSignal.abort(new Error('gone'));
  await box.outbox.flush({ now: false, outboxIds: [item.outboxId], signal: left });
  await box.until(() => server.accepted.length === 1);
});

it('a message for later that a caller asked to wait for goes at its time', async () => {
  const server = await start();
  await box.addRelay(server.port);
  await box.outbox.startSchedule();
  const sendAt = clock.now() + 60_000;
  const { outboxId } = await box.outbox.enqueue(builtMessage(), { ...atOnce, sendAt });
  await box.outbox.flush({ now: false, outboxIds: [outboxId], signal: new AbortController().signal });
  expect(server.connections).toBe(0);
  clock.advance(61_000);
  await box.until(() => server.accepted.length === 1);
});

it('begins nothing more once it closes', async () => {
  const server = await start({ greeting: 'silence' });
  await box.addRelay(server.port);
  await queue(44);
  const flushing = box.flush(true);
  await server.until(() => server.connections > 0);
  server.script = {};
  await box.outbox.close();
  await flushing;
  expect(server.messages).toEqual([]);
  expect((await box.store.activeOutbox()).filter(({ state }) => state !== 'queued')).toEqual([]);
});

it('ends when it is called off, however many still wait for their turn', async () => {
  const server = await start({ greeting: 'silence' });
  await box.addRelay(server.port);
  await queue(90);
  const calledOff = new AbortController();
  const flushing = box.outbox.flush({ now: true, signal: calledOff.signal });
  await server.until(() => server.connections > 0);
  calledOff.abort(new Error('enough'));
  expect(await flushing).toEqual({ sent: 0, deferred: 90, held: 0, failed: 0 });
});

it('keeps no session over a change of the settings, not even one in use meanwhile', async () => {
  const server = await start({ finalDotDelayMs: () => 300 });
  const serverId = await box.addRelay(server.port);
  await queue(1);
  const flushing = box.flush();
  await server.until(() => server.messages.length === 1);
  await box.settings.setServer(serverId, { ehloName: 'other.example' });
  await flushing;
  await queue(1);
  await box.flush();
  expect(server.commands.filter((line) => line.startsWith('EHLO')).at(-1)).toBe('EHLO other.example');
});

it('sends once what is queued while a restore looks for what it brought', async () => {
  const server = await start();
  await box.addRelay(server.port);
  await box.outbox.startSchedule();
  const { file } = box.store;
  let takenUp: OutboxItem[] | undefined;
  box.store.file = async (requests) => {
    const filed = await file(requests);
    await box.outbox.takeUpRestored();
    takenUp = await box.handlers['outbox.list']({ light: true });
    return filed;
  };
  const first = await box.outbox.enqueue(builtMessage(), { identityId: null, undoMs: 0 });
  expect(takenUp).toEqual([]);
  await box.until(async () => (await box.outbox.item(first.outboxId)).state === 'sent');
  await box.flush(true);
  expect(server.messages).toHaveLength(1);
});

it('does not bring back, after a restore, what was sent while it looked', async () => {
  const server = await start();
  await box.addRelay(server.port);
  await queue(1);
  const { activeOutbox } = box.store;
  box.store.activeOutbox = async () => {
    const records = await activeOutbox();
    await box.flush();
    return records;
  };
  await box.outbox.takeUpRestored();
  await box.flush(true);
  expect(server.messages).toHaveLength(1);
});

it('counts as queued what the ledger has, even when something failed after that', async () => {
  const server = await start();
  await box.addRelay(server.port);
  const { file } = box.store;
  box.store.file = async (requests) => {
    await file(requests);
    throw new MailError('EDISKFULL', 'The disk is full.');
  };
  await queue(1);
  await box.flush();
  expect(server.messages).toHaveLength(1);
  box.store.file = () => Promise.reject(new MailError('EDISKFULL', 'The disk is full.'));
  await expect(queue(1)).rejects.toMatchObject({ code: 'EDISKFULL' });
  expect(await box.store.activeOutbox()).toEqual([]);
});
