import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Command, makeCommand } from './testing/command.ts';

const letter = 'From: a@example.org\nTo: b@example.net\nSubject: apple\n\nHello\n';
const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;

let postrider: Command;
beforeEach(async () => {
  postrider = await makeCommand();
});
afterEach(() => postrider.remove());

test.skipIf(spawnSync('prlimit', ['--version']).status !== 0)(
  'with hardly a file to open: words instead of a system’s error, and what is acknowledged is queued',
  async () => {
    await postrider.run(['folders']);
    let acknowledged = 0;
    for (const count of [24, 30]) {
      const scarce = await makeCommand(['prlimit', `--nofile=${count}:${count}`], undefined, postrider.profileDir);
      const listed = await scarce.run(['outbox', 'list']);
      expect([count, listed.code, listed.stderr]).toEqual([count, 75, expect.stringMatching(/files open.*ulimit -n/)]);
      expect(listed.stderr).not.toMatch(/EMFILE|\bat \w/);
      const queued = await scarce.run(['sendmail', '-t'], { stdin: letter });
      expect([0, 75]).toContain(queued.code);
      if (queued.code === 0) acknowledged += 1;
      await scarce.remove();
    }
    expect(acknowledged).toBeGreaterThan(0);
    expect((await postrider.run(['outbox', 'list', '--json'])).lines()).toHaveLength(acknowledged);
  },
);

/** Writes until nothing more fits. */
function fillUp(path: string): void {
  for (const octets of [1_048_576, 65_536, 4096, 1]) {
    const piece = Buffer.alloc(octets);
    try {
      for (;;) appendFileSync(path, piece);
    } catch {
      // Full for pieces of this size.
    }
  }
}

test.skipIf(!isLinuxRoot)('on a disk full to the last byte the mail can be read, and nothing is damaged', async () => {
  const { profileDir } = postrider;
  mkdirSync(profileDir, { recursive: true });
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', profileDir]).status).toBe(0);
  try {
    const file = join(profileDir, '..', 'letter.eml');
    writeFileSync(file, letter);
    await postrider.run(['import', file, '--folder', 'Inbox']);
    const indexedBefore = readFileSync(join(profileDir, 'index.sqlite')).length;
    const filler = join(profileDir, 'filler');
    fillUp(filler);
    const found = await postrider.run(['search', 'apple', '--json']);
    expect([found.code, found.stderr]).toEqual([0, '']);
    expect(found.lines()).toMatchObject([{ subject: 'apple' }]);

    // With nothing left to give back it says what is wrong, and leaves the index alone.
    rmSync(join(profileDir, 'compiled-code'), { recursive: true, force: true });
    fillUp(filler);
    const refused = await postrider.run(['folders']);
    expect([refused.code, refused.stderr]).toEqual([75, expect.stringMatching(/disk.* is full.*No mail is lost/)]);
    expect(readFileSync(join(profileDir, 'index.sqlite')).length).toBeGreaterThanOrEqual(indexedBefore);
    rmSync(filler);
    const after = await postrider.run(['index', 'check', '--json']);
    expect(after.code).toBe(0);
    expect((await postrider.run(['list', 'Inbox', '--json'])).lines()).toHaveLength(1);
    expect(readdirSync(join(profileDir, 'Mail', 'tmp'))).toEqual([]);
  } finally {
    spawnSync('umount', ['-l', profileDir]);
  }
});
