import { expect, test } from 'vitest';
import { createResources } from '../../host-node/resources.ts';
import type { DnsLookup } from './dns-lookup.ts';
import { createProposer } from './propose.ts';

const quietLog = { info: () => {}, warn: () => {}, error: () => {} };
const offline: DnsLookup = { srv: async () => [], mx: async () => [], exists: async () => false };

function proposer(dns: Partial<DnsLookup> = {}) {
  return createProposer({ log: quietLog, resources: createResources(), dns: { ...offline, ...dns } });
}

const names = (endpoints: readonly { host: string; port: number; security: string }[]) =>
  endpoints.map(({ host, port, security }) => `${host}:${port} ${security}`);

test('a big provider is known by heart, without asking anybody', async () => {
  const ask = () => {
    throw new Error('Nothing needs to be asked.');
  };
  const found = await proposer({ srv: ask, mx: ask, exists: ask })('Anna@GMail.com');
  expect(found).toMatchObject({
    source: 'provider-table',
    providerName: 'Gmail',
    isBigProvider: true,
    user: 'Anna@GMail.com',
    domain: 'gmail.com',
  });
  expect(names(found.incoming)).toEqual(['pop.gmail.com:995 tls']);
  expect(names(found.outgoing)).toEqual(['smtp.gmail.com:465 tls', 'smtp.gmail.com:587 starttls']);
  expect(found.note).toContain('app password');
});

test('every entry of the table is usable', async () => {
  for (const address of [
    'a@outlook.com',
    'a@yahoo.com',
    'a@icloud.com',
    'a@gmx.de',
    'a@web.de',
    'a@fastmail.com',
    'a@zoho.com',
    'a@aol.com',
    'a@mail.ru',
    'a@orange.fr',
    'a@t-online.de',
    'a@posteo.de',
    'a@mailbox.org',
    'a@proton.me',
    'a@yandex.com',
    'a@comcast.net',
    'a@telenet.be',
  ]) {
    const found = await proposer()(address);
    expect(found.source).toBe('provider-table');
    expect(found.incoming.length > 0 || found.note?.includes('POP3')).toBe(true);
    expect(found.outgoing.length).toBeGreaterThan(0);
  }
  expect((await proposer()('anna@free.fr')).user).toBe('anna');
});

test('the domain says itself where its services are, by priority', async () => {
  const records: Record<string, { name: string; port: number; priority: number; weight: number }[]> = {
    '_pop3s._tcp.home.test': [
      { name: 'second.home.test', port: 995, priority: 20, weight: 0 },
      { name: 'first.home.test', port: 9995, priority: 10, weight: 0 },
    ],
    '_pop3._tcp.home.test': [{ name: '.', port: 0, priority: 0, weight: 0 }],
    '_submission._tcp.home.test': [{ name: 'send.home.test.', port: 587, priority: 0, weight: 0 }],
  };
  const found = await proposer({ srv: async (name) => records[name] ?? [] })('anna@home.test');
  expect(found.source).toBe('dns');
  expect(names(found.incoming)).toEqual(['first.home.test:9995 tls', 'second.home.test:995 tls']);
  expect(names(found.outgoing)).toEqual(['send.home.test:587 starttls']);
});

test('a domain hosted by a provider is known by its mail exchanger', async () => {
  const found = await proposer({ mx: async () => ['ASPMX.L.GOOGLE.COM.'] })('anna@firm.test');
  expect(found).toMatchObject({ source: 'dns', providerName: 'Gmail', isBigProvider: false, domain: 'firm.test' });
  expect((await proposer({ mx: async () => ['notgoogle.com'] })('anna@firm.test')).source).toBe('guess');
});

test('else the usual names that exist, and the usual ports in order', async () => {
  const found = await proposer({ exists: async (name) => name === 'mail.firm.test' })('anna@firm.test');
  expect(names(found.incoming)).toEqual(['mail.firm.test:995 tls', 'mail.firm.test:110 starttls']);
  expect(names(found.outgoing)).toEqual([
    'mail.firm.test:465 tls',
    'mail.firm.test:587 starttls',
    'mail.firm.test:25 starttls',
    'mail.firm.test:2525 starttls',
  ]);
});

test('offline there is still something to begin with', async () => {
  const found = await proposer()('anna@firm.test');
  expect(found).toMatchObject({ source: 'guess', user: 'anna@firm.test', isBigProvider: false });
  expect(names(found.incoming)[0]).toBe('pop.firm.test:995 tls');
});

test.each(['', 'anna', 'anna@', '@firm.test', 'anna@firm test'])('not an address: %j', async (address) => {
  await expect(proposer()(address)).rejects.toMatchObject({ code: 'EINVALID' });
});
