import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, closeLater, start } from './testing/delivery-harness.ts';
import { builtMessage, handClock, type OutboxHarness, openOutbox } from './testing/outbox-harness.ts';

afterEach(closeAll);

const atOnce = { identityId: null, undoMs: 0 };
const hourMs = 3_600_000;

async function openRoom(clock = handClock()): Promise<OutboxHarness> {
  const room = await openOutbox({ clock });
  closeLater(() => room.remove());
  closeLater(() => room.shut());
  return room;
}

/** `at 14:20`, or with the day where it is another one; by the clock on the wall here. */
function goesOn(free: number): string {
  const at = new Date(free + 60_000);
  const time = at.toTimeString().slice(0, 5);
  const isToday = at.toDateString() === new Date(handClock().now()).toDateString();
  return isToday ? `at ${time}` : `on ${at.toLocaleDateString('en-GB', { weekday: 'long' })} at ${time}`;
}

describe('a limit of messages', () => {
  it.each([
    ['an hour', { perHour: 1 }, hourMs],
    ['a day', { perDay: 1 }, 24 * hourMs],
  ])(
    'for %s is what the outbox says a message waits for, and it goes when the limit allows',
    async (what, rate, windowMs) => {
      const clock = handClock();
      const server = await start();
      const room = await openRoom(clock);
      const serverId = await room.addRelay(server.port, { label: 'smtp.example', rate });
      for (const subject of ['first', 'second'])
        await room.outbox.enqueue(builtMessage(undefined, { subject }), atOnce);
      expect(await room.flush()).toMatchObject({ sent: 1, deferred: 1 });
      const waiting = (await room.handlers['outbox.list']({ light: false })).filter(
        ({ state }) => state === 'deferred',
      );
      expect(waiting).toMatchObject([
        {
          explanation: `smtp.example: 1 ${what} reached, goes on ${goesOn(clock.now() + windowMs)}.`,
          skipped: [
            {
              serverId,
              reason: 'rate-limited',
              detail: `Its own limit: 1 ${what} reached, goes on ${goesOn(clock.now() + windowMs)}.`,
            },
          ],
          attempts: [],
        },
      ]);
      clock.advance(windowMs + 1);
      expect(await room.flush()).toMatchObject({ sent: 1 });
      expect(server.accepted).toHaveLength(2);
    },
  );

  it('goes on when the message that is so many back has left the window, not later', async () => {
    const clock = handClock();
    const server = await start();
    const room = await openRoom(clock);
    await room.addRelay(server.port, { rate: { perHour: 2, perDay: 50 } });
    await room.outbox.startSchedule();
    const send = async () => (await room.outbox.enqueue(builtMessage(), atOnce)).outboxId;
    await send();
    await room.until(() => server.accepted.length === 1);
    const began = clock.now();
    clock.advance(20 * 60_000);
    await send();
    await room.until(() => server.accepted.length === 2);
    const waiting = await send();
    await room.until(async () => (await room.outbox.item(waiting)).state === 'deferred');
    expect((await room.outbox.item(waiting)).deferredUntil).toBe(new Date(began + hourMs + 1).toISOString());
    clock.advance(40 * 60_000 + 1);
    await room.until(() => server.accepted.length === 3);
  });

  it('does not make waiting messages wait longer each time, nor gives them up', async () => {
    const clock = handClock();
    const server = await start();
    const room = await openRoom(clock);
    await room.addRelay(server.port, { rate: { perDay: 1 } });
    for (let index = 0; index < 9; index += 1) await room.outbox.enqueue(builtMessage(), atOnce);
    for (let day = 0; day < 9; day += 1) {
      await room.flush();
      clock.advance(25 * hourMs);
    }
    expect(server.accepted).toHaveLength(9);
    const records = await room.store.activeOutbox();
    expect(records).toEqual([]);
  });

  it('hands on to the next server that may be used', async () => {
    const [first, second] = [await start(), await start()];
    const room = await openRoom();
    await room.addRelay(first.port, { rate: { perHour: 1 } });
    await room.addRelay(second.port);
    for (let index = 0; index < 3; index += 1) await room.outbox.enqueue(builtMessage(), atOnce);
    expect(await room.flush()).toMatchObject({ sent: 3 });
    expect([first.accepted.length, second.accepted.length].sort()).toEqual([1, 2]);
  });
});
