import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { folderPath, type Home, inbox, mail, makeHome, request } from './testing/store-fixture.ts';

let home: Home | undefined;
afterEach(() => home?.remove());

const hasDovecot = spawnSync('dovecot', ['--version']).stdout?.toString().startsWith('2.3') ?? false;
const canBecomeNobody = process.getuid?.() === 0;

/** Runs doveadm on the Mail folder as `nobody`, since Dovecot serves no mail to root. */
function doveadm({ path, mailFolder }: Home, ...args: string[]): string {
  const config = join(path, 'dovecot.conf');
  writeFileSync(
    config,
    `base_dir = ${path}/run\nlog_path = ${path}/log\nmail_location = maildir:${mailFolder}\nmail_home = ${path}
mail_uid = nobody\nmail_gid = nogroup\nfirst_valid_uid = 1\nfirst_valid_gid = 0\nnamespace inbox {\n inbox = yes\n separator = /\n}\n`,
  );
  chmodSync(path, 0o755);
  spawnSync('chown', ['-R', 'nobody:nogroup', path]);
  const env = { ...process.env, HOME: path, USER: 'nobody' };
  const run = spawnSync('doveadm', ['-c', config, ...args], { encoding: 'utf8', env });
  expect(run.stderr).toBe('');
  return run.stdout;
}

it.skipIf(!hasDovecot || !canBecomeNobody)(
  'Dovecot reads every folder and message, and we take up what it changes',
  async () => {
    home = makeHome();
    let store = await home.open();
    const folders = ['Inbox', 'Archive/2024', 'v1.2/Ä', 'News', 'news', 'CON', 'what?', 'Reisen 🏔️', 'A&B', 'Trash'];
    await store.file(
      folders.map((name) => request(name, mail(`in ${folders.indexOf(name)}`), { folder: folderPath(name) })),
    );
    await store.close();
    const subjects = doveadm(home, 'fetch', 'hdr.subject', 'all').match(/in \d+/g) ?? [];
    expect(subjects.toSorted()).toEqual(folders.map((_, at) => `in ${at}`).toSorted());
    doveadm(home, 'flags', 'add', '\\Seen', 'mailbox', 'INBOX', 'all');
    doveadm(home, 'move', 'Archive', 'mailbox', 'News', 'all');
    doveadm(home, 'mailbox', 'create', 'Möbel/Küche');
    store = await home.open();
    expect((await store.listMessages({ folder: inbox, offset: 0, limit: 5 })).rows[0]?.flags).toEqual(['seen']);
    expect(await store.listMessages({ folder: folderPath('News'), offset: 0, limit: 5 })).toMatchObject({ total: 0 });
    expect((await store.listFolders()).map(({ folder }) => folder)).toEqual(
      expect.arrayContaining([...folders, 'Möbel/Küche'].map(folderPath)),
    );
    expect((await store.checkIndex()).problems).toEqual([]);
    await store.close();
  },
);
