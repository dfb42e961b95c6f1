import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CoreOnAProfile, openCore } from '../../testing/core-on-a-profile.ts';

// Promise 2 over a whole core: what stood in the Outbox of a backup is not sent by whoever restores it.

let out: string;
let listener: Server;
let visits: number;
let cores: CoreOnAProfile[];

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'postrider-outbox-backup-'));
  visits = 0;
  cores = [];
  listener = createServer((socket) => {
    visits += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
});
afterEach(async () => {
  for (const core of cores) await core.dispose();
  listener.close();
  await rm(out, { recursive: true, force: true });
});

async function core(): Promise<CoreOnAProfile> {
  const opened = await openCore();
  cores.push(opened);
  return opened;
}

function portOf({ port }: AddressInfo): number {
  return port;
}

test('a restored Outbox waits for a person, through a flush and a restart', { timeout: 60_000 }, async () => {
  const one = await core();
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('It does not listen.');
  await one.api.call('settings.setPreferences', { sendingPaused: true });
  await one.api.call('server.add', {
    label: 'Relay',
    endpoints: [{ host: '127.0.0.1', port: portOf(address), security: 'none' }],
    auth: { method: 'none' },
  });
  await one.api.call('identity.add', { displayName: 'Ann', address: 'ann@example.com', route: { kind: 'any' } });
  const message = join(out, 'message.eml');
  await writeFile(message, 'From: ann@example.com\r\nTo: bob@example.org\r\nSubject: Once only\r\n\r\nHello.\r\n');
  const queued = await one.api.call('outbox.submitFile', { path: message });
  const file = join(out, 'b.zip');
  expect((await one.finished((await one.api.call('backup.create', { out: file })).jobId)).state.kind).toBe('succeeded');

  let two = await core();
  const restored = await two.finished((await two.api.call('backup.restore', { file })).jobId);
  expect(restored.state).toMatchObject({ kind: 'succeeded', summary: { held: 1, tookSettings: true } });
  await two.api.call('settings.setPreferences', { sendingPaused: false });
  const waiting = async (): Promise<void> => {
    const items = await two.api.call('outbox.list', {});
    expect(items).toMatchObject([
      {
        outboxId: queued.outboxId,
        state: 'held',
        heldFor: 'uncertain',
        uncertain: ['bob@example.org'],
        pending: [],
        explanation: expect.stringContaining('came back from the backup'),
      },
    ]);
  };
  await waiting();
  await two.core.start();
  await two.finished((await two.api.call('outbox.flush', { now: true })).jobId);
  await waiting();
  cores = cores.filter((each) => each !== two);
  two = await two.reopen();
  cores.push(two);
  await two.core.start();
  await two.finished((await two.api.call('outbox.flush', { now: true })).jobId);
  await waiting();
  expect(visits).toBe(0);

  // The person's word sends it.
  await two.api.call('outbox.resolve', { outboxId: queued.outboxId, resolution: 'resend' });
  await vi.waitFor(() => expect(visits).toBeGreaterThan(0), { timeout: 20_000 });
});
