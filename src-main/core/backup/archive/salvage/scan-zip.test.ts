import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ZipWriter } from '../write-zip.ts';
import { centralOctets, centralSignature, localOctets } from '../zip-records.ts';
import { type ScannedZip, scanZip } from './scan-zip.ts';

// Three entries, of which the middle one is a message with a backup attached: stored as it is, with headers inside.
const names = ['mail/one', 'mail/two', 'mail/three'] as const;
const inner = 'mail/inside';
const writtenAt = new Date(2026, 10, 21, 12, 0, 2);

let out: string;
let sound: Buffer;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'postrider-scan-'));
  const attached = await zipOf([[inner, randomBytes(300)]]);
  // Of that the entry alone: what packs well would be packed.
  const message = Buffer.concat([
    randomBytes(2000),
    attached.subarray(0, localOctets + inner.length + 300),
    randomBytes(2000),
  ]);
  sound = await zipOf([
    [names[0], randomBytes(200)],
    [names[1], message],
    [names[2], Buffer.from('easily packed '.repeat(50))],
  ]);
});
afterAll(() => rm(out, { recursive: true, force: true }));

async function zipOf(entries: readonly (readonly [name: string, bytes: Buffer])[]): Promise<Buffer> {
  const path = join(out, 'made.zip');
  writeFileSync(path, '');
  const zip = await ZipWriter.open(path);
  for (const [name, bytes] of entries) await zip.add(name, bytes, writtenAt);
  await zip.finish();
  await zip.close();
  return readFileSync(path);
}

/** Where its local header stands: its name stands behind it, and once more in the directory. */
const headerOf = (name: string): number => sound.indexOf(name) - localOctets;
const noteOf = (name: string): number => sound.lastIndexOf(name) - centralOctets;
const directoryAt = (): number => noteOf(names[0]);

async function scanned(damage: (zip: Buffer) => Buffer | undefined): Promise<ScannedZip> {
  const zip = Buffer.from(sound);
  const path = join(out, 'damaged.zip');
  writeFileSync(path, damage(zip) ?? zip);
  const scan = await scanZip(path, { signal: new AbortController().signal, onOctets: () => undefined });
  onTestFinished(() => scan.close());
  return scan;
}

const checkedIn = ({ found }: ScannedZip): string[] =>
  found.flatMap(({ name, isChecked }) => (isChecked ? [name] : []));
const uncheckedIn = ({ found }: ScannedZip): string[] =>
  found.flatMap(({ name, isChecked }) => (isChecked ? [] : [name]));

const withoutDirectory = (zip: Buffer): Buffer => zip.subarray(0, directoryAt());
/** One octet of the message before what is attached to it. */
function flip(zip: Buffer): Buffer {
  const at = headerOf(names[1]) + localOctets + names[1].length + 5;
  zip.writeUInt8(zip.readUInt8(at) ^ 1, at);
  return zip;
}

test('what the test writes has what it speaks of', async () => {
  expect(sound.readUInt32LE(directoryAt())).toBe(centralSignature);
  expect(sound.indexOf(inner)).toBeGreaterThan(headerOf(names[1]));
  expect(sound.indexOf(inner)).toBeLessThan(headerOf(names[2]));
});

test.each([
  ['as it was written', (zip: Buffer) => zip, true],
  ['without its directory', withoutDirectory, false],
  ['without the first header', (zip: Buffer) => zip.fill(0, 0, 4), true],
  // The method, and the place, that the directory notes of the message.
  [
    'with a wrong note of how it is packed',
    (zip: Buffer) => zip.fill(8, noteOf(names[1]) + 10, noteOf(names[1]) + 11),
    true,
  ],
  [
    'with a wrong note of where it stands',
    (zip: Buffer) => zip.fill(7, noteOf(names[1]) + 42, noteOf(names[1]) + 43),
    true,
  ],
])(
  '%s: every entry is found and fits, and nothing inside one is taken for one',
  async (_what, damage, hasDirectory) => {
    const scan = await scanned(damage);
    expect(checkedIn(scan)).toEqual([...names]);
    expect([...scan.damaged]).toEqual([]);
    expect(scan.hasDirectory).toBe(hasDirectory);
    for (const entry of scan.found.filter(({ isChecked }) => isChecked))
      expect((await scan.read(entry)).length).toBe(entry.sizeOctets);
  },
);

test.each([
  ['', (zip: Buffer) => flip(zip)],
  [' and without the directory', (zip: Buffer) => withoutDirectory(flip(zip))],
])(
  'a message with one wrong octet%s is damaged, given as it is, and what is attached to it is no entry',
  async (_what, damage) => {
    const scan = await scanned(damage);
    expect(checkedIn(scan)).toEqual([names[0], names[2]]);
    expect(uncheckedIn(scan)).toEqual([names[1]]);
    expect([...scan.damaged]).toEqual([names[1]]);
  },
);

test('cut off inside an entry: that one is damaged', async () => {
  const scan = await scanned((zip) => zip.subarray(0, headerOf(names[2]) + localOctets + names[2].length + 3));
  expect(checkedIn(scan)).toEqual([names[0], names[1]]);
  expect([...scan.damaged]).toEqual([names[2]]);
});

test('tells when each was written', async () => {
  expect((await scanned(() => undefined)).found.map(({ modifiedAt }) => modifiedAt)).toEqual(
    names.map(() => writtenAt.getTime()),
  );
});

test('names that no backup gives are passed over where only the headers tell', async () => {
  const zip = await zipOf(
    ['mail/../up', 'elsewhere/x', '/mail/root', 'mail/ok'].map((name) => [name, randomBytes(50)] as const),
  );
  const scan = await scanned(() => zip.subarray(0, zip.lastIndexOf('mail/../up') - centralOctets));
  expect(scan.found.map(({ name }) => name)).toEqual(['mail/ok']);
  expect([...scan.damaged]).toEqual([]);
});
