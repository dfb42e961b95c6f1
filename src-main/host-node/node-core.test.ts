import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ScriptedServer, scriptedServer } from '../core/incoming/testing/scripted-server.ts';
import { noDesktop } from './no-desktop.ts';
import { openNodeCore } from './node-core.ts';
import type { Profile } from './profile.ts';
import { lockProfile } from './profile-lock.ts';

let profile: Profile;
let pop3: ScriptedServer;
let connections = 0;

beforeEach(async () => {
  const profileDir = mkdtempSync(join(tmpdir(), 'postrider-core-'));
  profile = { profileDir, mailFolder: join(profileDir, 'Mail') };
  connections = 0;
  pop3 = await scriptedServer(
    '+OK hello\r\n',
    () => '+OK\r\nUSER\r\n.\r\n',
    () => {
      connections += 1;
    },
  );
  const account = { label: 'Mail', host: '127.0.0.1', port: pop3.port, security: 'none', user: 'anna' };
  const id = '11111111-1111-4111-8111-111111111111';
  const settings = { version: 1, accounts: [{ id, ...account, auth: 'auto', retention: { kind: 'leave' } }] };
  writeFileSync(join(profileDir, 'settings.json'), JSON.stringify(settings));
});
afterEach(async () => {
  await pop3.close();
  rmSync(profile.profileDir, { recursive: true, force: true });
});

const open = () => openNodeCore({ profile, desktop: noDesktop, collects: 'all' });

test('nobody is called while another process owns the profile', async () => {
  const lock = await lockProfile(profile.profileDir);
  await expect(open()).rejects.toMatchObject({ code: 'ELOCKED' });
  lock.release();
  expect(connections).toBe(0);
});

test('a server met while the store opened is not signed in to when the store cannot be opened', async () => {
  // In the place of its file.
  mkdirSync(join(profile.profileDir, 'ledger.sqlite'));
  await expect(open()).rejects.toThrow();
  expect(pop3.heard.filter((line) => line !== 'CAPA' && line !== 'QUIT')).toEqual([]);
});

test('a server met and not needed is left when the core closes', async () => {
  const core = await open();
  await vi.waitFor(() => expect(pop3.heard).toEqual(['CAPA']));
  await core.close();
  expect(connections).toBe(1);
  expect(pop3.heard.filter((line) => line !== 'CAPA' && line !== 'QUIT')).toEqual([]);
});
