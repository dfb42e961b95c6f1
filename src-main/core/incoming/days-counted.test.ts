import { describe, expect, test, vi } from 'vitest';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import type { Pop3Server } from '../practice/pop3-server.ts';
import { countDays, retentionEndOf } from './days-counted.ts';
import { collectOnce } from './testing/collect-once.ts';
import { createMaildrop, message, realClock } from './testing/maildrops.ts';
import { createMemoryStore, type MemoryStore } from './testing/memory-store.ts';
import { serve } from './testing/served-maildrop.ts';

const day = 24 * 60 * 60 * 1000;
const year = 365 * day;
const begin = Date.parse('2026-11-22T12:00:00.000Z');
const retention = { kind: 'leave-days', days: 14 } as const;

/** An account visited at these times, as the application does it: what it is to keep stands in its settings at the next visit. */
function visits(server: Pop3Server, store: MemoryStore) {
  let daysCounted: IncomingAccount['daysCounted'];
  const settled = new Map();
  return async (now: number, patch: Record<string, unknown> = { retention }) => {
    const clock = { ...realClock, now: () => now };
    const onDaysCounted = vi.fn(async (kept: IncomingAccount['daysCounted'] | null) => {
      daysCounted = kept ?? undefined;
    });
    const result = await collectOnce(server, store, { ...patch, daysCounted }, { clock, onDaysCounted, settled });
    return { ...result, noted: onDaysCounted.mock.calls.length };
  };
}

async function leftForDays() {
  const maildrop = createMaildrop([message('a'), message('b')]);
  return { maildrop, visit: visits(await serve(maildrop), createMemoryStore()) };
}

describe('mail that is left on the server for days', () => {
  test('goes when its days have gone by, and once a day it is noted that the account was visited', async () => {
    const { visit } = await leftForDays();
    expect(await visit(begin)).toMatchObject({ retrieved: 2, noted: 1 });
    expect(await visit(begin + day / 2)).toMatchObject({ noted: 0 });
    for (let days = 1; days < 14; days += 1)
      expect(await visit(begin + days * day)).toMatchObject({ deleted: 0, noted: 1 });
    const last = await visit(begin + 14 * day);
    expect(last).toMatchObject({ deleted: 2, left: 0 });
    expect(last.keptForClock).toBeUndefined();
  });

  test('goes after a long holiday', async () => {
    const { visit } = await leftForDays();
    await visit(begin);
    expect(await visit(begin + 100 * day)).toMatchObject({ deleted: 2 });
  });

  test('stays when the clock jumped ahead by years, which is told; its days count anew, also once the clock is right again', async () => {
    const { maildrop, visit } = await leftForDays();
    await visit(begin);
    const wrong = begin + 10 * year;
    expect(await visit(wrong)).toMatchObject({
      deleted: 0,
      keptForClock: { messages: 2, aheadMs: 10 * year, days: 14 },
    });
    // Told once; the clock is still wrong.
    expect((await visit(wrong + day)).keptForClock).toBeUndefined();
    maildrop.lying.push(message('c'));
    expect(await visit(wrong + 2 * day)).toMatchObject({ retrieved: 1, deleted: 0 });
    // Put right: what was collected in a year to come counts from now, like the rest.
    const right = begin + 3 * day;
    expect(await visit(right)).toMatchObject({ deleted: 0 });
    expect(await visit(right + 14 * day - 1)).toMatchObject({ deleted: 0 });
    expect(await visit(right + 14 * day)).toMatchObject({ deleted: 3, left: 0 });
  });

  test('goes all the same, days later, when it was the computer that stood still for years', async () => {
    const { visit } = await leftForDays();
    await visit(begin);
    await visit(begin + 3 * year);
    expect(await visit(begin + 3 * year + 13 * day)).toMatchObject({ deleted: 0 });
    expect(await visit(begin + 3 * year + 14 * day)).toMatchObject({ deleted: 2 });
  });

  test('stays when it was collected with a clock years behind that is then put right', async () => {
    const { maildrop, visit } = await leftForDays();
    await visit(begin);
    const behind = Date.parse('2000-01-01T00:00:00.000Z');
    maildrop.lying.push(message('c'));
    expect(await visit(behind)).toMatchObject({ retrieved: 1, deleted: 0 });
    expect(await visit(begin + 15 * day)).toMatchObject({ deleted: 0, keptForClock: { messages: 3 } });
    expect(await visit(begin + 29 * day)).toMatchObject({ deleted: 3 });
  });

  test('a visit that breaks off has seen the clock, too', async () => {
    const maildrop = createMaildrop([message('a'), message('b')]);
    const server = await serve(maildrop);
    const store = createMemoryStore();
    const visit = visits(server, store);
    await visit(begin);
    maildrop.lying.push(message('c'), message('d'));
    await server.setFault('drops-in-the-middle');
    expect(await visit(begin + 10 * year)).toMatchObject({ error: { code: 'ECLOSED' }, noted: 1 });
    await server.setFault('none');
    expect(await visit(begin + 10 * year + day)).toMatchObject({ deleted: 0 });
  });

  test('an account that counts no days keeps no such note', async () => {
    const { visit } = await leftForDays();
    await visit(begin);
    expect(await visit(begin + day, {})).toMatchObject({ noted: 1 });
    expect(await visit(begin + 2 * day, {})).toMatchObject({ noted: 0 });
    // Two years of another retention later there is no last visit to compare with.
    expect(await visit(begin + 2 * year)).toMatchObject({ deleted: 2 });
  });
});

test('a clock that is put right by hours is believed', () => {
  const visitedAt = new Date(begin).toISOString();
  const account = { retention, daysCounted: { visitedAt } };
  expect(countDays(account, begin - day)).toEqual({ countsFrom: null, aheadMs: 0, toKeep: undefined });
  expect(countDays(account, begin - day - 1)).toMatchObject({ countsFrom: begin - day - 1, aheadMs: 0 });
  expect(countDays(account, begin + 134 * day)).toMatchObject({ countsFrom: null, aheadMs: 0 });
  expect(countDays(account, begin + 134 * day + 1)).toMatchObject({ aheadMs: 134 * day + 1 });
});

test('no age is ever counted from before the clock was found wrong, nor from a time to come', () => {
  const end = (collectedAt: number, countsFrom: number | null) =>
    retentionEndOf({ collectedAt }, retention, { now: begin, countsFrom }) - 14 * day;
  expect(end(begin - year, null)).toBe(begin - year);
  expect(end(begin - year, begin - day)).toBe(begin - day);
  expect(end(begin - 1, begin - day)).toBe(begin - 1);
  expect(end(begin + year, begin - day)).toBe(begin - day);
});
