import { appendFile, mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findMail } from '../find-mail.ts';
import { walkMail } from '../sources/walk.ts';
import { writeTree } from '../testing/thunderbird-profile.ts';
import type { Position } from './position.ts';
import { Reading, SourceChanged } from './reading.ts';

let path: string;

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'postrider-reading-'));
  const entry = (n: number): string => `From - Mon Jan  1 10:00:00 2024\nSubject: ${n}\n\nbody ${n}\n\n`;
  await writeTree(path, {
    'a/1.eml': 'Subject: first\r\n\r\none\r\n',
    'a/2.eml': 'Subject: second\r\n\r\ntwo\r\n',
    'b/cur/1000.x:2,S': 'Subject: third\r\n\r\nthree\r\n',
    'b/cur/1001.x:2,S': 'Subject: fourth\r\n\r\nfour\r\n',
    'b/new/': '',
    'c.mbox': Array.from({ length: 9 }, (_, n) => entry(n)).join(''),
    'd.mbox': entry(10),
  });
  // A whole second, which can be given back exactly.
  await utimes(at('c.mbox'), 1_700_000_000, 1_700_000_000);
});
afterEach(() => rm(path, { recursive: true, force: true }));

/** Reads the tree from a position on, at most so many messages; answers their subjects and where it is then. */
async function read(from: Position | null, most = 1000): Promise<{ subjects: string[]; position: Position }> {
  const reading = new Reading(from);
  const subjects: string[] = [];
  const { signal } = new AbortController();
  for await (const walked of walkMail(path, { signal })) {
    if (walked.kind === 'failed') throw walked.error;
    for await (const found of findMail(walked.file, { signal, onOctets: () => undefined, reading })) {
      if (found.kind !== 'message') throw new Error(JSON.stringify(found));
      reading.took(found.mark);
      subjects.push(/^Subject: (.*?)\r?\n/.exec(Buffer.from(found.bytes).toString())?.[1] ?? '');
      if (subjects.length === most) return { subjects, position: await reading.position() };
    }
    reading.end();
  }
  reading.finish();
  return { subjects, position: await reading.position() };
}

const at = (...parts: string[]): string => join(path, ...parts);

test('broken off after any message and begun from there it gives each message once, in the same order', async () => {
  const { subjects: all } = await read(null);
  expect(all).toHaveLength(14);
  for (let first = 1; first <= all.length; first++) {
    const before = await read(null, first);
    expect(before.subjects).toEqual(all.slice(0, first));
    // A position is written down and read again.
    const position: Position = JSON.parse(JSON.stringify(before.position));
    if (first < all.length) {
      const after = await read(position, 1);
      expect(after.subjects).toEqual([all[first]]);
      expect((await read(after.position)).subjects).toEqual(all.slice(first + 1));
    }
    expect((await read(position)).subjects).toEqual(all.slice(first));
  }
});

describe('a position is worth nothing', () => {
  test.each<[string, number, () => Promise<unknown>]>([
    ['in an mbox with other octets, of the same length and time', 8, () => changeQuietly(at('c.mbox'))],
    ['in an mbox that has grown', 8, () => appendFile(at('c.mbox'), '\n')],
    ['in an mbox that was put in its place', 8, async () => replace(at('c.mbox'))],
    ['after an mbox that has grown', 14, () => appendFile(at('c.mbox'), '\n')],
    ['after a file of another time', 3, () => utimes(at('a/1.eml'), 1, 1)],
    ['where a file has come in before it', 3, () => writeFile(at('a/0.eml'), 'Subject: new\r\n\r\n\r\n')],
    [
      'where a message of a Maildir has come in before it',
      4,
      () => writeFile(at('b/cur/0999.x:2,'), 'Subject: n\r\n\r\n'),
    ],
    ['where a message of a Maildir was marked', 4, () => rename(at('b/cur/1000.x:2,S'), at('b/cur/1000.x:2,FS'))],
    ['where a file is gone', 4, () => rm(at('a/1.eml'))],
    ['where everything after it is gone', 8, () => rm(at('c.mbox')).then(() => rm(at('d.mbox')))],
  ])('%s', async (_what, after, change) => {
    const { position } = await read(null, after);
    await change();
    await expect(read(position)).rejects.toThrow(SourceChanged);
  });
});

/** The last message before the position; what follows it changes nothing. */
async function changeQuietly(file: string): Promise<void> {
  const { atime, mtime } = await stat(file);
  const octets = await readFile(file);
  octets[octets.indexOf('body 3')] = 0x42;
  await writeFile(file, octets);
  await utimes(file, atime, mtime);
}

async function replace(file: string): Promise<void> {
  const { atime, mtime } = await stat(file);
  await writeFile(`${file}.tmp`, await readFile(file));
  await rename(`${file}.tmp`, file);
  await utimes(file, atime, mtime);
}
