import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeSpawn } from './child-process.ts';

let folder: string;
let entry: URL;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-child-'));
  const path = join(folder, 'child.mjs');
  await writeFile(
    path,
    `const kept = [];
    process.on('message', (message) => {
      if (message === 'hang') { process.send('hanging', () => { for (;;) {} }); return; }
      if (message === 'buffers') setInterval(() => kept.push(Buffer.alloc(50e6, 1)), 20);
      if (message === 'heap') for (;;) kept.push(new Array(1e6).fill({}));
      if (message === 'env') return process.send(Object.keys(process.env));
      process.send({ back: message });
    });`,
  );
  entry = pathToFileURL(path);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (memoryLimitMb = 128) => {
  const child = nodeSpawn.fork(entry, { memoryLimitMb });
  const exited = new Promise<number | null>((settle) => child.onExit(settle));
  const answer = () => new Promise<unknown>((settle) => child.onMessage(settle));
  return { child, exited, answer };
};

test('talks by structured clone, bytes and maps included', async () => {
  const { child, exited, answer } = start();
  const message = { bytes: new Uint8Array([0, 255]), map: new Map([['a', 1]]), none: undefined };
  const back = answer();
  child.send(message);
  expect(await back).toEqual({ back: message });
  child.kill();
  await exited;
  child.send('too late');
});

test('is killed in the middle of an endless loop', async () => {
  const { child, exited, answer } = start();
  const hanging = answer();
  child.send('hang');
  expect(await hanging).toBe('hanging');
  child.kill();
  expect(await exited).toBeNull();
});

test.each(['heap', 'buffers'])('ends when it outgrows its memory (%s)', async (kind) => {
  const { child, exited } = start(64);
  child.send(kind);
  expect(await exited).not.toBe(0);
});

test('is not handed what lies in our environment', async () => {
  process.env.POSTRIDER_TEST_SECRET = 'hunter2';
  const { child, exited, answer } = start();
  const names = answer();
  child.send('env');
  expect(await names).not.toContain('POSTRIDER_TEST_SECRET');
  delete process.env.POSTRIDER_TEST_SECRET;
  child.kill();
  await exited;
});

test('tells when it could not start', async () => {
  const child = nodeSpawn.fork(pathToFileURL(join(folder, 'missing.mjs')), { memoryLimitMb: 64 });
  expect(await new Promise((settle) => child.onExit(settle))).toBe(1);
});
