import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderPath } from '#shared/ids.ts';
import { type CoreOnAProfile, openCore } from '../core/testing/core-on-a-profile.ts';
import { lookAtProfile } from './doctor-checks.ts';

let app: CoreOnAProfile;

beforeEach(async () => {
  app = await openCore();
});
afterEach(() => app.dispose());

const found = async (now = Date.now()): Promise<string[]> =>
  (await lookAtProfile(app.api, now)).map(({ check, ok, text }) => `${ok ? 'ok' : 'look'} ${check}: ${text}`);

const relay = {
  label: 'Office',
  kind: 'relay' as const,
  endpoints: [{ host: 'smtp.example.org', port: 587, security: 'starttls' as const }],
  auth: { method: 'plain' as const, user: 'u', secret: 's' },
};

test('a profile in order has nothing to look at', async () => {
  const { api } = app;
  await api.call('account.add', {
    label: 'Home',
    host: 'pop.example.org',
    port: 995,
    security: 'tls',
    user: 'u',
    secret: 's',
  });
  const { id } = await api.call('server.add', relay);
  await api.call('identity.add', { displayName: 'A', address: 'a@b.c', route: { kind: 'only', serverId: id } });
  await api.call('rule.add', {
    name: 'News',
    conditions: [{ kind: 'text', field: 'subject', how: 'contains', value: 'news' }],
    actions: [{ kind: 'move', folder: FolderPath.parse('Archive') }],
  });
  const all = await found();
  expect(all.filter((line) => line.startsWith('look'))).toEqual([]);
  expect(all).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^ok program: Postrider \d.*Node 24/),
      expect.stringMatching(/^ok disk: .* free where /),
      'ok accounts: 1 account',
      'ok rules: 1 rule',
      'ok backup: none was made yet; none is scheduled',
    ]),
  );
});

test('names what a helper would ask about', async () => {
  const { api, profileDir } = app;
  const { id } = await api.call('server.add', { ...relay, enabled: false });
  await api.call('identity.add', { displayName: 'A', address: 'a@b.c', route: { kind: 'only', serverId: id } });
  await api.call('identity.add', { displayName: 'A', address: 'x@b.c', route: { kind: 'any' } });
  await api.call('settings.setPreferences', { sendingPaused: true });
  const rule = {
    name: 'Bills',
    conditions: [{ kind: 'text' as const, field: 'subject' as const, how: 'contains' as const, value: 'bill' }],
    actions: [{ kind: 'move' as const, folder: FolderPath.parse('Bills') }, { kind: 'flag' as const }],
  };
  await api.call('rule.add', rule);
  await api.call('rule.add', { ...rule, name: 'Off', isEnabled: false });
  const { jobId } = await api.call('backup.create', { out: join(profileDir, 'b.zip') });
  await app.finished(jobId);
  const inAYear = Date.now() + 365 * 24 * 3_600_000;
  expect((await found(inAYear)).filter((line) => line.startsWith('look'))).toEqual([
    'look accounts: 0 accounts',
    'look servers: 1 outgoing server',
    'look servers: All sending is paused.',
    'look identities: a@b.c has no outgoing server it may send by that is switched on.',
    'look identities: x@b.c has no outgoing server it may send by that is switched on.',
    'look rules: “Bills” files into “Bills”, which is not there: it is made when mail comes for it.',
    expect.stringMatching(/^look backup: last .*, 0 messages, .*b\.zip; none is scheduled$/),
  ]);
});
