import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FolderPath, OutboxId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { Draft } from '#shared/mail/message.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { type ScriptedSmtp, startScriptedSmtp } from '../outgoing/testing/scripted-smtp.ts';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';

// From the Outbox back into the composer, over a whole core: nothing lost, nobody mailed twice.
let app: CoreOnAProfile;
let server: ScriptedSmtp;

beforeEach(async () => {
  server = await startScriptedSmtp();
  app = await openCore();
});
afterEach(async () => {
  await app.dispose();
  await server.close();
});

async function setUp(): Promise<{ serverId: string; draft: Draft }> {
  const { api } = app;
  const { id: serverId } = await api.call('server.add', {
    label: 'Relay',
    endpoints: [{ host: '127.0.0.1', port: server.port, security: 'none' }],
  });
  await api.call('identity.add', { displayName: 'Desk', address: 'anna@home.test', route: { kind: 'any' } });
  const { id: second } = await api.call('identity.add', {
    displayName: 'Anna',
    address: 'anna@home.test',
    route: { kind: 'any' },
  });
  const draft = await api.call('compose.start', { kind: 'new' });
  const to = [
    { displayName: 'B', mailbox: 'b@away.test' },
    { displayName: 'C', mailbox: 'C@Büro.test' },
  ];
  return {
    serverId,
    draft: {
      ...draft,
      identityId: second,
      to,
      bcc: [{ displayName: '', mailbox: 'hidden@away.test' }],
      subject: 'Grüße',
      text: 'Dear all,\n',
    },
  };
}

const keysOf = async (path: FolderPath) =>
  (await app.api.call('message.list', { folder: path })).rows.map(({ messageKey }) => messageKey);
const settled = async (outboxId: OutboxId): Promise<OutboxItem> => {
  const { jobId } = await app.api.call('outbox.flush', { outboxIds: [outboxId] });
  await app.finished(jobId);
  return app.api.call('outbox.get', { outboxId });
};

it('gives a message back with identity, Bcc, the answered message, its moment and its servers', async () => {
  const { draft, serverId } = await setUp();
  const { servers } = await app.api.call('settings.get', {});
  const serverIds = servers.map(({ id }) => id);
  const { messageKey: answered } = await app.api.call('draft.save', { ...draft, subject: 'The question' });
  const sendAt = Date.now() + 3_600_000;
  const source = { messageKey: answered, kind: 'reply' as const };
  const item = await app.api.call('outbox.submit', {
    draft: { ...draft, source },
    options: { serverIds, sendAt },
  });
  expect(item).toMatchObject({ state: 'held', heldFor: 'send-later', serverIds: [serverId] });

  const { messageKey, accepted } = await app.api.call('outbox.cancel', { outboxId: item.outboxId });
  expect(accepted).toEqual([]);
  expect(await app.api.call('outbox.list', {})).toEqual([]);
  expect(await keysOf(folder.outbox)).toEqual([]);
  const again = await app.api.call('compose.start', { kind: 'edit', messageKey });
  expect(again).toMatchObject({
    identityId: draft.identityId,
    to: [draft.to[0], { displayName: 'C', mailbox: 'C@xn--bro-hoa.test' }],
    bcc: draft.bcc,
    subject: draft.subject,
    source,
    send: { serverIds, sendAt },
    messageKey,
  });
  expect(again.text.trim()).toBe('Dear all,');
  // What it says may be changed now: under the old name it would be another message.
  const second = await app.api.call('outbox.submit', { draft: again, options: { sendAt } });
  expect(second.messageId).not.toBe(item.messageId);
  expect(server.connections).toBe(0);
});

it('gives those their draft who lack the message, and leaves in peace those who have it', async () => {
  const { draft } = await setUp();
  server.script = { rcpt: { 'C@xn--bro-hoa.test': '451 4.2.0 full', 'hidden@away.test': '451 4.2.0 full' } };
  const item = await app.api.call('outbox.submit', { draft, options: { immediately: true } });
  const waiting = await settled(item.outboxId);
  expect(waiting).toMatchObject({ state: 'deferred', accepted: ['b@away.test'] });

  const { messageKey, accepted } = await app.api.call('outbox.cancel', { outboxId: item.outboxId });
  expect(accepted).toEqual(['b@away.test']);
  const again = await app.api.call('compose.start', { kind: 'edit', messageKey });
  expect(again.to.map(({ mailbox }) => mailbox)).toEqual(['C@xn--bro-hoa.test']);
  expect(again.bcc.map(({ mailbox }) => mailbox)).toEqual(['hidden@away.test']);
  expect(await keysOf(folder.sent)).toEqual([item.messageKey]);
  expect(await keysOf(folder.outbox)).toEqual([]);
  // It is no failure: nobody is told of one.
  expect(await keysOf(folder.inbox)).toEqual([]);

  server.script = {};
  const rest = await app.api.call('outbox.submit', { draft: again, options: { immediately: true } });
  expect(await settled(rest.outboxId)).toMatchObject({ state: 'sent' });
  expect(server.accepted.map(({ to }) => to)).toEqual([['b@away.test'], ['C@xn--bro-hoa.test', 'hidden@away.test']]);
});

it('does not give back what may have arrived', async () => {
  const { draft } = await setUp();
  server.script = { finalDot: 'drop' };
  const item = await app.api.call('outbox.submit', { draft, options: { immediately: true } });
  expect(await settled(item.outboxId)).toMatchObject({ state: 'held', heldFor: 'uncertain' });
  await expect(app.api.call('outbox.cancel', { outboxId: item.outboxId })).rejects.toMatchObject({
    code: 'EUNCERTAIN',
  });
  expect(await keysOf(folder.drafts)).toEqual([]);
  await expect(app.api.call('outbox.reroute', { outboxId: item.outboxId, serverIds: [] })).rejects.toMatchObject({
    code: 'EUNCERTAIN',
  });
});

it('sends what failed by another server, chosen for this message, under the same Message-ID', async () => {
  const { draft } = await setUp();
  const other = await startScriptedSmtp();
  server.script = { rcpt: '550 5.1.1 nobody of that name' };
  const item = await app.api.call('outbox.submit', { draft, options: { immediately: true } });
  expect(await settled(item.outboxId)).toMatchObject({ state: 'failed' });
  const { id } = await app.api.call('server.add', {
    label: 'Other',
    endpoints: [{ host: '127.0.0.1', port: other.port, security: 'none' }],
  });
  const { servers } = await app.api.call('settings.get', {});
  const chosen = servers.filter((one) => one.id === id).map((one) => one.id);
  const tries = (): number => server.commands.filter((line) => line.startsWith('MAIL')).length;
  expect(tries()).toBe(1);
  expect(await app.api.call('outbox.reroute', { outboxId: item.outboxId, serverIds: chosen })).toMatchObject({
    state: 'queued',
    serverIds: chosen,
  });
  expect(await settled(item.outboxId)).toMatchObject({ state: 'sent', messageId: item.messageId });
  expect(other.accepted).toHaveLength(1);
  expect(other.accepted[0]?.bytes.toString()).toContain(item.messageId);
  expect(tries()).toBe(1);
  await other.close();
});

it('answers a light list without the attempts', async () => {
  const { draft } = await setUp();
  server.script = { mail: '451 4.3.0 later' };
  const item = await app.api.call('outbox.submit', { draft, options: { immediately: true } });
  await settled(item.outboxId);
  const [light] = await app.api.call('outbox.list', { light: true });
  const [whole] = await app.api.call('outbox.list', {});
  expect(light).toMatchObject({ state: 'deferred', attempts: [] });
  expect(whole?.attempts).not.toEqual([]);
});
