import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { integer, openSql, type Sql, text } from './sql.ts';

let home: string;
let sql: Sql;
let group: GroupCommit;
let commits = 0;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'postrider-group-'));
  const opened = openSql(join(home, 'ledger.sqlite'), ['journal_mode = WAL', 'synchronous = FULL']);
  opened.db.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT NOT NULL UNIQUE)');
  commits = 0;
  sql = {
    ...opened,
    transaction(work) {
      commits += 1;
      return opened.transaction(work);
    },
  };
  group = createGroupCommit(sql);
});

afterEach(() => {
  vi.useRealTimers();
  sql.close();
  rmSync(home, { recursive: true, force: true });
});

const write = (note: string, urgency?: 'now' | 'soon'): Promise<number> =>
  group.commit((on) => on.run('INSERT INTO notes (note) VALUES (?)', note), urgency);
const notes = (): string[] => sql.all('SELECT note FROM notes ORDER BY id').map((row) => text(row, 'note'));

describe('a group of commits', () => {
  it('is one commit for all that ask in one turn', async () => {
    await Promise.all([write('a'), write('b'), write('c')]);
    expect(commits).toBe(1);
    expect(notes()).toEqual(['a', 'b', 'c']);
  });

  it('takes with it what need not hurry, in the order it was asked for', async () => {
    const slow = write('first', 'soon');
    expect(commits).toBe(0);
    await write('second');
    expect(commits).toBe(1);
    expect(notes()).toEqual(['first', 'second']);
    await slow;
    expect(commits).toBe(1);
  });

  it('does not let wait for ever what need not hurry', async () => {
    await write('alone', 'soon');
    expect(commits).toBe(1);
    expect(notes()).toEqual(['alone']);
  });

  it('waits, with what need not hurry, until no more comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const slow = [write('first', 'soon')];
    await vi.advanceTimersByTimeAsync(7);
    slow.push(write('second', 'soon'));
    await vi.advanceTimersByTimeAsync(8);
    expect(commits).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(commits).toBe(1);
    await Promise.all(slow);
    expect(notes()).toEqual(['first', 'second']);
  });

  it('does not wait for ever while more and more comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const slow: Promise<number>[] = [];
    for (let ms = 0; ms < 40; ms += 4) {
      slow.push(write(String(ms), 'soon'));
      expect(commits).toBe(0);
      await vi.advanceTimersByTimeAsync(4);
    }
    expect(commits).toBe(1);
    await Promise.all(slow);
  });

  it('says that something is written only when another reader of the disk sees it', async () => {
    const other = openSql(join(home, 'ledger.sqlite'), []);
    const seen = (): number => integer(other.one('SELECT count(*) AS n FROM notes') ?? {}, 'n');
    const slow = write('note', 'soon').then(seen);
    expect(seen()).toBe(0);
    expect(await slow).toBe(1);
    other.close();
  });

  it('commits at once for whoever is about to read', async () => {
    const slow = write('note', 'soon');
    group.flush();
    expect(notes()).toEqual(['note']);
    await slow;
    group.flush();
    expect(commits).toBe(1);
  });

  it('undoes only the one that fails', async () => {
    const outcomes = await Promise.allSettled([write('a', 'soon'), write('a'), write('b')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(notes()).toEqual(['a', 'b']);
  });

  it('is idle when all is written', async () => {
    const slow = write('late', 'soon');
    await group.idle();
    expect(notes()).toEqual(['late']);
    await slow;
  });
});
