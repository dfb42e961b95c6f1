import { expect, it } from 'vitest';
import { nameIn, registrableDomain } from './registrable-domain.ts';

it.each([
  ['mx1.example.co.uk', 'example.co.uk'],
  ['MX.Example.ORG.', 'example.org'],
  ['xn--mnchen-3ya.example', 'xn--mnchen-3ya.example'],
  ['relay.isp-a.test', 'isp-a.test'],
  ['EXCH01.firma.local', 'firma.local'],
  ['a_b.foo.com', 'foo.com'],
  ['ec2-1-2-3-4.eu-west-1.compute.amazonaws.com', 'amazonaws.com'],
])('%s belongs to %s', (name, domain) => {
  expect(registrableDomain(name)).toBe(domain);
});

it.each([
  '',
  'localhost',
  'mail',
  'localhost.localdomain',
  'mail.localhost',
  '[192.0.2.1]',
  '192.0.2.1',
  '[IPv6:2001:db8::1]',
  '2001:db8::1',
  '****',
  'XXXXXXXX',
  'ESMTP',
  '2.0.0',
  'com',
  'co.uk',
  'a..b',
  'mail.example.com;DROP',
  `${'a'.repeat(300)}.example.com`,
  'http://evil.example/@good.example',
])('%j tells nothing', (name) => {
  expect(registrableDomain(name)).toBeNull();
});

it('takes the first word of a greeting', () => {
  expect(nameIn(' mx.example.org ESMTP Postfix (Debian)')).toBe('mx.example.org');
  expect(nameIn('')).toBe('');
});
