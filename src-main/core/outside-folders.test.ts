import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderPath } from '#shared/ids.ts';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import { RuleInput } from '#shared/mail/rule.ts';
import { type CoreOnAProfile, openCore } from './testing/core-on-a-profile.ts';

let app: CoreOnAProfile;
beforeEach(async () => {
  app = await openCore();
});
afterEach(() => app.dispose());

const path = (text: string) => FolderPath.parse(text);
const directory = (name: string): string => join(app.profileDir, 'Mail', name);

/** A folder with so many messages, and a rule of the same name that moves mail there. */
async function furnish(folder: string, messages = 2): Promise<void> {
  const { api, profileDir } = app;
  await api.call('folder.create', { folder: path(folder) });
  const conditions = [{ kind: 'text', field: 'from', how: 'contains', value: 'zzz' }];
  const actions = [{ kind: 'move', folder }];
  await api.call('rule.add', RuleInput.parse({ name: folder, conditions, actions }));
  if (messages === 0) return;
  const from = join(profileDir, `from-${folder.replaceAll('/', '-')}`);
  await mkdir(from);
  for (let at = 0; at < messages; at++)
    await writeFile(join(from, `${at}.eml`), `Subject: ${at}\r\nFrom: a@b.test\r\n\r\n${folder} ${at}\r\n`);
  await app.finished((await api.call('import.start', { path: from, folder: path(folder) })).jobId);
}

async function rules(): Promise<string[]> {
  const settings = await app.api.call('settings.get', {});
  return settings.rules.map(({ name, actions }) =>
    [name, ...actions.map((action) => (action.kind === 'move' ? action.folder : action.kind))].join(' -> '),
  );
}

async function notices(): Promise<{ id: string; text: string }[]> {
  return (await app.api.call('app.info', {})).notices.map(({ id, text }) => ({ id, text }));
}

/** Between the close and the next start. */
async function whileClosed(meddle: () => void): Promise<void> {
  await app.core.close();
  meddle();
  app = await app.reopen();
}

it('a folder renamed while nothing ran is followed, changed as it was meanwhile, and the person is told', async () => {
  await furnish('Bills');
  await furnish('Empty', 0);
  await app.api.call('account.add', account('Bills/2024', 'Bills'));
  await whileClosed(() => {
    const [first = ''] = readdirSync(join(directory('.Bills'), 'new'));
    rmSync(join(directory('.Bills'), 'new', first));
    renameSync(directory('.Bills'), directory('.Paid.Bills'));
    renameSync(directory('.Empty'), directory('.Void'));
  });
  expect(await rules()).toEqual(['Bills -> Paid/Bills', 'Empty -> Void']);
  const { accounts } = await app.api.call('settings.get', {});
  expect(accounts[0]).toMatchObject({
    folder: 'Paid/Bills/2024',
    multidrop: { routes: [{ folder: 'Paid/Bills' }] },
  });
  const told = await notices();
  expect(told.map(({ id }) => id)).toEqual(['folder-renamed:Bills', 'folder-renamed:Empty']);
  expect(told[0]?.text).toContain('“Bills” to “Paid/Bills”');
  expect(told[0]?.text).toContain('the account “Home”, the rule “Bills”');
  app = await app.reopen();
  expect(await notices()).toEqual([]);
});

it('one that nothing names is renamed with no word', async () => {
  await app.api.call('folder.create', { folder: path('Quiet') });
  await whileClosed(() => renameSync(directory('.Quiet'), directory('.Silent')));
  expect((await app.api.call('folder.list', {})).at(-1)).toMatchObject({ folder: 'Silent' });
  expect(await notices()).toEqual([]);
});

it('one renamed without what lies in it: that stays, with what names it', async () => {
  await furnish('Work');
  await furnish('Work/Boats');
  await whileClosed(() => renameSync(directory('.Work'), directory('.Past')));
  expect(await rules()).toEqual(['Work -> Past', 'Work/Boats -> Work/Boats']);
  expect((await app.api.call('folder.list', {})).slice(7)).toMatchObject([
    { folder: 'Past', total: 2 },
    { folder: 'Work/Boats', total: 2 },
  ]);
});

it('one put in the place of another is that one now; a copy with a twin is not guessed', async () => {
  await furnish('Old');
  await furnish('New');
  await furnish('Copied');
  await whileClosed(() => {
    rmSync(directory('.New'), { recursive: true });
    renameSync(directory('.Old'), directory('.New'));
    for (const name of ['.One', '.Two']) cpSync(directory('.Copied'), directory(name), { recursive: true });
    rmSync(directory('.Copied'), { recursive: true });
  });
  expect(await rules()).toEqual(['Old -> New', 'New -> New', 'Copied -> Copied']);
  expect((await notices()).map(({ id }) => id)).toEqual(['folder-renamed:Old', 'folders-vanished']);
});

it('one that is gone is told at every start, with what names it, until that is mended', async () => {
  await furnish('Gone');
  await furnish('Other');
  const changed = new Promise((resolve) => app.api.on('notices.changed', resolve));
  rmSync(directory('.Gone'), { recursive: true });
  await app.api.call('folder.list', {});
  await changed;
  const [notice] = await notices();
  expect(notice).toMatchObject({ id: 'folders-vanished' });
  expect((await app.api.call('app.info', {})).notices).toMatchObject([{ action: 'open-rules' }]);
  expect(notice?.text).toContain('“Gone” is gone: another program removed or renamed it');
  expect(notice?.text).toContain('the rule “Gone”');
  app = await app.reopen();
  expect(await notices()).toEqual([notice]);
  const [rule] = (await app.api.call('settings.get', {})).rules;
  if (rule === undefined) throw new Error('There were two rules.');
  const mended = new Promise((resolve) => app.api.on('notices.changed', resolve));
  await app.api.call('rule.set', { id: rule.id, patch: { actions: [{ kind: 'move', folder: path('Other') }] } });
  expect(await mended).toEqual([]);
});

it('of one that is gone with what lies within it, only what is named itself is told', async () => {
  await app.api.call('folder.create', { folder: path('Bills') });
  await furnish('Bills/2026');
  const changed = new Promise((resolve) => app.api.on('notices.changed', resolve));
  for (const name of ['.Bills', '.Bills.2026']) rmSync(directory(name), { recursive: true });
  await app.api.call('folder.list', {});
  await changed;
  const [notice] = await notices();
  expect(notice?.text.match(/The folder “[^”]+” is gone/g)).toEqual(['The folder “Bills/2026” is gone']);
});

it('one that is gone is told no more to who has read it', async () => {
  await furnish('Gone');
  await whileClosed(() => rmSync(directory('.Gone'), { recursive: true }));
  await app.api.call('app.dismissNotice', { id: 'folders-vanished' });
  app = await app.reopen();
  expect(await notices()).toEqual([]);
  // Made anew and gone again, that is news.
  await app.api.call('folder.create', { folder: path('Gone') });
  await whileClosed(() => rmSync(directory('.Gone'), { recursive: true }));
  expect(await notices()).toHaveLength(1);
});

it('what was found before a process ended is followed by the next one', async () => {
  await furnish('Bills');
  await whileClosed(() => {
    // As after a kill: the index has heard of it and the settings have not.
    const index = new DatabaseSync(join(app.profileDir, 'index.sqlite'));
    index.exec("UPDATE folders SET path = 'Paid', directory = '.Paid' WHERE path = 'Bills'");
    index.exec("INSERT INTO folder_news (path, to_path) VALUES ('Bills', 'Paid')");
    index.close();
    renameSync(directory('.Bills'), directory('.Paid'));
  });
  expect(await rules()).toEqual(['Bills -> Paid']);
});

it('one that was followed is not followed again: a folder made anew under the old name is another', async () => {
  await furnish('Bills');
  await whileClosed(() => renameSync(directory('.Bills'), directory('.Paid')));
  expect(await rules()).toEqual(['Bills -> Paid']);
  await furnish('Bills', 0);
  await whileClosed(() => rmSync(directory('.Bills'), { recursive: true }));
  expect(await rules()).toEqual(['Bills -> Paid', 'Bills -> Bills']);
  expect((await notices()).map(({ id }) => id)).toEqual(['folders-vanished']);
});

it('an index of yesterday, which knew no directories, learns them without being made anew', async () => {
  await furnish('Bills', 0);
  const { storeId } = await app.api.call('app.info', {});
  await whileClosed(() => {
    const index = new DatabaseSync(join(app.profileDir, 'index.sqlite'));
    index.exec('ALTER TABLE folders DROP COLUMN identity; DROP TABLE folder_news');
    index.close();
  });
  expect((await app.api.call('app.info', {})).storeId).toBe(storeId);
  await whileClosed(() => renameSync(directory('.Bills'), directory('.Paid')));
  expect(await rules()).toEqual(['Bills -> Paid']);
});

it('a folder every mailbox has comes back when another program removed it, with no word', async () => {
  rmSync(directory('.Junk'), { recursive: true });
  mkdirSync(directory('.Own/cur'), { recursive: true });
  const { length } = await app.api.call('folder.list', {});
  expect(length).toBe(8);
  expect(readdirSync(directory('.Junk')).sort()).toEqual(['cur', 'maildirfolder', 'new', 'tmp']);
  expect(await notices()).toEqual([]);
});

function account(folder: string, route: string) {
  const common = { label: 'Home', host: 'pop.test', port: 995, security: 'tls', user: 'a', checkEveryMinutes: 0 };
  return AccountInput.parse({
    ...common,
    folder,
    multidrop: { fields: [], routes: [{ match: '@b.test', folder: route }] },
  });
}
