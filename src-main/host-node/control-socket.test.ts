import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClient } from '#shared/rpc/client.ts';
import { protocolVersion } from '#shared/rpc/frame.ts';
import type { Transport } from '#shared/rpc/transport.ts';
import {
  askToRaise,
  type ControlServer,
  connectControlSocket,
  openControlSocket,
  unixSocketPath,
} from './control-socket.ts';

let folder: string;
let server: ControlServer | undefined;
let clients: Transport[];
let raised: (string | undefined)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-control-'));
  clients = [];
  raised = [];
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function open(profileDir = folder): Promise<void> {
  server = await openControlSocket({
    profileDir,
    onClient: (transport) => {
      clients.push(transport);
      transport.send({ kind: 'hello', version: protocolVersion });
      // Echoes a request as its own result.
      transport.onMessage((frame) => {
        if (typeof frame === 'object' && frame !== null && 'id' in frame) {
          transport.send({ kind: 'result', id: frame.id, result: frame });
        }
      });
    },
    onRaise: (mailto) => void raised.push(mailto),
  });
}

async function connect(profileDir = folder): Promise<Transport> {
  const transport = await connectControlSocket(profileDir);
  if (transport === null) throw new Error('nobody listens');
  return transport;
}

/** The answer to a request sent after a greeting. */
async function roundTrip(transport: Transport, params: unknown): Promise<unknown> {
  const answered = new Promise((settle) => {
    transport.onMessage((frame) => {
      if (typeof frame === 'object' && frame !== null && 'result' in frame) settle(frame.result);
    });
  });
  transport.send({ kind: 'hello', version: protocolVersion });
  const request = { kind: 'request', id: 1, method: 'm', params };
  transport.send(request);
  expect(await answered).toEqual(request);
  return answered;
}

test('carries frames both ways, large ones and any text', async () => {
  await open();
  const transport = await connect();
  await roundTrip(transport, { text: `ü\n\0🐎${'x'.repeat(5_000_000)}` });
  transport.close();
  await once(closeOf(transport), 'close');
});

function closeOf(transport: Transport): EventTarget {
  const target = new EventTarget();
  transport.onClose(() => target.dispatchEvent(new Event('close')));
  return target;
}

test('is open to its owner only, and gone afterwards', async () => {
  await open();
  expect((await stat(join(folder, 'control.sock'))).mode & 0o777).toBe(0o600);
  await server?.close();
  server = undefined;
  expect(await readdir(folder)).toEqual([]);
  expect(await connectControlSocket(folder)).toBeNull();
});

test('takes the place of a socket whose process is gone', async () => {
  const path = join(folder, 'control.sock');
  const child = createServer().listen(path);
  await once(child, 'listening');
  const { link } = await import('node:fs/promises');
  // Closing removes the name; a killed process leaves it.
  await link(path, `${path}.kept`);
  child.close();
  await once(child, 'close');
  await (await import('node:fs/promises')).rename(`${path}.kept`, path);
  expect(await connectControlSocket(folder)).toBeNull();
  await open();
  await roundTrip(await connect(), 1);
});

test('never removes what is no socket', async () => {
  await writeFile(join(folder, 'control.sock'), 'precious');
  await expect(open()).rejects.toMatchObject({ code: 'EPERMISSION' });
  expect(await connectControlSocket(folder)).toBeNull();
});

test('works where the path of the profile is too long for a socket', async () => {
  const long = join(folder, ...Array.from({ length: 8 }, () => 'a-rather-long-folder'));
  await mkdir(long, { recursive: true });
  expect(Buffer.byteLength(unixSocketPath(long))).toBeLessThanOrEqual(103);
  expect(unixSocketPath(long)).not.toBe(unixSocketPath(`${long}2`));
  await open(long);
  await roundTrip(await connect(long), 'far away');
  expect((await stat(unixSocketPath(long))).mode & 0o777).toBe(0o600);
});

test.skipIf(process.platform !== 'linux')('works where the file system holds no sockets (FAT, exFAT)', async () => {
  // Nor does this one.
  const elsewhere = '/proc/self';
  await open(elsewhere);
  await roundTrip(await connect(elsewhere), 'beside');
  await server?.close();
  server = undefined;
  expect(await connectControlSocket(elsewhere)).toBeNull();
});

test.skipIf(process.platform === 'win32')('asks nobody in a runtime folder that others may write to', async () => {
  const runtime = join(folder, 'runtime');
  await mkdir(runtime, { mode: 0o700 });
  vi.stubEnv('XDG_RUNTIME_DIR', runtime);
  try {
    const long = join(folder, ...Array.from({ length: 8 }, () => 'a-rather-long-folder'));
    await mkdir(long, { recursive: true });
    await open(long);
    (await connect(long)).close();
    await chmod(runtime, 0o777);
    expect(await connectControlSocket(long)).toBeNull();
  } finally {
    vi.unstubAllEnvs();
  }
});

test('hands a second start’s wish on', async () => {
  expect(await askToRaise(folder)).toBe(false);
  await open();
  expect(await askToRaise(folder)).toBe(true);
  expect(await askToRaise(folder, 'mailto:anna@example.com?subject=Hi')).toBe(true);
  expect(raised).toEqual([undefined, 'mailto:anna@example.com?subject=Hi']);
  expect(clients).toHaveLength(0);
});

test('tells a command of another version, and serves it nothing', async () => {
  await open();
  const transport = await connect();
  const said: unknown[] = [];
  transport.onMessage((frame) => said.push(frame));
  transport.send({ kind: 'hello', version: protocolVersion + 1 });
  transport.send({ kind: 'request', id: 1, method: 'app.info', params: {} });
  await once(closeOf(transport), 'close');
  expect(said).toEqual([{ kind: 'hello', version: protocolVersion }]);
  expect(clients).toHaveLength(0);
});

test('fails a client’s calls when the app goes away', async () => {
  await open();
  const client = createClient(await connect());
  await vi.waitFor(() => expect(clients).toHaveLength(1));
  const call = client.call('app.info', {});
  await server?.close();
  server = undefined;
  await expect(call).rejects.toThrow();
});

test.each([
  ['no frame', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['a frame without end', Buffer.from([0xff, 0xff, 0xff, 0xff, 1])],
  ['a frame that is no JSON', Buffer.from([0, 0, 0, 1, 0x7b])],
])('hangs up on %s and serves the next', async (_what, bytes) => {
  await open();
  const socket = createConnection(join(folder, 'control.sock'));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  socket.resume().write(bytes);
  await closed;
  await roundTrip(await connect(), 'still there');
});

test('puts a frame together from single octets', async () => {
  await open();
  const body = Buffer.from(JSON.stringify({ kind: 'raise', address: 'mailto:ü@example.com' }));
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  const socket = createConnection(join(folder, 'control.sock'));
  socket.setNoDelay(true);
  for (const octet of Buffer.concat([header, body])) {
    await new Promise((written) => socket.write(Buffer.from([octet]), written));
  }
  await vi.waitFor(() => expect(raised).toEqual(['mailto:ü@example.com']));
  socket.destroy();
});
