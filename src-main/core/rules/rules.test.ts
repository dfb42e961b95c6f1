import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AccountId, FolderPath, MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { IdentityInput } from '#shared/mail/identity.ts';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import { RuleInput, type RulesReport } from '#shared/mail/rule.ts';
import { accountOn, identityOf, plainMail, serverOn } from '../../../e2e/pages/profile.ts';
import { type Maildrop, startMaildrop } from '../../../e2e/servers/maildrop.ts';
import { type Sink, startSink } from '../../../e2e/servers/sink.ts';
import { openStore } from '../store/open-store.ts';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';
import { testResources } from '../testing/workers.ts';

// The whole core over its contract, a maildrop and an outgoing server on real sockets.
let app: CoreOnAProfile;
let maildrop: Maildrop;
let sink: Sink;

beforeEach(async () => {
  [app, maildrop, sink] = await Promise.all([openCore(), startMaildrop(), startSink()]);
  await app.core.start();
  await app.api.call('account.add', AccountInput.parse(accountOn(maildrop.port)));
  await app.api.call('server.add', ServerInput.parse(serverOn('Sink', sink.port)));
});
afterEach(async () => {
  await app.dispose();
  await Promise.all([maildrop.close(), sink.stop()]);
});

async function addRule(input: object): Promise<void> {
  await app.api.call('rule.add', RuleInput.parse({ name: 'A rule', ...input }));
}

async function addIdentity(): Promise<string> {
  return (await app.api.call('identity.add', IdentityInput.parse(identityOf('anna@home.test')))).id;
}

async function collect(): Promise<void> {
  const { jobId } = await app.api.call('collect.start', {});
  expect((await app.finished(jobId)).state).toMatchObject({ kind: 'succeeded' });
}

async function subjectsIn(name: string): Promise<string[]> {
  return (await rowsIn(name)).map(({ subject }) => subject).sort();
}

async function rowsIn(name: string): Promise<MessageSummary[]> {
  return (await app.api.call('message.list', { folder: FolderPath.parse(name) })).rows;
}

async function run(params: object): Promise<RulesReport> {
  const { jobId } = await app.api.call('rule.run', { folder: folder.inbox, ...params });
  const { state } = await app.finished(jobId);
  if (state.kind !== 'succeeded' || state.summary.kind !== 'rules') throw new Error(JSON.stringify(state));
  return state.summary;
}

const about = (value: string) => [{ kind: 'text', field: 'subject', how: 'contains', value }];

test('what comes in goes where the rules say, before the collection is told to be over', async () => {
  await addRule({ conditions: about('bill'), actions: [{ kind: 'move', folder: 'Bills/2026' }, { kind: 'flag' }] });
  await addRule({ conditions: about('news'), actions: [{ kind: 'tag', tag: 'news' }, { kind: 'mark-read' }] });
  await addRule({ conditions: about('both'), actions: [{ kind: 'copy', folder: 'Copies' }] });
  for (const subject of ['A bill', 'Some news', 'Both of us', 'Plain']) maildrop.deliver(plainMail(subject));
  const told: MessageSummary[] = [];
  app.api.on('mail.arrived', ({ messages }) => told.push(...messages));
  await collect();
  expect(await subjectsIn('Inbox')).toEqual(['Both of us', 'Plain', 'Some news']);
  expect(await rowsIn('Bills/2026')).toMatchObject([{ subject: 'A bill', flags: ['flagged'] }]);
  expect((await rowsIn('Inbox')).find(({ subject }) => subject === 'Some news')).toMatchObject({
    tags: ['news'],
    flags: ['seen'],
  });
  expect(await subjectsIn('Copies')).toEqual(['Both of us']);
  expect(told.find(({ subject }) => subject === 'A bill')?.folder).toBe('Bills/2026');
});

test('a dry run tells and does nothing; the run does it; what was moved back by hand stays', async () => {
  for (const subject of ['A bill', 'Plain']) maildrop.deliver(plainMail(subject));
  await collect();
  const draft = RuleInput.parse({
    name: 'Bills',
    conditions: about('bill'),
    actions: [{ kind: 'move', folder: 'Bills' }],
  });
  const dry = await run({ draft, isDryRun: true });
  expect(dry).toMatchObject({ isDryRun: true, examined: 2, matched: 1, rows: [{ subject: 'A bill' }], problems: [] });
  expect(await subjectsIn('Inbox')).toEqual(['A bill', 'Plain']);
  await addRule(draft);
  expect(await run({})).toMatchObject({ isDryRun: false, examined: 2, matched: 1 });
  expect(await subjectsIn('Inbox')).toEqual(['Plain']);
  const [moved] = await rowsIn('Bills');
  if (moved === undefined) throw new Error('not moved');
  await app.api.call('message.move', { messageKeys: [moved.messageKey], folder: folder.inbox });
  app = await app.reopen();
  await app.core.start();
  await collect();
  expect(await subjectsIn('Inbox')).toEqual(['A bill', 'Plain']);
});

test('forwarding and redirecting go out once, marked, and never in a circle', async () => {
  const identityId = await addIdentity();
  const to = 'bob@away.test';
  await addRule({
    conditions: about('on'),
    actions: [
      { kind: 'redirect', to, identityId },
      { kind: 'forward', to, identityId },
    ],
  });
  maildrop.deliver(plainMail('Pass it on'));
  maildrop.deliver(Buffer.concat([Buffer.from('X-Loop: anna@home.test\r\n'), plainMail('On and on')]));
  await collect();
  await vi.waitFor(() => expect(sink.taken).toHaveLength(2), { timeout: 10_000 });
  expect(sink.taken.map(({ to: recipients }) => recipients)).toEqual([[to], [to]]);
  const words = sink.taken.map(({ bytes }) => bytes.toString());
  const redirected = words.find((text) => text.includes('Resent-To: <bob@away.test>'));
  expect(redirected).toContain('From: Friend <friend@away.test>');
  expect(words.find((text) => text.includes('Auto-Submitted: auto-forwarded'))).toContain('Subject: Fwd: Pass it on');
  expect(words.every((text) => text.includes('X-Loop: anna@home.test'))).toBe(true);
  expect(await subjectsIn('Inbox')).toEqual(['On and on', 'Pass it on']);
});

test('a rule nobody can use is refused in words', async () => {
  const bad = { name: 'x', actions: [{ kind: 'flag' as const }] };
  const pattern = { kind: 'text' as const, field: 'subject' as const, how: 'pattern' as const, value: '([' };
  await expect(app.api.call('rule.add', { ...bad, conditions: [pattern] })).rejects.toThrow(/regular expression/);
  const nameless = { ...pattern, field: 'header' as const, how: 'contains' as const };
  await expect(app.api.call('rule.add', { ...bad, conditions: [nameless] })).rejects.toThrow(/Name the header field/);
  expect(await app.api.call('rule.list', {})).toEqual([]);
});

test('killed between filing and the rules, the mail is there and is taken up once at the next start', async () => {
  await addRule({
    conditions: about('bill'),
    actions: [
      { kind: 'move', folder: 'Bills' },
      { kind: 'tag', tag: 'x' },
    ],
  });
  const { profileDir } = app;
  await app.core.close();
  // What a crash leaves: the message filed, its commit made, the rules not asked.
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const workerUrl = testResources.worker('store-worker');
  const store = await openStore({ profileDir, mailFolder: join(profileDir, 'Mail'), workerUrl, log: quiet });
  const key = (index: number) => MessageKey.parse(`${String(index).padStart(32, '0')}-0123456789abcdef`);
  const entry = { octets: 1, listedOctets: 1, sha256: '', collectedAt: 1, isConfirmed: false };
  await store.file(
    ['A bill', 'Plain', 'Another bill', 'A bill moved by hand'].map((subject, index) => ({
      folder: folder.inbox,
      messageKey: key(index),
      bytes: new Uint8Array(plainMail(subject)),
      flags: [],
      isArrival: true,
      collected: { accountId: AccountId.parse('a'), entry: { ...entry, uniqueId: `u${index}` } },
    })),
  );
  await store.move([key(3)], folder.archive);
  expect(await store.arrivals(10)).toHaveLength(4);
  await store.close();
  app = await app.reopen();
  expect(await subjectsIn('Inbox')).toEqual(['A bill', 'Another bill', 'Plain']);
  await app.core.start();
  await vi.waitFor(async () => expect(await subjectsIn('Inbox')).toEqual(['Plain']), { timeout: 10_000 });
  expect(await subjectsIn('Bills')).toEqual(['A bill', 'Another bill']);
  expect(await subjectsIn('Archive')).toEqual(['A bill moved by hand']);
  const [bill] = await rowsIn('Bills');
  if (bill === undefined) throw new Error('not moved');
  await app.api.call('message.move', { messageKeys: [bill.messageKey], folder: folder.inbox });
  await app.api.call('message.setTags', { messageKeys: [bill.messageKey], remove: ['x'] });
  app = await app.reopen();
  await app.core.start();
  await collect();
  expect(await subjectsIn('Bills')).toHaveLength(1);
});

test('what a rule could not do is told where the rule stands and on the message, until it can or is forgotten', async () => {
  const identityId = await addIdentity();
  await addRule({
    conditions: about('on'),
    actions: [{ kind: 'flag' }, { kind: 'forward', to: 'bob@away.test', identityId }],
  });
  maildrop.deliver(Buffer.concat([Buffer.from('X-Loop: anna@home.test\r\n'), plainMail('On and on')]));
  maildrop.deliver(plainMail('Plain'));
  await collect();
  const rows = await rowsIn('Inbox');
  const messageKey = rows.find(({ subject }) => subject === 'On and on')?.messageKey;
  const plain = rows.find(({ subject }) => subject === 'Plain')?.messageKey;
  if (messageKey === undefined || plain === undefined) throw new Error('Not collected.');
  const [rule] = await app.api.call('rule.list', {});
  const text = '“A rule”: It was not sent on. It was sent on from here before.';
  expect(await app.api.call('rule.problems', {})).toMatchObject([
    { ruleId: rule?.id, messageKey, text, subject: 'On and on' },
  ]);
  expect((await app.api.call('message.get', { messageKey })).ruleProblems).toEqual([text]);
  expect((await app.api.call('message.get', { messageKey: plain })).ruleProblems).toBeUndefined();
  app = await app.reopen();
  expect((await app.api.call('message.get', { messageKey })).ruleProblems).toEqual([text]);
  await app.api.call('rule.forgetProblems', {});
  expect(await app.api.call('rule.problems', {})).toEqual([]);
});
