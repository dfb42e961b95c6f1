import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createClient } from '#shared/rpc/client.ts';
import { connectControlSocket } from '../host-node/control-socket.ts';
import { socketTransport } from './socket-transport.ts';

// The browser host as a process of its own, run from its sources.

let profileDir: string;
const running = new Set<ChildProcess>();

beforeEach(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'postrider-host-'));
});
afterEach(async () => {
  for (const child of running) await end(child, 'SIGKILL');
  await rm(profileDir, { recursive: true, force: true });
});

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  await once(child, 'exit');
  return child.exitCode;
}

function launch(...words: string[]): ChildProcess {
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [main, '--no-window', '--profile', profileDir, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: profileDir,
  });
  running.add(child);
  return child;
}

async function ready(child: ChildProcess): Promise<{ launchPage: string; url: string }> {
  if (child.stdout === null) throw new Error('It has no output.');
  for await (const line of createInterface({ input: child.stdout })) {
    const said: { ready?: boolean; launchPage: string; url: string } = JSON.parse(line);
    if (said.ready) return said;
  }
  throw new Error('It ended before it was ready.');
}

/** Comes in as the page does. */
async function comeIn({ launchPage, url }: { launchPage: string; url: string }) {
  const token = /#([\w-]{43})"/.exec(await readFile(launchPage, 'utf8'))?.[1];
  const { host, origin, port } = new URL(url);
  const base = `http://127.0.0.1:${port}`;
  const headers = { host, origin, 'content-type': 'application/json' };
  const { request } = await import('node:http');
  const answer = await new Promise<{ cookie: string; pageToken: string }>((settle, fail) => {
    const asked = request(`${base}/session`, { method: 'POST', headers }, async (response) => {
      const body = (await response.toArray()).join('');
      settle({ cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '', ...JSON.parse(body) });
    });
    asked.on('error', fail);
    asked.end(JSON.stringify({ token }));
  });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, ['postrider.v1', `token.${answer.pageToken}`], {
    headers: { host, origin, cookie: answer.cookie },
  });
  await once(socket, 'open');
  return createClient(socketTransport(socket));
}

test('serves the app to whoever opens its launch page, and ends in order', async () => {
  const child = launch();
  const said = await ready(child);
  const api = await comeIn(said);
  const info = await api.call('app.info', {});
  expect(info).toMatchObject({ profileDir, mailFolder: join(profileDir, 'Mail') });
  expect(info.capabilities.host).toBe('browser');
  for (const name of ['launch.html', 'origin.json', 'control.sock']) {
    expect([name, (await stat(join(profileDir, name))).mode & 0o777]).toEqual([name, 0o600]);
  }
  expect((await stat(profileDir)).mode & 0o777).toBe(0o700);
  expect(await end(child, 'SIGTERM')).toBe(0);
  expect(existsSync(said.launchPage)).toBe(false);
  expect((await readdir(profileDir)).filter((name) => name.endsWith('.sock'))).toEqual([]);
});

test('a second start brings the first forward, with a message file to read it, and ends', async () => {
  const first = launch();
  const api = await comeIn(await ready(first));
  const start = async (...words: string[]): Promise<unknown> => {
    const raised = new Promise((settle) => {
      const stop = api.on('window.raise', (what) => {
        stop();
        settle(what);
      });
    });
    const [code] = await once(launch(...words), 'exit');
    expect(code).toBe(0);
    return raised;
  };
  expect(await start()).toEqual({});
  await writeFile(join(profileDir, 'letter.eml'), 'Subject: From the disk\r\n\r\nHi\r\n');
  expect(await start('letter.eml')).toMatchObject({ file: { fileName: 'letter.eml' } });
  expect((await api.call('app.info', {})).profileDir).toBe(profileDir);
});

test('two starts at the same moment leave one app', async () => {
  const both = [launch(), launch()];
  const first = await Promise.race(both.map((child) => ready(child).then(() => child)));
  const other = both.find((child) => child !== first);
  if (other === undefined) throw new Error('There is no other.');
  const [code] = await once(other, 'exit');
  expect(code).toBe(0);
  expect(first.exitCode).toBeNull();
});

test('after kill -9 it starts again at the same address, and a command reaches it', async () => {
  const killed = launch();
  const before = await ready(killed);
  await end(killed, 'SIGKILL');
  expect(existsSync(join(profileDir, 'control.sock'))).toBe(true);
  expect(await connectControlSocket(profileDir)).toBeNull();
  const again = launch();
  expect(await ready(again)).toEqual(before);
  const transport = await connectControlSocket(profileDir);
  if (transport === null) throw new Error('The command found nobody.');
  const api = createClient(transport);
  expect((await api.call('folder.list', {})).map(({ folder }) => folder)).toContain('Inbox');
  api.close();
});
