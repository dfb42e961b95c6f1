import { expect, it } from 'vitest';
import { builtMessage, handClock, handNetwork, openOutbox } from './testing/outbox-harness.ts';
import { startScriptedSmtp } from './testing/scripted-smtp.ts';

it('a message on its way to a server that keeps silent begins anew on another network', async () => {
  const clock = handClock();
  const network = handNetwork();
  const server = await startScriptedSmtp({ greeting: 'silence' });
  const box = await openOutbox({ clock, network });
  await box.addRelay(server.port);
  await box.addIdentity('a@a.example');
  await box.outbox.startSchedule();
  await box.outbox.location();
  const message = builtMessage(['friend@away.test'], { subject: 'hi' });
  const { outboxId } = await box.outbox.enqueue(message, { identityId: null, undoMs: 0 });
  await server.until(() => server.connections === 1);
  server.script = {};
  network.isPlugged = false;
  clock.advance(2000);
  await box.until(() => box.events.some(({ name }) => name === 'network.changed'));
  network.isPlugged = true;
  network.gatewayMac = '02:00:00:00:00:77';
  clock.advance(2000);
  await server.until(() => server.accepted.length === 1);
  await box.until(async () => (await box.outbox.item(outboxId).catch(() => null))?.state !== 'sending');
  expect([server.connections, server.accepted.length, box.faults]).toEqual([2, 1, []]);
  await box.shut();
  await box.remove();
  await server.close();
});

it('who sends as the network goes is told that the message is held, not that it is about to go', async () => {
  const clock = handClock();
  const network = handNetwork();
  const server = await startScriptedSmtp({});
  const box = await openOutbox({ clock, network });
  await box.addRelay(server.port, { endpoints: [{ host: '192.0.2.1', port: server.port, security: 'none' }] });
  await box.addIdentity('a@a.example');
  await box.outbox.startSchedule();
  await box.outbox.location();
  network.isPlugged = false;
  // The pass is the first to look: the move is told, and what is held is let go, while it is under way.
  clock.advance(200);
  const message = builtMessage(['friend@away.test'], { subject: 'hi' });
  const { outboxId } = await box.outbox.enqueue(message, { identityId: null, undoMs: 0, waitForFlush: true });
  await box.outbox.flush({ now: false, outboxIds: [outboxId], signal: new AbortController().signal });
  expect(await box.outbox.item(outboxId)).toMatchObject({ state: 'held', heldFor: 'offline' });
  expect(box.events.filter(({ name }) => name === 'network.changed')).toHaveLength(1);
  await box.shut();
  await box.remove();
  await server.close();
});
