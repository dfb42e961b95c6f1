import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderPath } from '#shared/ids.ts';
import { RuleInput } from '#shared/mail/rule.ts';
import { canRunDoveadm, doveadm } from './store/testing/doveadm.ts';
import { type CoreOnAProfile, openCore } from './testing/core-on-a-profile.ts';

let app: CoreOnAProfile;
beforeEach(async () => {
  app = await openCore();
  const { api } = app;
  for (const folder of ['Boats', 'Boats/Été 2024', 'Void']) await api.call('folder.create', { folder: path(folder) });
  await bring('Inbox', ['one', 'two', 'three']);
  await bring('Boats/Été 2024', ['sail', 'mast']);
  const conditions = [{ kind: 'text', field: 'from', how: 'contains', value: 'zzz' }];
  for (const folder of ['Boats/Été 2024', 'Void'])
    await api.call('rule.add', RuleInput.parse({ name: folder, conditions, actions: [{ kind: 'move', folder }] }));
});
afterEach(() => app.dispose());

const path = (text: string) => FolderPath.parse(text);

async function bring(folder: string, subjects: readonly string[]): Promise<void> {
  const from = join(app.profileDir, `from-${folder.replaceAll('/', '-')}`);
  await mkdir(from);
  for (const subject of subjects)
    await writeFile(
      join(from, `${subject}.eml`),
      `Subject: ${subject}\r\nFrom: a@b.test\r\n\r\nText of ${subject}.\r\n`,
    );
  await app.finished((await app.api.call('import.start', { path: from, folder: path(folder) })).jobId);
}

/** Every folder of the user's own and the Inbox, each message with its flags. */
async function mail(): Promise<Record<string, string[]>> {
  const folders = (await app.api.call('folder.list', {})).map(({ folder }) => folder);
  const shown: Record<string, string[]> = {};
  for (const folder of folders.filter((one, at) => one === 'Inbox' || at > 6)) {
    const { rows } = await app.api.call('message.list', { folder, offset: 0, limit: 10 });
    shown[folder] = rows.map(({ subject, flags }) => [subject, ...flags].join(' ')).sort();
  }
  return shown;
}

async function rules(): Promise<unknown[]> {
  const settings = await app.api.call('settings.get', {});
  return settings.rules.flatMap(({ actions }) => actions.map((action) => 'folder' in action && action.folder));
}

async function expectSound(): Promise<void> {
  const { state } = await app.finished((await app.api.call('index.check', {})).jobId);
  expect(state).toMatchObject({ kind: 'succeeded', summary: { problems: [] } });
}

const dovecot = (...args: string[]): string =>
  doveadm({ path: app.profileDir, mailFolder: join(app.profileDir, 'Mail') }, ...args);

/** Renames a folder with one in it and an empty one, moves, marks and expunges in them. */
function dovecotMeddles(): void {
  dovecot('mailbox', 'rename', 'Boats', 'Ships/Old');
  dovecot('mailbox', 'rename', 'Void', 'Näh & Co');
  dovecot('flags', 'add', '\\Flagged', 'mailbox', 'Ships/Old/Été 2024', 'subject', 'sail');
  dovecot('expunge', 'mailbox', 'Ships/Old/Été 2024', 'subject', 'mast');
  dovecot('move', 'Ships/Old', 'mailbox', 'INBOX', 'subject', 'one');
  dovecot('copy', 'Näh & Co', 'mailbox', 'INBOX', 'subject', 'two');
}

async function expectFollowed(): Promise<void> {
  expect(await mail()).toEqual({
    Inbox: ['three', 'two'],
    'Näh & Co': ['two'],
    'Ships/Old': ['one'],
    'Ships/Old/Été 2024': ['sail flagged'],
  });
  expect(await rules()).toEqual(['Ships/Old/Été 2024', 'Näh & Co']);
  expect((await app.api.call('message.search', { query: 'text' })).total).toBe(5);
  await expectSound();
}

it.skipIf(!canRunDoveadm)('what Dovecot does to folders and mail while nothing runs is followed', async () => {
  await app.core.close();
  dovecotMeddles();
  app = await app.reopen();
  await expectFollowed();
});

it.skipIf(!canRunDoveadm)('what Dovecot does while we run is followed, folder by folder', async () => {
  dovecotMeddles();
  await mail();
  dovecot('mailbox', 'delete', 'Ships/Old/Été 2024');
  await mail();
  dovecot('mailbox', 'create', 'Ships/Old/Été 2024');
  expect(await mail()).toMatchObject({ 'Ships/Old': ['one'], 'Ships/Old/Été 2024': [] });
  expect(await rules()).toEqual(['Ships/Old/Été 2024', 'Näh & Co']);
  expect((await app.api.call('message.search', { query: 'text' })).total).toBe(4);
});

/** Runs mutt on the Inbox, or another directory, with these keys, on a terminal of its own. */
function mutt(keys: string, directory = ''): void {
  const home = join(app.profileDir, 'mutt');
  const root = join(app.profileDir, 'Mail');
  const options = [
    'confirmcreate=no',
    'confirmappend=no',
    'delete=yes',
    'quit=yes',
    'move=no',
    'sort=subject',
    'resolve=no',
  ];
  const places = `set mbox_type=Maildir folder="${root}" spoolfile="${join(root, directory)}"`;
  const lines = [places, ...options.map((one) => `set ${one}`), `push "${keys}<sync-mailbox><quit>"`, ''];
  writeFileSync(home, lines.join('\n'));
  const env = { ...process.env, HOME: app.profileDir, TERM: 'xterm', LC_ALL: 'C.UTF-8' };
  const run = spawnSync('script', ['-qec', `mutt -n -F ${home}`, '/dev/null'], { env, timeout: 60_000 });
  expect(run.status).toBe(0);
}

const hasMutt = existsSync('/usr/bin/mutt') && existsSync('/usr/bin/script');

/** In the order of subjects: one, three, two. */
const muttMeddles = '<first-entry><flag-message><next-entry><save-message>=.Neu<enter><last-entry><delete-message>';

it.skipIf(!hasMutt)(
  'what mutt does to mail while we run is taken up: flagged, moved to a folder it makes, deleted',
  async () => {
    mutt(muttMeddles);
    expect(await mail()).toMatchObject({ Inbox: ['one flagged'], Neu: ['three'] });
    // It writes a moved message anew, under a name of its own; nothing is doubled by that.
    expect((await app.api.call('message.search', { query: 'text' })).total).toBe(4);
    await expectSound();
  },
);

it.skipIf(!hasMutt)(
  'the same while nothing runs, and a folder it emptied stays with the rule that names it',
  async () => {
    await app.core.close();
    mutt(muttMeddles);
    mutt('<tag-pattern>.<enter><tag-prefix><save-message>=.Neu<enter>', '.Boats.&AMk-t&AOk- 2024');
    app = await app.reopen();
    expect(await mail()).toMatchObject({
      Inbox: ['one flagged'],
      Neu: ['mast', 'sail', 'three'],
      'Boats/Été 2024': [],
    });
    expect(await rules()).toEqual(['Boats/Été 2024', 'Void']);
    await expectSound();
  },
);
