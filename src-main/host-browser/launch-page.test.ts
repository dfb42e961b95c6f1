import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Clock } from '../core/ports.ts';
import { type LaunchPage, openLaunchPage } from './launch-page.ts';
import { chooseOrigin, hostOf, type Origin } from './origin.ts';
import { createSessions, type Sessions } from './sessions.ts';

let folder: string;
let origin: Origin;
let sessions: Sessions;
let page: LaunchPage;
let now: number;
let timers: { at: number; run: () => void }[];
const warnings: string[] = [];

const clock: Clock = {
  now: () => now,
  after(delayMs, run) {
    const timer = { at: now + delayMs, run };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  },
};

function advance(ms: number): void {
  now += ms;
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { run } of due) run();
}

async function tokenInPage(): Promise<string> {
  return /#([\w-]{43})"/.exec(await readFile(page.path, 'utf8'))?.[1] ?? '';
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postrider-launch-'));
  now = 0;
  timers = [];
  warnings.length = 0;
  origin = await chooseOrigin(folder);
  sessions = createSessions(() => now);
  const log = { info: () => undefined, warn: (text: string) => void warnings.push(text), error: () => undefined };
  page = await openLaunchPage({ folder, origin, sessions, clock, log });
});
afterEach(async () => {
  await page.close();
  await rm(folder, { recursive: true, force: true });
});

test('is its owner’s alone and leads to the page', async () => {
  expect((await stat(page.path)).mode & 0o777).toBe(0o600);
  expect(await readFile(page.path, 'utf8')).toContain(`location.replace("http://${hostOf(origin)}/#`);
  expect(sessions.exchange(await tokenInPage(), undefined)).not.toBeNull();
});

test('holds a token that works whenever it is opened, while older ones die', async () => {
  const first = await tokenInPage();
  for (let round = 0; round < 5; round += 1) {
    const before = await tokenInPage();
    advance(20_000);
    await vi.waitFor(async () => expect(await tokenInPage()).not.toBe(before));
  }
  expect(sessions.exchange(first, undefined)).toBeNull();
  advance(9_000);
  expect(sessions.exchange(await tokenInPage(), undefined)).not.toBeNull();
  await page.renew();
  expect(sessions.exchange(await tokenInPage(), undefined)).not.toBeNull();
});

test('holds no token while somebody else answers on the same port of ::1', async () => {
  const squatter = createServer().listen(origin.port, '::1');
  await once(squatter, 'listening');
  await page.renew();
  expect(await tokenInPage()).toBe('');
  expect(await readFile(page.path, 'utf8')).toContain('Another program');
  expect(warnings).toHaveLength(1);
  squatter.close();
  await once(squatter, 'close');
  await page.renew();
  expect(await tokenInPage()).not.toBe('');
});

test('is gone when the app is', async () => {
  await page.close();
  expect(existsSync(page.path)).toBe(false);
  expect(timers).toEqual([]);
});
