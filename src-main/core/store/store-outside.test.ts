import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import type { StoreChange } from '#shared/rpc/contract.ts';
import type { Store } from './store-api.ts';
import { folderPath, type Home, inbox, mail, makeHome, request } from './testing/store-fixture.ts';

let home: Home;
let store: Store;

beforeEach(async () => {
  home = makeHome();
  store = await home.open();
});

afterEach(async () => {
  await store.close();
  home.remove();
});

const inMail = (...parts: string[]): string => join(home.mailFolder, ...parts);
const subjects = async (folder = inbox): Promise<string[]> =>
  (await store.listMessages({ folder, offset: 0, limit: 100 })).rows.map(({ subject }) => subject).sort();

/** What mutt, a delivery agent or a file manager does to the folder. */
function meddle(keys: readonly string[]): void {
  const [read = '', moved = '', removed = '', copied = ''] = keys;
  renameSync(inMail('new', read), inMail('cur', `${read}:2,FSa`));
  renameSync(inMail('new', moved), inMail('.Archive', 'cur', `${moved}:2,S`));
  rmSync(inMail('new', removed));
  copyFileSync(inMail('new', copied), inMail('.Sent', 'new', copied));
  writeFileSync(inMail('new', '1700000000.M1P2.host,S=12'), mail('delivered'));
  writeFileSync(inMail('new', '.notmail'), 'x');
  for (const sub of ['cur', 'new', 'tmp']) mkdirSync(inMail('.Entw&APw-rfe', sub), { recursive: true });
  writeFileSync(inMail('.Entw&APw-rfe', 'cur', '1700000001.host:2,DS'), mail('foreign draft'));
}

async function expectTakenUp(keys: readonly string[]): Promise<void> {
  expect(await subjects()).toEqual(['copied', 'delivered', 'read']);
  expect(await subjects(fixed.archive)).toEqual(['moved']);
  expect(await subjects(fixed.sent)).toEqual(['copied']);
  expect(await subjects(folderPath('Entwürfe'))).toEqual(['foreign draft']);
  const rows = (await store.listMessages({ folder: inbox, offset: 0, limit: 10 })).rows;
  expect(rows.find(({ messageKey }) => messageKey === keys[0])?.flags).toEqual(['flagged', 'seen']);
  expect(await store.search({ query: 'delivered', offset: 0, limit: 5 })).toMatchObject({ total: 1 });
  expect((await store.checkIndex()).problems).toEqual([]);
}

async function fileFour(): Promise<string[]> {
  const asked = ['read', 'moved', 'removed', 'copied'].map((name) => request(name));
  await store.file(asked);
  return asked.map(({ messageKey }) => messageKey);
}

describe('what other programs change', () => {
  it.each(['before', 'after', 'both at once'])(
    'a message written anew elsewhere, the old file gone %s, stays itself',
    async (order) => {
      const asked = request('letter');
      const { messageKey } = asked;
      await store.file([asked, request('other')]);
      await store.setTags([messageKey], ['Work'], []);
      await store.setFlags([messageKey], ['flagged'], []);
      const file = inMail('cur', `${messageKey}:2,F`);
      const copy = inMail('.Archive', 'cur', '1700000009.12_3.host:2,FS');
      const rows = async (folder = inbox) => (await store.listMessages({ folder, offset: 0, limit: 10 })).rows;
      if (order === 'before') {
        renameSync(file, inMail('tmp', 'kept'));
        expect(await rows()).toHaveLength(1);
        renameSync(inMail('tmp', 'kept'), copy);
      } else {
        copyFileSync(file, copy);
        if (order === 'after') expect((await rows(fixed.archive)).map(({ tags }) => tags)).toEqual([[]]);
        rmSync(file);
      }
      const moved = { messageKey, tags: ['Work'], flags: ['flagged', 'seen'] };
      await expect.poll(() => rows(fixed.archive)).toMatchObject([moved]);
      expect(readdirSync(inMail('.Archive', 'cur'))).toEqual([`${messageKey}:2,FS`]);
      expect(await subjects()).toEqual(['other']);
      expect((await store.checkIndex()).problems).toEqual([]);
      await store.rebuildIndex(() => {}, new AbortController().signal);
      expect(await rows(fixed.archive)).toMatchObject([moved]);
    },
  );

  it.each(['before', 'after', 'both at once'])(
    'so does one that mutt moves, which adds a field: the old file gone %s',
    async (order) => {
      const bytes = Buffer.from(
        'From: a@x.test\r\nDate: Mon, 01 Jan 2024 10:00:00 +0000\r\nSubject: letter\r\n\r\nHello\r\n',
      );
      const asked = { ...request('letter'), bytes };
      const { messageKey } = asked;
      await store.file([asked]);
      await store.setTags([messageKey], ['Work'], []);
      const old = inMail('new', messageKey);
      const text = bytes.toString().replace('\r\n\r\n', '\r\nContent-Length: 7\n\n');
      const copy = (): void => writeFileSync(inMail('.Archive', 'cur', '1700000009.12_3.host:2,S'), text);
      const rows = async (folder: typeof inbox = fixed.archive) =>
        (await store.listMessages({ folder, offset: 0, limit: 10 })).rows;
      if (order === 'before') {
        rmSync(old);
        expect(await rows(inbox)).toEqual([]);
      }
      copy();
      if (order === 'after') await expect.poll(rows).toHaveLength(1);
      if (order !== 'before') rmSync(old);
      const moved = { messageKey, tags: ['Work'], flags: ['seen'], sizeOctets: text.length };
      await expect.poll(rows).toMatchObject([moved]);
      expect(readdirSync(inMail('.Archive', 'cur'))).toEqual([`${messageKey}:2,S`]);
      expect((await store.checkIndex()).problems).toEqual([]);
      await store.rebuildIndex(() => {}, new AbortController().signal);
      expect(await rows()).toMatchObject([moved]);
    },
  );

  it('a copy another program made of a message that stays is a message of its own', async () => {
    const asked = request('letter');
    await store.file([asked]);
    await store.setTags([asked.messageKey], ['Work'], []);
    copyFileSync(inMail('new', asked.messageKey), inMail('.Archive', 'new', '1700000009.12_3.host'));
    const rows = async () => (await store.listMessages({ folder: fixed.archive, offset: 0, limit: 10 })).rows;
    await expect.poll(rows).toMatchObject([{ messageKey: '1700000009.12_3.host', tags: [] }]);
    expect(await subjects()).toEqual(['letter']);
  });

  it('is told to screens that ask nothing', async () => {
    const keys = await fileFour();
    const told = new Promise<StoreChange>((resolve) => {
      store.onChanged((change) => {
        if (change.removed.length > 0) resolve(change);
      });
    });
    rmSync(inMail('new', keys[2] ?? ''));
    expect((await told).removed).toEqual([{ messageKey: keys[2], folder: inbox }]);
  });

  it('is taken up while we run, without being asked, and told to the screens', async () => {
    const keys = await fileFour();
    const changes: StoreChange[] = [];
    store.onChanged((change) => changes.push(change));
    meddle(keys);
    await expectTakenUp(keys);
    expect(changes.flatMap(({ removed }) => removed.map(({ messageKey }) => messageKey))).toContain(keys[2]);
  });

  it('is taken up when we start', async () => {
    const keys = await fileFour();
    await store.close();
    meddle(keys);
    store = await home.open();
    await expectTakenUp(keys);
  });

  it('keeps the keywords of other programs when flags change here', async () => {
    const asked = request('read');
    await store.file([asked]);
    renameSync(inMail('new', asked.messageKey), inMail('cur', `${asked.messageKey}:2,ab`));
    await store.setFlags([asked.messageKey], ['seen'], []);
    expect(readdirSync(inMail('cur'))).toEqual([`${asked.messageKey}:2,Sab`]);
  });

  it('moves a message that was renamed a moment before', async () => {
    const asked = request('read');
    await store.file([asked]);
    // Before the call: the store's own thread may be done with it before this one runs on.
    renameSync(inMail('new', asked.messageKey), inMail('cur', `${asked.messageKey}:2,S`));
    await store.move([asked.messageKey], fixed.archive);
    expect(await subjects(fixed.archive)).toEqual(['read']);
    expect((await store.checkIndex()).problems).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('passes over what is no file, and over a name that is no text', async () => {
    const asked = request('read');
    await store.file([asked]);
    execFileSync('mkfifo', [inMail('cur', '1700000000.pipe.host:2,S')]);
    symlinkSync('/dev/zero', inMail('new', '1700000000.device.host'));
    symlinkSync(inMail('nowhere'), inMail('new', '1700000000.dangling.host'));
    mkdirSync(inMail('cur', '1700000000.folder.host'));
    writeFileSync(Buffer.concat([Buffer.from(inMail('new', '1700000000.')), Buffer.from([0xff])]), mail('no text'));
    const elsewhere = join(home.mailFolder, '..', 'elsewhere');
    writeFileSync(elsewhere, mail('linked'));
    symlinkSync(elsewhere, inMail('new', '1700000000.link.host'));
    expect(await subjects()).toEqual(['linked', 'read']);
    expect(await store.search({ query: 'linked', offset: 0, limit: 5 })).toMatchObject({ total: 1 });
    await store.close();
    store = await home.open();
    expect(await subjects()).toEqual(['linked', 'read']);
  });

  it('tells which files are there at this very moment', async () => {
    const keys = await fileFour();
    const [gone = '', moved = ''] = keys;
    rmSync(inMail('new', gone));
    renameSync(inMail('new', moved), inMail('.Archive', 'cur', `${moved}:2,S`));
    const asked = [...keys, `${'0'.repeat(32)}-${'0'.repeat(16)}`].map((key) => MessageKey.parse(key));
    expect(await store.present(asked)).toEqual(keys.slice(1));
  });

  it('files nothing twice that lies in another folder or under another name', async () => {
    const asked = request('read');
    await store.file([asked]);
    renameSync(inMail('new', asked.messageKey), inMail('.Junk', 'cur', `${asked.messageKey};2,S`));
    expect(await store.file([request('read')])).toMatchObject([{ outcome: 'already-there' }]);
    expect(await subjects(fixed.junk)).toEqual(['read']);
  });
});

describe('a Mail folder that went away', () => {
  it('is told in words; nothing is filed into its place and nothing forgotten', async () => {
    const keys = await fileFour();
    renameSync(home.mailFolder, `${home.mailFolder}.away`);
    expect((await store.state()).mailFolderProblem).toContain('not there');
    await expect(store.file([request('late')])).rejects.toMatchObject({ code: 'EMAILFOLDER' });
    expect(await subjects()).toHaveLength(4);
    await store.close();
    store = await home.open();
    expect((await store.state()).mailFolderProblem).toContain('not there');
    expect(existsSync(home.mailFolder)).toBe(false);
    expect(await subjects()).toHaveLength(4);
    // The bare place where a disk is usually mounted.
    for (const sub of ['cur', 'new', 'tmp']) mkdirSync(inMail(sub), { recursive: true });
    expect((await store.state()).mailFolderProblem).toContain('empty');
    await expect(store.file([request('late')])).rejects.toMatchObject({ code: 'EMAILFOLDER' });
    expect(readdirSync(inMail('new'))).toEqual([]);
    rmSync(home.mailFolder, { recursive: true });
    renameSync(`${home.mailFolder}.away`, home.mailFolder);
    await store.rescan();
    expect((await store.state()).mailFolderProblem).toBeNull();
    expect(await store.file([request('late'), request('read')])).toMatchObject([
      { outcome: 'filed' },
      { messageKey: keys[0], outcome: 'already-there' },
    ]);
  });

  it('is suspicious when everything vanished at once, until the user rebuilds the index', async () => {
    await store.file(Array.from({ length: 12 }, (_, at) => request(`m${at}`)));
    cpSync(inMail('new'), join(home.path, 'kept'), { recursive: true });
    for (const name of readdirSync(inMail('new'))) rmSync(inMail('new', name));
    expect((await store.state()).mailFolderProblem).toContain('empty');
    expect(await subjects()).toHaveLength(12);
    await store.rebuildIndex(() => {}, new AbortController().signal);
    expect((await store.state()).mailFolderProblem).toBeNull();
    expect(await subjects()).toEqual([]);
    await store.file([request('new beginning')]);
  });

  it('lets a person delete their few messages in another program', async () => {
    const keys = await fileFour();
    for (const key of keys) rmSync(inMail('new', key));
    expect(await subjects()).toEqual([]);
    expect((await store.state()).mailFolderProblem).toBeNull();
  });
});

describe('what the index lacks for a moment', () => {
  it('is read at the next start when this one ended before it was', async () => {
    await store.close();
    // So many are read behind the first screens.
    for (let at = 0; at < 600; at++) writeFileSync(inMail('cur', `17000000${100 + at}.host:2,S`), mail(`m${at}`));
    // Long ago, as it is when a person closes what takes minutes to read.
    const before = new Date(Date.now() - 3_600_000);
    utimesSync(inMail('cur'), before, before);
    store = await home.open();
    await store.close();
    store = await home.open();
    expect(await store.listMessages({ folder: inbox, offset: 0, limit: 1 })).toMatchObject({ total: 600 });
  });

  it('is found by each of many who ask for it at once', async () => {
    const asked = Array.from({ length: 8 }, (_, at) => request(`m${at}`));
    for (const { messageKey, bytes } of asked) writeFileSync(inMail('new', messageKey), bytes);
    const rows = await Promise.all(asked.map(({ messageKey }) => store.summary(messageKey)));
    expect(rows.map((row) => row?.subject)).toEqual(asked.map((_, at) => `m${at}`));
  });

  it('a folder half made before, or by another program, is the folder that is asked for', async () => {
    for (const sub of ['cur', 'new', 'tmp']) mkdirSync(inMail('.Bills', sub), { recursive: true });
    await store.createFolder(folderPath('Bills'));
    await store.file([request('one', mail('one'), { folder: folderPath('Bills') })]);
    expect(readdirSync(inMail('.Bills', 'new'))).toHaveLength(1);
    const made = readdirSync(inMail()).filter((name) => /^\.(Bills|&)/.test(name));
    expect(made).toEqual(['.Bills']);
    expect(readdirSync(inMail('.Bills')).sort()).toEqual(['cur', 'maildirfolder', 'new', 'tmp']);
    const own = (await store.listFolders()).map(({ folder }) => folder).filter((name) => name.startsWith('Bills'));
    expect(own).toEqual(['Bills']);
  });
});
