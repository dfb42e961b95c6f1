import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseOrigin, hostOf } from './origin.ts';

let folder: string;
const squatters: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-origin-'));
});
afterEach(async () => {
  for (const squatter of squatters.splice(0)) squatter.close();
  await rm(folder, { recursive: true, force: true });
});

async function squat(host: string, port: number): Promise<void> {
  const server = createServer().listen(port, host);
  squatters.push(server);
  await once(server, 'listening');
}

test('keeps its name and port, for the owner’s eyes only', async () => {
  const first = await chooseOrigin(folder);
  expect(hostOf(first)).toMatch(/^[0-9a-f]{16}\.localhost:\d+$/);
  expect(await chooseOrigin(folder)).toEqual(first);
  expect((await stat(join(folder, 'origin.json'))).mode & 0o777).toBe(0o600);
});

test('moves only when its port is taken', async () => {
  const first = await chooseOrigin(folder);
  await squat('127.0.0.1', first.port);
  const second = await chooseOrigin(folder);
  expect(second.name).toBe(first.name);
  expect(second.port).not.toBe(first.port);
  expect(await chooseOrigin(folder)).toEqual(second);
});

test('moves when somebody sits on the same port of ::1, where a browser would look first', async () => {
  const first = await chooseOrigin(folder);
  await squat('::1', first.port);
  expect((await chooseOrigin(folder)).port).not.toBe(first.port);
});

test('takes the port it is given, and starts anew from a damaged file', async () => {
  const { port } = await chooseOrigin(folder);
  await writeFile(join(folder, 'origin.json'), '{"name":"../../evil","port":80}');
  const chosen = await chooseOrigin(folder, port);
  expect(chosen.port).toBe(port);
  expect(chosen.name).toMatch(/^[0-9a-f]{16}$/);
});
