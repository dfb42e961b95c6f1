import { expect, it } from 'vitest';
import { type OutboxFixture, outboxForEachTest } from './testing/outbox-fixture.ts';
import { builtMessage, openOutbox } from './testing/outbox-harness.ts';

const day = 24 * 60 * 60_000;
const impatient = { timeouts: { commandMs: 300, dataMs: 300 } };

let made: OutboxFixture;
outboxForEachTest((fixture) => {
  made = fixture;
});

async function send(): Promise<string[]> {
  const { outboxId } = await made.box.outbox.enqueue(builtMessage(['b@b.example', 'c@c.example']), {
    identityId: null,
    undoMs: 0,
    waitForFlush: true,
  });
  await made.box.flush();
  const { attempts, state } = await made.box.outbox.item(outboxId);
  return [state, ...attempts.map(({ outcome }) => outcome)];
}

it('that a server loses commands sent together is kept over a restart, shown, cleared, and forgotten in time', async () => {
  const { clock, network } = made;
  const server = await made.start({ offers: ['PIPELINING'], takesTogether: 1 });
  const serverId = await made.box.addRelay(server.port, impatient);
  const told = async () =>
    (await made.box.handlers['server.conditions']({}))
      .flatMap(({ memory }) => memory)
      .filter(({ kind }) => kind === 'no-pipelining')
      .map(({ endpoint, locationId }) => ({ endpoint, locationId }));

  expect(await send()).toEqual(['sent', 'unreachable', 'accepted']);
  expect(await told()).toEqual([{ endpoint: `127.0.0.1:${server.port}`, locationId: undefined }]);
  expect(await send()).toEqual(['sent', 'accepted']);

  await made.box.shut();
  made.box = await openOutbox({ clock, network, profileDir: made.box.profileDir });
  expect(await send()).toEqual(['sent', 'accepted']);

  await made.box.handlers['server.forget']({ serverId });
  expect(await told()).toEqual([]);
  expect(await send()).toEqual(['sent', 'unreachable', 'accepted']);

  clock.advance(15 * day);
  expect(await told()).toEqual([]);
  // A session kept from before would be asked first whether it still lives.
  server.dropAll();
  server.script = { offers: ['PIPELINING'] };
  const before = server.commands.length;
  expect(await send()).toEqual(['sent', 'accepted']);
  expect(server.commands.slice(before)).toContain('DATA');
  expect(server.accepted).toHaveLength(5);
});
