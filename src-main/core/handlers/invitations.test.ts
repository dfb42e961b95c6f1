import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { leafText } from '../message/leaf-content.ts';
import { readMimeTree } from '../message/mime-tree.ts';
import { base64Lines, fromApple, fromExchange, fromGoogle, fromThunderbird } from '../message/testing/invitations.ts';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';

let app: CoreOnAProfile;

beforeAll(async () => {
  app = await openCore();
  const ours = [
    { displayName: 'Anna at work', address: 'anna@work.example' },
    { displayName: 'Anna Berg', address: 'anna@home.example' },
  ];
  for (const { displayName, address } of ours)
    await app.api.call('identity.add', { displayName, address, route: { kind: 'any' } });
});
afterAll(() => app.dispose());

let arrivals = 0;
async function arrived(message: string): Promise<MessageKey> {
  arrivals += 1;
  const before = await app.api.call('message.keys', { folder: folder.inbox });
  await writeFile(join(app.profileDir, 'Mail', 'new', `17000000${arrivals}.M.host`), message);
  const after = await app.api.call('message.keys', { folder: folder.inbox });
  const [key] = after.messageKeys.filter((candidate) => !before.messageKeys.includes(candidate));
  return key ?? expect.fail('the message is missing');
}

/** The parts of a message that waits in the Outbox: its header, its text, its calendar. */
async function partsOf({
  messageKey,
}: OutboxItem): Promise<{ head: string; text: string; type: string; calendar: string }> {
  const { path } = await app.api.call('message.locate', { messageKey });
  const bytes = await readFile(path);
  const { leaves, bodyStart } = readMimeTree(bytes);
  const [text, calendar] = leaves;
  if (text === undefined || calendar === undefined || leaves.length !== 2) expect.fail('there are not two parts');
  const method = calendar.contentType.parameters.get('method');
  return {
    head: bytes.toString('utf8', 0, bodyStart),
    text: leafText(bytes, text),
    type: `${calendar.contentType.value} ${method}`,
    calendar: leafText(bytes, calendar).replaceAll('\r\n ', ''),
  };
}

it('answers from the address that was asked, to whoever invites, by the Outbox', async () => {
  const messageKey = await arrived(fromGoogle());
  expect((await app.api.call('message.get', { messageKey })).invitation?.asked).toMatchObject({
    mailbox: 'anna@home.example',
    participation: 'unanswered',
  });
  const item = await app.api.call('invitation.answer', { messageKey, answer: 'accepted' });
  expect(item).toMatchObject({
    from: 'anna@home.example',
    pending: ['dora@away.example'],
    state: 'held',
    heldFor: 'undo',
  });
  const { head, text, type, calendar } = await partsOf(item);
  expect(head).toMatch(/^Subject: Accepted: Crane review\r$/m);
  expect(head).toMatch(/^In-Reply-To: <calendar-1@google.example>\r$/m);
  expect(head).toContain('multipart/alternative');
  expect(text).toContain('Anna Berg accepted this invitation.');
  expect(text).toContain('Harbour office, room 3');
  expect(type).toBe('text/calendar REPLY');
  const lines = calendar.split('\r\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'METHOD:REPLY',
      'UID:4q0kv2b2rl3m@google.com',
      'SEQUENCE:0',
      'ORGANIZER;CN=Dora Lindqvist:mailto:dora@away.example',
      'ATTENDEE;PARTSTAT=ACCEPTED;CN=anna@home.example:mailto:anna@home.example',
      'DTSTART:20261124T090000Z',
    ]),
  );
  expect(lines.filter((line) => line.startsWith('ATTENDEE'))).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith('DTSTAMP:'))).toEqual([
    expect.stringMatching(/^DTSTAMP:\d{8}T\d{6}Z$/),
  ]);
});

it('answers from the address it was delivered to, where several of ours are asked', async () => {
  const more = 'ATTENDEE;RSVP=TRUE:mailto:anna@work.example';
  const both = fromGoogle({ event: [more], head: ['Delivered-To: anna@work.example'] });
  const messageKey = await arrived(both.replaceAll('calendar-1', 'calendar-5'));
  const { invitation } = await app.api.call('message.get', { messageKey });
  expect(invitation?.asked?.mailbox).toBe('anna@work.example');
});

it('finds who is asked among more than a screen is given', async () => {
  const crowd = Array.from({ length: 400 }, (_, at) => `ATTENDEE:mailto:n${at}@away.example`);
  const messageKey = await arrived(
    fromGoogle({ event: [...crowd, 'ATTENDEE:mailto:anna@work.example'] })
      .replaceAll('calendar-1', 'calendar-6')
      .replaceAll('anna@home.example', 'carl@away.example'),
  );
  const { invitation } = await app.api.call('message.get', { messageKey });
  expect(invitation?.invitees).toHaveLength(300);
  expect(invitation?.inviteeCount).toBe(403);
  expect(invitation?.asked?.mailbox).toBe('anna@work.example');
});

it('says what was answered, the last answer first, and nothing once it was taken back', async () => {
  const messageKey = await arrived(fromGoogle({ head: ['X-Number: 2'] }).replaceAll('calendar-1', 'calendar-2'));
  const given = async () => (await app.api.call('invitation.given', { messageKey })).given;
  expect(await given()).toBeNull();
  const first = await app.api.call('invitation.answer', { messageKey, answer: 'tentative' });
  expect(await given()).toMatchObject({ answer: 'tentative', isWaiting: true });
  const second = await app.api.call('invitation.answer', { messageKey, answer: 'declined' });
  expect(await given()).toMatchObject({ answer: 'declined', isWaiting: true });
  for (const { outboxId } of [second, first]) await app.api.call('outbox.cancel', { outboxId });
  expect(await given()).toBeNull();
});

/** The same message with another calendar part, and another Message-ID. */
function withCalendar(message: string, change: (calendar: string) => string): string {
  return message
    .replace(/(method=REPLY[\s\S]*?\r\n\r\n)([A-Za-z0-9+/=\r\n]+)/, (_whole, head: string, body: string) => {
      const calendar = change(Buffer.from(body, 'base64').toString());
      return `${head}${base64Lines(calendar)}\r\n`;
    })
    .replace(/^Message-ID: </m, 'Message-ID: <other-');
}

it('finds the answer that was sent, by the message in Sent', async () => {
  const messageKey = await arrived(fromGoogle({ head: ['X-Number: 3'] }).replaceAll('calendar-1', 'calendar-3'));
  const item = await app.api.call('invitation.answer', { messageKey, answer: 'accepted' });
  const { path } = await app.api.call('message.locate', { messageKey: item.messageKey });
  const bytes = await readFile(path);
  await app.api.call('outbox.cancel', { outboxId: item.outboxId });
  // As it lies there after sending; Sent is where every program that shares the folder keeps it.
  const inSent = async (name: string, sent: string | Buffer): Promise<void> => {
    await writeFile(join(app.profileDir, 'Mail', '.Sent', 'cur', `1700000000.${name}.host:2,S`), sent);
    await app.api.call('message.keys', { folder: folder.sent });
  };
  const given = async () => (await app.api.call('invitation.given', { messageKey })).given;
  // Answers to other things in the same conversation: to another meeting, to one day of a series.
  const other = (from: string, to: string): string =>
    withCalendar(bytes.toString('utf8'), (was) => was.replace(from, to));
  await inSent('other', other('4q0kv2b2rl3m', 'other'));
  await inSent('day', other('SEQUENCE:0', 'SEQUENCE:0\r\nRECURRENCE-ID:20261124T090000Z'));
  expect(await given()).toBeNull();
  await inSent('sent', bytes);
  expect(await given()).toMatchObject({ answer: 'accepted', isWaiting: false });
});

it('finds what came later about the same', async () => {
  const uid = 'later-0815@google.com';
  const one = (sequence: number, method: string, id: string): string =>
    fromGoogle({ method, head: [`X-Number: ${id}`] })
      .replace(/--m\r\nContent-Type: application[\s\S]*--m--/, '--m--')
      .replace('SEQUENCE:0', `SEQUENCE:${sequence}`)
      .replace('4q0kv2b2rl3m@google.com', uid)
      .replace('calendar-1', id);
  const later = async (messageKey: MessageKey) => (await app.api.call('invitation.given', { messageKey })).later;
  const first = await arrived(one(0, 'REQUEST', 'later-1'));
  expect(await later(first)).toBeNull();
  const second = await arrived(one(1, 'REQUEST', 'later-2'));
  expect(await later(first)).toEqual({ kind: 'update', messageKey: second, folder: folder.inbox });
  // The same once more is no change.
  await arrived(one(1, 'REQUEST', 'later-3'));
  expect(await later(second)).toBeNull();
  const last = await arrived(one(2, 'CANCEL', 'later-4'));
  for (const key of [first, second]) expect(await later(key)).toMatchObject({ kind: 'cancel', messageKey: last });
  expect(await later(last)).toBeNull();
  await app.api.call('message.move', { messageKeys: [last], folder: folder.trash });
  expect(await later(second)).toBeNull();
});

it('keeps the zone and the day of a series in the answer', async () => {
  const messageKey = await arrived(fromExchange(['RECURRENCE-ID;TZID=W. Europe Standard Time:20261124T140000']));
  const { calendar } = await partsOf(await app.api.call('invitation.answer', { messageKey, answer: 'declined' }));
  expect(calendar).toContain('RECURRENCE-ID;TZID=W. Europe Standard Time:20261124T140000');
  expect(calendar).toContain('BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time');
  expect(calendar).toContain('SEQUENCE:2');
  expect(calendar).toContain('ATTENDEE;PARTSTAT=DECLINED;CN="Berg, Anna":mailto:Anna@Home.example');
  expect(calendar).not.toContain('carl@firma.example');
});

it('writes Apple’s own address back as it was', async () => {
  const messageKey = await arrived(fromApple());
  const item = await app.api.call('invitation.answer', { messageKey, answer: 'accepted' });
  expect(item.pending).toEqual(['marie@icloud.example']);
  expect((await partsOf(item)).calendar).toContain(
    'ORGANIZER;CN=Marie;EMAIL=marie@icloud.example:/aMTA1MTk/principal/',
  );
});

it.each([
  ['none of ours is asked', fromGoogle().replaceAll('anna@home.example', 'somebody@else.example')],
  ['it asks nothing', fromGoogle({ method: 'PUBLISH' })],
  ['it is an answer itself', fromThunderbird('ACCEPTED')],
  ['it is cancelled', fromGoogle({ method: 'CANCEL' })],
  ['nobody invites', fromGoogle().replace(/^ORGANIZER.*\r\n/m, '')],
  ['we invite ourselves', fromGoogle().replaceAll('dora@away.example', 'anna@home.example')],
])('answers nothing when %s', async (_name, message) => {
  // The file beside the calendar says what it says still: without it there is one voice.
  const messageKey = await arrived(message.replace(/--m\r\nContent-Type: application[\s\S]*--m--/, '--m--'));
  expect((await app.api.call('message.get', { messageKey })).invitation?.asked).toBeUndefined();
  const before = (await app.api.call('outbox.list', {})).length;
  await expect(app.api.call('invitation.answer', { messageKey, answer: 'accepted' })).rejects.toMatchObject({
    code: 'EINVALID',
  });
  expect(await app.api.call('outbox.list', {})).toHaveLength(before);
});

it('a header in the name of whoever invites stays a name', async () => {
  const evil = fromGoogle({ head: ['X-Number: 4'] }).replaceAll(
    'CN=Dora Lindqvist',
    'CN="Dora^nBcc: evil@evil.example"',
  );
  const messageKey = await arrived(evil.replace(/--m\r\nContent-Type: application[\s\S]*--m--/, '--m--'));
  const item = await app.api.call('invitation.answer', { messageKey, answer: 'accepted' });
  expect(item.pending).toEqual(['dora@away.example']);
  const { head, calendar } = await partsOf(item);
  expect(head).not.toMatch(/^Bcc:/m);
  expect(calendar).not.toMatch(/^Bcc:/m);
});
