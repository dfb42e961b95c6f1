import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FolderPath, type MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { IdentityInput } from '#shared/mail/identity.ts';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { RuleInput } from '#shared/mail/rule.ts';
import type { Payload } from '#shared/rpc/contract.ts';
import { accountOn, identityOf, plainMail } from '../../../e2e/pages/profile.ts';
import { type Maildrop, startMaildrop } from '../../../e2e/servers/maildrop.ts';
import { createMaildrop } from '../incoming/testing/maildrops.ts';
import { createPop3Server } from '../practice/pop3-server.ts';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';
import { likeClamscan, openScripts, type Scripts } from './testing/scripts.ts';

// The whole core over its contract, a maildrop on a real socket, and scanners that are real programs.
let app: CoreOnAProfile;
let maildrop: Maildrop;
let scripts: Scripts;
let clamscan: string;

beforeEach(async () => {
  [app, maildrop, scripts] = await Promise.all([openCore(), startMaildrop(), openScripts()]);
  clamscan = await scripts.add('clamscan', likeClamscan);
  await app.core.start();
  await app.api.call('account.add', AccountInput.parse(accountOn(maildrop.port, { retention: { kind: 'delete' } })));
});
afterEach(async () => {
  await app.dispose();
  await Promise.all([maildrop.close(), scripts.dispose()]);
});

async function scanWith(patch: object): Promise<void> {
  await app.api.call('scanner.set', { patch: { isEnabled: true, command: clamscan, arguments: ['{file}'], ...patch } });
}

async function collect(): Promise<void> {
  const { jobId } = await app.api.call('collect.start', {});
  expect((await app.finished(jobId)).state).toMatchObject({ kind: 'succeeded' });
}

async function rowsIn(name: string): Promise<MessageSummary[]> {
  const path = FolderPath.parse(name);
  const isThere = (await app.api.call('folder.list', {})).some((one) => one.folder === path);
  return isThere ? (await app.api.call('message.list', { folder: path })).rows : [];
}

async function subjectsIn(name: string): Promise<string[]> {
  return (await rowsIn(name)).map(({ subject }) => subject).sort();
}

async function only(name: string): Promise<MessageSummary> {
  const [row] = await rowsIn(name);
  if (row === undefined) throw new Error(`Nothing in ${name}.`);
  return row;
}

const moveTo = (name: string, about = 'x') =>
  RuleInput.parse({
    name: 'A rule',
    conditions: [{ kind: 'text', field: 'subject', how: 'contains', value: about }],
    actions: [{ kind: 'move', folder: name }],
  });

test('clean mail goes its way, rules included; what is rejected lies in Quarantine, bytes kept, unopened', async () => {
  await scanWith({});
  await app.api.call('rule.add', moveTo('Bills', 'bill'));
  const bad = plainMail('A bill, infected', 'infected <b>words</b>\r\n');
  for (const mail of [plainMail('Hello'), plainMail('A bill'), bad]) maildrop.deliver(mail);
  await collect();
  expect([await subjectsIn('Inbox'), await subjectsIn('Bills')]).toEqual([['Hello'], ['A bill']]);
  const { messageKey } = await only('Quarantine');
  const { path } = await app.api.call('message.locate', { messageKey });
  expect((await readFile(path)).equals(bad)).toBe(true);
  const opened = await app.api.call('message.get', { messageKey });
  expect(opened).toMatchObject({
    subject: 'A bill, infected',
    text: '',
    html: null,
    attachments: [],
    scan: { state: 'rejected', isHeld: true, words: 'message: Eicar-Test-Signature FOUND', folder: 'Inbox' },
  });
  await expect(app.api.call('compose.start', { kind: 'forward', messageKey })).rejects.toThrow(
    /Release it from Quarantine/,
  );
  await expect(app.api.call('upload.fromMessage', { messageKey })).rejects.toThrow(/Release it/);
  await expect(app.api.call('rule.run', { folder: folder.quarantine })).rejects.toThrow(/Quarantine/);
  expect((await app.api.call('app.info', {})).notices).toMatchObject([{ id: 'quarantine', action: 'open-quarantine' }]);
  const { messageKey: clean } = await only('Inbox');
  expect((await app.api.call('message.get', { messageKey: clean })).scan).toBeUndefined();
  expect(await app.api.call('quarantine.list', {})).toMatchObject([{ messageKey, state: 'rejected', folder: 'Inbox' }]);
});

test.each(['fetched', 'left beside it'])(
  'the whole of a beginning that lies in Quarantine unmarked, %s, is judged, and goes where its account files',
  async (how) => {
    await scanWith({});
    const [first] = await app.api.call('account.list', {});
    if (first === undefined) throw new Error('There is no account.');
    await app.api.call('account.remove', { id: first.id });
    const bytes = plainMail('A long letter', 'Many words.\r\n'.repeat(3000));
    const server = await createPop3Server({
      maildrop: createMaildrop([{ uniqueId: 'long', bytes }]),
      user: 'anna',
      password: 'secret',
    });
    const account = accountOn(server.port, { user: 'anna', secret: 'secret', maxOctets: 10_000, folder: 'Work' });
    await app.api.call('account.add', AccountInput.parse(account));
    await collect();
    // As a kill leaves it between its name and the ledger.
    const { messageKey } = await only('Work');
    const { path } = await app.api.call('message.locate', { messageKey });
    const inQuarantine = (name: string): string => join(app.profileDir, 'Mail/.Quarantine/new', name);
    await rename(path, inQuarantine(basename(path)));
    expect(await subjectsIn('Quarantine')).toEqual(['A long letter']);
    if (how === 'fetched') {
      const { jobId } = await app.api.call('message.fetchWhole', { messageKey });
      expect((await app.finished(jobId)).state).toMatchObject({ kind: 'succeeded' });
    } else {
      const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
      await writeFile(inQuarantine(`${messageKey.slice(0, 32)}-${digest}`), bytes);
      app = await app.reopen();
      await collect();
    }
    await expect.poll(() => subjectsIn('Work')).toEqual(['A long letter']);
    expect(await rowsIn('Quarantine')).toEqual([]);
    await server.close();
  },
);

test('released it is in the Inbox, says so, and no rule has seen it; deleted it is gone', async () => {
  await scanWith({});
  await app.api.call('rule.add', moveTo('Bills', 'infected'));
  maildrop.deliver(plainMail('infected one'));
  maildrop.deliver(plainMail('infected two'));
  await collect();
  const [first, second] = await rowsIn('Quarantine');
  if (first === undefined || second === undefined) throw new Error('Two were rejected.');
  expect(await app.api.call('quarantine.release', { messageKeys: [first.messageKey] })).toEqual({
    released: [{ messageKey: first.messageKey, folder: 'Inbox' }],
  });
  expect(await subjectsIn('Inbox')).toEqual([first.subject]);
  const opened = await app.api.call('message.get', { messageKey: first.messageKey });
  expect(opened).toMatchObject({
    text: 'A few words.\n',
    scan: { state: 'rejected', isHeld: false, releasedBy: 'user' },
  });
  await expect(app.api.call('quarantine.delete', { messageKeys: [first.messageKey] })).rejects.toThrow(
    /not in Quarantine/,
  );
  await app.api.call('quarantine.delete', { messageKeys: [second.messageKey] });
  expect(await rowsIn('Quarantine')).toEqual([]);
  expect(await app.api.call('message.summary', { messageKey: second.messageKey })).toBeNull();
  expect((await app.api.call('app.info', {})).notices).toEqual([]);
  await collect();
  expect(await subjectsIn('Inbox')).toEqual([first.subject]);
});

test('nothing is moved into Quarantine or out of it by hand', async () => {
  await scanWith({});
  maildrop.deliver(plainMail('infected'));
  maildrop.deliver(plainMail('One'));
  await collect();
  const held = await only('Quarantine');
  const clean = await only('Inbox');
  const move = (messageKeys: MessageKey[], to: FolderPath) => app.api.call('message.move', { messageKeys, folder: to });
  await expect(move([clean.messageKey, held.messageKey], folder.archive)).rejects.toThrow('release it or delete it');
  await expect(move([clean.messageKey], folder.quarantine)).rejects.toThrow('Only the virus scanner');
  expect([await subjectsIn('Inbox'), await subjectsIn('Quarantine')]).toEqual([['One'], ['infected']]);
  await move([clean.messageKey], folder.archive);
  expect(await subjectsIn('Archive')).toEqual(['One']);
});

test('what another program carries out of Quarantine stays held until it is released', async () => {
  await scanWith({});
  maildrop.deliver(plainMail('infected'));
  await collect();
  const { messageKey } = await only('Quarantine');
  const { path } = await app.api.call('message.locate', { messageKey });
  await rename(path, join(app.profileDir, 'Mail', '.Archive', 'cur', basename(path)));
  await vi.waitFor(async () => expect(await subjectsIn('Archive')).toEqual(['infected']), { timeout: 20_000 });
  expect(await app.api.call('message.get', { messageKey })).toMatchObject({ text: '', scan: { isHeld: true } });
  expect(await app.api.call('quarantine.list', {})).toHaveLength(1);
  await app.api.call('quarantine.release', { messageKeys: [messageKey] });
  expect(await subjectsIn('Archive')).toEqual(['infected']);
  expect(await app.api.call('message.get', { messageKey })).toMatchObject({ text: 'A few words.\n' });
});

test.each([
  ['is missing', { command: 'no-such-scanner' }, /no program/],
  ['finds its database missing', { arguments: ['-'] }, /code 2/],
])('a scanner that %s: mail waits in Quarantine, says why, and comes when it works again', async (_, patch, why) => {
  await scanWith(patch);
  maildrop.deliver(plainMail('One', 'TROUBLE\r\n'));
  await collect();
  expect(await subjectsIn('Inbox')).toEqual([]);
  const { messageKey } = await only('Quarantine');
  const { scan } = await app.api.call('message.get', { messageKey });
  expect(scan).toMatchObject({ state: 'not-judged', isHeld: true, words: expect.stringMatching(why) });
  await scanWith({ command: await scripts.add('mended', 'exit 0') });
  await vi.waitFor(async () => expect(await subjectsIn('Inbox')).toEqual(['One']), { timeout: 10_000 });
  expect((await app.api.call('scanner.status', {})).problem).toBeNull();
});

test('a command that is missing is not tried for each of a hundred messages, and the problem is told once', async () => {
  const tried = join(scripts.folder, 'tried');
  await scanWith({ command: await scripts.add('broken', `echo x >> '${tried}'; exit 2`), arguments: [], atOnce: 1 });
  for (let index = 0; index < 100; index += 1) maildrop.deliver(plainMail(`Number ${index}`));
  await collect();
  expect(await rowsIn('Quarantine')).toHaveLength(100);
  expect((await readFile(tried, 'utf8')).length).toBe(6);
  expect((await app.api.call('app.info', {})).notices).toMatchObject([
    { id: 'scanner', text: expect.stringMatching(/100 messages wait in Quarantine/) },
  ]);
  expect(await app.api.call('scanner.status', {})).toMatchObject({ notJudged: 100, rejected: 0, waiting: 0 });
  maildrop.deliver(plainMail('A little later'));
  await collect();
  expect(await app.api.call('scanner.status', {})).toMatchObject({ notJudged: 101, rejected: 0, waiting: 0 });
  expect((await readFile(tried, 'utf8')).length).toBe(6);
});

test('as the user may set it, what could not be judged is filed and marked', async () => {
  await scanWith({ command: 'no-such-scanner', whenNotJudged: 'file' });
  await app.api.call('rule.add', moveTo('Bills', 'bill'));
  for (const subject of ['A bill', 'Plain']) maildrop.deliver(plainMail(subject));
  await collect();
  expect([await subjectsIn('Inbox'), await subjectsIn('Bills')]).toEqual([['Plain'], ['A bill']]);
  const { messageKey } = await only('Inbox');
  expect(await app.api.call('message.get', { messageKey })).toMatchObject({
    text: 'A few words.\n',
    scan: { state: 'not-judged', isHeld: false, releasedBy: 'settings', words: expect.stringMatching(/no program/) },
  });
});

test('switched off, it lets what waits go', async () => {
  await scanWith({ command: 'no-such-scanner' });
  maildrop.deliver(plainMail('One'));
  await collect();
  expect(await subjectsIn('Quarantine')).toEqual(['One']);
  await app.api.call('scanner.set', { patch: { isEnabled: false } });
  await vi.waitFor(async () => expect(await subjectsIn('Inbox')).toEqual(['One']), { timeout: 10_000 });
});

test('the collection is held up by no scanner; what a closing app leaves is judged at the next start', async () => {
  const gate = join(scripts.folder, 'gate');
  await scanWith({
    command: await scripts.add('slow', `while [ ! -e '${gate}' ]; do sleep 0.05; done`),
    arguments: [],
  });
  for (let index = 0; index < 30; index += 1) maildrop.deliver(plainMail(`Number ${index}`));
  const { jobId } = await app.api.call('collect.start', {});
  // All of it is on the disk while the first is still being judged.
  await vi.waitFor(async () => expect(await rowsIn('Quarantine')).toHaveLength(30), { timeout: 10_000 });
  const phases: string[] = [];
  for (const { state } of await app.api.call('job.list', {})) if (state.kind === 'running') phases.push(state.phase);
  expect(phases).toHaveLength(1);
  const waiting = (await rowsIn('Quarantine'))[0];
  if (waiting === undefined) throw new Error('Nothing waits.');
  const { scan } = await app.api.call('message.get', { messageKey: waiting.messageKey });
  expect(scan).toMatchObject({ state: 'waiting', isHeld: true });
  await app.api.call('job.cancel', { jobId });
  app = await app.reopen();
  expect(await rowsIn('Quarantine')).toHaveLength(30);
  await scripts.add('gate', '');
  await app.core.start();
  await vi.waitFor(async () => expect(await rowsIn('Inbox')).toHaveLength(30), { timeout: 20_000 });
  await expect.poll(() => app.api.call('quarantine.list', {})).toEqual([]);
});

test('many are judged at once, no more than the user set, and the screens are told of each once at most', async () => {
  const log = join(scripts.folder, 'log');
  await scanWith({
    command: await scripts.add('count', `echo + >> '${log}'; sleep 0.05; echo - >> '${log}'`),
    arguments: [],
    atOnce: 4,
  });
  for (let index = 0; index < 60; index += 1) maildrop.deliver(plainMail(`Number ${index}`));
  const changes: Payload<'store.changed'>[] = [];
  app.api.on('store.changed', (change) => changes.push(change));
  await collect();
  expect(await rowsIn('Inbox')).toHaveLength(60);
  let running = 0;
  let most = 0;
  for (const mark of (await readFile(log, 'utf8')).trim().split('\n')) {
    running += mark === '+' ? 1 : -1;
    most = Math.max(most, running);
  }
  expect(most).toBe(4);
  // A few for what came, and one a verdict where each is written before the next is there; two each would be 120.
  expect(changes.length).toBeLessThan(90);
});

test('a trial runs the command as it stands on a clean message and on the EICAR file', async () => {
  const scanner = (await app.api.call('scanner.status', {})).settings;
  const tried = await app.api.call('scanner.try', { scanner: { ...scanner, command: clamscan, arguments: ['-'] } });
  expect(tried).toMatchObject({
    clean: { verdict: 'clean', exitCode: 0, words: 'stdin: OK' },
    infected: { verdict: 'rejected', exitCode: 1, words: 'stdin: Eicar-Test-Signature FOUND' },
  });
  await expect(app.api.call('scanner.try', { scanner: { ...scanner, command: '' } })).rejects.toThrow(
    /Name the command/,
  );
  await expect(app.api.call('scanner.set', { patch: { isEnabled: true, command: './x' } })).rejects.toThrow(
    /full path/,
  );
  await expect(
    app.api.call('scanner.set', { patch: { isEnabled: true, command: 'x', cleanCodes: [1] } }),
  ).rejects.toThrow(/cannot mean both/);
  expect((await app.api.call('scanner.status', {})).settings.isEnabled).toBe(false);
});

test('judged again by hand, with another scanner', async () => {
  await scanWith({});
  maildrop.deliver(plainMail('infected'));
  await collect();
  const { messageKey } = await only('Quarantine');
  await scanWith({ command: await scripts.add('kind', 'exit 0') });
  await app.api.call('quarantine.check', { messageKeys: [messageKey] });
  await vi.waitFor(async () => expect(await subjectsIn('Inbox')).toEqual(['infected']), { timeout: 10_000 });
});

test('an automatic answer is not sent to what is held', async () => {
  const { id } = await app.api.call('identity.add', IdentityInput.parse(identityOf('anna@home.test')));
  await app.api.call('autoReply.set', {
    identityId: id,
    isEnabled: true,
    subject: 'Away',
    text: 'Away.',
    everyDays: 7,
  });
  await scanWith({});
  maildrop.deliver(plainMail('infected'));
  await collect();
  expect(await app.api.call('outbox.list', {})).toEqual([]);
});
