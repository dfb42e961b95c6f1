import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import { openSecrets, sealSecrets } from './passwords.ts';
import { type ArchiveOnAProfile, archiveOnAProfile } from './testing/archive-on-a-profile.ts';

// The key is slow to make on purpose, and more so while other tests run.
vi.setConfig({ testTimeout: 120_000 });
const cheap = { n: 1 << 10, r: 8, p: 1 };

const secrets = {
  'account:1': 'pässwörd',
  'server:1': { refreshToken: 'r', clientId: 'c', tokenUrl: 'https://t.test/', scopes: 's' },
};

test('come back under the passphrase, however it was composed, and under no other', async () => {
  const { header, data } = await sealSecrets(secrets, 'caf\u00e9 au lait', cheap);
  expect(Buffer.from(data).toString('latin1')).not.toContain('refreshToken');
  expect(await openSecrets(header, data, 'cafe\u0301 au lait')).toEqual(secrets);
  await expect(openSecrets(header, data, 'cafe au lait')).rejects.toMatchObject({ code: 'EINVALID' });
});

test('whose they are cannot be changed, nor anything else', async () => {
  const { header, data } = await sealSecrets(secrets, 'x', cheap);
  const other = Buffer.from(data);
  other[0] = (other[0] ?? 0) ^ 1;
  const flipped = (hex: string): string => hex.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  const changed: [typeof header, Uint8Array][] = [
    [{ ...header, names: ['account:2', 'server:1'] }, data],
    [{ ...header, tag: flipped(header.tag) }, data],
    [{ ...header, iv: flipped(header.iv) }, data],
    [{ ...header, n: header.n / 2 }, data],
    [header, other],
  ];
  for (const [head, bytes] of changed)
    await expect(openSecrets(head, bytes, 'x')).rejects.toMatchObject({ code: 'EINVALID' });
});

test('a guess costs as much as is advised, unless told otherwise', async () => {
  const { header } = await sealSecrets(secrets, 'x');
  expect(header).toMatchObject({ kdf: 'scrypt', n: 131_072, r: 8, p: 1 });
});

describe('in a backup', () => {
  let out: string;
  let one: ArchiveOnAProfile;
  let two: ArchiveOnAProfile;
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'postrider-passwords-'));
    one = await archiveOnAProfile();
    two = await archiveOnAProfile();
    await one.settings.addAccount(account('Home', 'incoming secret'));
    await one.settings.addServer(
      ServerInput.parse({
        label: 'Relay',
        endpoints: [{ host: 'mail.test', port: 587, security: 'starttls' }],
        auth: { method: 'plain', user: 'ann', secret: 'outgoing secret' },
        proxy: { kind: 'socks5', host: 'proxy.test', port: 1080, user: 'p', password: 'proxy secret' },
      }),
    );
  });
  afterEach(async () => {
    await one.remove();
    await two.remove();
    await rm(out, { recursive: true, force: true });
  });

  function account(label: string, secret?: string): AccountInput {
    return AccountInput.parse({ label, host: 'pop.test', port: 995, security: 'tls', user: 'ann', secret });
  }

  const ids = (profile: ArchiveOnAProfile) => ({
    account: profile.settings.current().accounts[0]?.id ?? fail(),
    server: profile.settings.current().servers[0]?.id ?? fail(),
  });

  function fail(): never {
    throw new Error('It is not there.');
  }

  test('are left out unless asked for; settings come back without them', async () => {
    const file = join(out, 'plain.zip');
    await one.create({ out: file });
    expect(readFileSync(file).toString('latin1')).not.toContain('secret');
    expect(await two.restore({ file })).toMatchObject({ tookSettings: true });
    expect(two.settings.current().accounts).toEqual(one.settings.current().accounts);
    expect(await two.settings.accountSecret(ids(two).account)).toBeUndefined();
    expect(two.settings.current().servers[0]?.proxy).toEqual({
      kind: 'socks5',
      host: 'proxy.test',
      port: 1080,
      user: 'p',
    });
    await expect(two.restore({ file, passphrase: 'x' })).rejects.toMatchObject({ code: 'EINVALID' });
  });

  test('come with the settings where the passphrase is right', async () => {
    const file = join(out, 'sealed.zip');
    await one.create({ out: file, passphrase: 'open sesame' });
    await expect(two.restore({ file, passphrase: 'open barley' })).rejects.toMatchObject({
      code: 'EINVALID',
      message: expect.stringContaining('Nothing was restored'),
    });
    expect(two.settings.current().accounts).toEqual([]);
    expect(await two.restore({ file, passphrase: 'open sesame' })).toMatchObject({ tookSettings: true });
    expect(await two.settings.accountSecret(ids(two).account)).toBe('incoming secret');
    expect(await two.settings.serverSecret(ids(two).server)).toBe('outgoing secret');
    expect(two.settings.current().servers[0]?.proxy?.password).toBe('proxy secret');
    expect(readFileSync(join(two.profileDir, 'settings.json'), 'utf8')).not.toContain('proxy secret');
  });

  test('and settings that are here already stay as they are, unless what is missing is asked for', async () => {
    const file = join(out, 'sealed.zip');
    await one.create({ out: file, passphrase: 'open sesame' });
    await two.settings.addAccount(account('Other', 'its own'));
    expect(await two.restore({ file, passphrase: 'open sesame' })).toMatchObject({ tookSettings: false });
    expect(two.settings.current().accounts.map(({ label }) => label)).toEqual(['Other']);
    expect(await two.restore({ file, settings: 'leave' })).toMatchObject({ tookSettings: false });
    expect(await two.restore({ file, settings: 'add', passphrase: 'open sesame' })).toMatchObject({
      tookSettings: true,
    });
    expect(two.settings.current().accounts.map(({ label }) => label)).toEqual(['Other', 'Home']);
    expect(await two.settings.accountSecret(ids(two).account)).toBe('its own');
    expect(await two.settings.accountSecret(ids(one).account)).toBe('incoming secret');
  });
});
