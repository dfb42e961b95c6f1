import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderPath } from '#shared/ids.ts';
import type { ImportReport } from '#shared/job.ts';
import type { ImportRequest } from '#shared/mail/mail-source.ts';
import { mail } from '../store/testing/store-fixture.ts';
import { findPlaces } from './sources/places.ts';
import { type BackupRoom, openBackupRoom } from './testing/backup-room.ts';
import { asSent, makeThunderbirdProfile, mozillaMbox, writeTree } from './testing/thunderbird-profile.ts';

let room: BackupRoom;
beforeEach(async () => {
  room = await openBackupRoom();
});
afterEach(() => room.close());

const at = (...parts: string[]): string => room.at(...parts);
const imported = (request: ImportRequest): Promise<ImportReport> => room.imported(request);
const folder = (path: string): FolderPath => FolderPath.parse(path);

interface Seen {
  subject: string;
  flags: string[];
  tags: string[];
}

/** Every message by its folder. */
async function mailbox(): Promise<Record<string, Seen[]>> {
  const found: Record<string, Seen[]> = {};
  for (const { folder: path, total } of await room.store.listFolders()) {
    if (total === 0) continue;
    const { rows } = await room.store.listMessages({ folder: path, offset: 0, limit: 1000 });
    found[path] = rows
      .map(({ subject, flags, tags }) => ({ subject, flags: flags.toSorted(), tags: tags.toSorted() }))
      .sort((a, b) => (a.subject < b.subject ? -1 : 1));
  }
  return found;
}

async function bytesOf(path: string): Promise<string[]> {
  const keys = await room.store.listKeys(folder(path));
  return (await Promise.all(keys.map(async (key) => Buffer.from(await room.store.read(key)).toString('utf8')))).sort();
}

const subjects = (rows: readonly Seen[] | undefined): string[] => (rows ?? []).map(({ subject }) => subject);

describe('a Thunderbird profile', () => {
  test('comes in by folder, with marks and tags, without what was deleted', async () => {
    await makeThunderbirdProfile(at('profile1'));
    const report = await imported({ path: at('profile1') });
    expect(report).toMatchObject({ failed: [], deleted: 3, partial: 1, duplicates: 0 });
    const found = await mailbox();
    expect(Object.fromEntries(Object.entries(found).map(([path, rows]) => [path, subjects(rows)]))).toEqual({
      Inbox: ['begun', 'from the server', 'marked', 'new', 'old label', 'read'],
      Sent: ['sent by imap'],
      Trash: ['thrown away'],
      'Archive/2023': ['of 2023'],
      Räume: ['walls'],
      'Räume/Küche': ['stove'],
      'Pläne: was (wenn) 50∕50?': ['hashed'],
      'Outbox (imported)': ['never sent'],
      Kept: ['in a Maildir'],
      'Bob at work/Räume/Alt': ['draft of old'],
      'Blogs/Some blog': ['a post'],
    });
    expect(found.Inbox?.filter(({ subject }) => ['marked', 'new', 'old label'].includes(subject))).toEqual([
      { subject: 'marked', flags: ['answered', 'flagged', 'forwarded', 'seen'], tags: ['House and garden', 'Wichtig'] },
      { subject: 'new', flags: [], tags: [] },
      { subject: 'old label', flags: ['seen'], tags: ['Work'] },
    ]);
    expect(found.Kept).toEqual([{ subject: 'in a Maildir', flags: ['flagged', 'seen'], tags: ['House and garden'] }]);
    expect(report.tags).toEqual([
      { name: 'House and garden', colour: '#009900' },
      { name: 'Wichtig', colour: '#FF0000' },
      { name: 'Work', colour: '#FF9900' },
    ]);
  });

  test('gives each message as its server sent it, so that it is the one that was collected here', async () => {
    await makeThunderbirdProfile(at('profile1'));
    const collected = asSent({ subject: 'read' });
    await writeTree(at('collected'), { 'a.eml': collected });
    await imported({ path: at('collected'), folder: folder('Inbox') });
    expect(await imported({ path: at('profile1') })).toMatchObject({ duplicates: 1 });
    expect(await bytesOf('Räume')).toEqual([asSent({ subject: 'walls', body: 'From here\r\nFrom there' })]);
    expect((await bytesOf('Inbox')).filter((text) => text.includes('Subject: read'))).toEqual([collected]);
    expect(await bytesOf('Kept')).toEqual([asSent({ subject: 'in a Maildir' })]);
  });

  test('doubles nothing when it is repeated, Trash included', async () => {
    await makeThunderbirdProfile(at('profile1'));
    const { imported: first } = await imported({ path: at('profile1') });
    const before = await mailbox();
    expect(await imported({ path: at('profile1') })).toMatchObject({ imported: 0, duplicates: first });
    expect(await mailbox()).toEqual(before);
  });

  test('shows what it holds before anything is taken', async () => {
    await makeThunderbirdProfile(at('profile1'));
    const view = await room.handlers['import.look']({ path: at('profile1') });
    expect(view.kind).toBe('thunderbird');
    const shown = view.folders.map(({ account, name, folder: to, isSuggested }) => [account, name, to, isSuggested]);
    expect(shown).toContainEqual(['bob@example.org', 'Inbox', 'Inbox', true]);
    expect(shown).toContainEqual(['bob@example.org', 'Trash', 'Trash', false]);
    expect(shown).toContainEqual(['Local Folders', 'Räume/Küche', 'Räume/Küche', true]);
    expect(shown).toContainEqual(['Bob at work', 'Gesendete Objekte B', 'Sent', true]);
    expect(shown).toContainEqual(['Blogs', 'Some blog', 'Blogs/Some blog', false]);
    expect(view.notes.join()).toMatch(/2 IMAP folders are only on the server/);
    expect(view.accounts).toEqual([
      {
        displayName: 'Bob "B" Builder',
        address: 'bob@example.org',
        incoming: { host: 'pop.example.org', port: 995, security: 'tls', user: 'bob' },
        outgoing: { host: 'smtp.example.org', port: 587, security: 'starttls', user: 'bob' },
      },
      { displayName: 'Bob', address: 'bob@example.net', incoming: null, outgoing: null },
    ]);
    const inbox = view.folders.find(({ account, name }) => account === 'bob@example.org' && name === 'Inbox');
    expect(inbox?.messages).toBeNull();
    expect(await room.handlers['import.count']({ path: at('profile1'), ids: [inbox?.id ?? ''] })).toEqual([
      { id: inbox?.id, messages: 5, isExact: true },
    ]);
    expect(Object.keys(await mailbox())).toEqual([]);
  });

  test('only the chosen folders, and below one when that is wanted', async () => {
    await makeThunderbirdProfile(at('profile1'));
    const { folders } = await room.handlers['import.look']({ path: at('profile1') });
    const sources = folders
      .filter(({ account, name }) => account !== 'Bob at work' && /^Räume|^Inbox$/.test(name))
      .map(({ id }) => id);
    await imported({ path: at('profile1'), sources, folder: folder('From Thunderbird'), keepFolders: true });
    expect(Object.keys(await mailbox()).sort()).toEqual([
      'From Thunderbird/Räume',
      'From Thunderbird/Räume/Küche',
      'From Thunderbird/bob@example.org/Inbox',
    ]);
    const report = await imported({ path: at('profile1'), leaveOut: [folder('Trash')] });
    expect(report.leftOut).toBe(1);
    expect(Object.keys(await mailbox())).not.toContain('Trash');
  });

  test('is found where Thunderbird keeps it, in every package', async () => {
    const roots = [
      '.thunderbird',
      'snap/thunderbird/common/.thunderbird',
      '.var/app/org.mozilla.Thunderbird/.thunderbird',
    ];
    for (const [n, root] of roots.entries()) {
      await makeThunderbirdProfile(at('home', root, `abc${n}.default`));
      const other = n === 0 ? `[Profile1]\nName=old\nIsRelative=0\nPath=${at('elsewhere')}\n` : '';
      await writeTree(at('home', root), {
        'profiles.ini': `[Install123]\nDefault=abc${n}.default\nLocked=1\n\n[Profile0]\nName=default-${n}\nIsRelative=1\nPath=abc${n}.default\n\n${other}`,
      });
    }
    await makeThunderbirdProfile(at('elsewhere'));
    const surroundings = { platform: 'linux', env: {}, homeDir: at('home') } as const;
    const places = await findPlaces(room.home.mailFolder, surroundings);
    expect(places.map(({ name }) => name).sort()).toEqual(['default-0', 'default-1', 'default-2', 'old']);
    await writeTree(at('mac/Library/Thunderbird'), {
      'profiles.ini': '[Profile0]\nName=m\nIsRelative=1\nPath=Profiles/m.x\n',
    });
    await makeThunderbirdProfile(at('mac/Library/Thunderbird/Profiles/m.x'));
    const onMac = await findPlaces('', { platform: 'darwin', env: {}, homeDir: at('mac') });
    expect(onMac).toMatchObject([{ kind: 'thunderbird', name: 'm' }]);
    await writeTree(at('win/Thunderbird'), {
      'profiles.ini': '[Profile0]\r\nName=w\r\nIsRelative=1\r\nPath=Profiles/w.x\r\n',
    });
    await makeThunderbirdProfile(at('win/Thunderbird/Profiles/w.x'));
    const onWindows = await findPlaces('', { platform: 'win32', env: { APPDATA: at('win') }, homeDir: at('nobody') });
    expect(onWindows).toMatchObject([{ kind: 'thunderbird', name: 'w' }]);
  });

  test('one that lies does no harm: no path leads out, nothing of prefs.js is run', async () => {
    await makeThunderbirdProfile(at('profile1'), {
      'prefs.js': `user_pref("mail.accountmanager.accounts", "account1,account2");
user_pref("mail.account.account1.server", "server1");
user_pref("mail.account.account2.server", "server2");
user_pref("mail.server.server1.type", "pop3");
user_pref("mail.server.server1.directory-rel", "[ProfD]../../../..");
user_pref("mail.server.server2.directory", "/");
process.exit(1);
user_pref("broken
`,
      'Mail/Local Folders/../evil\u202egnp.sbd/a': mozillaMbox([{ subject: 'hidden direction' }]),
    });
    const report = await imported({ path: at('profile1') });
    expect(report.failed).toEqual([]);
    for (const path of Object.keys(await mailbox())) expect(path).not.toMatch(/[\u202a-\u202e]|\.\./);
  });
});

/** A Takeout as Google makes it: CRLF, its own fields in front. */
function takeoutMbox(mails: readonly { subject: string; labels: string }[]): string {
  return mails
    .map(
      ({ subject, labels }, n) =>
        `From 17812345678901234${n}@xxx Mon Jan 01 10:00:0${n % 10} +0000 2024\r\nX-GM-THRID: 178${n}\r\nX-Gmail-Labels: ${labels}\r\n${asSent({ subject })}\r\n`,
    )
    .join('');
}

const takeout = [
  { subject: 'plain', labels: 'Inbox,Unread' },
  { subject: 'starred', labels: 'Inbox,Starred,Important,Opened,Work' },
  { subject: 'label only', labels: 'Archived,Opened,"Family, friends",Work/Clients' },
  { subject: 'encoded', labels: '=?UTF-8?Q?Archiviert,Ge=C3=B6ffnet,R=C3=A4ume/K=C3=BCche,Steuer?=' },
  { subject: 'two words', labels: '=?UTF-8?Q?Archived,Opened,=22Gr=C3=BC=C3=9Fe,?=\r\n =?UTF-8?Q?_alte=22?=' },
  { subject: 'sent', labels: 'Sent,Opened' },
  { subject: 'spam', labels: 'Spam,Unread,Category Promotions' },
  { subject: 'trash', labels: 'Trash,Inbox' },
  { subject: 'unknown language', labels: '受信トレイ,開封済み' },
  { subject: 'forwarded', labels: 'Inbox,Opened,IMAP_$Forwarded,Category Personal' },
  { subject: 'archived', labels: 'Archived,Opened,Category Updates' },
];

describe('a Google Takeout', () => {
  const expected = {
    Inbox: [
      { subject: 'forwarded', flags: ['forwarded', 'seen'], tags: [] },
      { subject: 'plain', flags: [], tags: [] },
      { subject: 'starred', flags: ['flagged', 'seen'], tags: ['Important', 'Work'] },
    ],
    Sent: [{ subject: 'sent', flags: ['seen'], tags: [] }],
    Archive: [{ subject: 'archived', flags: ['seen'], tags: ['Updates'] }],
    Junk: [{ subject: 'spam', flags: [], tags: ['Promotions'] }],
    Trash: [{ subject: 'trash', flags: ['seen'], tags: [] }],
    'Family, friends': [{ subject: 'label only', flags: ['seen'], tags: ['Work/Clients'] }],
    'Räume/Küche': [{ subject: 'encoded', flags: ['seen'], tags: ['Steuer'] }],
    'Grüße, alte': [{ subject: 'two words', flags: ['seen'], tags: [] }],
    受信トレイ: [{ subject: 'unknown language', flags: ['seen'], tags: ['開封済み'] }],
  };

  test('mbox: labels become folders and tags, one message is one', async () => {
    await writeFile(at('All mail Including Spam and Trash.mbox'), takeoutMbox(takeout));
    const path = at('All mail Including Spam and Trash.mbox');
    expect((await room.handlers['import.look']({ path })).kind).toBe('takeout');
    expect(await imported({ path })).toMatchObject({ imported: takeout.length, duplicates: 0, failed: [] });
    expect(await mailbox()).toEqual(expected);
    expect(await bytesOf('Sent')).toEqual([asSent({ subject: 'sent' })]);
    expect(await imported({ path })).toMatchObject({ imported: 0, duplicates: takeout.length });
  });

  test('as downloaded: zip and tgz', async () => {
    await mkdir(at('t/Takeout/Mail'), { recursive: true });
    await writeFile(at('t/Takeout/Mail/All mail Including Spam and Trash.mbox'), takeoutMbox(takeout));
    await writeFile(at('t/Takeout/archive_browser.html'), '<html></html>');
    execFileSync('tar', ['-czf', at('takeout.tgz'), '-C', at('t'), 'Takeout']);
    execFileSync('python3', ['-m', 'zipfile', '-c', at('takeout.zip'), at('t/Takeout')]);
    const view = await room.handlers['import.look']({ path: at('takeout.zip') });
    expect(view).toMatchObject({ kind: 'takeout', folders: [{ name: 'All mail Including Spam and Trash' }] });
    expect(await imported({ path: at('takeout.zip'), leaveOut: [folder('Trash'), folder('Junk')] })).toMatchObject({
      imported: takeout.length - 2,
      leftOut: 2,
    });
    expect(await imported({ path: at('takeout.tgz') })).toMatchObject({ imported: 2, duplicates: takeout.length - 2 });
    expect(await mailbox()).toEqual(expected);
  });

  test('into one folder, every label is a tag', async () => {
    await writeFile(at('all.mbox'), takeoutMbox(takeout));
    await imported({ path: at('all.mbox'), folder: folder('Gmail') });
    const { Gmail: rows } = await mailbox();
    expect(rows?.find(({ subject }) => subject === 'label only')?.tags).toEqual(['Family, friends', 'Work/Clients']);
    expect(rows).toHaveLength(takeout.length);
  });

  test('a tgz that is cut off gives what is whole and says so', async () => {
    await mkdir(at('t'));
    for (let n = 0; n < 20; n++)
      await writeFile(
        at('t', `${n}.eml`),
        mail(`${n}`, Buffer.from(Array.from({ length: 3000 }, () => Math.random() * 256)).toString('base64')),
      );
    execFileSync('tar', ['-czf', at('whole.tgz'), '-C', at('t'), '.']);
    const whole = readFileSync(at('whole.tgz'));
    await writeFile(at('cut.tgz'), whole.subarray(0, whole.length / 2));
    const report = await imported({ path: at('cut.tgz'), folder: folder('Inbox') });
    expect(report.imported).toBeGreaterThan(3);
    expect(report.imported).toBeLessThan(20);
    expect(report.failed).toMatchObject([{ error: { code: 'EMALFORMED' } }]);
  });
});

describe('other programs', () => {
  test('Apple Mail: folders, flags, and the message out of its wrapping', async () => {
    const emlx = (subject: string, flags: number): string => {
      const body = asSent({ subject }).replaceAll('\r\n', '\n');
      return `${Buffer.byteLength(body)}\n${body}<?xml version="1.0"?><plist version="1.0"><dict><key>flags</key><integer>${flags}</integer></dict></plist>`;
    };
    await writeTree(at('V10/0A1B'), {
      'INBOX.mbox/77AA/Data/1/Messages/1.emlx': emlx('read', 1),
      'INBOX.mbox/77AA/Data/Messages/2.partial.emlx': emlx('begun', 16),
      'INBOX.mbox/77AA/Data/Messages/3.emlx': emlx('deleted', 3),
      'Clients.mbox/Acme.mbox/77AB/Data/Messages/4.emlx': emlx('acme', 4 + 2 ** 33),
      'Exported.mbox/mbox': mozillaMbox([{ subject: 'an export' }]),
      'Exported.mbox/table_of_contents': 'x',
    });
    expect(await imported({ path: at('V10/0A1B') })).toMatchObject({ imported: 4, deleted: 1, partial: 1, failed: [] });
    const found = await mailbox();
    expect(found).toMatchObject({
      Inbox: [
        { subject: 'begun', flags: ['flagged'] },
        { subject: 'read', flags: ['seen'] },
      ],
      'Clients/Acme': [{ subject: 'acme', flags: ['answered'] }],
      Exported: [{ subject: 'an export' }],
    });
    expect((await bytesOf('Clients/Acme'))[0]).toBe(asSent({ subject: 'acme' }));
  });

  test('KMail, Evolution, Dovecot: folders and keywords', async () => {
    const message = (subject: string): Uint8Array => mail(subject);
    await writeTree(at('local-mail'), {
      'inbox/cur/1:2,S': message('k inbox'),
      'inbox/new/': '',
      '.inbox.directory/Räume/cur/2:2,': message('k rooms'),
      '.inbox.directory/Räume/new/': '',
    });
    await writeTree(at('evolution'), {
      'cur/1:2,RS': message('e inbox'),
      'new/': '',
      '.Sent/cur/2:2,S': message('e sent'),
      '.Sent/new/': '',
      '.A_2EB.C/new/3': message('e nested'),
      '.A_2EB.C/cur/': '',
    });
    await writeTree(at('dovecot'), {
      'cur/1:2,Sab': message('d tagged'),
      'new/': '',
      'dovecot-keywords': '0 $Forwarded\n1 urgent\n',
    });
    for (const path of ['local-mail', 'evolution', 'dovecot']) await imported({ path: at(path) });
    expect(await mailbox()).toMatchObject({
      Inbox: [{ subject: 'e inbox' }, { subject: 'k inbox', flags: ['seen'] }],
      'Inbox/Räume': [{ subject: 'k rooms' }],
      Sent: [{ subject: 'e sent' }],
      'A.B/C': [{ subject: 'e nested' }],
      dovecot: [{ subject: 'd tagged', flags: ['seen'], tags: ['urgent'] }],
    });
  });

  test('what is not read here says what to do instead', async () => {
    await writeFile(at('old.pst'), Buffer.concat([Buffer.from('!BDN'), Buffer.alloc(600)]));
    await expect(room.handlers['import.look']({ path: at('old.pst') })).rejects.toThrow(/readpst/);
    await expect(imported({ path: at('old.pst') })).rejects.toThrow(/readpst/);
    expect(await room.handlers['import.unfinished']({})).toBeNull();
  });

  test('names that cannot be folders here are changed as little as it takes, the same each time', async () => {
    const long = 'ü'.repeat(70);
    await writeTree(at('tree'), {
      [`${long}/${long}1/a.eml`]: mail('first'),
      [`${long}/${long}2/a.eml`]: mail('second'),
      'Outbox/a.eml': mail('not to be sent'),
      'outbox.mbox': mozillaMbox([{ subject: 'nor this' }]),
    });
    await imported({ path: at('tree') });
    const folders = Object.keys(await mailbox());
    expect(folders).toHaveLength(3 + (folders.includes('outbox (imported)') ? 1 : 0));
    expect(folders).not.toContain('Outbox');
    expect(await imported({ path: at('tree') })).toMatchObject({ imported: 0, duplicates: 4 });
  });
});
