import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FolderPath } from '#shared/ids.ts';
import { mail } from '../store/testing/store-fixture.ts';
import { fromOctets, onDisk, shown } from './sources/raw-path.ts';
import { nameInZip } from './sources/zip-names.ts';
import { type BackupRoom, openBackupRoom } from './testing/backup-room.ts';

let room: BackupRoom;
beforeEach(async () => {
  room = await openBackupRoom();
});
afterEach(() => room.close());

const at = (...parts: string[]): string => room.at(...parts);
const text = (subject: string): string => Buffer.from(mail(subject)).toString();
const mbox = (...subjects: string[]): string =>
  subjects.map((subject) => `From a@b Mon Jan  1 10:00:00 2024\n${text(subject).replaceAll('\r\n', '\n')}\n`).join('');

/** Subjects by folder. */
async function mailbox(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { folder, total } of await room.store.listFolders())
    if (total > 0) found[folder] = await subjectsIn(folder);
  return found;
}

async function subjectsIn(folder: FolderPath): Promise<string[]> {
  const { rows } = await room.store.listMessages({ folder, offset: 0, limit: 1000 });
  return rows.map(({ subject }) => subject).sort();
}

describe('packed by gzip', () => {
  test('mboxes, messages, what Dovecot packs under its usual name, and entries of archives come in', async () => {
    await mkdir(at('tree', 'Box', 'cur'), { recursive: true });
    await mkdir(at('tree', 'Box', 'new'));
    await writeFile(at('tree', 'Old.mbox.gz'), gzipSync(mbox('one', 'two')));
    await writeFile(at('tree', 'log.gz'), gzipSync('Not mail at all.'));
    await writeFile(at('tree', 'letter.eml.gz'), gzipSync(text('letter')));
    await writeFile(at('tree', 'Box', 'cur', '1.M1.host,S=100:2,S'), gzipSync(text('packed by Dovecot')));
    await mkdir(at('in'));
    await writeFile(at('in', 'Deep.mbox.gz'), gzipSync(mbox('three')));
    execFileSync('tar', ['-czf', at('tree', 'all.tgz'), '-C', at('in'), '.']);
    const report = await room.imported({ path: at('tree'), keepFolders: true });
    expect(report).toMatchObject({ imported: 5, failed: [] });
    expect(await mailbox()).toMatchObject({
      Old: ['one', 'two'],
      Box: ['packed by Dovecot'],
      Deep: ['three'],
    });
    // The bytes are those of the message, not of the packing.
    expect(await room.imported({ path: at('tree'), keepFolders: true })).toMatchObject({ imported: 0, duplicates: 5 });
  });

  test('a file is known by its octets, whatever it is called', async () => {
    await writeFile(at('mail.bin'), gzipSync(mbox('one')));
    expect(await room.imported({ path: at('mail.bin'), keepFolders: true })).toMatchObject({ imported: 1 });
    await writeFile(at('no.gz'), gzipSync('Not mail at all.'));
    await expect(room.imported({ path: at('no.gz') })).rejects.toThrow('does not look like mail');
  });

  test('cut off: what came before stays, the rest is told', async () => {
    const bytes = gzipSync(mbox(...Array.from({ length: 300 }, (_, n) => `${n} ${Math.sin(n)}`)));
    await writeFile(at('cut.mbox.gz'), bytes.subarray(0, bytes.length / 2));
    const report = await room.imported({ path: at('cut.mbox.gz'), keepFolders: true });
    expect(report.imported).toBeGreaterThan(20);
    expect(report).toMatchObject({ failedTotal: 1, failed: [{ error: { code: 'EMALFORMED' } }] });
  });

  test('tar archives without gzip, known by their first block', async () => {
    await mkdir(at('Takeout', 'Mail'), { recursive: true });
    await writeFile(at('Takeout', 'Mail', 'All mail.mbox'), mbox('one', 'two'));
    execFileSync('tar', ['-cf', at('takeout-001'), '-C', at('.'), 'Takeout']);
    await room.imported({ path: at('takeout-001'), keepFolders: true });
    expect(Object.values(await mailbox()).flat()).toEqual(['one', 'two']);
  });
});

describe('names that are not UTF-8', () => {
  const entry = (name: Buffer, more: Partial<Parameters<typeof nameInZip>[0]> = {}) => ({
    fileNameRaw: name,
    generalPurposeBitFlag: 0,
    versionMadeBy: 20,
    extraFields: [],
    ...more,
  });

  test('in a zip: as DOS, as Windows, as Unix wrote them, or as Info-ZIP says beside', () => {
    const latin1 = (name: string): Buffer => Buffer.from(name, 'latin1');
    expect(nameInZip(entry(Buffer.from('Räume/Küche.mbox')))).toBe('Räume/Küche.mbox');
    expect(nameInZip(entry(latin1('Entw\x81rfe\\Stra\xe1e.mbox')))).toBe('Entwürfe/Straße.mbox');
    expect(nameInZip(entry(latin1('Entwürfe.mbox')))).toBe('Entwürfe.mbox');
    expect(nameInZip(entry(latin1('\xc4rger/Stra\xdfe.mbox'), { versionMadeBy: (3 << 8) | 30 }))).toBe(
      'Ärger/Straße.mbox',
    );
    const name = latin1('Caf\x82.mbox');
    const said = Buffer.concat([Buffer.from([1]), crcOf(name), Buffer.from('Café☕.mbox')]);
    expect(nameInZip(entry(name, { extraFields: [{ id: 0x7075, data: said }] }))).toBe('Café☕.mbox');
    // Of another name: it was changed since by a program that does not know it.
    const other = Buffer.concat([Buffer.from([1]), crcOf(latin1('x')), Buffer.from('x')]);
    expect(nameInZip(entry(name, { extraFields: [{ id: 0x7075, data: other }] }))).toBe('Café.mbox');
  });

  function crcOf(name: Buffer): Buffer {
    const octets = Buffer.alloc(4);
    octets.writeUInt32LE(crc32(name));
    return octets;
  }

  test('any octets can be a name, and are found again', () => {
    for (let n = 0; n < 300; n++) {
      const octets = Buffer.from(Array.from({ length: 1 + (n % 9) }, (_, i) => ((n * 7919 + i * 104_729) % 255) + 1));
      expect(Buffer.from(onDisk(fromOctets(octets)))).toEqual(octets);
    }
    expect(shown(fromOctets(Buffer.from('Entw\xfcrfe ü', 'latin1')))).toBe('Entwürfe ü');
    expect(fromOctets(Buffer.from('日本 Räume'))).toBe('日本 Räume');
  });

  test.skipIf(process.platform !== 'linux')('on a disk: files, folders and Maildirs below them', async () => {
    const raw = (path: string): Buffer => Buffer.concat([Buffer.from(at('tree/')), Buffer.from(path, 'latin1')]);
    mkdirSync(at('tree'));
    writeFileSync(raw('M\xe4rz.mbox'), mbox('one'));
    mkdirSync(raw('R\xe4ume'));
    writeFileSync(raw('R\xe4ume/K\xfcche.mbox'), mbox('two'));
    for (const sub of ['', '/cur', '/new']) mkdirSync(raw(`R\xe4ume/Bo\xdf${sub}`));
    writeFileSync(raw('R\xe4ume/Bo\xdf/cur/1.\xe9.host:2,S'), text('three'));
    writeFileSync(raw('R\xe4ume/kaputt.zip'), 'PK\x03\x04 but no zip');
    const report = await room.imported({ path: at('tree'), keepFolders: true });
    expect(await mailbox()).toEqual({ März: ['one'], 'Räume/Küche': ['two'], 'Räume/Boß': ['three'] });
    expect(report).toMatchObject({
      imported: 3,
      failedTotal: 1,
      failed: [{ source: at('tree', 'Räume', 'kaputt.zip') }],
    });
  });
});

describe.skipIf(process.platform === 'win32')('links', () => {
  let outside: string;
  beforeEach(() => {
    outside = mkdtempSync(join(tmpdir(), 'postrider-outside-'));
  });
  afterEach(() => rmSync(outside, { recursive: true }));

  test('that lead out of what was chosen are not followed, and told; those within cost nothing', async () => {
    mkdirSync(at('tree', 'Box', 'cur'), { recursive: true });
    mkdirSync(at('tree', 'Box', 'new'));
    mkdirSync(join(outside, 'More'));
    writeFileSync(join(outside, 'secret.eml'), text('secret'));
    writeFileSync(join(outside, 'settings'), 'no mail');
    writeFileSync(at('tree', 'own.eml'), text('own'));
    symlinkSync(join(outside, 'secret.eml'), at('tree', 'a.eml'));
    symlinkSync(join(outside, 'More'), at('tree', 'b'));
    symlinkSync(join(outside, 'secret.eml'), at('tree', 'Box', 'cur', '1.x.y:2,S'));
    symlinkSync(join(outside, 'settings'), at('tree', 'c'));
    symlinkSync(at('tree'), at('tree', 'round'));
    symlinkSync('own.eml', at('tree', 'again.eml'));
    symlinkSync('nowhere', at('tree', 'lock'));
    const report = await room.imported({ path: at('tree'), keepFolders: true });
    expect(Object.values(await mailbox()).flat()).toEqual(['own']);
    expect(report.failed.map(({ source }) => source).sort()).toEqual([
      at('tree', 'Box', 'cur', '1.x.y:2,S'),
      at('tree', 'a.eml'),
      at('tree', 'b'),
    ]);
    expect(report.failed[0]?.error.message).toContain('was not followed');
    // A link that is pointed at itself is what was chosen.
    expect(await room.imported({ path: at('tree', 'a.eml'), keepFolders: true })).toMatchObject({ imported: 1 });
  });
});
