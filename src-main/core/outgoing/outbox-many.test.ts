import { afterEach, expect, it } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import { blackHole, closeAll, start } from './testing/delivery-harness.ts';
import { builtMessage, openOutbox } from './testing/outbox-harness.ts';

afterEach(closeAll);

const count = 500;

it('an outbox of hundreds opens, is listed without its logs, and goes out, each message once', async () => {
  const server = await start();
  const filling = await openOutbox();
  await filling.addRelay(server.port);
  const subjects = Array.from({ length: count }, (_, index) => `number ${String(index).padStart(3, '0')}`);
  await Promise.all(
    subjects.map((subject) =>
      filling.outbox.enqueue(builtMessage(['b@b.example'], { subject }), { identityId: null, undoMs: 0 }),
    ),
  );
  expect(await filling.store.listKeys(folder.outbox)).toHaveLength(count);
  await filling.shut();

  const box = await openOutbox({ profileDir: filling.profileDir });
  const listed = await box.handlers['outbox.list']({ light: true });
  expect(listed).toHaveLength(count);
  expect(new Set(listed.map(({ state }) => state))).toEqual(new Set(['queued']));
  expect(listed.every(({ attempts }) => attempts.length === 0)).toBe(true);

  const { sent, deferred, held, failed } = await box.flush();
  expect({ sent, deferred, held, failed }).toEqual({ sent: count, deferred: 0, held: 0, failed: 0 });
  const received = server.accepted.map(({ bytes }) => /Subject: (.*)\r\n/.exec(bytes.toString())?.[1]);
  expect(received.toSorted()).toEqual(subjects);
  expect(server.connections, 'as many sessions as one endpoint gets').toBeLessThanOrEqual(5);
  expect(await box.store.activeOutbox()).toEqual([]);
  expect(await box.store.listKeys(folder.outbox)).toEqual([]);
  const keys = await box.store.listKeys(folder.sent);
  expect(keys).toHaveLength(count);
  // Every one of them can say how it went.
  const [key] = keys;
  if (key === undefined) throw new Error('Nothing was sent.');
  const record = await box.store.outboxOfMessage(key);
  expect(record).toMatchObject({ state: 'sent', recipients: [{ state: 'accepted' }] });
  const removed = box.events.filter(({ name }) => name === 'outbox.removed');
  expect(removed).toHaveLength(count);
  expect(box.faults).toEqual([]);
  await box.shut();
  await box.remove();
}, 120_000);

it('one message finds out that a server does not answer; the others do not wait for it', async () => {
  const hole = await blackHole();
  const good = await start();
  const box = await openOutbox();
  await box.addRelay(hole.port, { label: 'Hole' });
  await box.addRelay(good.port, { label: 'Good' });
  const subjects = Array.from({ length: 20 }, (_, index) => `number ${index}`);
  const items = await Promise.all(
    subjects.map((subject) =>
      box.outbox.enqueue(builtMessage(['b@b.example'], { subject }), { identityId: null, undoMs: 0 }),
    ),
  );
  await box.flush();
  const attempts = await Promise.all(items.map(({ outboxId }) => box.store.attemptsOf(outboxId)));
  const scouts = items.filter((_, at) => attempts[at]?.some(({ serverLabel }) => serverLabel === 'Hole'));
  expect(scouts).toHaveLength(1);
  // Before it had given the silent one up, the others were through.
  const received = good.accepted.map(({ bytes }) => /Subject: (.*)\r\n/.exec(bytes.toString())?.[1]);
  expect(received.toSorted()).toEqual(subjects.toSorted());
  expect(received.at(-1)).toBe(scouts[0]?.subject);
  expect(box.faults).toEqual([]);
  await box.shut();
  await box.remove();
}, 60_000);
