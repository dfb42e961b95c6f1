import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import { accountOn } from '../../../../e2e/pages/profile.ts';
import { type Maildrop, startMaildrop } from '../../../../e2e/servers/maildrop.ts';
import { type CoreOnAProfile, openCore } from '../../testing/core-on-a-profile.ts';

// The whole core: messages are moved to Junk and kept, and what comes next is judged by what was learnt.
let app: CoreOnAProfile;
let maildrop: Maildrop;
let sent = 0;

beforeEach(async () => {
  [app, maildrop] = await Promise.all([openCore(), startMaildrop()]);
  await app.core.start();
  await app.api.call('account.add', AccountInput.parse(accountOn(maildrop.port)));
});
afterEach(async () => {
  await app.dispose();
  await maildrop.close();
});

function mail(from: string, subject: string, text: string): Buffer {
  sent += 1;
  return Buffer.from(`From: ${from}\r\nTo: anna@home.test\r\nSubject: ${subject}\r\n\r\n${text} no. ${sent}\r\n`);
}
const pills = () => mail(`Shop <a${sent}@pills.test>`, 'Cheap pills', 'Buy cheap pills now at https://pills.test/buy');
const letter = () => mail('Bob <bob@work.test>', 'Minutes of the meeting', 'The committee will meet on Tuesday');

async function collect(): Promise<void> {
  const { jobId } = await app.api.call('collect.start', {});
  expect((await app.finished(jobId)).state).toMatchObject({ kind: 'succeeded' });
}

async function keysIn(path: typeof folder.inbox, about = ''): Promise<string[]> {
  const { rows } = await app.api.call('message.list', { folder: path, limit: 1000 });
  return rows.filter(({ subject }) => subject.includes(about)).map(({ messageKey }) => messageKey);
}

async function inbox(about: string) {
  const { rows } = await app.api.call('message.list', { folder: folder.inbox, limit: 1000 });
  return rows.filter(({ subject }) => subject.includes(about)).map(({ messageKey }) => messageKey);
}

async function teach(): Promise<void> {
  for (let n = 0; n < 20; n += 1) {
    maildrop.deliver(pills());
    maildrop.deliver(letter());
  }
  await collect();
  await app.api.call('message.move', { messageKeys: await inbox('pills'), folder: folder.junk });
  await app.api.call('message.move', { messageKeys: await inbox('Minutes'), folder: folder.archive });
  await vi.waitFor(async () => expect(await app.api.call('junk.status', {})).toMatchObject({ junk: 20, good: 20 }), {
    timeout: 10_000,
  });
}

test('it learns by moving, judges when it has learnt enough, explains itself, and never deletes', async () => {
  expect(await app.api.call('junk.status', {})).toMatchObject({ isReady: false, junk: 0, good: 0 });
  await teach();
  expect(await app.api.call('junk.status', {})).toMatchObject({ isReady: true });
  maildrop.deliver(pills());
  maildrop.deliver(letter());
  await collect();
  expect(await keysIn(folder.junk)).toHaveLength(21);
  const [good] = await inbox('Minutes');
  expect(await inbox('')).toHaveLength(1);
  const { rows } = await app.api.call('message.list', { folder: folder.junk });
  const [newest] = rows;
  if (newest === undefined || good === undefined) throw new Error('nothing there');
  const verdict = await app.api.call('junk.explain', { messageKey: newest.messageKey });
  expect(verdict).toMatchObject({ isJunk: true });
  expect(verdict.words.map(({ word }) => word)).toContain('subject:pills');
  expect(await app.api.call('junk.explain', { messageKey: good })).toMatchObject({ isJunk: false });
});

test('what was called otherwise is learnt anew; all of it can be forgotten; a restart forgets nothing', async () => {
  await teach();
  const { rows } = await app.api.call('message.list', { folder: folder.junk });
  const keys = rows.slice(0, 2).map(({ messageKey }) => messageKey);
  await app.api.call('junk.mark', { messageKeys: keys, isJunk: false });
  expect(await app.api.call('junk.status', {})).toMatchObject({ junk: 18, good: 22 });
  await app.api.call('junk.mark', { messageKeys: keys, isJunk: false });
  expect(await app.api.call('junk.status', {})).toMatchObject({ junk: 18, good: 22 });
  app = await app.reopen();
  expect(await app.api.call('junk.status', {})).toMatchObject({ junk: 18, good: 22, isReady: true });
  await app.api.call('junk.forget', {});
  expect(await app.api.call('junk.status', {})).toMatchObject({ junk: 0, good: 0, isReady: false });
});

test('who is in the address book is never junk; switched off it moves nothing', async () => {
  await teach();
  await app.api.call('contact.put', { displayName: 'Friend', mailbox: 'friend@pills.test', note: '' });
  maildrop.deliver(mail('Friend <Friend@pills.test>', 'Cheap pills', 'Buy cheap pills now at https://pills.test/buy'));
  await collect();
  const [friendly] = await app.api.call('message.list', { folder: folder.inbox }).then(({ rows }) => rows);
  if (friendly === undefined) throw new Error('it was moved');
  expect(await app.api.call('junk.explain', { messageKey: friendly.messageKey })).toMatchObject({
    isJunk: false,
    knownAs: 'friend@pills.test',
  });
  await app.api.call('junk.set', { patch: { isEnabled: false } });
  maildrop.deliver(pills());
  await collect();
  expect(await inbox('pills')).toHaveLength(2);
});
