import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import {
  builtMessage,
  type HandClock,
  handClock,
  handNetwork,
  type OutboxHarness,
  openOutbox,
} from './testing/outbox-harness.ts';
import { type Script, type ScriptedSmtp, startScriptedSmtp } from './testing/scripted-smtp.ts';

const closers: (() => Promise<void>)[] = [];
let clock: HandClock;
let network: ReturnType<typeof handNetwork>;
let box: OutboxHarness;

beforeEach(async () => {
  clock = handClock();
  network = handNetwork();
  box = await openOutbox({ clock, network });
});
afterEach(async () => {
  expect(box.faults).toEqual([]);
  await box.shut();
  await box.remove();
  for (const close of closers.splice(0)) await close();
});

async function start(script: Script = {}): Promise<ScriptedSmtp> {
  const server = await startScriptedSmtp(script);
  closers.push(() => server.close());
  return server;
}

const atOnce = { identityId: null, undoMs: 0, waitForFlush: true };

describe('the outbox', () => {
  it('queues durably, sends, and files the message in Sent with Bcc kept and removed on the wire', async () => {
    const server = await start();
    await box.addRelay(server.port);
    const item = await box.outbox.enqueue(builtMessage(['b@b.example'], { bcc: 'c@c.example' }), atOnce);
    expect(item.state).toBe('queued');
    expect(await box.store.listKeys(folder.outbox)).toEqual([item.messageKey]);
    expect(await box.flush()).toEqual({ sent: 1, deferred: 0, held: 0, failed: 0 });
    const sent = await box.outbox.item(item.outboxId);
    expect(sent).toMatchObject({
      state: 'sent',
      accepted: ['b@b.example', 'c@c.example'],
      explanation: 'Sent to 2 recipients.',
    });
    expect(sent.attempts).toHaveLength(1);
    expect(await box.store.listKeys(folder.sent)).toEqual([item.messageKey]);
    expect((await box.store.summary(item.messageKey))?.flags).toContain('seen');
    expect(Buffer.from(await box.store.read(item.messageKey)).toString()).toContain('Bcc: c@c.example');
    expect(server.accepted[0]?.to).toEqual(['b@b.example', 'c@c.example']);
    expect(server.accepted[0]?.bytes.toString()).not.toContain('Bcc');
  });

  it('passes over a server that refuses the sender and says so', async () => {
    const first = await start({ mail: '550 5.7.1 we do not know you' });
    const second = await start();
    await box.addRelay(first.port, { label: 'First' });
    await box.addRelay(second.port, { label: 'Second' });
    const item = await box.outbox.enqueue(builtMessage(), atOnce);
    await box.flush();
    const sent = await box.outbox.item(item.outboxId);
    expect(
      sent.attempts.map(({ serverLabel, stage, outcome, replyCode }) => [serverLabel, stage, outcome, replyCode]),
    ).toEqual([
      ['First', 'mail', 'permanent', 550],
      ['Second', 'final-dot', 'accepted', 250],
    ]);
    await box.outbox.enqueue(builtMessage(), atOnce);
    await box.flush();
    expect(first.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1);
  });

  it('holds a message as uncertain when the reply to the final dot is lost, and never sends it again by itself', async () => {
    const losing = await start({ finalDot: 'drop' });
    const other = await start();
    await box.addRelay(losing.port);
    await box.addRelay(other.port);
    const item = await box.outbox.enqueue(builtMessage(), atOnce);
    await box.flush();
    expect(await box.outbox.item(item.outboxId)).toMatchObject({
      state: 'held',
      heldFor: 'uncertain',
      uncertain: ['b@b.example'],
    });
    for (let pass = 0; pass < 3; pass += 1) await box.flush(true);
    expect(losing.messages).toHaveLength(1);
    expect(other.messages).toHaveLength(0);
    await expect(box.outbox.cancel(item.outboxId)).rejects.toMatchObject({ code: 'EUNCERTAIN' });
  });

  it('retries by the schedule', async () => {
    const server = await start({ mail: '451 4.3.0 later' });
    await box.addRelay(server.port);
    await box.outbox.startSchedule();
    const item = await box.outbox.enqueue(builtMessage(), { identityId: null, undoMs: 0 });
    const state = async () => (await box.outbox.item(item.outboxId)).state;
    await box.until(async () => (await state()) === 'deferred');
    const due = (await box.outbox.item(item.outboxId)).deferredUntil;
    expect(due).toBe(new Date(clock.now() + 5 * 60_000).toISOString());
    server.script = {};
    clock.advance(5 * 60_000);
    await box.until(async () => (await state()) === 'sent');
    expect(server.accepted).toHaveLength(1);
  });

  it('waits while offline and goes when the network is back', async () => {
    await box.addServer({ label: 'Far', endpoints: [{ host: 'smtp.example.invalid', port: 25, security: 'none' }] });
    network.isPlugged = false;
    await box.outbox.startSchedule();
    const item = await box.outbox.enqueue(builtMessage(), { identityId: null, undoMs: 0 });
    await box.until(async () => (await box.outbox.item(item.outboxId)).heldFor === 'offline');
    expect((await box.outbox.item(item.outboxId)).attempts).toEqual([]);
    network.isPlugged = true;
    clock.advance(2000);
    await box.until(async () => (await box.outbox.item(item.outboxId)).attempts.length === 1);
    await box.until(async () => (await box.outbox.item(item.outboxId)).state === 'deferred');
  });

  it('gives a message back while it can be undone', async () => {
    const server = await start();
    await box.addRelay(server.port);
    await box.outbox.startSchedule();
    const item = await box.outbox.enqueue(builtMessage(), { identityId: null, undoMs: 10_000 });
    expect(item).toMatchObject({ state: 'held', heldFor: 'undo' });
    clock.advance(9_999);
    expect(await box.outbox.cancel(item.outboxId)).toEqual({ messageKey: item.messageKey });
    clock.advance(60_000);
    await box.flush(true);
    expect(server.connections).toBe(0);
    expect(await box.store.activeOutbox()).toEqual([]);
  });
});
