import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import { keyOf, mail } from '../../store/testing/store-fixture.ts';
import { type ArchiveOnAProfile, archiveOnAProfile } from './testing/archive-on-a-profile.ts';
import { filesOf, ledgerOf } from './testing/mailbox.ts';
import { rewritten } from './testing/rewritten.ts';
import { checkTrailer } from './trailer.ts';
import { verifyBackup } from './verify-backup.ts';

const never = { signal: new AbortController().signal, report: () => undefined };

let out: string;
let source: ArchiveOnAProfile;
let whole: Buffer;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'postrider-damage-'));
  source = await archiveOnAProfile();
  await fill(source, 'first', 3);
  await source.create({ out: join(out, 'whole.zip') });
  whole = readFileSync(join(out, 'whole.zip'));
});
afterAll(async () => {
  await source.remove();
  await rm(out, { recursive: true, force: true });
});

async function fill({ store }: ArchiveOnAProfile, name: string, count: number, body = 'Hello.'): Promise<void> {
  await store.file(
    Array.from({ length: count }, (_, index) => {
      const bytes = mail(`${name} ${index}`, body);
      return { folder: folder.inbox, messageKey: keyOf(`${name} ${index}`, bytes), bytes, flags: [] };
    }),
  );
}

/** Whether the bytes pass for a whole backup. Throwing counts as noticing. */
async function holds(bytes: Buffer): Promise<boolean> {
  const file = join(out, 'tried.zip');
  writeFileSync(file, bytes);
  return verifyBackup(file, never).then(
    ({ verified }) => verified === true,
    () => false,
  );
}

/** The first thing of every verification: what does not pass it is told to be damaged. */
async function hasItsTrailer(bytes: Buffer): Promise<boolean> {
  const file = join(out, 'tried.zip');
  writeFileSync(file, bytes);
  return checkTrailer(file, never).then(
    () => true,
    () => false,
  );
}

const passes = (bytes: Buffer, how: (bytes: Buffer) => Promise<boolean>): Promise<boolean> => how(bytes);

function flipped(at: number, bit: number): Buffer {
  const bytes = Buffer.from(whole);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return bytes;
}

describe('a verification', () => {
  test('holds for what was written', async () => {
    expect(await holds(whole)).toBe(true);
  });

  test('notices one bit that changed, in any octet of the file', async () => {
    const unnoticed: number[] = [];
    for (let at = 0; at < whole.length; at++)
      if (await passes(flipped(at, at % 8), at % 97 === 0 ? holds : hasItsTrailer)) unnoticed.push(at);
    expect(unnoticed).toEqual([]);
  });

  test('notices every bit of the trailer', async () => {
    for (let at = whole.length - 100; at < whole.length; at++)
      for (let bit = 0; bit < 8; bit++)
        expect(await passes(flipped(at, bit), bit === at % 8 ? holds : hasItsTrailer), `octet ${at}, bit ${bit}`).toBe(
          false,
        );
  });

  test('notices a file that ends too early, or goes on', async () => {
    for (let length = 0; length < whole.length; length += 512)
      expect(await holds(whole.subarray(0, length))).toBe(false);
    expect(await holds(whole.subarray(0, -1))).toBe(false);
    expect(await holds(Buffer.concat([whole, Buffer.from('\n')]))).toBe(false);
    expect(await holds(Buffer.concat([whole, whole]))).toBe(false);
  });

  test('notices what was changed inside even where the trailer was made again', async () => {
    const cases: Parameters<typeof rewritten>[1][] = [
      { name: /\.eml$/, bytes: (bytes) => Buffer.concat([bytes, Buffer.from('x')]) },
      { name: /\.eml$/, rename: (name) => name.replace('first', 'other') },
      { name: /\.eml$/, drop: true },
      { name: /messages-/, bytes: (bytes) => Buffer.from(bytes.toString().replace('"letters":""', '"letters":"S"')) },
      { name: /settings/, bytes: (bytes) => Buffer.from(bytes.toString().replace('system', 'dark')) },
      { name: /manifest/, bytes: (bytes) => Buffer.from(bytes.toString().replace('"messages": 3', '"messages": 2')) },
      { name: /manifest/, bytes: () => Buffer.from('{}') },
      { name: /manifest/, drop: true },
      { add: [{ name: 'mail/Inbox/more.eml', bytes: Buffer.from('more') }] },
    ];
    for (const change of cases) expect(await holds(rewritten(whole, change)), JSON.stringify(change)).toBe(false);
    // The rewriting itself is sound.
    expect(await holds(rewritten(whole, {}))).toBe(true);
  });
});

describe('a hostile backup', () => {
  let target: ArchiveOnAProfile;
  beforeEach(async () => {
    target = await archiveOnAProfile();
  });
  afterEach(() => target.remove());

  const file = (): string => join(out, 'hostile.zip');

  async function refused(bytes: Buffer): Promise<unknown> {
    writeFileSync(file(), bytes);
    return target.restore({ file: file() }).then(
      () => 'restored',
      (error: unknown) => error,
    );
  }

  test.each([
    ['a name that leads out', '../../../../tmp/postrider-escaped.eml'],
    ['an absolute name', '/tmp/postrider-escaped.eml'],
    ['a name of Windows', '..\\..\\postrider-escaped.eml'],
  ])('%s is nowhere written to', async (_what, name) => {
    const bytes = rewritten(whole, {
      name: /\.eml$/,
      rename: () => name,
      and: {
        name: /messages-/,
        bytes: (lines) => Buffer.from(lines.toString().replaceAll(/"path":"[^"]*"/g, `"path":${JSON.stringify(name)}`)),
      },
    });
    expect(await refused(bytes)).toMatchObject({ code: 'EMALFORMED' });
    expect(existsSync('/tmp/postrider-escaped.eml')).toBe(false);
    expect(filesOf(target.mailFolder)).toEqual([]);
  });

  test.each([
    ['a folder', /"folder":"Inbox"/g, '"folder":"../../x"'],
    ['a key', /"key":"/g, '"key":"../'],
    ['flags', /"letters":""/g, '"letters":"../S"'],
    ['a directory', /"sub":"new"/g, '"sub":"../new"'],
    ['a time', /"receivedAt":\d+/g, '"receivedAt":9e99'],
    ['a date', /"date":\d+/g, '"date":9e99'],
  ])('%s that would make another path is refused', async (_what, pattern, replacement) => {
    const bytes = rewritten(whole, {
      name: /messages-/,
      bytes: (lines) => Buffer.from(lines.toString().replaceAll(pattern, replacement)),
      honest: true,
    });
    expect(await refused(bytes)).toMatchObject({ code: 'EMALFORMED' });
    expect(filesOf(target.mailFolder)).toEqual([]);
    expect(readdirSync(join(target.mailFolder, '..')).sort()).toEqual(['Mail', 'profile']);
  });

  test('two entries of one name are refused', async () => {
    const [entry] = execFileSync('unzip', ['-Z1', join(out, 'whole.zip')], { encoding: 'utf8' }).match(
      /mail\/.*\.eml/,
    ) ?? [''];
    expect(await refused(rewritten(whole, { add: [{ name: entry, bytes: Buffer.from('other') }] }))).toMatchObject({
      code: 'EMALFORMED',
      message: expect.stringContaining('twice'),
    });
  });

  test('a huge size that is only claimed costs nothing', async () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
    for (const claimed of [2 ** 31, 2 ** 32 - 2, 1000]) {
      const bytes = rewritten(whole, { name: /messages-/, packed: { data: bomb, sizeOctets: claimed } });
      expect(await refused(bytes)).toMatchObject({ code: 'EMALFORMED' });
    }
    const before = process.memoryUsage().rss;
    await refused(rewritten(whole, { name: /\.eml$/, packed: { data: bomb, sizeOctets: 64 * 1024 * 1024 } }));
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
    expect(filesOf(target.mailFolder)).toEqual([]);
  });

  test('a link in the place of a message is no link here', async () => {
    const bytes = rewritten(whole, { name: /\.eml$/, mode: 0o120777 });
    expect(await refused(bytes)).toBe('restored');
    expect(filesOf(target.mailFolder)).toHaveLength(3);
  });

  test('rows the ledger could not read again never reach it', async () => {
    await source.store.putDeliveryMemory([], []);
    const ledger = {
      name: 'postrider/ledger-outbox-000009.ndjson',
      bytes: Buffer.from('{"outbox_id":"x","message_key":"y","state":"queued","queued_at":1,"record":"{}"}\n'),
    };
    const bytes = rewritten(whole, { part: { ...ledger, entry: { holds: 'ledger', table: 'outbox', rows: 1 } } });
    expect(await refused(bytes)).toMatchObject({ code: 'EMALFORMED' });
    await target.close();
    expect(ledgerOf(target.profileDir).outbox).toEqual([]);
  });

  test('anything else is no backup', async () => {
    for (const bytes of ['', 'PK', 'x'.repeat(5000), whole.toString('latin1').replaceAll('PK', 'QK')])
      expect(await refused(Buffer.from(bytes, 'latin1'))).toMatchObject({ code: 'EMALFORMED' });
    const other = join(out, 'other.zip');
    writeFileSync(join(out, 'a.txt'), 'a');
    spawnSync('zip', ['-qj', other, join(out, 'a.txt')]);
    if (existsSync(other)) expect(await refused(readFileSync(other))).toMatchObject({ code: 'EMALFORMED' });
  });
});

const canMount = process.getuid?.() === 0 && process.platform === 'linux';

describe.skipIf(!canMount)('a full disk (needs root to mount a small file system)', () => {
  let small: string;
  beforeEach(() => {
    small = join(out, 'small');
    mkdirSync(small, { recursive: true });
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small]).status).toBe(0);
  });
  afterEach(() => void spawnSync('umount', ['-l', small]));

  test('while backing up: said so, nothing is left, the mailbox is as it was', async () => {
    const one = await archiveOnAProfile();
    try {
      for (let at = 0; at < 12; at++) await fill(one, `large ${at}`, 1, randomText(500_000, at));
      const before = filesOf(one.mailFolder);
      await expect(one.create({ out: join(small, 'b.zip') })).rejects.toMatchObject({
        code: 'EDISKFULL',
        message: expect.stringContaining('Free some space'),
      });
      expect(readdirSync(small)).toEqual([]);
      expect(filesOf(one.mailFolder)).toEqual(before);
      expect(await one.create({ out: join(out, 'elsewhere.zip') })).toMatchObject({ messages: 12 });
    } finally {
      await one.remove();
    }
  });

  test('while restoring: said so, and it goes on from there when there is room', async () => {
    const one = await archiveOnAProfile();
    const two = await archiveOnAProfile({ home: small });
    try {
      for (let at = 0; at < 12; at++) await fill(one, `large ${at}`, 1, randomText(300_000, at));
      await one.create({ out: join(out, 'full.zip') });
      await expect(two.restore({ file: join(out, 'full.zip') })).rejects.toMatchObject({ code: 'EDISKFULL' });
      spawnSync('mount', ['-o', 'remount,size=60m', small]);
      expect(await two.restore({ file: join(out, 'full.zip') })).toMatchObject({ problems: [] });
      expect(filesOf(two.mailFolder)).toEqual(filesOf(one.mailFolder));
    } finally {
      await one.remove();
      await two.remove();
    }
  });
});

/** Text that does not pack. */
function randomText(octets: number, seed: number): string {
  let state = seed + 1;
  let text = '';
  while (text.length < octets) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += state.toString(36);
    if (text.length % 70 < 7) text += '\r\n';
  }
  return text;
}
