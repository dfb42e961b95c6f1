import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AccountId, FolderPath, type MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { RuleInput } from '#shared/mail/rule.ts';
import { beginningKeyOf, messageKeyOf } from '../incoming/message-identity.ts';
import { sha256 } from '../incoming/testing/maildrops.ts';
import { type CoreOnAProfile, openCore } from '../testing/core-on-a-profile.ts';

// Messages that lie here by their beginning only, as files that a collection, a backup or another program left.
let app: CoreOnAProfile;
beforeEach(async () => {
  app = await openCore();
});
afterEach(() => app.dispose());

interface Film {
  readonly whole: Uint8Array;
  readonly wholeKey: MessageKey;
  readonly key: MessageKey;
}

const inNew = (name: string): string => join(app.profileDir, 'Mail', 'new', name);

/** A large message under this unique-id; its beginning is put where new mail lies. */
async function layBeginning(uniqueId: string, end = 'The end.\r\n'): Promise<Film> {
  const header = `From: b@b.example\r\nTo: a@a.example\r\nSubject: Film ${uniqueId}\r\n\r\n`;
  const first = `${header}Here is the film.\r\n`;
  const whole = new Uint8Array(Buffer.from(`${first}${'x'.repeat(70)}\r\n${end}`));
  const account = AccountId.parse('test-account');
  const bytes = Buffer.from(first);
  const key = beginningKeyOf(account, uniqueId, sha256(bytes), whole.length);
  await writeFile(inNew(key), bytes);
  return { whole, wholeKey: messageKeyOf(account, uniqueId, sha256(whole)), key };
}

async function keysHere(): Promise<MessageKey[]> {
  return (await app.api.call('message.list', { folder: folder.inbox })).rows.map(({ messageKey }) => messageKey).sort();
}

async function keysFound(query: string): Promise<MessageKey[]> {
  return (await app.api.call('message.search', { query })).rows.map(({ messageKey }) => messageKey).sort();
}

test('at the start a beginning beside its whole message is put away, and one beside another message stays', async () => {
  const [one, two] = [await layBeginning('one'), await layBeginning('two')];
  await writeFile(inNew(one.wholeKey), one.whole);
  // The same unique-id, and yet another message: the server used it again.
  const other = new Uint8Array(Buffer.from('Subject: Another\r\n\r\nHello\r\n'));
  const otherKey = messageKeyOf(AccountId.parse('test-account'), 'two', sha256(other));
  await writeFile(inNew(otherKey), other);
  expect(await keysHere()).toEqual([one.key, one.wholeKey, two.key, otherKey].sort());
  await app.core.start();
  await vi.waitFor(async () => expect(await keysFound('is:partial')).toEqual([two.key]));
  expect(await keysHere()).toEqual([one.wholeKey, two.key, otherKey].sort());
  expect((await readdir(join(app.profileDir, 'Mail', 'new'))).sort()).toEqual([one.wholeKey, two.key, otherKey].sort());
});

test('is:partial finds what is here by its beginning, and -is:partial the rest', async () => {
  const { key } = await layBeginning('one');
  const { whole, wholeKey } = await layBeginning('two');
  await writeFile(inNew(wholeKey), whole);
  const partial = await keysFound('is:partial');
  expect(partial).toHaveLength(2);
  expect(partial).toContain(key);
  expect(await keysFound('-is:partial')).toEqual([wholeKey]);
  expect(await keysFound('is:partial subject:one')).toEqual([key]);
});

test('an export names the beginnings among its messages', async () => {
  const { key } = await layBeginning('one');
  const { whole, wholeKey } = await layBeginning('two');
  await writeFile(inNew(wholeKey), whole);
  for (const format of ['mbox', 'zip'] as const) {
    const out = join(app.profileDir, `out-${format}`);
    const { jobId } = await app.api.call('export.start', { folders: [folder.inbox], format, out });
    const { state } = await app.finished(jobId);
    expect(state).toMatchObject({ kind: 'succeeded', summary: { kind: 'export', exported: 3 } });
    const named = state.kind === 'succeeded' && state.summary.kind === 'export' ? state.summary.beginnings : [];
    expect(named).toHaveLength(2);
    expect(named).toContain(key);
    expect(named).not.toContain(wholeKey);
  }
});

test('a rule that would pass on a beginning does not, says so on the message and beside the rule, and the rest is done', async () => {
  const { key } = await layBeginning('one');
  const rule = {
    name: 'Films',
    conditions: [{ kind: 'text', field: 'subject', how: 'contains', value: 'film' }],
    actions: [{ kind: 'copy', folder: 'Copies' }, { kind: 'flag' }],
  };
  const { id } = await app.api.call('rule.add', RuleInput.parse(rule));
  const { jobId } = await app.api.call('rule.run', { folder: folder.inbox });
  await app.finished(jobId);
  const text = '“Films”: It was not copied to Copies. Only the beginning of this large message is here.';
  expect((await app.api.call('message.get', { messageKey: key })).ruleProblems).toEqual([text]);
  expect(await app.api.call('rule.problems', {})).toMatchObject([
    { ruleId: id, messageKey: key, subject: 'Film one', text },
  ]);
  expect((await app.api.call('message.summary', { messageKey: key }))?.flags).toEqual(['flagged']);
  const folders = (await app.api.call('folder.list', {})).map((one) => one.folder);
  expect(folders).not.toContain(FolderPath.parse('Copies'));
  await app.api.call('rule.forgetProblems', { ruleId: id });
  expect((await app.api.call('message.get', { messageKey: key })).ruleProblems).toBeUndefined();
});

test('a beginning is not copied as if it were the message', async () => {
  const { key } = await layBeginning('one');
  const copied = app.api.call('message.copy', { messageKeys: [key], folder: folder.archive });
  await expect(copied).rejects.toThrow('Only the beginning of this message is here');
});

test('the whole of what is here whole, or not at all, is not asked for', async () => {
  const { whole, wholeKey } = await layBeginning('one');
  await writeFile(inNew(wholeKey), whole);
  await vi.waitFor(async () => expect(await keysHere()).toContain(wholeKey));
  const whyNot = async (messageKey: MessageKey) => {
    const { jobId } = await app.api.call('message.fetchWhole', { messageKey });
    return (await app.finished(jobId)).state;
  };
  expect(await whyNot(wholeKey)).toMatchObject({ kind: 'failed', error: { code: 'EINVALID' } });
  const gone = messageKeyOf(AccountId.parse('test-account'), 'gone', sha256(whole));
  expect(await whyNot(gone)).toMatchObject({ kind: 'failed', error: { code: 'ENOTFOUND' } });
});
