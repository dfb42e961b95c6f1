import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createClient } from '#shared/rpc/client.ts';
import { connectControlSocket } from '../host-node/control-socket.ts';
import { watchForSilence } from './connect.ts';

let folder: string;
let app: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-connect-'));
});
afterEach(async () => {
  app?.close();
  await rm(folder, { recursive: true, force: true });
});

test.skipIf(process.platform === 'win32')('an app that says nothing is told of, then given up', async () => {
  app = createServer((socket) => socket.resume()).listen(join(folder, 'control.sock'));
  await once(app, 'listening');
  const transport = await connectControlSocket(folder);
  if (transport === null) throw new Error('nobody listens');
  const told: string[] = [];
  watchForSilence(transport, (text) => told.push(text), { tellAfterMs: 10, giveUpAfterMs: 60 });
  await expect(createClient(transport).call('app.info', {})).rejects.toMatchObject({ code: 'ECLOSED' });
  expect(told).toEqual([
    expect.stringContaining('does not answer. Waiting for it.'),
    expect.stringContaining('end its process'),
  ]);
});
