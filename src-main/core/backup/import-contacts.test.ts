import { readdirSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ImportReport } from '#shared/job.ts';
import type { ImportRequest } from '#shared/mail/mail-source.ts';
import { systemClock } from '../../host-node/system-clock.ts';
import type { SettingsService } from '../services.ts';
import { createSettings } from '../settings/settings.ts';
import { emptyOldAbook, makeAbook, oldAbook } from './testing/address-books.ts';
import { type BackupRoom, openBackupRoom, quiet } from './testing/backup-room.ts';
import { makeThunderbirdProfile } from './testing/thunderbird-profile.ts';

const secrets = {
  get: async () => undefined,
  set: async () => {},
  remove: async () => {},
  has: async () => false,
  keptIn: '',
};

let room: BackupRoom;
let settings: SettingsService;
const close: (() => void)[] = [];

beforeEach(async () => {
  room = await openBackupRoom(async (profileDir) => {
    settings = await createSettings({ profileDir, secrets, log: quiet, clock: systemClock, emit() {} });
    return settings;
  });
});
afterEach(async () => {
  for (const each of close.splice(0)) each();
  await room.close();
});

const at = (...parts: string[]): string => room.at(...parts);
const book = (): string[] =>
  settings
    .current()
    .contacts.map(({ displayName, mailbox }) => `${displayName} <${mailbox}>`)
    .sort();

const imported = (request: ImportRequest): Promise<ImportReport> => room.imported(request);

const vcard = (...lines: string[]): string => ['BEGIN:VCARD', 'VERSION:4.0', ...lines, 'END:VCARD'].join('\r\n');

/** A profile whose books are in use: what they hold stands in the logs beside them. */
async function makeProfile(): Promise<void> {
  await makeThunderbirdProfile(at('tb'), {
    'abook.v3.sqlite': 'an older copy Thunderbird made',
    'abook-2.mab': oldAbook,
    'abook.mab': 'left behind',
    'abook-3.sqlite': 'SQLite format 3\0 and then nonsense',
    'impab.mab': emptyOldAbook,
    'abook-4.sqlite': '',
  });
  close.push(
    makeAbook(
      at('tb', 'abook.sqlite'),
      [
        {
          DisplayName: 'Old name',
          PrimaryEmail: 'old@example.com',
          _vCard: vcard('FN:Ann', 'EMAIL:ann@x.org', 'NOTE:hi'),
        },
        { FirstName: 'Bob', LastName: 'Bau', PrimaryEmail: 'BOB@x.org', SecondEmail: 'not one' },
        { DisplayName: 'Phone only', CellularNumber: '123' },
      ],
      ['Team'],
    ),
    makeAbook(at('tb', 'history.sqlite'), [{ PrimaryEmail: 'shop@example.net' }]),
  );
}

test('address books of a Thunderbird profile come in, and nothing of them is touched', async () => {
  await makeProfile();
  await settings.putContact({ displayName: 'Bob here', mailbox: 'bob@x.org', note: 'mine' });
  await settings.putContact({ displayName: '', mailbox: 'ann@example.com', note: '' });
  const there = () => readdirSync(at('tb')).map((name) => [name, statSync(at('tb', name)).mtimeMs]);
  const before = there();
  const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('postrider-book-'));
  const leftBefore = left();

  const view = await room.handlers['import.look']({ path: at('tb') });
  expect(view.books).toEqual([
    { id: 'abook-2.mab', name: 'abook-2', addresses: 4, isSuggested: true },
    { id: 'abook-3.sqlite', name: 'abook-3', addresses: null, isSuggested: false },
    { id: 'abook.sqlite', name: 'Personal Address Book', addresses: 2, isSuggested: true },
    { id: 'history.sqlite', name: 'Collected Addresses', addresses: 1, isSuggested: false },
  ]);
  expect(view.notes.join('\n')).toContain('2 mailing lists (Team, Team) stay there');

  const report = await imported({ path: at('tb') });
  expect(report.contacts).toEqual({
    added: 4,
    known: 2,
    withoutAddress: 2,
    books: ['abook-2', 'abook-4', 'Personal Address Book', 'impab'],
    lists: ['Team', 'Team'],
  });
  expect(report.failed.map(({ source, error }) => `${source.slice(at('tb').length)}: ${error.message}`)).toEqual([
    expect.stringContaining('abook-3.sqlite: This is not an address book of Thunderbird'),
    '/abook.sqlite: “not one” of Bob Bau is not a complete address (name@example.com).',
  ]);
  expect(book()).toEqual([
    'Ann <ann@x.org>',
    'Ann Example <ann@example.com>',
    'Ann Example <ann@home.example>',
    'Björn K. <bjoern@example.org>',
    'Bob here <bob@x.org>',
    'Smith (Bob) <new@example.com>',
  ]);
  expect(settings.current().contacts.find(({ mailbox }) => mailbox === 'ann@x.org')?.note).toBe('hi');

  const again = await imported({ path: at('tb') });
  expect(again.contacts).toMatchObject({ added: 0, known: 6 });
  expect(there()).toEqual(before);
  expect(left()).toEqual(leftBefore);
});

test('collected addresses only when they are asked for; no book when none is wanted', async () => {
  await makeProfile();
  expect((await imported({ path: at('tb'), books: [] })).contacts).toBeUndefined();
  expect(book()).toEqual([]);
  const report = await imported({ path: at('tb'), sources: [], books: ['history.sqlite'] });
  expect(report).toMatchObject({ imported: 0, contacts: { added: 1, books: ['Collected Addresses'] } });
  expect(book()).toEqual([' <shop@example.net>']);
});

test('a file of people alone: no folder is made, no message of it', async () => {
  await writeFile(at('all.vcf'), `${vcard('FN:Ann', 'EMAIL:ann@x.org')}\r\n${vcard('FN:Bob', 'EMAIL:ann@X.org')}`);
  expect(await room.handlers['import.look']({ path: at('all.vcf') })).toMatchObject({
    kind: 'contacts',
    folders: [],
    books: [{ id: 'all.vcf', name: 'all', addresses: 2 }],
  });
  const folders = await room.store.listFolders();
  const report = await imported({ path: at('all.vcf'), folder: folders[0]?.folder });
  expect(report).toMatchObject({ imported: 0, failedTotal: 0, contacts: { added: 1, known: 0 } });
  expect(book()).toEqual(['Ann <ann@x.org>']);
  expect(await room.store.listFolders()).toEqual(folders);
});

test('a file of people packed by gzip is read, and says when it is cut off', async () => {
  const packed = gzipSync(
    Array.from({ length: 400 }, (_, n) => vcard(`FN:Ann ${n}`, `EMAIL:ann${n}@x.org`)).join('\r\n'),
  );
  await writeFile(at('people.vcf.gz'), packed);
  expect(await room.handlers['import.look']({ path: at('people.vcf.gz') })).toMatchObject({
    kind: 'contacts',
    books: [{ id: 'people.vcf.gz', name: 'people', addresses: 400 }],
  });
  expect(await imported({ path: at('people.vcf.gz') })).toMatchObject({ failedTotal: 0, contacts: { added: 400 } });
  await writeFile(at('cut.vcf.gz'), packed.subarray(0, packed.length / 2));
  await expect(room.handlers['import.look']({ path: at('cut.vcf.gz') })).rejects.toThrow('damaged or cut off');
  await writeFile(at('table.csv.gz'), gzipSync('Name,E-mail\nZoe,zoe@x.org\n'));
  expect(await imported({ path: at('table.csv.gz') })).toMatchObject({ contacts: { added: 1 } });
  await writeFile(at('bomb.vcf.gz'), gzipSync(`BEGIN:VCARD\r\n${' '.repeat(70_000_000)}`));
  await expect(room.handlers['import.look']({ path: at('bomb.vcf.gz') })).rejects.toThrow('larger than 64 MB');
});

test('a file that is no address book after all says so', async () => {
  await writeFile(at('table.csv'), 'Name,Phone\nAnn,123\n');
  await writeFile(at('places.sqlite'), 'SQLite format 3\0');
  for (const name of ['table.csv', 'places.sqlite']) {
    await expect(room.handlers['import.look']({ path: at(name) })).rejects.toMatchObject({ code: 'EMALFORMED' });
    expect(await room.ended({ path: at(name) })).toMatchObject({ kind: 'failed', error: { code: 'EMALFORMED' } });
  }
});
