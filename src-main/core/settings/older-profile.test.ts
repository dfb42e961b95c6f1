import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Secrets } from '../ports.ts';
import { createSettings } from './settings.ts';

// settings.json as the first Postrider wrote it, before rules, scanners, tags, large messages and backups.
let profileDir: string;
beforeEach(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'postrider-older-'));
});
afterEach(() => rm(profileDir, { recursive: true, force: true }));

const secrets: Secrets = {
  get: async () => undefined,
  set: async () => undefined,
  remove: async () => undefined,
  has: async () => false,
  keptIn: 'nowhere, for the test',
};

const open = () =>
  createSettings({
    profileDir,
    secrets,
    log: { info() {}, warn() {}, error() {} },
    clock: { now: () => 0, after: () => () => undefined },
    emit: () => undefined,
  });

const account = {
  id: 'account-1',
  label: 'Home',
  host: 'pop.example.org',
  port: 995,
  security: 'tls',
  user: 'alice',
  auth: 'auto',
  retention: { kind: 'leave-days', days: 30 },
  checkEveryMinutes: 15,
};
const older = {
  version: 1,
  accounts: [account],
  identities: [],
  servers: [],
  locations: [{ locationId: 'net-1', name: 'Home' }],
  contacts: [{ mailbox: 'bob@example.org', displayName: 'Bob' }],
  preferences: { theme: 'dark', undoSendSeconds: 20, remoteContentFrom: ['news@example.org'] },
};

test('the first settings file is read whole, and what came since has its usual value', async () => {
  await writeFile(join(profileDir, 'settings.json'), JSON.stringify(older));
  const settings = await open();
  expect(settings.problem).toBeNull();
  const now = settings.current();
  expect(now.accounts).toEqual([account]);
  expect(now.preferences).toMatchObject({ ...older.preferences, threadedFolders: [], collectAtStart: true });
  expect(now.preferences.tags.map(({ name }) => name)).toContain('Important');
  expect(now.rules).toEqual([]);
  expect(now.scanner).toMatchObject({ isEnabled: false, command: '', cleanCodes: [0], whenNotJudged: 'quarantine' });
  // All mail comes whole and no mailbox is warned of, as it was before anybody could say otherwise.
  expect([now.accounts[0]?.maxOctets, now.accounts[0]?.warnAboveOctets]).toEqual([undefined, undefined]);
  expect(await readdir(profileDir)).toEqual(['settings.json']);
});

test('written once by today’s Postrider it says the same to the next start', async () => {
  await writeFile(join(profileDir, 'settings.json'), JSON.stringify(older));
  const first = await open();
  await first.handlers['settings.setPreferences']({ theme: 'light' });
  const wanted = first.current();
  expect(wanted.preferences.theme).toBe('light');
  const second = await open();
  expect(second.problem).toBeNull();
  expect(second.current()).toEqual(wanted);
});
