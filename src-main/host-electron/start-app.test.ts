import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MailError } from '#shared/mail-error.ts';
import type { ElectronHost } from './electron-host.ts';
import { startApp } from './start-app.ts';
import { app, FakeWindow, powerMonitor, world } from './testing/electron-double.ts';

vi.mock('electron', () => import('./testing/electron-double.ts'));

/** The host as far as the start goes. */
const hosts = vi.hoisted(() => ({
  started: [] as (string | undefined)[],
  shown: [] as (string | undefined)[],
  problems: [] as Error[],
  staysWithoutWindow: false,
  isSending: false,
  closed: 0,
  closing: Promise.withResolvers<void>(),
}));
vi.mock('./electron-host.ts', () => ({
  async startElectronHost(_profile: unknown, mailto: string | undefined): Promise<ElectronHost> {
    const problem = hosts.problems.shift();
    if (problem !== undefined) throw problem;
    hosts.started.push(mailto);
    return {
      show: (address) => void hosts.shown.push(address),
      get staysWithoutWindow() {
        return hosts.staysWithoutWindow;
      },
      ask: () => undefined,
      get isSending() {
        return hosts.isSending;
      },
      close() {
        hosts.closed += 1;
        return hosts.closing.promise;
      },
    };
  },
}));

let profileDir: string;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

beforeEach(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'postrider-start-'));
  app.reset();
  powerMonitor.removeAllListeners();
  Object.assign(world, { quits: 0, schemes: [], errorBoxes: [] });
  Object.assign(hosts, {
    started: [],
    shown: [],
    problems: [],
    staysWithoutWindow: false,
    isSending: false,
    closed: 0,
  });
  hosts.closing = Promise.withResolvers();
});
afterEach(async () => {
  for (const signal of signals) process.removeAllListeners(signal);
  await rm(profileDir, { recursive: true });
});

const begin = (...words: string[]) => startApp(['/opt/Postrider/postrider-app', '--profile', profileDir, ...words]);
async function isUp(...words: string[]): Promise<void> {
  await begin(...words);
  app.becomeReady();
  await vi.waitFor(() => expect(hosts.started).toHaveLength(1));
}
/** Chromium tears the command line apart: what counts comes beside it. */
const secondStart = (handedOver: unknown): void =>
  void app.emit('second-instance', {}, ['postrider', '--profile', '--some-switch', profileDir], '/', handedOver);
const prevented = () => ({ isPrevented: false, preventDefault: vi.fn() });

test('does what has to come before Electron is ready, and asks for the lock of its own profile', async () => {
  await begin();
  expect(world.schemes.map(({ scheme }) => scheme)).toEqual(['app']);
  expect(app.acts).toEqual([
    'enableSandbox',
    `setPath userData ${join(profileDir, 'electron')}`,
    'requestSingleInstanceLock',
  ]);
  expect(hosts.started).toEqual([]);
});

test('says why where its folder cannot be made, before Electron is ready', async () => {
  await rm(profileDir, { recursive: true });
  await writeFile(profileDir, 'in the way');
  await begin();
  expect(app.acts.at(-1)).toBe('exit 1');
  expect(world.errorBoxes).toEqual([expect.stringMatching(/^Postrider could not start: .*folder/)]);
  expect(world.errorBoxes[0]).not.toContain(profileDir);
});

test('a second start ends at once and touches nothing', async () => {
  app.hasLock = false;
  await begin('mailto:a@example.com');
  app.becomeReady();
  expect(app.acts).toContain('quit');
  expect(app.handedOver).toEqual({ address: 'mailto:a@example.com' });
  expect(app.listenerCount('second-instance')).toBe(0);
  expect(hosts.started).toEqual([]);
});

test('an address that comes while the app comes up is not lost', async () => {
  await begin('mailto:first@example.com');
  const event = prevented();
  app.emit('open-url', event, 'mailto:second@example.com');
  expect(event.preventDefault).toHaveBeenCalled();
  app.becomeReady();
  // The host has been asked for, and is not there yet.
  await Promise.resolve();
  secondStart({ address: 'mailto:third@example.com' });
  await vi.waitFor(() => expect([...hosts.started, ...hosts.shown]).toContain('mailto:third@example.com'));
  expect(hosts.started).toHaveLength(1);
});

test('a second start and the Dock bring the window forward', async () => {
  await isUp();
  secondStart({ address: 'mailto:a@example.com' });
  app.emit('activate');
  secondStart({});
  secondStart({ address: 7 });
  expect(hosts.shown).toEqual(['mailto:a@example.com', undefined, undefined, undefined]);
});

test.skipIf(process.platform === 'win32')(
  'a message file is opened from the command line and from the Finder',
  async () => {
    app.hasLock = false;
    await begin('letters/a.eml');
    const letter = pathToFileURL(resolve('letters/a.eml')).href;
    expect(app.handedOver).toEqual({ address: letter });
    app.hasLock = true;
    await isUp();
    secondStart({ address: letter });
    const event = prevented();
    app.emit('open-file', event, '/home/anna/without an end');
    expect(event.preventDefault).toHaveBeenCalled();
    expect(hosts.shown).toEqual([letter, 'file:///home/anna/without%20an%20end']);
  },
);

test('ends with its last window, unless the user wants it to go on', async () => {
  await isUp();
  hosts.staysWithoutWindow = true;
  app.emit('window-all-closed');
  expect(world.quits).toBe(0);
  hosts.staysWithoutWindow = false;
  app.emit('window-all-closed');
  expect(world.quits).toBe(process.platform === 'darwin' ? 0 : 1);
});

test('quitting waits for a safe end, however often it is asked for', async () => {
  await isUp();
  app.quit();
  app.quit();
  expect(app.acts.filter((act) => act === 'quit prevented')).toHaveLength(2);
  expect(app.acts).not.toContain('exit 0');
  hosts.closing.resolve();
  await vi.waitFor(() => expect(app.acts).toContain('exit 0'));
});

test('the end of the session waits until what is in hand has come to a safe end', async () => {
  await isUp();
  const event = prevented();
  powerMonitor.emit('shutdown', event);
  expect(event.preventDefault).toHaveBeenCalled();
  // The system asks every program to quit as well.
  app.quit();
  expect(app.acts).not.toContain('exit 0');
  hosts.closing.resolve();
  await vi.waitFor(() => expect(app.acts).toContain('exit 0'));
  expect(hosts.closed).toBe(1);
});

test('the end of the session does not wait for ever, nor for an app that is only coming up', async () => {
  await isUp();
  vi.useFakeTimers();
  try {
    // As it is typed: without an event.
    powerMonitor.emit('shutdown');
    vi.advanceTimersByTime(4499);
    expect(app.acts).not.toContain('exit 0');
    vi.advanceTimersByTime(1);
    expect(app.acts).toContain('exit 0');
  } finally {
    vi.useRealTimers();
  }
  app.reset();
  powerMonitor.removeAllListeners();
  hosts.problems.push(new MailError('ELOCKED', 'Postrider is already running on this profile.'));
  await begin();
  app.becomeReady();
  await vi.waitFor(() => expect(powerMonitor.listenerCount('shutdown')).toBe(1));
  powerMonitor.emit('shutdown', prevented());
  await vi.waitFor(() => expect(app.acts).toContain('exit 0'));
  // The double does not really end; what was coming up comes up.
  await vi.waitFor(() => expect(hosts.started).toHaveLength(2));
});

test('Windows is held up for a message in hand alone, and never against its will', async () => {
  await isUp();
  const window = new FakeWindow({ width: 1, height: 1, show: false, webPreferences: {} });
  expect(window.askToEnd(['logoff'])).toBe(false);
  hosts.isSending = true;
  expect(window.askToEnd(['critical', 'shutdown'])).toBe(false);
  expect(hosts.closed).toBe(0);
  expect(window.askToEnd(['shutdown'])).toBe(true);
  window.emit('session-end', { reasons: ['shutdown'] });
  powerMonitor.emit('shutdown', prevented());
  expect(hosts.closed).toBe(1);
  hosts.closing.resolve();
  await vi.waitFor(() => expect(app.acts).toContain('exit 0'));
  expect(app.acts.filter((act) => act === 'exit 0')).toHaveLength(1);
});

test('waits for a command that has the profile for a moment', async () => {
  const inUse = new MailError('ELOCKED', 'Postrider is already running on this profile.');
  hosts.problems.push(inUse, inUse);
  await isUp();
  expect(world.errorBoxes).toEqual([]);
});

test('says why it could not start, and nothing of its inside', async () => {
  const spoken = vi.spyOn(console, 'error').mockReturnValue(undefined);
  hosts.problems.push(new MailError('EDISKFULL', 'The disk is full.'), new Error('/home/anna at line 3'));
  for (const box of ['The disk is full.', 'Something went wrong inside Postrider. No mail was changed.']) {
    await begin();
    app.becomeReady();
    await vi.waitFor(() => expect(app.acts.at(-1)).toBe('exit 1'));
    expect(world.errorBoxes.at(-1)).toBe(`Postrider could not start: ${box}`);
    app.reset();
  }
  expect(spoken).toHaveBeenCalledTimes(1);
  spoken.mockRestore();
});
