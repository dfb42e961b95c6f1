import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ScriptedServer, scriptedServer } from '../core/incoming/testing/scripted-server.ts';
import { openFileSecrets } from './file-secrets.ts';
import { noDesktop } from './no-desktop.ts';
import { openNodeCore } from './node-core.ts';
import type { Profile } from './profile.ts';
import { lockProfile } from './profile-lock.ts';

const replies: Readonly<Record<string, string>> = {
  CAPA: '+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n',
  LIST: '+OK\r\n1 120\r\n.\r\n',
  UIDL: '+OK\r\n1 first\r\n.\r\n',
};
const begun = ['CAPA', 'USER anna', 'PASS secret', 'LIST', 'UIDL'];
let profile: Profile;
let pop3: ScriptedServer;
let connections = 0;

beforeEach(async () => {
  const profileDir = mkdtempSync(join(tmpdir(), 'postrider-core-'));
  profile = { profileDir, mailFolder: join(profileDir, 'Mail') };
  connections = 0;
  pop3 = await scriptedServer(
    '+OK hello\r\n',
    (line) => replies[line] ?? '+OK\r\n',
    () => {
      connections += 1;
    },
  );
  const account = { label: 'Mail', host: '127.0.0.1', port: pop3.port, security: 'none', user: 'anna' };
  const id = '11111111-1111-4111-8111-111111111111';
  const settings = { version: 1, accounts: [{ id, ...account, auth: 'auto', retention: { kind: 'leave' } }] };
  writeFileSync(join(profileDir, 'settings.json'), JSON.stringify(settings));
  await (await openFileSecrets(profileDir)).set(`account:${id}`, 'secret');
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

test('where the store cannot be opened, the session begun meanwhile changes nothing at the server', async () => {
  // In the place of its file.
  mkdirSync(join(profile.profileDir, 'ledger.sqlite'));
  await expect(open()).rejects.toThrow();
  expect(pop3.heard.filter((line) => ![...begun, 'QUIT'].includes(line))).toEqual([]);
});

test('a session begun and not needed ends in order when the core closes', async () => {
  const core = await open();
  await vi.waitFor(() => expect(pop3.heard).toEqual(begun));
  await core.close();
  expect(connections).toBe(1);
  expect(pop3.heard).toEqual([...begun, 'QUIT']);
});
