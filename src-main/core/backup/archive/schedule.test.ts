import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FolderPath } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import type { Clock } from '../../ports.ts';
import { keyOf, mail } from '../../store/testing/store-fixture.ts';
import { backupName, type Link, nextBase, superfluous } from './keep-backups.ts';
import { reminderText } from './schedule.ts';
import { type ArchiveOnAProfile, archiveOnAProfile } from './testing/archive-on-a-profile.ts';

const day = 24 * 60 * 60_000;

/** A clock moved by hand; what is due runs when it is passed. */
function handClock(): Clock & { pass(ms: number): void; putBack(ms: number): void } {
  let now = Date.UTC(2026, 10, 21, 12);
  const due = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    after(delayMs, run) {
      const entry = { at: now + delayMs, run };
      due.add(entry);
      return () => due.delete(entry);
    },
    /** Timers go on as they did. */
    putBack(ms) {
      now -= ms;
      for (const entry of due) entry.at -= ms;
    },
    pass(ms) {
      now += ms;
      for (const entry of [...due]) {
        if (entry.at > now) continue;
        due.delete(entry);
        entry.run();
      }
    },
  };
}

let out: string;
let one: ArchiveOnAProfile;
let clock: ReturnType<typeof handClock>;

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'postrider-schedule-'));
  clock = handClock();
  one = await archiveOnAProfile({ clock });
});
afterEach(async () => {
  await one.remove();
  await rm(out, { recursive: true, force: true });
});

async function add(name: string, into: FolderPath = folder.inbox): Promise<void> {
  const bytes = mail(name);
  await one.store.file([{ folder: into, messageKey: keyOf(name, bytes), bytes, flags: [] }]);
}

const status = () => one.archive.handlers['backup.status']({});
/** A day passes, then minute after minute until the next backup is there: the one before may still be ending. */
async function untilNext(): Promise<void> {
  const dueAt = clock.now() + day;
  clock.pass(day);
  await vi.waitFor(
    async () => {
      clock.pass(60_000);
      expect(Date.parse((await status()).made[0]?.createdAt ?? '')).toBeGreaterThanOrEqual(dueAt);
    },
    { timeout: 20_000, interval: 100 },
  );
}

const files = (): string[] => readdirSync(out).filter((name) => name.endsWith('.zip'));

describe('a schedule', () => {
  test('makes a backup when one is due, keeps so many, and those the kept ones need', { timeout: 60_000 }, async () => {
    await one.settings.setPreferences({ backup: { folder: out, everyDays: 1, kind: 'incremental', keep: 2 } });
    writeFileSync(join(out, 'mine.zip'), 'not of the schedule');
    one.archive.startSchedule();
    for (let round = 1; round <= 4; round++) {
      await add(`day ${round}`);
      await untilNext();
    }
    const { made, nextAt, failure } = await status();
    expect(made.map(({ kind, added }) => [kind, added])).toEqual([
      ['incremental', 1],
      ['incremental', 1],
      ['incremental', 1],
      ['full', 1],
    ]);
    expect(failure).toBeNull();
    expect(Date.parse(nextAt ?? '')).toBe(Date.parse(made[0]?.createdAt ?? '') + day);
    expect(await one.verify(made[0]?.file ?? '')).toMatchObject({ verified: true });
    // Full ones need nothing: what is older goes then.
    await one.settings.setPreferences({ backup: { folder: out, everyDays: 1, kind: 'full', keep: 2 } });
    await untilNext();
    await untilNext();
    await vi.waitFor(() => expect(files()).toHaveLength(3));
    expect(existsSync(join(out, 'mine.zip'))).toBe(true);
  });

  test('goes on when the clock is put back by ten years', async () => {
    await one.settings.setPreferences({ backup: { folder: out, everyDays: 1, kind: 'full', keep: 2 } });
    await add('one');
    one.archive.startSchedule();
    await untilNext();
    const last = (await status()).made[0]?.createdAt ?? '';
    clock.putBack(3650 * day);
    await vi.waitFor(
      async () => {
        clock.pass(60_000);
        const [made] = (await status()).made;
        expect(Date.parse(made?.createdAt ?? last)).toBeLessThan(Date.parse(last));
      },
      { timeout: 20_000, interval: 100 },
    );
    expect(Date.parse((await status()).nextAt ?? '')).toBeLessThanOrEqual(clock.now() + day);
  });

  test('that fails says why, and tries again', async () => {
    writeFileSync(join(out, 'no folder'), '');
    await one.settings.setPreferences({
      backup: { folder: join(out, 'no folder', 'x'), everyDays: 7, kind: 'full', keep: 2 },
    });
    one.archive.startSchedule();
    clock.pass(60_000);
    await vi.waitFor(async () => expect((await status()).failure?.error.code).toBe('ENOTFOUND'), { timeout: 10_000 });
    await one.settings.setPreferences({ backup: { folder: out, everyDays: 7, kind: 'full', keep: 2 } });
    clock.pass(2 * 60 * 60_000);
    await vi.waitFor(async () => expect(await status()).toMatchObject({ failure: null, made: [{ kind: 'full' }] }), {
      timeout: 10_000,
    });
  });

  test('does nothing when there is none', async () => {
    one.archive.startSchedule();
    clock.pass(100 * day);
    expect(await status()).toMatchObject({ made: [], nextAt: null });
  });
});

describe('the reminder', () => {
  async function account(kind: 'delete' | 'leave'): Promise<void> {
    const fields = { label: 'Home', host: 'pop.test', port: 995, security: 'tls', user: 'a', retention: { kind } };
    await one.settings.addAccount(AccountInput.parse(fields));
  }

  /** As if the account's server had given it. */
  async function collected(name: string): Promise<void> {
    const messageKey = keyOf(name, mail(name));
    const octets = mail(name).length;
    const entry = { uniqueId: name, messageKey, octets, listedOctets: octets, sha256: '', collectedAt: 0 };
    const id = one.settings.current().accounts[0]?.id ?? expect.fail('there is no account');
    await one.store.recordUniqueIds(id, [{ ...entry, isConfirmed: true, isRemovedHere: false }]);
  }

  const known = (): string => readFileSync(join(one.profileDir, 'backups.json'), 'utf8');

  test('comes when mail is nowhere else and no backup is recent, and goes with a backup', async () => {
    await account('delete');
    await add('only here');
    one.archive.startSchedule();
    clock.pass(60_000);
    await vi.waitFor(() => expect(known()).toMatch(/"onlyHereSince": \d/));
    expect(one.reminders).toEqual([]);
    clock.pass(2 * day);
    await vi.waitFor(() => expect(one.reminders).toEqual([reminderText]));
    await vi.waitFor(() => expect(known()).toMatch(/"remindedAt": \d/));
    await one.create({ out: join(out, 'a.zip') });
    expect(one.reminders).toEqual([reminderText, null]);
    clock.pass(20 * day);
    await settled();
    expect(one.reminders).toHaveLength(2);
    clock.pass(11 * day);
    await vi.waitFor(() => expect(one.reminders).toEqual([reminderText, null, reminderText]));
  });

  test('comes for mail that was sent, and for mail no server of an account has given', async () => {
    await account('leave');
    one.archive.startSchedule();
    await add('imported');
    clock.pass(60_000);
    await vi.waitFor(() => expect(known()).toMatch(/"onlyHereSince": \d/));
    await collected('imported');
    clock.pass(2 * 60 * 60_000);
    await vi.waitFor(() => expect(known()).toMatch(/"onlyHereSince": null/));
    await add('sent', folder.sent);
    clock.pass(60_000);
    await vi.waitFor(() => expect(known()).toMatch(/"onlyHereSince": \d/));
    clock.pass(2 * day);
    await vi.waitFor(() => expect(one.reminders.at(-1)).toEqual(reminderText));
  });

  test('does not come while the mail is on its server', async () => {
    await account('leave');
    await add('there too');
    await collected('there too');
    one.archive.startSchedule();
    clock.pass(60_000);
    await settled();
    clock.pass(100 * day);
    await settled();
    expect(one.reminders).toEqual([]);
  });

  /** A look asks the store for its folders, and then decides: what is asked of it later is answered later. */
  async function settled(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      await one.store.listFolders();
      await status();
    }
  }
});

describe('which backups are needed', () => {
  const link = (name: string, base: string | null): Link => ({
    file: name,
    kind: base === null ? 'full' : 'incremental',
    sha256: name,
    base,
  });

  test('those the kept ones stand on', () => {
    const links = [link('5', '4'), link('4', '3'), link('3', null), link('2', '1'), link('1', null)];
    expect(superfluous(links, 1).map(({ file }) => file)).toEqual(['2', '1']);
    expect(superfluous(links, 4).map(({ file }) => file)).toEqual([]);
    expect(superfluous([], 3)).toEqual([]);
  });

  test('a chain that is broken or long enough ends', () => {
    expect(nextBase([])).toBeNull();
    expect(nextBase([link('2', '1')])).toBeNull();
    expect(nextBase([link('2', '1'), link('1', null)])?.file).toBe('2');
    const long = Array.from({ length: 11 }, (_, at) => link(`${11 - at}`, at === 10 ? null : `${10 - at}`));
    expect(nextBase(long)).toBeNull();
    expect(nextBase([link('1', '2'), link('2', '1')])).toBeNull();
  });

  test('names sort by time', () => {
    const names = [new Date(2026, 0, 2, 3, 4, 5), new Date(2026, 0, 2, 3, 4, 6)].map((at) => backupName('full', at));
    expect(names).toEqual(['postrider-2026-01-02-030405-full.zip', 'postrider-2026-01-02-030406-full.zip']);
  });
});
