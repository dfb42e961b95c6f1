import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import { closeAll, closeLater, start } from './testing/delivery-harness.ts';
import { builtMessage, openOutbox } from './testing/outbox-harness.ts';

afterEach(closeAll);

const child = fileURLToPath(new URL('./testing/send-child.ts', import.meta.url));

/** Reproducible: the same seed kills at the same moments. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

it('survives being killed while sending: nothing lost, nothing sent twice', async () => {
  const server = await start({ offers: ['PIPELINING'] });
  const count = 40;
  const seeding = await openOutbox();
  const { profileDir } = seeding;
  await seeding.addRelay(server.port);
  const subjects = Array.from({ length: count }, (_, index) => `number ${index}`);
  for (const subject of subjects) {
    await seeding.outbox.enqueue(builtMessage(['b@b.example'], { subject }), { identityId: null, undoMs: 0 });
  }
  await seeding.shut();

  const next = random(20261121);
  for (let round = 0; round < 8; round += 1) {
    const before = server.messages.length;
    const sender = spawn(process.execPath, [child, profileDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: sender.stdout });
    await once(lines, 'line');
    const wanted = before + Math.floor(next() * 6);
    await Promise.race([server.until(() => server.messages.length >= wanted), once(lines, 'line')]);
    sender.kill('SIGKILL');
    await once(sender, 'exit');
  }

  const after = await openOutbox({ profileDir });
  await after.flush(true);
  const active = await after.store.activeOutbox();
  const uncertain = active.filter(({ heldFor }) => heldFor === 'uncertain').map(({ subject }) => subject);
  const sent = await after.store.listKeys(folder.sent);
  const received = server.accepted.map(({ bytes }) => /Subject: (.*)\r\n/.exec(bytes.toString())?.[1] ?? '');
  await after.shut();
  await after.remove();

  expect(new Set(received).size, 'nobody got a message twice').toBe(received.length);
  expect(sent.length + uncertain.length, 'every message is sent or asked about').toBe(count);
  const missing = subjects.filter((subject) => !received.includes(subject));
  expect(
    missing.filter((subject) => !uncertain.includes(subject)),
    'nothing lost unseen',
  ).toEqual([]);
  expect(active).toHaveLength(uncertain.length);
}, 180_000);

it('killed between the reply to the final dot and the commit that notes it: a person is asked, nothing goes again', async () => {
  const server = await start();
  const subjects = Array.from({ length: 24 }, (_, index) => `number ${index}`);
  const seeding = await openOutbox();
  const { profileDir } = seeding;
  await seeding.addRelay(server.port);
  for (const subject of subjects) {
    await seeding.outbox.enqueue(builtMessage(['b@b.example'], { subject }), { identityId: null, undoMs: 0 });
  }
  await seeding.shut();

  let unnoted = 0;
  for (let round = 0; round < 3; round += 1) {
    const sender = spawn(process.execPath, [child, profileDir], { stdio: 'ignore' });
    closeLater(async () => void sender.kill('SIGKILL'));
    const gone = once(sender, 'exit');
    server.script = {
      finalDot: () => {
        // The reply goes out in this turn; what it says joins a commit that comes milliseconds later.
        setImmediate(() => sender.kill('SIGKILL'));
        return '250 2.0.0 taken';
      },
    };
    await gone;
    const looking = await openOutbox({ profileDir });
    const active = await looking.store.activeOutbox();
    unnoted += active.filter(({ recipients }) => recipients.some(({ state }) => state === 'dot-pending')).length;
    await looking.shut();
  }

  server.script = {};
  const after = await openOutbox({ profileDir });
  await after.flush(true);
  const uncertain = (await after.store.activeOutbox()).map(({ heldFor, subject }) => [heldFor, subject]);
  const sent = await after.store.listKeys(folder.sent);
  const received = server.messages.map(subjectOf);
  await after.shut();
  await after.remove();

  expect(unnoted, 'the kill came before the commit').toBeGreaterThan(0);
  expect(new Set(received).size, 'nobody got a message twice').toBe(received.length);
  expect(uncertain.every(([heldFor]) => heldFor === 'uncertain')).toBe(true);
  expect(sent.length + uncertain.length).toBe(subjects.length);
  // Of those a person is asked about some had not left: they may have, for all the ledger can say.
  const asked = uncertain.map(([, subject]) => subject);
  expect(subjects.filter((subject) => !received.includes(subject) && !asked.includes(subject))).toEqual([]);
}, 180_000);

function subjectOf({ bytes }: { bytes: Buffer }): string {
  return /Subject: (.*)\r\n/.exec(bytes.toString())?.[1] ?? '';
}
