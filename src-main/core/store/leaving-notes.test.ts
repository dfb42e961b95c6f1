import { mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OutboxId, ServerId } from '#shared/ids.ts';
import type { Log } from '../ports.ts';
import { type LeavingNote, openLeavingNotes, readLeavingNotes } from './leaving-notes.ts';

let dir = '';
let path = '';
const warnings: string[] = [];
const log: Log = { info: () => undefined, warn: (message) => void warnings.push(message), error: () => undefined };

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postrider-notes-'));
  path = join(dir, 'leaving-notes');
  warnings.length = 0;
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function noteOf(name: string, mailboxes = ['b@b.example']): LeavingNote {
  return { outboxId: OutboxId.parse(name), serverId: ServerId.parse('relay'), mailboxes };
}

/** As after kill -9: the process is gone, nothing was closed. */
const afterCrash = (): LeavingNote[] => readLeavingNotes(path);

it('finds after a crash what was noted and not taken away', async () => {
  const notes = openLeavingNotes(path, log);
  const removes = await Promise.all(['one', 'two', 'three'].map((name) => notes.note(noteOf(name))));
  removes[1]?.();
  expect(new Set(afterCrash().map(({ outboxId }) => outboxId))).toEqual(new Set(['one', 'three']));
  notes.close();

  const next = openLeavingNotes(path, log);
  expect(next.left).toHaveLength(2);
  next.forgetLeft();
  expect(afterCrash()).toEqual([]);
  next.close();
});

it('never writes over what an earlier process left, until the ledger has it', async () => {
  const first = openLeavingNotes(path, log);
  for (let count = 0; count < 10; count += 1) await first.note(noteOf(`left-${count}`));
  first.close();

  const next = openLeavingNotes(path, log);
  for (let count = 0; count < 200; count += 1) (await next.note(noteOf(`new-${count}`)))?.();
  expect(afterCrash().filter(({ outboxId }) => outboxId.startsWith('left-'))).toHaveLength(10);
  next.close();
});

it('says so when every place is taken or the note is too long, so that the ledger is asked', async () => {
  const notes = openLeavingNotes(path, log);
  const removes: ((() => void) | null)[] = [];
  for (let count = 0; count < 65; count += 1) removes.push(await notes.note(noteOf(`number-${count}`)));
  expect(removes.filter((remove) => remove === null)).toHaveLength(1);
  removes[0]?.();
  expect(await notes.note(noteOf('again'))).not.toBeNull();
  removes[1]?.();
  const many = Array.from({ length: 300 }, (_, index) => `somebody-${index}@example.org`);
  expect(await notes.note(noteOf('long', many))).toBeNull();
  expect(afterCrash().some(({ outboxId }) => outboxId === 'long')).toBe(false);
  notes.close();
});

it('takes no half-written note for one: its sync had not ended, so nothing had left', async () => {
  const notes = openLeavingNotes(path, log);
  await notes.note(noteOf('whole'));
  notes.close();
  const bytes = await readFile(path);
  const at = bytes.indexOf('"whole"');
  expect(at).toBeGreaterThan(0);
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(40), 0, 40, at + 3);
  await file.close();
  expect(afterCrash()).toEqual([]);
});

it('mends a file that a full disk or a crash left too short', async () => {
  openLeavingNotes(path, log).close();
  const whole = (await stat(path)).size;
  for (const length of [0, 100, 4096, 10_000, whole - 1]) {
    await truncate(path, length);
    const notes = openLeavingNotes(path, log);
    expect((await stat(path)).size).toBe(whole);
    expect(await notes.note(noteOf('one'))).not.toBeNull();
    expect(afterCrash()).toHaveLength(1);
    notes.forgetLeft();
    notes.close();
    await writeFile(path, Buffer.alloc(whole));
  }
});

it('does without the file where none can be', async () => {
  await mkdir(path);
  const notes = openLeavingNotes(path, log);
  expect(warnings).toHaveLength(1);
  expect(await notes.note(noteOf('one'))).toBeNull();
  notes.forgetLeft();
  notes.close();
});
