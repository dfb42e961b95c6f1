import { describe, expect, it } from 'vitest';
import type { OutboxRecord } from '#shared/mail/outbox.ts';
import { isBeyondReason, setBack } from './clock-set-back.ts';
import { closedPort } from './testing/delivery-harness.ts';
import { type OutboxFixture, outboxForEachTest } from './testing/outbox-fixture.ts';
import { builtMessage, type OutboxHarness, openOutbox } from './testing/outbox-harness.ts';
import { outboxRecord } from './testing/outbox-record.ts';

// Somebody puts the clock of the computer right: back by a day or a year while a message waits, or on by ten years. Timers go
// on as they did.
let made: OutboxFixture;
outboxForEachTest((fixture) => {
  made = fixture;
});

const hour = 3_600_000;
const year = 365 * 24 * hour;

/** An outbox whose clock is wrong by `isWrongBy`, with a message that found no server. */
async function waiting(isWrongBy: { ms: number }) {
  const { clock, network } = made;
  const wrong = { now: () => clock.now() + isWrongBy.ms, after: clock.after };
  const reopen = async (profileDir?: string): Promise<OutboxHarness> => {
    const box = await openOutbox({ clock: wrong, network, ...(profileDir === undefined ? {} : { profileDir }) });
    made.closeLater(() => box.shut());
    return box;
  };
  const box = await reopen();
  made.closeLater(() => box.remove());
  await box.addRelay(await closedPort());
  const { outboxId } = await box.outbox.enqueue(builtMessage(), { identityId: null, undoMs: 0, waitForFlush: true });
  await box.flush();
  expect(await box.outbox.item(outboxId)).toMatchObject({ state: 'deferred' });
  const waitsFor = async (of = box): Promise<number> =>
    Date.parse((await of.outbox.item(outboxId)).deferredUntil ?? '') - wrong.now();
  return { box, outboxId, waitsFor, reopen };
}

it('put back by a day while it waits: as long as before, and no day longer', async () => {
  const isWrongBy = { ms: 0 };
  const { box, waitsFor } = await waiting(isWrongBy);
  await box.outbox.startSchedule();
  const before = await waitsFor();
  isWrongBy.ms = -24 * hour;
  // The longest the schedule sleeps.
  made.clock.advance(60_000);
  await box.until(async () => (await waitsFor()) <= before);
  expect(await waitsFor()).toBeGreaterThan(0);
});

it('put back by a year while nobody ran: it is due', async () => {
  const isWrongBy = { ms: year };
  const { box, outboxId, waitsFor, reopen } = await waiting(isWrongBy);
  await box.shut();
  isWrongBy.ms = 0;
  const next = await reopen(box.profileDir);
  expect(await waitsFor(next)).toBeGreaterThan(300 * 24 * hour);
  const { attempts } = await next.outbox.item(outboxId);
  await next.flush();
  expect((await next.outbox.item(outboxId)).attempts.length).toBeGreaterThan(attempts.length);
  expect(await waitsFor(next)).toBeLessThan(5 * hour);
});

it('put on by ten years: that is no five days of trying, and it is not given up', async () => {
  const isWrongBy = { ms: 0 };
  const { box, outboxId, waitsFor } = await waiting(isWrongBy);
  isWrongBy.ms = 10 * year;
  for (const tries of [2, 3, 4]) {
    await box.flush();
    expect([tries, (await box.outbox.item(outboxId)).state]).toEqual([tries, 'deferred']);
    expect(await waitsFor()).toBeGreaterThan(0);
    made.clock.advance(4 * hour);
  }
  await box.flush();
  expect(await box.outbox.item(outboxId)).toMatchObject({ state: 'failed' });
});

describe('what waits for time to pass, not for a day and an hour', () => {
  const dueAt = 1000 * hour;
  const record = (state: OutboxRecord['state'], heldFor?: OutboxRecord['heldFor']): OutboxRecord =>
    outboxRecord({ state, dueAt, ...(heldFor === undefined ? {} : { heldFor }) });

  it.each([
    [record('deferred'), true],
    [record('held', 'undo'), true],
    [record('held', 'send-later'), false],
    [record('held', 'uncertain'), false],
    [record('queued'), false],
  ])('is moved back with the clock: $state $heldFor', (each, isMoved) => {
    expect(setBack(each, 3 * hour)).toEqual({ ...each, dueAt: isMoved ? dueAt - 3 * hour : dueAt });
    expect(isBeyondReason(each, dueAt - 26 * hour)).toBe(isMoved);
    expect(isBeyondReason(each, dueAt - 24 * hour)).toBe(false);
  });

  it('has no time to be moved where none is set', () => {
    const { dueAt: _dueAt, ...timeless } = record('deferred');
    expect(setBack(timeless, 3 * hour)).toEqual(timeless);
    expect(isBeyondReason(timeless, dueAt)).toBe(false);
  });
});

describe.each([
  ['an hour', { perHour: 1 }, hour],
  ['a day', { perDay: 1 }, 24 * hour],
])('what was sent while the clock was a year on', (what, rate, windowMs) => {
  it(`fills no limit of messages ${what} for a year`, async () => {
    const { clock, network } = made;
    const isWrongBy = { ms: year };
    const wrong = { now: () => clock.now() + isWrongBy.ms, after: clock.after };
    const box = await openOutbox({ clock: wrong, network });
    made.closeLater(() => box.shut());
    made.closeLater(() => box.remove());
    const server = await made.start();
    await box.addRelay(server.port, { rate });
    const send = () => box.outbox.enqueue(builtMessage(), { identityId: null, undoMs: 0, waitForFlush: true });
    await send();
    await box.flush();
    isWrongBy.ms = 0;
    await send();
    await box.flush();
    expect(server.accepted).toHaveLength(2);
    // Put back by less than that, it still counts, and not for long.
    isWrongBy.ms = -windowMs / 2;
    const { outboxId } = await send();
    await box.flush();
    const item = await box.outbox.item(outboxId);
    expect(item.state).toBe('deferred');
    expect(Date.parse(item.deferredUntil ?? '') - wrong.now()).toBeLessThanOrEqual(2 * windowMs);
  });
});
