import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Preferences } from '#shared/mail/settings.ts';
import { outboxItem } from '#shared/mail/testing/outbox-item.ts';
import { type Api, createClient } from '#shared/rpc/client.ts';
import { createTransportPair, type Transport } from '#shared/rpc/transport.ts';
import { type KeepRunning, keepRunning } from './keep-running.ts';
import { FakeTray } from './testing/electron-double.ts';
import { openTray, type TrayActions } from './tray.ts';

vi.mock('electron', () => import('./testing/electron-double.ts'));

let theirs: Transport;
let api: Api;
let running: KeepRunning;
const asked: string[] = [];
const actions: TrayActions = {
  showWindow: () => void asked.push('show'),
  compose: () => void asked.push('compose'),
  collect: () => void asked.push('collect'),
  sendNow: () => void asked.push('send'),
  pause: (isPaused) => void asked.push(`pause ${isPaused}`),
  quit: () => void asked.push('quit'),
};

const settingsWith = (preferences: Partial<Preferences>) => ({
  version: 1,
  accounts: [],
  identities: [],
  servers: [],
  contacts: [],
  locations: [],
  preferences: Preferences.parse(preferences),
});
const say = (name: string, payload: unknown): void => theirs.send({ kind: 'event', name, payload });

/** The application on the other side answers the two questions that are asked at the beginning. */
function begin(preferences: Partial<Preferences>, waiting: string[] = []): void {
  const [ours, other] = createTransportPair();
  theirs = other;
  theirs.onMessage((frame) => {
    if (typeof frame !== 'object' || frame === null || !('method' in frame) || !('id' in frame)) return;
    const result =
      frame.method === 'settings.get' ? settingsWith(preferences) : waiting.map((outboxId) => outboxItem({ outboxId }));
    theirs.send({ kind: 'result', id: frame.id, result });
  });
  api = createClient(ours);
  running = keepRunning(
    api,
    () => openTray((name) => name, actions, 'linux'),
    (error) => {
      throw error;
    },
  );
}

function theTray(): FakeTray {
  const tray = FakeTray.all.at(-1);
  if (tray === undefined) throw new Error('There is no icon.');
  return tray;
}

function press(label: string): void {
  const entry = theTray().menu.find((own) => own.label === label);
  if (entry === undefined || entry.enabled === false) throw new Error(`“${label}” cannot be chosen.`);
  Reflect.apply(entry.click ?? (() => undefined), undefined, [{ checked: entry.checked !== true }]);
}

beforeEach(() => {
  FakeTray.all.length = 0;
  asked.length = 0;
});
afterEach(() => {
  running.close();
  api.close();
});

it('has no icon, and ends with its window, until the user wants it to go on', async () => {
  begin({});
  say('settings.changed', settingsWith({ sendingPaused: true }));
  await vi.waitFor(() => expect(running.isWanted).toBe(false));
  expect(FakeTray.all).toEqual([]);
  say('settings.changed', settingsWith({ keepRunning: true }));
  await vi.waitFor(() => expect(running.isWanted).toBe(true));
  expect(theTray()).toMatchObject({ image: 'icons/tray.png', tip: 'Postrider: nothing waits in the Outbox' });
  say('settings.changed', settingsWith({ keepRunning: false }));
  await vi.waitFor(() => expect(theTray().isGone).toBe(true));
  expect(running.isWanted).toBe(false);
});

it('tells what waits, and that sending is paused', async () => {
  begin({ keepRunning: true }, ['one']);
  await vi.waitFor(() => expect(theTray().tip).toBe('Postrider: 1 message waits in the Outbox'));
  say('outbox.changed', outboxItem({ outboxId: 'two', state: 'deferred' }));
  say('outbox.changed', outboxItem({ outboxId: 'three', state: 'held' }));
  say('outbox.changed', outboxItem({ outboxId: 'three', state: 'failed' }));
  await vi.waitFor(() => expect(theTray().tip).toBe('Postrider: 2 messages wait in the Outbox'), 3000);
  say('outbox.removed', { outboxId: 'one' });
  say('settings.changed', settingsWith({ keepRunning: true, sendingPaused: true }));
  await vi.waitFor(() => expect(theTray().tip).toBe('Postrider: sending is paused, 1 message waits in the Outbox'));
  expect(() => press('Send what waits')).toThrow();
});

it('does from its menu what the window does', async () => {
  begin({ keepRunning: true }, ['one']);
  await vi.waitFor(() => expect(theTray().menu).not.toEqual([]));
  for (const label of ['Show Postrider', 'New message', 'Collect now', 'Send what waits', 'Pause sending'])
    press(label);
  theTray().emit('click');
  press('Quit Postrider');
  expect(asked).toEqual(['show', 'compose', 'collect', 'send', 'pause true', 'show', 'quit']);
});
