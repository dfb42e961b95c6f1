import { expect, test } from 'vitest';
import { IdentityInput } from './identity.ts';
import { OutgoingServer, ServerInput } from './outgoing-server.ts';

const server = (more: object = {}, host = 'mail.example.com') => ({
  label: 'A',
  endpoints: [{ host, port: 25, security: 'none' }],
  ...more,
});
const told = (input: unknown) => ServerInput.safeParse(input).error?.issues[0]?.message;

test.each([
  ['[::1]', '::1'],
  ['fe80::1%eth0', 'fe80::1%eth0'],
  [' mail.example.com ', 'mail.example.com'],
  ['192.0.2.1', '192.0.2.1'],
])('the host “%s” is “%s”', (given, kept) => {
  expect(ServerInput.parse(server({}, given)).endpoints[0]?.host).toBe(kept);
});

test('a host with a port or controls in it is told, and one stored before can still be read', () => {
  expect(told(server({}, 'mail.example.com:587'))).toMatch(/port has a field of its own/);
  expect(told(server({}, 'a\0b'))).toMatch(/control/);
  expect(told(server({ proxy: { kind: 'socks5', host: 'a b', port: 1080 } }))).toMatch(/no spaces/);
  const id = '9b2ff9f0-0000-4000-8000-000000000000';
  expect(OutgoingServer.safeParse({ ...server({}, 'a:25'), auth: { method: 'none' }, id }).success).toBe(true);
});

test('a name for EHLO is a host name or an address in brackets', () => {
  for (const good of ['laptop', 'my_box.example.com.', '[192.0.2.1]', '[IPv6:2001:db8::1]'])
    expect(told(server({ ehloName: good }))).toBeUndefined();
  for (const bad of ['', 'a b', 'münchen', 'a\r\nRSET', 'a\0', '-a..b', '[a b]'])
    expect(told(server({ ehloName: bad }))).toMatch(/Write a host name/);
});

test('a timeout is a day at most: longer ones would end at once', () => {
  expect(told(server({ timeouts: { finalDotMs: 86_400_000 } }))).toBeUndefined();
  expect(told(server({ timeouts: { connectMs: 2 ** 31 } }))).toMatch(/At most a day/);
});

test('an identity has an address one can write to, or a whole domain', () => {
  const isGood = (address: string) => IdentityInput.safeParse({ displayName: 'A', address }).success;
  for (const good of ['a@b.c', '*@b.c', 'jörg@müller.example', '"a b"@b.c'])
    expect([good, isGood(good)]).toEqual([good, true]);
  for (const bad of ['a', 'a@', '@b.c', 'a,b@c.d', 'a;b@c.d', 'a\0b@c.d', '*@b\0c', 'a@b@c'])
    expect([bad, isGood(bad)]).toEqual([bad, false]);
});
