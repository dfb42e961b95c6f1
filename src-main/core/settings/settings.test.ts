import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LocationId, ServerId } from '#shared/ids.ts';
import type { Secret } from '#shared/mail/endpoint.ts';
import { IdentityInput } from '#shared/mail/identity.ts';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import { Contact } from '#shared/mail/settings.ts';
import { MailError } from '#shared/mail-error.ts';
import { methods } from '#shared/rpc/contract.ts';
import type { Secrets } from '../ports.ts';
import { createSettings } from './settings.ts';

let profileDir = '';
let emitted: string[] = [];
let kept = new Map<string, Secret>();

beforeEach(async () => {
  profileDir = await mkdtemp(join(tmpdir(), 'postrider-settings-'));
  emitted = [];
  kept = new Map();
});
afterEach(() => rm(profileDir, { recursive: true, force: true }));

const secrets: Secrets = {
  get: async (name) => kept.get(name),
  set: async (name, secret) => void kept.set(name, secret),
  remove: async (name) => void kept.delete(name),
  has: async (name) => kept.has(name),
  keptIn: 'in memory, for the test',
};

function open(overrides: Partial<Secrets> = {}, brokenSettings?: 'refuse') {
  return createSettings({
    brokenSettings,
    profileDir,
    secrets: { ...secrets, ...overrides },
    log: { info() {}, warn() {}, error() {} },
    clock: { now: () => Date.UTC(2026, 10, 21, 20, 0, 0), after: () => () => undefined },
    emit: (name) => void emitted.push(name),
  });
}

const account = AccountInput.parse({
  label: 'Home',
  host: 'pop.example.org',
  port: 995,
  security: 'tls',
  user: 'alice',
  secret: 'wonderland',
});
const server = ServerInput.parse({
  label: 'Provider',
  endpoints: [{ host: 'smtp.example.org', port: 587, security: 'starttls' }],
  auth: { method: 'plain', user: 'alice', secret: 'looking-glass' },
});
const identity = (address: string, route: unknown = { kind: 'any' }) =>
  IdentityInput.parse({ displayName: 'Alice', address, route });
const file = (): Promise<string> => readFile(join(profileDir, 'settings.json'), 'utf8');

describe('the file', () => {
  test('is written with mode 0600, without a secret, and read again as it was', async () => {
    const settings = await open();
    const id = await settings.addAccount(account);
    const serverId = await settings.addServer({
      ...server,
      proxy: { kind: 'socks5', host: 'h', port: 1080, user: 'u', password: 'proxy-word' },
    });
    const text = await file();
    for (const secret of ['wonderland', 'looking-glass', 'proxy-word']) expect(text).not.toContain(secret);
    expect((await stat(join(profileDir, 'settings.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(profileDir)).toEqual(['settings.json']);

    const again = await open();
    expect(again.problem).toBeNull();
    expect(again.current()).toEqual(settings.current());
    expect(await again.accountSecret(id)).toBe('wonderland');
    expect(await again.serverSecret(serverId)).toBe('looking-glass');
    expect(again.server(serverId)?.proxy?.password).toBe('proxy-word');
    expect(JSON.stringify(await again.view())).not.toMatch(/wonderland|looking-glass|proxy-word/);
  });

  test.each([
    ['not JSON', '{"version": 1,'],
    ['empty', ''],
    ['a list', '[]'],
    ['without a version', '{}'],
    ['of an unknown old version', '{"version": 0}'],
    ['not valid', '{"version": 1, "accounts": [{"id": "x", "port": "many"}]}'],
  ])('that is %s is kept aside and the defaults are used', async (_, text) => {
    await writeFile(join(profileDir, 'settings.json'), text);
    const settings = await open();
    const aside = join(profileDir, 'settings.broken-2026-11-21T20-00-00.json');
    expect(settings.problem).toContain(aside);
    expect(settings.current().accounts).toEqual([]);
    expect(await readFile(aside, 'utf8')).toBe(text);
    await writeFile(join(profileDir, 'settings.json'), 'broken again');
    expect((await open()).problem).toContain('-2.json');
    expect(await readFile(aside, 'utf8')).toBe(text);
  });

  test('that cannot be read is refused and left alone where a command asks for it', async () => {
    await writeFile(join(profileDir, 'settings.json'), '{"version": 1,');
    await expect(open({}, 'refuse')).rejects.toMatchObject({
      code: 'ESETTINGS',
      message: expect.stringContaining('not JSON'),
    });
    expect(await file()).toBe('{"version": 1,');
  });

  test('that the system does not give is told as the settings’ fault, and nothing is put in its place', async () => {
    await mkdir(join(profileDir, 'settings.json'));
    await expect(open()).rejects.toMatchObject({
      code: 'ESETTINGS',
      message: expect.stringContaining('a folder has their name'),
    });
    expect(await readdir(profileDir)).toEqual(['settings.json']);
  });

  test('of a newer version is refused and left alone', async () => {
    await writeFile(join(profileDir, 'settings.json'), '{"version": 2, "wonders": true}');
    await expect(open()).rejects.toMatchObject({ code: 'ESETTINGS' });
    expect(await file()).toBe('{"version": 2, "wonders": true}');
  });

  test('holds every one of many changes made at once', async () => {
    const settings = await open();
    const ids = await Promise.all(Array.from({ length: 20 }, () => settings.addAccount(account)));
    expect((await open()).current().accounts.map(({ id }) => id)).toEqual(ids);
  });

  test('that cannot be written leaves memory and secrets as they were', async () => {
    const settings = await open();
    const id = await settings.addAccount(account);
    await rm(profileDir, { recursive: true });
    await expect(settings.setAccount(id, { label: 'New', secret: 'changed' })).rejects.toThrow(MailError);
    expect(settings.account(id)?.label).toBe('Home');
    expect(kept.get(`account:${id}`)).toBe('wonderland');
    await expect(settings.addServer(server)).rejects.toThrow(MailError);
    expect([...kept.keys()]).toEqual([`account:${id}`]);
  });
});

describe('patches', () => {
  test('replace what is given, remove what is null, and check the whole', async () => {
    const settings = await open();
    const id = await settings.addAccount({ ...account, maxOctets: 5 });
    const view = await settings.setAccount(id, { label: 'Work', maxOctets: null, retention: { kind: 'delete' } });
    expect(view).toMatchObject({
      label: 'Work',
      host: 'pop.example.org',
      retention: { kind: 'delete' },
      hasSecret: true,
    });
    expect(view).not.toHaveProperty('maxOctets');
    expect(view).not.toHaveProperty('secret');
    await expect(settings.setAccount(id, { port: 0 })).rejects.toThrow(/port/);
    await expect(settings.setAccount(id, { label: null })).rejects.toMatchObject({ code: 'EINVALID' });
    await expect(settings.setAccount(id, { prot: 1 })).rejects.toThrow(/“prot”/);
    await expect(settings.setAccount(id, JSON.parse('{"__proto__": {"x": 1}}'))).rejects.toThrow(/__proto__/);
    expect(settings.account(id)?.label).toBe('Work');
  });

  test('that would end a line of a protocol are refused by their field', async () => {
    const settings = await open();
    const accountAdded = await settings.addAccount(account);
    const serverAdded = await settings.addServer(server);
    await expect(settings.setAccount(accountAdded, { user: 'bob\r\nDELE 1' })).rejects.toThrow(/user/);
    await expect(settings.setAccount(accountAdded, { secret: 'x\nDELE 1' })).rejects.toThrow(/secret/);
    await expect(settings.setServer(serverAdded, { auth: { user: 'bob\nQUIT' } })).rejects.toThrow(/user/);
    expect(IdentityInput.safeParse({ displayName: '', address: 'a@b.c', replyTo: 'a@b.c\r\nBcc: x@y.z' }).success).toBe(
      false,
    );
  });

  test('merge within auth, and the secret goes where secrets go', async () => {
    const settings = await open();
    const id = await settings.addServer(server);
    await settings.setServer(id, { auth: { user: 'bob' } });
    expect(settings.server(id)?.auth).toEqual({ method: 'plain', user: 'bob' });
    expect(await settings.serverSecret(id)).toBe('looking-glass');
    await settings.setServer(id, { auth: { secret: 'second' } });
    expect(await settings.serverSecret(id)).toBe('second');
    expect((await settings.setServer(id, { auth: { secret: null } })).hasSecret).toBe(false);
    expect((await settings.setServer(id, { label: 'Renamed' })).auth).toEqual({ method: 'plain', user: 'bob' });
    await expect(settings.setServer(id, { endpoints: [] })).rejects.toMatchObject({ code: 'EINVALID' });
  });

  test('take and drop an account’s secret', async () => {
    const settings = await open();
    const id = await settings.addAccount(account);
    await settings.setAccount(id, { secret: 'new' });
    expect(await settings.accountSecret(id)).toBe('new');
    expect((await settings.setAccount(id, { secret: null })).hasSecret).toBe(false);
  });

  test('of the preferences leave the others as they were, through the contract too', async () => {
    const settings = await open();
    const { params } = methods['settings.setPreferences'];
    await settings.handlers['settings.setPreferences'](params.parse({ theme: 'dark', undoSendSeconds: 3 }));
    await settings.handlers['settings.setPreferences'](params.parse({ density: 'compact' }));
    expect((await open()).current().preferences).toMatchObject({
      theme: 'dark',
      undoSendSeconds: 3,
      density: 'compact',
    });
  });

  test('of something that is not there say so', async () => {
    const settings = await open();
    const id = ServerId.parse('nowhere');
    for (const work of [settings.setServer(id, {}), settings.removeServer(id), settings.removeContact('a@b.c')])
      await expect(work).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

describe('what belongs together', () => {
  test('goes together: the secret with its account and server', async () => {
    const settings = await open();
    const accountId = await settings.addAccount(account);
    const serverId = await settings.addServer(server);
    const identityId = await settings.addIdentity({ ...identity('a@b.c'), accountId });
    await settings.removeAccount(accountId);
    await settings.removeServer(serverId);
    expect([...kept.keys()]).toEqual([]);
    expect(settings.identity(identityId)).not.toHaveProperty('accountId');
  });

  test('a server that is one identity’s only way is not removed', async () => {
    const settings = await open();
    const [first, second] = [await settings.addServer(server), await settings.addServer(server)];
    await settings.addIdentity(identity('only@b.c', { kind: 'only', serverId: first }));
    const both = await settings.addIdentity(identity('both@b.c', { kind: 'prefer', serverIds: [second, first] }));
    await expect(settings.removeServer(first)).rejects.toThrow(/only@b\.c/);
    expect(await settings.serverSecret(first)).toBe('looking-glass');
    await settings.removeServer(second);
    expect(settings.identity(both)?.route).toEqual({ kind: 'prefer', serverIds: [first] });
    await expect(settings.removeServer(first)).rejects.toThrow(/only@b\.c, both@b\.c/);
    await expect(settings.addIdentity(identity('x@b.c', { kind: 'only', serverId: second }))).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  test('order is the user’s own', async () => {
    const settings = await open();
    const ids = [await settings.addServer(server), await settings.addServer(server), await settings.addServer(server)];
    await settings.reorderServers(ids.toReversed());
    expect((await open()).current().servers.map(({ id }) => id)).toEqual(ids.toReversed());
    await expect(settings.reorderServers(ids.slice(1))).rejects.toMatchObject({ code: 'EINVALID' });
    await expect(settings.reorderServers([...ids.slice(1), ...ids.slice(1)])).rejects.toMatchObject({
      code: 'EINVALID',
    });
  });

  test('an identity is found by its address, then by its domain', async () => {
    const settings = await open();
    const all = await settings.addIdentity(identity('*@example.org'));
    const bob = await settings.addIdentity(identity('Bob@Example.org'));
    const exact = await settings.addIdentity(identity('bob@example.org'));
    expect(settings.identityFor('bob@EXAMPLE.ORG')?.id).toBe(exact);
    expect(settings.identityFor('BOB@example.org')?.id).toBe(bob);
    expect(settings.identityFor('carol@example.org')?.id).toBe(all);
    expect(settings.identityFor('carol@sub.example.org')).toBeUndefined();
    expect(settings.identityFor('example.org')).toBeUndefined();
  });

  test('a contact is kept once, whatever its case; a network has one name', async () => {
    const settings = await open();
    await settings.putContact(Contact.parse({ displayName: 'B', mailbox: 'bob@example.org' }));
    await settings.putContact(Contact.parse({ displayName: 'Bob', mailbox: 'Bob@example.org' }));
    expect(settings.current().contacts).toEqual([{ displayName: 'Bob', mailbox: 'Bob@example.org', note: '' }]);
    await settings.removeContact('BOB@example.org');
    expect(settings.current().contacts).toEqual([]);
    await settings.nameLocation({ locationId: 'n1', name: 'Home' });
    await settings.nameLocation({ locationId: 'n1', name: 'Work' });
    expect(settings.current().locations).toEqual([
      { locationId: LocationId.parse('n1'), name: 'Work', lastSeenAt: Date.UTC(2026, 10, 21, 20, 0, 0) },
    ]);
  });

  test('whoever listens hears of every change, and one that fails does not stop it', async () => {
    const settings = await open();
    const heard: number[] = [];
    settings.onChanged(() => {
      throw new Error('a listener that fails');
    });
    const stop = settings.onChanged((now) => heard.push(now.accounts.length));
    await settings.addAccount(account);
    stop();
    await settings.addAccount(account);
    expect(heard).toEqual([1]);
    expect(emitted).toEqual(['settings.changed', 'settings.changed']);
  });
});

test('a keychain that refuses leaves nothing half done', async () => {
  const settings = await open({ set: () => Promise.reject(new MailError('EIO', 'The keychain is locked.')) });
  await expect(settings.addAccount(account)).rejects.toThrow('The keychain is locked.');
  expect(settings.current().accounts).toEqual([]);
});
