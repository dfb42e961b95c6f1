import { describe, expect, it } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import type { TakenBack } from '../services.ts';
import { type OutboxFixture, outboxForEachTest } from './testing/outbox-fixture.ts';
import {
  builtMessage,
  type HandClock,
  type handNetwork,
  type OutboxHarness,
  openOutbox,
} from './testing/outbox-harness.ts';

let made: OutboxFixture;
let clock: HandClock;
let network: ReturnType<typeof handNetwork>;
let box: OutboxHarness;
let start: OutboxFixture['start'];
outboxForEachTest((fixture) => {
  made = fixture;
  ({ clock, network, box, start } = fixture);
});

const atOnce = { identityId: null, undoMs: 0, waitForFlush: true };
const asIs = async ({ messageKey }: TakenBack) => messageKey;

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
    await expect(box.outbox.cancel(item.outboxId, asIs)).rejects.toMatchObject({ code: 'EUNCERTAIN' });
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
    expect(await box.outbox.cancel(item.outboxId, asIs)).toBe(item.messageKey);
    clock.advance(60_000);
    await box.flush(true);
    expect(server.connections).toBe(0);
    expect(await box.store.activeOutbox()).toEqual([]);
  });
});

describe('what may go wrong with a message', () => {
  it('sends only to those still open after a partial refusal, and tells of the refused in the Inbox', async () => {
    const server = await start({
      rcpt: { 'gone@b.example': '550 5.1.1 no such user', 'grey@b.example': '450 4.2.0 later' },
    });
    await box.addRelay(server.port);
    const item = await box.outbox.enqueue(builtMessage(['ok@b.example', 'gone@b.example', 'grey@b.example']), atOnce);
    await box.flush();
    expect(await box.outbox.item(item.outboxId)).toMatchObject({
      state: 'deferred',
      accepted: ['ok@b.example'],
      pending: ['grey@b.example'],
      refused: [{ mailbox: 'gone@b.example', replyCode: 550, text: '550 5.1.1 no such user' }],
    });
    server.script = {};
    await box.flush(true);
    expect(server.accepted.map(({ to }) => to)).toEqual([['ok@b.example'], ['grey@b.example']]);
    expect((await box.outbox.item(item.outboxId)).state).toBe('sent');
    const [notice] = await box.store.listKeys(folder.inbox);
    if (notice === undefined) throw new Error('There is no notice.');
    const text = Buffer.from(await box.store.read(notice)).toString();
    expect(text).toContain('Subject: Could not be sent: hello');
    expect(text).toContain('Final-Recipient: rfc822; gone@b.example');
    expect(text).toContain(`Message-ID: ${item.messageId}`);
  });

  it('waits for the password when it was refused, offers it to nobody again, and goes on when it is changed', async () => {
    const server = await start({ offers: ['AUTH PLAIN'], auth: '535 5.7.8 wrong' });
    const id = await box.addRelay(server.port, { auth: { method: 'plain', user: 'me', secret: 'wrong' } });
    const item = await box.outbox.enqueue(builtMessage(), atOnce);
    await box.flush();
    expect(await box.outbox.item(item.outboxId)).toMatchObject({ state: 'held', heldFor: 'needs-password' });
    for (let pass = 0; pass < 3; pass += 1) await box.flush();
    const tries = () => server.commands.filter((line) => line.startsWith('AUTH')).length;
    expect(tries()).toBe(1);
    server.script = { offers: ['AUTH PLAIN'] };
    await box.settings.setServer(id, { auth: { method: 'plain', user: 'me', secret: 'right' } });
    await box.flush();
    expect((await box.outbox.item(item.outboxId)).state).toBe('sent');
    expect(tries()).toBe(2);
  });

  it('offers a wrong password once, however many messages wait, “send now” included', async () => {
    const server = await start({ offers: ['AUTH PLAIN'], auth: '535 5.7.8 wrong' });
    await box.addRelay(server.port, { auth: { method: 'plain', user: 'me', secret: 'wrong' } });
    for (let index = 0; index < 8; index += 1) await box.outbox.enqueue(builtMessage(), atOnce);
    expect(await box.flush()).toMatchObject({ held: 8 });
    await box.flush(true);
    expect(server.commands.filter((line) => line.startsWith('AUTH'))).toHaveLength(1);
  });

  it('waits for the password where none is stored', async () => {
    const server = await start();
    await box.addRelay(server.port, { auth: { method: 'plain', user: 'me' } });
    const item = await box.outbox.enqueue(builtMessage(), atOnce);
    await box.flush();
    expect(await box.outbox.item(item.outboxId)).toMatchObject({
      state: 'held',
      heldFor: 'needs-password',
      skipped: [{ reason: 'needs-password' }],
    });
    expect(server.connections).toBe(0);
  });

  it('asks the user when its content was refused, and tries other servers only when told to', async () => {
    const strict = await start({ finalDot: '554 5.7.1 looks like spam' });
    const other = await start();
    await box.addRelay(strict.port);
    await box.addRelay(other.port);
    const item = await box.outbox.enqueue(builtMessage(), atOnce);
    await box.flush(true);
    await box.flush(true);
    expect(await box.outbox.item(item.outboxId)).toMatchObject({ state: 'held', heldFor: 'content' });
    expect([strict.messages.length, other.messages.length]).toEqual([1, 0]);
    expect(await box.outbox.cancel(item.outboxId, asIs)).toBe(item.messageKey);
  });

  it('lets the user say that an uncertain message arrived, send the same bytes again, or let it go', async () => {
    const server = await start({ finalDot: 'drop' });
    await box.addRelay(server.port);
    const items = [];
    for (let index = 0; index < 3; index += 1) items.push(await box.outbox.enqueue(builtMessage(), atOnce));
    await box.flush();
    const [arrived, again, gone] = items;
    if (arrived === undefined || again === undefined || gone === undefined) throw new Error('three were queued');
    const resolve = box.handlers['outbox.resolve'];
    expect(await resolve({ outboxId: arrived.outboxId, resolution: 'arrived' })).toMatchObject({ state: 'sent' });
    server.script = {};
    await resolve({ outboxId: again.outboxId, resolution: 'resend' });
    await box.flush(true);
    await resolve({ outboxId: gone.outboxId, resolution: 'discard' });
    const ofAgain = server.messages.filter(({ bytes }) => bytes.includes(again.messageId));
    expect(ofAgain).toHaveLength(2);
    expect(ofAgain[0]?.bytes.equals(ofAgain[1]?.bytes ?? Buffer.alloc(0))).toBe(true);
    expect(await box.store.activeOutbox()).toEqual([]);
    expect((await box.store.listKeys(folder.sent)).sort()).toEqual([arrived.messageKey, again.messageKey].sort());
    expect(await box.store.listKeys(folder.trash)).toEqual([gone.messageKey]);
    await expect(resolve({ outboxId: arrived.outboxId, resolution: 'resend' })).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  it('writes a delay notice after four hours and gives up after five days', async () => {
    const server = await start({ mail: '451 4.3.0 later' });
    await box.addRelay(server.port);
    const item = await box.outbox.enqueue(builtMessage(), atOnce);
    const hour = 3_600_000;
    let waited = 0;
    const inbox = async () => (await box.store.listKeys(folder.inbox)).length;
    while ((await box.outbox.item(item.outboxId)).state !== 'failed') {
      await box.flush();
      const state = await box.outbox.item(item.outboxId);
      expect(await inbox()).toBe(waited < 4 * hour ? 0 : state.state === 'failed' ? 2 : 1);
      const due = Date.parse(state.deferredUntil ?? '');
      if (Number.isNaN(due)) break;
      waited += due - clock.now();
      clock.advance(due - clock.now());
    }
    expect(waited).toBeGreaterThanOrEqual(5 * 24 * hour);
    expect(waited).toBeLessThan(5 * 24 * hour + 4.1 * hour);
    expect(server.commands.filter((line) => line.startsWith('MAIL')).length).toBeGreaterThan(30);
    expect(await box.store.listKeys(folder.outbox)).toEqual([item.messageKey]);
  });

  it('keeps to the limit of messages an hour', async () => {
    const server = await start();
    await box.addRelay(server.port, { rate: { perHour: 2 } });
    for (let index = 0; index < 5; index += 1) await box.outbox.enqueue(builtMessage(), atOnce);
    expect(await box.flush()).toMatchObject({ sent: 2, deferred: 3 });
    expect(server.accepted).toHaveLength(2);
    clock.advance(3_600_001);
    expect(await box.flush()).toMatchObject({ sent: 2 });
    expect(server.accepted).toHaveLength(4);
  });

  it('marks the answered message when the answer is sent', async () => {
    const server = await start();
    await box.addRelay(server.port);
    const original = builtMessage(['a@a.example']);
    const messageKey = await box.store.newMessageKey(original.bytes);
    await box.store.file([{ folder: folder.inbox, messageKey, bytes: original.bytes, flags: [] }]);
    await box.outbox.enqueue(builtMessage(), { ...atOnce, source: { messageKey, kind: 'reply' } });
    await box.flush();
    expect((await box.store.summary(messageKey))?.flags).toContain('answered');
  });

  it('sends nothing while paused', async () => {
    const server = await start();
    await box.addRelay(server.port);
    await box.settings.setPreferences({ sendingPaused: true });
    await box.outbox.startSchedule();
    const item = await box.outbox.enqueue(builtMessage(), { identityId: null, undoMs: 0 });
    await box.flush();
    clock.advance(120_000);
    expect(server.connections).toBe(0);
    await box.settings.setPreferences({ sendingPaused: false });
    await box.until(async () => (await box.outbox.item(item.outboxId)).state === 'sent');
  });

  it('explains a route in words', async () => {
    const server = await start();
    await box.addRelay(server.port, { label: 'Home' });
    await box.addRelay(server.port, { label: 'Office', senders: ['@office.example'] });
    await box.addIdentity('a@a.example');
    const told = await box.handlers['route.explain']({ from: 'a@a.example', to: ['b@b.example'], sizeOctets: 10 });
    expect(told.attempts).toMatchObject([{ serverLabel: 'Home', endpoint: `127.0.0.1:${server.port}` }]);
    expect(told.skipped).toMatchObject([{ reason: 'sender-not-accepted' }]);
    expect(told.location).toMatchObject({ name: 'Network at 192.168.7.1', isNamed: false, isOnline: true });
    await box.handlers['network.name']({ locationId: told.location.locationId, name: 'Home' });
    expect(await box.handlers['network.location']({})).toMatchObject({ name: 'Home', isNamed: true });
  });
});

describe('after a crash', () => {
  it('calls uncertain what may have left, and sends on what had not', async () => {
    const server = await start();
    await box.addRelay(server.port);
    const item = await box.outbox.enqueue(builtMessage(['left@b.example', 'not@b.example']), atOnce);
    const [record] = await box.store.activeOutbox();
    if (record === undefined) throw new Error('one was queued');
    const recipients = record.recipients.map((recipient) =>
      recipient.mailbox === 'left@b.example' ? { ...recipient, state: 'dot-pending' as const } : recipient,
    );
    await box.store.putOutbox([{ ...record, state: 'sending', recipients }]);
    await box.shut();
    box = made.box = await openOutbox({ clock, network, profileDir: box.profileDir });
    await box.flush();
    expect(await box.outbox.item(item.outboxId)).toMatchObject({
      state: 'held',
      heldFor: 'uncertain',
      accepted: ['not@b.example'],
      uncertain: ['left@b.example'],
    });
    expect(server.accepted.map(({ to }) => to)).toEqual([['not@b.example']]);
  });

  it('knows what may have left by the note made before the last octets, unless the ledger knows better', async () => {
    const server = await start();
    const serverId = await box.addRelay(server.port);
    const item = await box.outbox.enqueue(builtMessage(['a@b.example', 'b@b.example', 'c@b.example']), atOnce);
    const [record] = await box.store.activeOutbox();
    if (record === undefined) throw new Error('one was queued');
    const mailboxes = ['a@b.example', 'b@b.example'];
    await box.store.noteLeaving(record, { outboxId: item.outboxId, serverId, mailboxes });
    const recipients = record.recipients.map((recipient) =>
      recipient.mailbox === 'b@b.example' ? { ...recipient, state: 'accepted' as const } : recipient,
    );
    await box.store.putOutbox([{ ...record, state: 'sending', recipients }]);
    await box.shut();
    box = made.box = await openOutbox({ clock, network, profileDir: box.profileDir });
    await box.flush();
    const held = { state: 'held', heldFor: 'uncertain', uncertain: ['a@b.example'] };
    expect(await box.outbox.item(item.outboxId)).toMatchObject(held);
    expect(server.accepted.map(({ to }) => to)).toEqual([['c@b.example']]);
    // Taken over once: what a person decides afterwards is not asked again.
    await box.handlers['outbox.resolve']({ outboxId: item.outboxId, resolution: 'resend' });
    await box.shut();
    box = made.box = await openOutbox({ clock, network, profileDir: box.profileDir });
    await box.flush();
    expect(server.accepted.map(({ to }) => to)).toEqual([['c@b.example'], ['a@b.example']]);
  });

  it('finishes what was accepted: the message is found in Sent', async () => {
    const server = await start();
    await box.addRelay(server.port);
    const item = await box.outbox.enqueue(builtMessage(), atOnce);
    const [record] = await box.store.activeOutbox();
    if (record === undefined) throw new Error('one was queued');
    const recipients = record.recipients.map((recipient) => ({ ...recipient, state: 'accepted' as const }));
    await box.store.putOutbox([{ ...record, state: 'sending', recipients }]);
    await box.shut();
    box = made.box = await openOutbox({ clock, network, profileDir: box.profileDir });
    await box.flush();
    expect((await box.outbox.item(item.outboxId)).state).toBe('sent');
    expect(await box.store.listKeys(folder.sent)).toEqual([item.messageKey]);
    expect(server.connections).toBe(0);
  });
});
