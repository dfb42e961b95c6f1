import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { folder } from '#shared/mail/folder.ts';
import { closeAll, start } from './testing/delivery-harness.ts';
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
}, 60_000);
