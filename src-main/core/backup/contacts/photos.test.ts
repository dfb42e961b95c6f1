import { readdirSync, writeFileSync } from 'node:fs';
import { rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ImportReport } from '#shared/job.ts';
import { methods } from '#shared/rpc/contract.ts';
import { type CoreOnAProfile, openCore } from '../../testing/core-on-a-profile.ts';
import { exportContacts } from './export-contacts.ts';
import { mostPhotoOctets, photoName, photosIn, photosOfBackup } from './photos.ts';
import { readVcards } from './vcard.ts';

const png = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.from(Array.from({ length: 3000 }, (_, n) => (n * 7919) % 256)),
]);
const jpeg = (octets: number): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(octets, 7)]);

const cores: CoreOnAProfile[] = [];
let core: CoreOnAProfile;
beforeEach(async () => {
  core = await another();
});
afterEach(async () => {
  for (const each of cores.splice(0)) await each.dispose();
});

async function another(): Promise<CoreOnAProfile> {
  const opened = await openCore();
  cores.push(opened);
  return opened;
}

const card = (name: string, ...lines: string[]): string =>
  ['BEGIN:VCARD', 'VERSION:3.0', `FN:${name}`, `EMAIL:${name}@example.org`, ...lines, 'END:VCARD', ''].join('\r\n');

async function taken(into: CoreOnAProfile, text: string): Promise<ImportReport> {
  const path = join(into.profileDir, 'people.vcf');
  await writeFile(path, text);
  const { jobId } = await into.api.call('import.start', methods['import.start'].params.parse({ path, sources: [] }));
  for (;;) {
    const job = (await into.api.call('job.list', {})).find((each) => each.jobId === jobId);
    if (job?.state.kind === 'succeeded' && job.state.summary.kind === 'import') return job.state.summary;
    if (job?.state.kind === 'failed') throw new Error(job.state.error.message);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const folded = (line: string): string => line.replace(/(.{74})(?=.)/g, '$1\r\n ');
const inThree = (octets: Buffer): string => folded(`PHOTO;ENCODING=b;TYPE=PNG:${octets.toString('base64')}`);

test('a photo comes in with its person, is shown, and goes out in both versions to come in again', async () => {
  await taken(core, card('ann', inThree(png)));
  const [ann] = await core.api.call('contact.list', {});
  expect(ann?.photo).toBe(photoName(png));
  expect(await core.api.call('contact.photo', { photo: photoName(png) })).toEqual({
    type: 'image/png',
    base64: png.toString('base64'),
  });
  for (const format of ['vcard', 'vcard4'] as const) {
    const { text } = await core.api.call('contact.export', { format });
    expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(75);
    const other = await another();
    await taken(other, text);
    expect(await other.api.call('contact.list', {})).toEqual([ann]);
    expect(await other.api.call('contact.photo', { photo: photoName(png) })).not.toBeNull();
  }
});

test('vCard 2.1 and 4.0 carry it in their own ways; what lies elsewhere, or is no picture, is left out', () => {
  const photoIn = (line: string) => readVcards(Buffer.from(card('ann', folded(line)))).people[0]?.photo;
  const base64 = png.toString('base64');
  expect(photoIn(`PHOTO;PNG;ENCODING=BASE64:${base64}`)).toEqual(png);
  expect(photoIn(`item1.PHOTO:data:image/png;base64,${base64}`)).toEqual(png);
  expect(photoIn('PHOTO;VALUE=uri:https://example.org/ann.png')).toBeUndefined();
  expect(photoIn('PHOTO;VALUE=URL:file:///etc/passwd')).toBeUndefined();
  expect(photoIn(`PHOTO;ENCODING=b;TYPE=JPEG:${Buffer.from('<svg onload="x"/>').toString('base64')}`)).toBeUndefined();
});

test('one that is too large is left out by name, and its person comes in', async () => {
  const report = await taken(core, card('ann', inThree(jpeg(mostPhotoOctets + 1))) + card('bob', inThree(jpeg(1000))));
  expect(report.contacts).toMatchObject({ added: 2 });
  expect(report.failed).toMatchObject([{ error: { code: 'ETOOLARGE', message: expect.stringContaining('of ann') } }]);
  expect((await core.api.call('contact.list', {})).map(({ photo }) => photo)).toEqual([
    undefined,
    photoName(jpeg(1000)),
  ]);
});

test('a file that is not what it was is not shown', async () => {
  const photos = photosIn(core.profileDir);
  await photos.keep(png);
  expect(readdirSync(join(core.profileDir, 'photos'))).toEqual([photoName(png)]);
  writeFileSync(join(core.profileDir, 'photos', photoName(png)), jpeg(10));
  expect(await photos.read(photoName(png))).toBeNull();
  await rm(join(core.profileDir, 'photos'), { recursive: true });
  expect(await photos.read(photoName(png))).toBeNull();
  expect(await photos.read('../settings.json')).toBeNull();
});

test('a backup brings it to another profile; a foreign one cannot bring anything else', async () => {
  await taken(core, card('ann', inThree(png)));
  const file = join(core.profileDir, 'b.zip');
  await ended(core, core.api.call('backup.create', { out: file }));
  const other = await another();
  const request = methods['backup.restore'].params.parse({ file, settings: 'add' });
  await ended(other, other.api.call('backup.restore', request));
  expect(await other.api.call('contact.photo', { photo: photoName(png) })).toMatchObject({ type: 'image/png' });
  expect(photosOfBackup({ photos: { [photoName(jpeg(5))]: png.toString('base64'), x: 'eA==' } })).toEqual([]);
  expect(photosOfBackup({ photos: 7 })).toEqual([]);
});

async function ended(on: CoreOnAProfile, begun: Promise<{ jobId: string }>): Promise<void> {
  const { jobId } = await begun;
  for (;;) {
    const job = (await on.api.call('job.list', {})).find((each) => each.jobId === jobId);
    if (job?.state.kind === 'succeeded') return;
    if (job?.state.kind === 'failed') throw new Error(job.state.error.message);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('people of one photo go out with it once for each', () => {
  const photos = new Map([[photoName(png), png]]);
  const entry = { displayName: 'Ann', note: '', photo: photoName(png), person: 'p' };
  const { text } = exportContacts(
    [
      { ...entry, mailbox: 'a@x.org' },
      { ...entry, mailbox: 'b@x.org' },
    ],
    'vcard4',
    photos,
  );
  expect(text.match(/^PHOTO/gm)).toHaveLength(1);
});

test('the picture of somebody who is gone goes at a later start, and no other', async () => {
  const photos = photosIn(core.profileDir);
  const path = (octets: Buffer): string => join(core.profileDir, 'photos', photoName(octets));
  for (const octets of [png, jpeg(10), jpeg(20)]) await photos.keep(octets);
  const long = new Date(Date.now() - 3 * 86_400_000);
  for (const octets of [png, jpeg(10)]) await utimes(path(octets), long, long);
  await writeFile(join(core.profileDir, 'photos', 'notes.txt'), 'mine');
  await core.core.start();
  expect(readdirSync(join(core.profileDir, 'photos'))).toHaveLength(4);
  const person = { displayName: 'Ann', mailbox: 'ann@example.org', note: '', photo: photoName(png) };
  await core.api.call('contact.put', person);
  core = await core.reopen();
  cores.splice(0, 1, core);
  await core.core.start();
  await expect
    .poll(() => readdirSync(join(core.profileDir, 'photos')).sort())
    .toEqual([photoName(png), photoName(jpeg(20)), 'notes.txt'].sort());
});
