import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AccountId, FolderPath, type MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { keyOf, mail } from '../../../store/testing/store-fixture.ts';
import { type ArchiveOnAProfile, archiveOnAProfile } from '../testing/archive-on-a-profile.ts';
import { verifyBackup } from '../verify-backup.ts';
import { digest, MailboxInMemory } from './testing/in-memory.ts';

/** More, when the code that reads damaged files is changed: `SALVAGE_SCALE=50`. */
const scale = Number(process.env.SALVAGE_SCALE ?? 1);
const never = { signal: new AbortController().signal, report: () => undefined };
const account = AccountId.parse('account-1');
const work = FolderPath.parse('Work/Äpfel & Birnen');

let out: string;
let source: ArchiveOnAProfile;
let full: Buffer;
let sound: MailboxInMemory;
const at = (name: string): string => join(out, name);

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'postrider-salvage-'));
  source = await archiveOnAProfile();
  await put('first', 12, folder.inbox);
  await put('second', 8, work);
  await source.store.createFolder(FolderPath.parse('Nothing in it'));
  await source.create({ out: at('full.zip') });
  full = readFileSync(at('full.zip'));
  await put('third', 6, folder.inbox);
  await source.create({ out: at('middle.zip'), incrementalFrom: at('full.zip') });
  await put('fourth', 5, work);
  await source.create({ out: at('newest.zip'), incrementalFrom: at('middle.zip') });
  sound = await restored('full.zip');
});
afterAll(async () => {
  await source.remove();
  await rm(out, { recursive: true, force: true });
});

async function put(name: string, count: number, where: FolderPath): Promise<void> {
  await source.store.file(
    Array.from({ length: count }, (_, index) => {
      const bytes = mail(`${name} ${index}`, `Hello ${name} ${index}, ${seededText(index + name.length)}`);
      const entry = {
        uniqueId: `${name}-${index}`,
        octets: bytes.length,
        listedOctets: bytes.length,
        sha256: digest(bytes),
        collectedAt: index,
        isConfirmed: true,
      };
      const messageKey = keyOf(`${name} ${index}`, bytes);
      return {
        folder: where,
        messageKey,
        bytes,
        flags: index % 2 === 0 ? ['seen' as const] : ['flagged' as const],
        tags: index % 3 === 0 ? ['urgent'] : [],
        receivedAt: Date.UTC(2024, 0, 1 + index),
        collected: { accountId: account, entry },
      };
    }),
  );
}

/** A seeded generator: the same damage on every machine. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function seededText(seed: number): string {
  const random = seeded(seed);
  return Array.from({ length: 40 }, () => random().toString(36).slice(2)).join('\r\n');
}

async function restored(name: string): Promise<MailboxInMemory> {
  const mailbox = new MailboxInMemory();
  await mailbox.restoreIntact(at(name));
  return mailbox;
}

function flipped(bytes: Buffer, position: number, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[position] = (changed[position] ?? 0) ^ (1 << bit);
  return changed;
}

/** Nothing that came back is anything but what was backed up: bytes, key, folder, flags, tags, rows. */
function expectNothingWrong(mailbox: MailboxInMemory, whole: MailboxInMemory, what: string): void {
  const right = new Map([...whole.messages.values()].map((one) => [digest(one.bytes), one]));
  for (const [key, message] of mailbox.messages) {
    const original = right.get(digest(message.bytes));
    expect(original, `${what}: bytes of ${key}`).toBeDefined();
    expect(message.folder, what).toBe(original?.folder);
    // Where its list is lost it comes back without marks, never with wrong ones.
    if (message.tags !== undefined) expect(message, what).toEqual(original);
    else expect(message.restored?.letters, what).toBe('');
  }
  for (const row of mailbox.rows) expect(whole.rows, what).toContain(row);
}

async function salvage(name: string, bytes: Buffer) {
  writeFileSync(at(name), bytes);
  const mailbox = new MailboxInMemory();
  return { mailbox, report: await mailbox.restoreIntact(at(name)) };
}

test('a whole one comes back whole', async () => {
  expect(sound.messages.size).toBe(20);
  expect(sound.rows.filter((row) => row.startsWith('unique_ids'))).toHaveLength(20);
  expect([...sound.folders]).toContain('Nothing in it');
  expect(sound.settings).toBe(true);
});

describe('one bit that changed', () => {
  test('anywhere costs one message at most, which is named, and nothing wrong comes back', async () => {
    const random = seeded(1);
    const lost: string[] = [];
    for (let n = 0; n < scale * 40; n++) {
      const position = Math.floor(random() * full.length);
      const what = `octet ${position}`;
      const { mailbox, report } = await salvage('flip.zip', flipped(full, position, n % 8));
      expectNothingWrong(mailbox, sound, what);
      expect(mailbox.messages.size + (report.damagedMessages ?? 0), what).toBe(20);
      expect(mailbox.messages.size, what).toBeGreaterThanOrEqual(19);
      for (const { holds, subject = '' } of report.damaged ?? []) if (holds === 'message') lost.push(subject);
    }
    // The flips did meet messages, and each that is missing was named.
    expect(lost.length).toBeGreaterThan(5);
    for (const subject of lost) expect(subject).toMatch(/^(first|second) \d+$/);
  });

  test('is found by a check, which names the same', async () => {
    const random = seeded(2);
    for (let n = 0; n < scale * 12; n++) {
      const bytes = flipped(full, Math.floor(random() * full.length), n % 8);
      const { report } = await salvage('flip.zip', bytes);
      const checked = await verifyBackup(at('flip.zip'), never);
      expect(checked).toMatchObject({ verified: false, damaged: report.damaged });
      expect((checked.intactMessages ?? 0) + (checked.damagedMessages ?? 0)).toBe(20);
    }
  });
});

/** The data of an entry, by its name. */
function dataOf(name: RegExp, bytes = full): number {
  for (let position = 0; bytes.readUInt32LE(position) === 0x04034b50; ) {
    const dataAt = position + 30 + bytes.readUInt16LE(position + 26);
    if (name.test(bytes.toString('utf8', position + 30, dataAt))) return dataAt;
    position = dataAt + bytes.readUInt32LE(position + 18);
  }
  throw new Error(`no ${name}`);
}

describe('damage to what is about messages', () => {
  test('a list: its messages come back with their own keys, folders by their names, and it is said', async () => {
    const { mailbox, report } = await salvage('list.zip', flipped(full, dataOf(/messages-/) + 20, 1));
    expect([...mailbox.messages.keys()].sort()).toEqual([...sound.messages.keys()].sort());
    expectNothingWrong(mailbox, sound, 'list');
    expect(report).toMatchObject({ unlisted: 12, damagedMessages: 0, damagedTotal: 1 });
    expect(report.problems.join()).toContain('a list of messages in Inbox is damaged');
  });

  test('the ledger: every message comes back, and the rest of its rows', async () => {
    const { mailbox, report } = await salvage('ledger.zip', flipped(full, dataOf(/ledger-unique/) + 20, 1));
    expect(mailbox.messages.size).toBe(20);
    expect(mailbox.rows.filter((row) => row.startsWith('unique_ids'))).toEqual([]);
    expect(mailbox.rows.filter((row) => row.startsWith('tags')).length).toBeGreaterThan(0);
    expectNothingWrong(mailbox, sound, 'ledger');
    expect(report.damaged).toMatchObject([{ holds: 'ledger' }]);
  });

  test('the manifest: everything comes back as it was', async () => {
    const { mailbox, report } = await salvage('manifest.zip', flipped(full, dataOf(/manifest/) + 20, 1));
    expect(mailbox.messages).toEqual(sound.messages);
    expect(mailbox.rows).toEqual(sound.rows);
    expect(report.damaged).toMatchObject([{ holds: 'manifest' }]);
    // To two seconds, by what the zip notes of its entries.
    const { createdAt } = await new MailboxInMemory().restoreIntact(at('full.zip'));
    expect(Math.abs(Date.parse(report.createdAt ?? '') - Date.parse(createdAt ?? ''))).toBeLessThanOrEqual(3000);
  });

  test('the manifest and the ledger: both are named, by what the entries are called', async () => {
    const both = flipped(flipped(full, dataOf(/manifest/) + 20, 1), dataOf(/ledger-unique/) + 20, 1);
    const { mailbox, report } = await salvage('unnamed.zip', both);
    expect(mailbox.messages.size).toBe(20);
    expectNothingWrong(mailbox, sound, 'both');
    expect(report.damaged).toMatchObject([
      { holds: 'manifest' },
      { holds: 'ledger', entry: expect.stringMatching(/^postrider\/ledger-/) },
    ]);
  });

  test('the list and the ledger: what file names say', async () => {
    const both = flipped(flipped(full, dataOf(/messages-/) + 20, 1), dataOf(/ledger-unique/) + 20, 1);
    const { mailbox } = await salvage('both.zip', both);
    expectNothingWrong(mailbox, sound, 'both');
    expect(mailbox.messages.size).toBe(20);
    // Begun again it doubles nothing.
    expect(await mailbox.restoreIntact(at('both.zip'))).toMatchObject({ messages: 0, others: 20 });
  });

  test('only the folder, or the message, that is asked for comes back', async () => {
    writeFileSync(at('one.zip'), flipped(full, dataOf(/mail\/Inbox/) + 20, 1));
    const mailbox = new MailboxInMemory();
    const report = await mailbox.restoreIntact(at('one.zip'), { folders: [work], settings: 'leave' });
    expect(report).toMatchObject({ messages: 8, damagedMessages: 0, tookSettings: false });
    expect(mailbox.settings).toBe(false);
    await expect(
      mailbox.restoreIntact(at('one.zip'), { folders: [FolderPath.parse('Nowhere')] }),
    ).rejects.toMatchObject({ code: 'ENOTFOUND' });
    const [messageKeys, other] = [[...sound.messages.keys()].slice(-1), new MailboxInMemory()];
    await other.restoreIntact(at('one.zip'), { messageKeys, settings: 'leave' });
    expect([...other.messages.keys()]).toEqual(messageKeys);
  });
});

describe('a file that is cut off or overwritten', () => {
  test('gives back every message before the cut, at many places', async () => {
    const random = seeded(3);
    const ends = messageEnds();
    for (let n = 0; n < scale * 20; n++) {
      const length = Math.floor(random() * full.length);
      const whole = ends.filter((end) => end <= length).length;
      writeFileSync(at('cut.zip'), full.subarray(0, length));
      const mailbox = new MailboxInMemory();
      const report = await mailbox.restoreIntact(at('cut.zip')).catch((error: unknown) => error);
      if (whole > 0) expect(report, `cut at ${length}`).toMatchObject({ kind: 'backup', messages: whole });
      if (whole > 0 && length < full.length) expect(report).toMatchObject({ damaged: expect.anything() });
      expectNothingWrong(mailbox, sound, `cut at ${length}`);
    }
  });

  test('of which the directory is overwritten gives back everything', async () => {
    const bytes = Buffer.from(full);
    bytes.fill(0, bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2])));
    const { mailbox, report } = await salvage('no-directory.zip', bytes);
    expect(mailbox.messages).toEqual(sound.messages);
    expect(mailbox.rows).toEqual(sound.rows);
    expect(report.damaged).toMatchObject([{ holds: 'directory' }]);
  });

  test('with stretches overwritten or missing, at many places, gives back nothing wrong', async () => {
    const random = seeded(4);
    let missing = 0;
    for (let n = 0; n < scale * 20; n++) {
      const from = Math.floor(random() * full.length);
      const length = 1 + Math.floor(random() * 2000);
      const noise = Buffer.from(Array.from({ length: n % 2 === 0 ? length : 0 }, () => Math.floor(random() * 256)));
      const bytes = Buffer.concat([full.subarray(0, from), noise, full.subarray(from + length)]);
      writeFileSync(at('torn.zip'), bytes);
      const mailbox = new MailboxInMemory();
      await mailbox.restoreIntact(at('torn.zip'));
      expectNothingWrong(mailbox, sound, `torn at ${from} for ${length}`);
      const touched = messageEnds().filter((end, index, ends) => end > from && (ends[index - 1] ?? 0) < from + length);
      expect(mailbox.messages.size, `torn at ${from} for ${length}`).toBeGreaterThanOrEqual(20 - touched.length);
      missing += 20 - mailbox.messages.size;
    }
    expect(missing).toBeGreaterThan(5);
  });

  test('that is nothing of ours is refused', async () => {
    for (const bytes of ['', 'PK', 'x'.repeat(9000)]) {
      writeFileSync(at('none.zip'), bytes);
      await expect(new MailboxInMemory().restoreIntact(at('none.zip'))).rejects.toMatchObject({ code: 'EMALFORMED' });
    }
  });
});

/** Where the data of each message ends. */
function messageEnds(): number[] {
  const ends: number[] = [];
  for (let position = 0; full.readUInt32LE(position) === 0x04034b50; ) {
    const dataAt = position + 30 + full.readUInt16LE(position + 26);
    const name = full.toString('utf8', position + 30, dataAt);
    position = dataAt + full.readUInt32LE(position + 18);
    if (name.endsWith('.eml')) ends.push(position);
  }
  return ends;
}

test('what lies inside a damaged message is not taken for an entry of the backup', async () => {
  const inner = Buffer.from(full.subarray(0, full.indexOf('manifest.json')));
  const bytes = new Uint8Array(Buffer.concat([mail('a backup inside'), inner]));
  const one = await archiveOnAProfile();
  try {
    await one.store.file([{ folder: folder.inbox, messageKey: keyOf('x', bytes), bytes: bytes.slice(), flags: [] }]);
    await one.create({ out: at('nested.zip') });
    const nested = readFileSync(at('nested.zip'));
    const { mailbox, report } = await salvage('nested.zip', flipped(nested, dataOf(/\.eml/, nested) + 30, 1));
    expect([...mailbox.messages.values()].map(({ folder: where }) => where)).toEqual([]);
    expect(report.damaged).toMatchObject([{ holds: 'message', subject: 'a backup inside' }]);
  } finally {
    await one.remove();
  }
});

describe('a chain', () => {
  let files: [string, Buffer][];
  beforeAll(() => {
    files = ['middle.zip', 'newest.zip'].map((name): [string, Buffer] => [name, readFileSync(at(name))]);
  });
  afterEach(() => {
    for (const [name, bytes] of files) writeFileSync(at(name), bytes);
  });

  test('with a damaged middle one gives back all that is intact, and names the rest', async () => {
    const whole = await restored('newest.zip');
    expect(whole.messages.size).toBe(31);
    const middle = readFileSync(at('middle.zip'));
    const random = seeded(5);
    const lost = new Set<string>();
    for (let n = 0; n < scale * 12; n++) {
      const position = Math.floor(random() * middle.length);
      const { mailbox, report } = await damagedMiddle(flipped(middle, position, n % 8));
      expectNothingWrong(mailbox, whole, `octet ${position}`);
      expect(mailbox.messages.size + (report.damagedMessages ?? 0)).toBe(31);
      expect(mailbox.messages.size).toBeGreaterThanOrEqual(30);
      for (const { subject } of report.damaged ?? []) if (subject !== undefined) lost.add(subject);
    }
    for (const cut of [0.3, 0.6, 0.9]) {
      const { mailbox, report } = await damagedMiddle(middle.subarray(0, Math.floor(middle.length * cut)));
      expectNothingWrong(mailbox, whole, `cut at ${cut}`);
      expect(mailbox.messages.size + (report.damagedMessages ?? 0)).toBe(31);
    }
    // Only what lay in the middle one can be lost with it.
    for (const subject of lost) expect(subject).toMatch(/^third/);
    expect(lost.size).toBeGreaterThan(0);
  });

  test('whose newest one lost a list comes back with what the earlier ones list', async () => {
    const newest = readFileSync(at('newest.zip'));
    const { mailbox, report } = await salvage('newest.zip', flipped(newest, dataOf(/messages-/, newest) + 20, 1));
    expect(mailbox.messages.size).toBe(31);
    expect(report).toMatchObject({ damagedMessages: 0 });
  });

  test('whose first one is gone gives back the others and names it', async () => {
    const elsewhere = await mkdtemp(join(out, 'moved-'));
    for (const name of ['newest.zip', 'middle.zip']) writeFileSync(join(elsewhere, name), readFileSync(at(name)));
    const mailbox = new MailboxInMemory();
    const report = await mailbox.restoreIntact(join(elsewhere, 'newest.zip'));
    expect(report).toMatchObject({ messages: 11, damagedMessages: 20 });
    expect(report.problems.join()).toContain('full.zip, is missing');
  });

  async function damagedMiddle(bytes: Buffer) {
    writeFileSync(at('middle.zip'), bytes);
    const mailbox = new MailboxInMemory();
    return { mailbox, report: await mailbox.restoreIntact(at('newest.zip')) };
  }
});

describe('on a real mailbox', () => {
  test('without the word for it a damaged one is refused; with it the report says what is missing', async () => {
    writeFileSync(at('real.zip'), flipped(full, dataOf(/mail\/Inbox/) + 20, 1));
    const target = await archiveOnAProfile();
    try {
      await expect(target.restore({ file: at('real.zip') })).rejects.toMatchObject({ code: 'EMALFORMED' });
      const report = await target.restore({ file: at('real.zip'), intact: true });
      expect(report).toMatchObject({
        messages: 19,
        damagedMessages: 1,
        damaged: [{ subject: expect.stringMatching(/^first/) }],
      });
      // A sound copy found later gives the rest, and doubles nothing.
      expect(await target.restore({ file: at('full.zip') })).toMatchObject({ messages: 1, others: 19 });
    } finally {
      await target.remove();
    }
  });

  test('after a lost list a sound copy doubles nothing', async () => {
    writeFileSync(at('real.zip'), flipped(full, dataOf(/messages-/) + 20, 1));
    const target = await archiveOnAProfile();
    try {
      expect(await target.restore({ file: at('real.zip'), intact: true })).toMatchObject({
        messages: 20,
        unlisted: 12,
      });
      expect(await target.restore({ file: at('full.zip') })).toMatchObject({ messages: 0, others: 20 });
      const keys: MessageKey[] = await target.store.listKeys(folder.inbox);
      expect(keys).toHaveLength(12);
    } finally {
      await target.remove();
    }
  });
});
